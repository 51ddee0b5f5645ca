//! When several people could meet, out of what is known of each: the answer of `findMeetingTimes`, worked out here.

use jiff::{SignedDuration, Timestamp};

use super::intervals::Interval;
use super::schedule::{Agenda, State};
use super::suggestion::{Place, Suggestion, Taking};
use crate::tools::zone::Zone;

/// In seconds: meetings begin on the half hour.
const STEP: i64 = 30 * 60;

/// Who is asked about, and for how long.
pub(super) struct Meeting<'a> {
    pub(super) organizer: &'a Agenda,
    pub(super) participants: &'a [Agenda],
    pub(super) places: Vec<PlaceAsked<'a>>,
    pub(super) duration: SignedDuration,
    /// In percent: how many of the participants must be able to come, on the mean.
    pub(super) minimum: u32,
}

/// A place that the meeting could be held in.
pub(super) struct PlaceAsked<'a> {
    pub(super) name: &'a str,
    /// Its calendar, where it has an address.
    pub(super) agenda: Option<&'a Agenda>,
}

/// All times at which the organizer is free and at work, and enough of the others are: best first, and of equally good
/// ones the earlier first. Half hours are those of `zone`.
pub(super) fn candidates(meeting: &Meeting<'_>, window: Interval, zone: &Zone) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = starts(window, zone)
        .filter_map(|start| Interval::new(start, start.checked_add(meeting.duration).ok()?))
        .take_while(|interval| interval.end() <= window.end())
        .filter_map(|interval| meeting.at(interval))
        .collect();
    // Stable: what is equally good stays in the order of time.
    found.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.confidence));
    found
}

impl Meeting<'_> {
    /// `None` where the organizer can't come, or too few of the others.
    fn at(&self, interval: Interval) -> Option<Suggestion> {
        let organizer = self.organizer.state(interval);
        if organizer.is_taken() {
            return None;
        }
        let participants: Vec<Taking> = self
            .participants
            .iter()
            .map(|agenda| Taking {
                address: agenda.address.clone(),
                state: agenda.state(interval),
                zone: agenda.week.as_ref().map(|week| week.zone().clone()),
            })
            .collect();
        let confidence = mean(participants.iter().map(|taking| chance(taking.state)));
        if confidence < self.minimum {
            return None;
        }
        let places = self.places.iter().map(|place| Place {
            name: place.name.to_owned(),
            state: place.agenda.map(|agenda| agenda.state(interval)),
        });
        Some(Suggestion { interval, confidence, organizer, participants, places: places.collect() })
    }
}

/// In percent. What nobody knows is worth a little less than half.
/// Source: <https://learn.microsoft.com/graph/api/user-findmeetingtimes>.
fn chance(state: State) -> u32 {
    match state {
        State::Free | State::WorkingElsewhere => 100,
        State::Unknown => 49,
        State::Tentative | State::OutsideWorkingHours | State::Busy | State::OutOfOffice => 0,
    }
}

/// Rounded down; everybody of nobody can come.
fn mean(chances: impl Iterator<Item = u32>) -> u32 {
    let (sum, count) = chances.fold((0, 0), |(sum, count), chance| (sum + chance, count + 1));
    sum.checked_div(count).unwrap_or(100)
}

/// The half hours on the clocks of `zone`, from the first within the window on.
fn starts(window: Interval, zone: &Zone) -> impl Iterator<Item = Timestamp> {
    let offset = window.start().to_zoned_datetime(zone.time_zone().clone()).offset().seconds();
    // Not all zones are whole half hours away from UTC.
    let shift = i64::from(offset).rem_euclid(STEP);
    let start = window.start().as_second() + shift;
    let whole = start.div_euclid(STEP) * STEP;
    let exact = Timestamp::from_second(whole - shift).is_ok_and(|first| first >= window.start());
    let first = if exact { whole } else { whole + STEP };
    (0..).map_while(move |step: i64| Timestamp::from_second(first - shift + step * STEP).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::intervals::Intervals;
    use super::super::schedule::tests::between;
    use super::super::unknown::Unknown;
    use super::super::working_week::tests::{WORKDAYS, week};
    use super::*;

    fn agenda(zone: &str, taken: &[(&str, &str)]) -> Agenda {
        Agenda {
            address: format!("someone@{}.example", zone.to_lowercase().replace('/', "-")),
            entries: Ok(taken.iter().map(|(start, end)| (between(start, end), State::Busy)).collect()),
            week: Some(week(WORKDAYS, "08:00", "17:00", zone)),
        }
    }

    fn best(meeting: &Meeting<'_>, window: (&str, &str), zone: &str) -> Vec<(String, u32)> {
        let zone = Zone::of_argument(Some(zone)).unwrap();
        let found = candidates(meeting, between(window.0, window.1), &zone);
        found.iter().take(3).map(|found| (found.interval.start().to_string(), found.confidence)).collect()
    }

    fn meeting<'a>(organizer: &'a Agenda, participants: &'a [Agenda], minimum: u32) -> Meeting<'a> {
        let duration = SignedDuration::from_mins(60);
        Meeting { organizer, participants, places: Vec::new(), duration, minimum }
    }

    /// If this failed, somebody in another zone would be called in the night, or a time be missed that suits most.
    #[rstest]
    // A Tuesday in the week in which Europe has put its clocks back, and America has not: New York is 4 hours away.
    #[case::two_continents_between_two_changes(&["America/New_York"], ("2026-10-27T00:00:00Z", "2026-10-28T00:00:00Z"), 100,
        &[("2026-10-27T12:00:00Z", 100), ("2026-10-27T12:30:00Z", 100), ("2026-10-27T13:00:00Z", 100)])]
    // A week later it is 5 hours: the first hour that both work is an hour later.
    #[case::two_continents_after_both(&["America/New_York"], ("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z"), 100,
        &[("2026-11-03T13:00:00Z", 100), ("2026-11-03T13:30:00Z", 100), ("2026-11-03T14:00:00Z", 100)])]
    #[case::five_zones_have_no_hour_in_common(
        &["Europe/London", "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"],
        ("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z"), 100, &[])]
    #[case::five_zones_for_most(
        &["Europe/London", "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"],
        ("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z"), 40,
        &[("2026-11-03T07:00:00Z", 40), ("2026-11-03T08:00:00Z", 40), ("2026-11-03T08:30:00Z", 40)])]
    #[case::nobody_works_on_sundays(&["Europe/London"], ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"), 1, &[])]
    fn people_meet_within_the_hours_of_all_or_of_enough(
        #[case] zones: &[&str],
        #[case] window: (&str, &str),
        #[case] minimum: u32,
        #[case] expected: &[(&str, u32)],
    ) {
        let organizer = agenda("Europe/Berlin", &[]);
        let participants: Vec<Agenda> = zones.iter().map(|zone| agenda(zone, &[])).collect();
        let expected: Vec<(String, u32)> =
            expected.iter().map(|(start, confidence)| ((*start).to_owned(), *confidence)).collect();
        assert_eq!(best(&meeting(&organizer, &participants, minimum), window, "Europe/Berlin"), expected);
    }

    /// If this failed, the best time would not come first, or a time without the organizer be offered.
    #[test]
    fn times_that_suit_more_people_come_first() {
        let day = ("2026-11-03T07:00:00Z", "2026-11-03T16:00:00Z");
        let organizer = agenda("Europe/Berlin", &[("2026-11-03T07:00:00Z", "2026-11-03T09:00:00Z")]);
        let busy = agenda("Europe/Berlin", &[("2026-11-03T07:00:00Z", "2026-11-03T11:15:00Z")]);
        let nobody =
            Agenda { address: "nobody".to_owned(), entries: Err(Unknown::NoSuchAddress), week: None };
        let participants = [busy, nobody];
        let found = best(&meeting(&organizer, &participants, 20), day, "Europe/Berlin");
        assert_eq!(found[0], ("2026-11-03T11:30:00Z".to_owned(), 74));
        let all = candidates(&meeting(&organizer, &participants, 20), between(day.0, day.1), &Zone::utc());
        assert!(all.iter().all(|found| found.interval.start() >= "2026-11-03T09:00:00Z".parse().unwrap()));
        assert_eq!(all.last().unwrap().confidence, 24);
    }

    /// If this failed, people in Nepal would be asked to come at a quarter past.
    #[test]
    fn half_hours_are_those_on_the_clocks_of_the_asked_zone() {
        let zone = Zone::of_argument(Some("Asia/Kathmandu")).unwrap();
        let window = between("2026-11-03T02:01:00Z", "2026-11-03T05:00:00Z");
        let told: Vec<String> = starts(window, &zone).take(2).map(|start| zone.tell(start)).collect();
        assert_eq!(told, ["2026-11-03T08:00:00+05:45", "2026-11-03T08:30:00+05:45"]);
    }

    proptest! {
        /// If this failed, people would be told to meet when one of them can't, or outside of the time they asked about.
        #[test]
        fn whoever_is_needed_can_come(
            taken in prop::collection::vec((0_i64..400, 1_i64..60), 0..10),
            minutes in 5_i64..240,
            from in 0_i64..300,
        ) {
            let monday: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
            let later = |minutes: i64| monday.checked_add(SignedDuration::from_mins(minutes)).unwrap();
            let entries: Vec<(Interval, State)> = taken
                .iter()
                .filter_map(|(start, length)| Interval::new(later(start * 10), later((start + length) * 10)))
                .map(|interval| (interval, State::Busy))
                .collect();
            let busy: Intervals = entries.iter().map(|(interval, _)| *interval).collect();
            let person = Agenda { address: "a".to_owned(), entries: Ok(entries), week: None };
            let window = Interval::new(later(from), later(from + 4_000)).unwrap();
            let meeting = Meeting {
                organizer: &person,
                participants: std::slice::from_ref(&person),
                places: Vec::new(),
                duration: SignedDuration::from_mins(minutes),
                minimum: 100,
            };
            for found in candidates(&meeting, window, &Zone::utc()) {
                prop_assert!(Intervals::from(found.interval).intersection(&busy).is_empty());
                prop_assert_eq!(found.interval.common(window), Some(found.interval));
                prop_assert_eq!(found.interval.length(), SignedDuration::from_mins(minutes));
                prop_assert_eq!(found.confidence, 100);
            }
        }
    }
}
