//! When people have time, worked out anew from what stands in their calendars: moment by moment, by the clocks of each,
//! without what the connector asks (`getSchedule`'s items and view) and without its arithmetic.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::world::{Person, World, send};

/// In minutes: working hours begin and end, and clocks change, at whole multiples of it on anybody's clocks.
const STEP: i64 = 15;
const DAY: i64 = 24 * 60;

/// From a moment on (inclusive) until a later one (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

/// An entry of a calendar.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    span: Span,
    /// As Graph names it: free, workingElsewhere, tentative, busy, oof.
    state: String,
}

/// When somebody works, by the clocks of `zone`.
#[derive(Debug, Clone)]
pub(crate) struct Hours {
    days: Vec<Weekday>,
    start: Time,
    end: Time,
    zone: TimeZone,
}

/// One person's calendar and working hours.
#[derive(Debug, Clone)]
pub(crate) struct Diary {
    pub(crate) entries: Vec<Entry>,
    pub(crate) hours: Hours,
    /// What is rare of the entries: `allDay`, `exception`, `isCancelled`, and the states.
    pub(crate) kinds: BTreeSet<String>,
}

impl Span {
    fn holds(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }

    /// What takes no time overlaps nothing.
    fn overlaps(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }
}

impl World {
    /// What stands in the person's main calendar within `window`, and when the person works.
    pub(crate) async fn diary(&self, person: &Person, window: Span) -> Diary {
        let path =
            format!("/me/calendarView?startDateTime={}&endDateTime={}&$top=1000", window.start, window.end);
        let view = self.graph(person, &path).await;
        assert!(view["@odata.nextLink"].is_null(), "all of it is one page");
        let events = view["value"].as_array().unwrap_or_else(|| panic!("{view}"));
        let mut kinds = BTreeSet::new();
        for event in events {
            kinds.insert(event["showAs"].as_str().unwrap().to_owned());
            kinds.insert(event["type"].as_str().unwrap().to_owned());
            let marks = ["isAllDay", "isCancelled"].into_iter().filter(|mark| event[*mark] == true);
            kinds.extend(marks.map(str::to_owned));
        }
        let entries = events.iter().map(entry).collect();
        Diary { entries, hours: self.working_hours(person, window).await, kinds }
    }

    async fn working_hours(&self, person: &Person, window: Span) -> Hours {
        let hour = window.start.checked_add(1.hour()).unwrap();
        let at = |moment: Timestamp| json!({ "dateTime": moment.to_string().trim_end_matches('Z'), "timeZone": "UTC" });
        let question =
            json!({ "schedules": [person.upn], "startTime": at(window.start), "endTime": at(hour) });
        let url = format!("{}/v1.0/me/calendar/getSchedule", self.stage.simulator_url());
        let request = self.http.post(url).bearer_auth(self.lease(person).await);
        let answer =
            send(request.header("content-type", "application/json").body(question.to_string())).await;
        let hours = answer.json()["value"][0]["workingHours"].clone();
        let time = |name: &str| hours[name].as_str().unwrap()[..8].parse().unwrap();
        let days = hours["daysOfWeek"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
        Hours {
            days: days.iter().map(|day| weekday(day.as_str().unwrap())).collect(),
            start: time("startTime"),
            end: time("endTime"),
            zone: zone(hours["timeZone"]["name"].as_str().unwrap()),
        }
    }
}

fn entry(event: &Value) -> Entry {
    let is_all_day = event["isAllDay"] == true;
    let at = |edge: &str| -> Timestamp {
        let text = event[edge]["dateTime"].as_str().unwrap();
        if !is_all_day {
            return format!("{text}Z").parse().unwrap();
        }
        // A whole day is told by its date alone, and is one where the event was made.
        let day: Date = text[..10].parse().unwrap();
        midnight(day, &zone(event["originalStartTimeZone"].as_str().unwrap()))
    };
    let span = Span { start: at("start"), end: at("end") };
    Entry { span, state: event["showAs"].as_str().unwrap().to_owned() }
}

fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned_datetime(zone.clone()).unwrap().start_of_day().unwrap().timestamp()
}

fn weekday(name: &str) -> Weekday {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    match name {
        "monday" => Monday,
        "tuesday" => Tuesday,
        "wednesday" => Wednesday,
        "thursday" => Thursday,
        "friday" => Friday,
        "saturday" => Saturday,
        "sunday" => Sunday,
        other => panic!("no day: {other}"),
    }
}

/// Of those whom the tests ask about, by the names that Windows has for zones.
fn zone(name: &str) -> TimeZone {
    let city = match name {
        "UTC" => "UTC",
        "W. Europe Standard Time" => "Europe/Berlin",
        "Romance Standard Time" => "Europe/Paris",
        "Central European Standard Time" => "Europe/Warsaw",
        "GMT Standard Time" | "Customized Time Zone" => "Europe/London",
        "India Standard Time" => "Asia/Kolkata",
        "Tokyo Standard Time" => "Asia/Tokyo",
        "SE Asia Standard Time" => "Asia/Bangkok",
        "Israel Standard Time" => "Asia/Jerusalem",
        "E. South America Standard Time" => "America/Sao_Paulo",
        "Hawaiian Standard Time" => "Pacific/Honolulu",
        "Eastern Standard Time" => "America/New_York",
        "E. Africa Standard Time" => "Africa/Nairobi",
        "Greenwich Standard Time" => "Atlantic/Reykjavik",
        "Central Europe Standard Time" => "Europe/Budapest",
        "GTB Standard Time" => "Europe/Bucharest",
        "FLE Standard Time" => "Europe/Kyiv",
        "Egypt Standard Time" => "Africa/Cairo",
        "South Africa Standard Time" => "Africa/Johannesburg",
        other => panic!("nobody has said where {other} is"),
    };
    TimeZone::get(city).unwrap()
}

impl Hours {
    fn hold(&self, moment: Timestamp) -> bool {
        let wall = self.zone.to_datetime(moment);
        self.days.contains(&wall.date().weekday()) && self.start <= wall.time() && wall.time() < self.end
    }
}

/// Whether only working hours count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    AtWork,
    AnyTime,
}

impl Diary {
    /// Whether something stands there that keeps one from meeting.
    fn is_taken(&self, moment: Timestamp) -> bool {
        let there = self.entries.iter().filter(|entry| entry.span.holds(moment));
        there.into_iter().any(|entry| matches!(entry.state.as_str(), "tentative" | "busy" | "oof"))
    }

    /// Moments between two of which nothing changes, in the order of time; the last one is the window's end.
    fn moments(&self, window: Span) -> BTreeSet<Timestamp> {
        let first = window.start.as_second().div_euclid(STEP * 60) + 1;
        let steps = (first..).map(|step| Timestamp::from_second(step * STEP * 60).unwrap());
        let steps = steps.take_while(|step| *step < window.end);
        let edges = self.entries.iter().flat_map(|entry| [entry.span.start, entry.span.end]);
        let within = edges.filter(|edge| window.holds(*edge));
        steps.chain(within).chain([window.start, window.end]).collect()
    }

    fn counts(&self, moment: Timestamp, when: When) -> bool {
        when == When::AnyTime || self.hours.hold(moment)
    }

    /// All free time within the window that lasts so many minutes.
    pub(crate) fn free(&self, window: Span, minutes: i64, when: When) -> Vec<Span> {
        let moments: Vec<Timestamp> = self.moments(window).into_iter().collect();
        let mut free: Vec<Span> = Vec::new();
        for pair in moments.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            if !self.counts(start, when) || self.is_taken(start) {
                continue;
            }
            match free.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => free.push(Span { start, end }),
            }
        }
        free.retain(|span| span.end.duration_since(span.start) >= SignedDuration::from_mins(minutes));
        free
    }

    /// Runs of free days on the clocks of `zone`, with how many days count in each. Days on which nobody works neither
    /// count nor interrupt.
    pub(crate) fn free_days(
        &self,
        window: Span,
        zone: &TimeZone,
        least: usize,
        when: When,
    ) -> Vec<(Date, Date, usize)> {
        let mut runs: Vec<(Date, Date, usize)> = Vec::new();
        let mut is_open = false;
        let mut day = zone.to_datetime(window.start).date();
        loop {
            let next = day.tomorrow().unwrap();
            let whole = Span { start: midnight(day, zone), end: midnight(next, zone) };
            if whole.end > window.end {
                break;
            }
            let mut moments = self.moments(whole);
            moments.remove(&whole.end);
            let counted: Vec<Timestamp> =
                moments.into_iter().filter(|moment| self.counts(*moment, when)).collect();
            if whole.start >= window.start && !counted.is_empty() {
                let is_free = !counted.iter().any(|moment| self.is_taken(*moment));
                match runs.last_mut() {
                    Some(run) if is_free && is_open => *run = (run.0, day, run.2 + 1),
                    _ if is_free => runs.push((day, day, 1)),
                    _ => {}
                }
                is_open = is_free;
            }
            day = next;
        }
        runs.retain(|(_, _, days)| *days >= least);
        runs
    }

    /// The states of whatever overlaps. Microsoft counts what takes no time where it begins.
    fn states(&self, span: Span, rules: Rules) -> impl Iterator<Item = &str> {
        let is_point = move |entry: Span| {
            rules == Rules::Microsofts && entry.start == entry.end && span.holds(entry.start)
        };
        let is_there = move |entry: &&Entry| entry.span.overlaps(span) || is_point(entry.span);
        self.entries.iter().filter(is_there).map(|entry| entry.state.as_str())
    }

    fn works_throughout(&self, span: Span) -> bool {
        let moments = self.moments(span);
        moments.into_iter().filter(|moment| *moment < span.end).all(|moment| self.hours.hold(moment))
    }
}

/// By whose rules people can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Everybody must be at work, and what is tentative keeps the organizer away.
    Connectors,
    /// The organizer must be at work; of the others the calendar alone counts.
    Microsofts,
}

/// A meeting that is to be found.
pub(crate) struct Meeting<'d> {
    pub(crate) organizer: &'d Diary,
    /// `None` is somebody of whom nothing is known.
    pub(crate) participants: Vec<Option<&'d Diary>>,
    pub(crate) minutes: i64,
    /// In percent.
    pub(crate) minimum: u32,
    pub(crate) rules: Rules,
}

impl Meeting<'_> {
    /// When it could begin, with how many can come in percent: the best first. Half hours are those of `zone`.
    pub(crate) fn times(&self, window: Span, zone: &TimeZone) -> Vec<(Timestamp, u32)> {
        let is_half_hour = |moment: &Timestamp| {
            let wall = zone.to_datetime(*moment).time();
            wall.minute() % 30 == 0 && wall.second() == 0
        };
        let first = window.start.as_second().div_euclid(60);
        let last = window.end.as_second().div_euclid(60);
        let minutes = (first..=last).map(|minute| Timestamp::from_second(minute * 60).unwrap());
        let starts = minutes.filter(|start| *start >= window.start).filter(is_half_hour);
        let mut times: Vec<(Timestamp, u32)> = starts
            .map(|start| Span { start, end: start.checked_add(self.minutes.minutes()).unwrap() })
            .filter(|span| span.end <= window.end && self.has_organizer(*span))
            .map(|span| (span.start, self.confidence(span)))
            .filter(|(_, confidence)| *confidence >= self.minimum)
            .collect();
        times.sort_by_key(|(start, confidence)| (100 - confidence, *start));
        times
    }

    fn has_organizer(&self, span: Span) -> bool {
        let mut states = self.organizer.states(span, self.rules);
        let is_taken = states.any(|state| match self.rules {
            Rules::Connectors => matches!(state, "tentative" | "busy" | "oof"),
            Rules::Microsofts => matches!(state, "busy" | "oof"),
        });
        !is_taken && self.organizer.works_throughout(span)
    }

    fn confidence(&self, span: Span) -> u32 {
        let chances = self.participants.iter().map(|diary| match diary {
            None => 49,
            Some(diary) if self.can_come(diary, span) => 100,
            Some(_) => 0,
        });
        let count = u32::try_from(self.participants.len()).unwrap();
        chances.sum::<u32>() / count
    }

    fn can_come(&self, diary: &Diary, span: Span) -> bool {
        let is_busy =
            diary.states(span, self.rules).any(|state| matches!(state, "tentative" | "busy" | "oof"));
        !is_busy && (self.rules == Rules::Microsofts || diary.works_throughout(span))
    }
}

/// What `durationMinutes` of a day or more means: so many whole days.
pub(crate) fn whole_days(minutes: i64) -> Option<usize> {
    (minutes >= DAY).then(|| usize::try_from((minutes + DAY - 1) / DAY).unwrap())
}
