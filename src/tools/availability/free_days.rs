//! Whole days that are free: days of the calendar, 23 and 25 hours long where the clocks change.

use jiff::ToSpan;
use jiff::civil::Date;

use super::intervals::{Interval, Intervals};
use super::working_week::WorkingWeek;
use crate::tools::zone::Zone;

/// Free days that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: Date,
    pub(super) last: Date,
    /// Days off between working days are not counted.
    pub(super) days: usize,
}

/// All runs of at least `least` days. A day is free when all of it is or, with `week`, all of its working hours; days
/// off then neither count nor interrupt. What the window holds only a part of is no day.
pub(super) fn runs(
    window: Interval,
    taken: &Intervals,
    zone: &Zone,
    week: Option<&WorkingWeek>,
    least: usize,
) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run: Option<Run> = None;
    for (date, day) in days(window, zone) {
        let hours: Intervals = week.map_or_else(|| day.into(), |week| week.within(day));
        let counts = !hours.is_empty();
        let is_free = hours.intersection(taken).is_empty();
        match (counts, is_free, &mut run) {
            (false, ..) => {}
            (true, false, _) => runs.extend(run.take()),
            (true, true, None) => run = Some(Run { first: date, last: date, days: 1 }),
            (true, true, Some(run)) => *run = Run { last: date, days: run.days + 1, ..*run },
        }
    }
    runs.extend(run);
    runs.retain(|run| run.days >= least);
    runs
}

/// The days that lie within `window` from their first moment to their last.
fn days(window: Interval, zone: &Zone) -> impl Iterator<Item = (Date, Interval)> {
    let zone = zone.time_zone().clone();
    let first = window.start().to_zoned_datetime(zone.clone()).date();
    let start_of =
        move |date: Date| Some(date.to_zoned_datetime(zone.clone()).ok()?.start_of_day().ok()?.timestamp());
    std::iter::successors(Some(first), |date| date.checked_add(1.day()).ok())
        .map_while(move |date| {
            Some((date, Interval::new(start_of(date)?, start_of(date.tomorrow().ok()?)?)?))
        })
        .take_while(move |(_, day)| day.end() <= window.end())
        .filter(move |(_, day)| day.start() >= window.start())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::schedule::tests::between;
    use super::super::working_week::tests::{WORKDAYS, week};
    use super::*;

    fn found(
        window: (&str, &str),
        taken: &[(&str, &str)],
        working: bool,
        least: usize,
    ) -> Vec<(String, String, usize)> {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let taken: Intervals = taken.iter().map(|(start, end)| between(start, end)).collect();
        let week = working.then(|| week(WORKDAYS, "08:00", "17:00", "Europe/Berlin"));
        let runs = runs(between(window.0, window.1), &taken, &zone, week.as_ref(), least);
        runs.iter().map(|run| (run.first.to_string(), run.last.to_string(), run.days)).collect()
    }

    /// The days of the change in autumn and of the one in spring, from Friday to Monday, by Berlin's clocks.
    const AUTUMN: (&str, &str) = ("2026-10-22T22:00:00Z", "2026-10-26T23:00:00Z");
    const SPRING: (&str, &str) = ("2026-03-26T23:00:00Z", "2026-03-30T22:00:00Z");

    /// If this failed, people would be offered days that are not theirs, or not be offered those on which clocks change.
    #[rstest]
    #[case::all_free(AUTUMN, &[], false, 1, &[("2026-10-23", "2026-10-26", 4)])]
    #[case::a_day_of_23_hours_is_a_day(SPRING, &[], false, 4, &[("2026-03-27", "2026-03-30", 4)])]
    #[case::one_taken(AUTUMN, &[("2026-10-25T22:30:00Z", "2026-10-25T22:59:00Z")], false, 1,
        &[("2026-10-23", "2026-10-24", 2), ("2026-10-26", "2026-10-26", 1)])]
    #[case::long_enough(AUTUMN, &[("2026-10-25T22:30:00Z", "2026-10-25T22:59:00Z")], false, 2, &[("2026-10-23", "2026-10-24", 2)])]
    #[case::working_days(AUTUMN, &[], true, 2, &[("2026-10-23", "2026-10-26", 2)])]
    #[case::outside_of_working_hours(AUTUMN, &[("2026-10-23T16:00:00Z", "2026-10-23T17:00:00Z")], true, 2, &[("2026-10-23", "2026-10-26", 2)])]
    #[case::within_working_hours(AUTUMN, &[("2026-10-23T14:00:00Z", "2026-10-23T14:30:00Z")], true, 1, &[("2026-10-26", "2026-10-26", 1)])]
    #[case::half_a_day_is_none(("2026-10-26T10:00:00Z", "2026-10-26T23:00:00Z"), &[], false, 1, &[])]
    fn days_are_free_as_a_whole(
        #[case] window: (&str, &str),
        #[case] taken: &[(&str, &str)],
        #[case] working: bool,
        #[case] least: usize,
        #[case] expected: &[(&str, &str, usize)],
    ) {
        let expected: Vec<(String, String, usize)> = expected
            .iter()
            .map(|(first, last, days)| ((*first).to_owned(), (*last).to_owned(), *days))
            .collect();
        assert_eq!(found(window, taken, working, least), expected);
    }
}
