//! When an event takes place: between two moments, on whole days, or at times on a wall that nobody has named.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Serialize;

use super::windows_zones::iana_of_windows;
use super::zone::Zone;
use crate::graph::{DateTimeTimeZone, Event};

/// From when on, and until when (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventTime {
    /// At moments that are the same everywhere.
    Moments { start: Timestamp, end: Timestamp },
    /// On days of the calendar, whatever the zone: the day stays the day.
    Days { first: Date, end: Date },
    /// On the wall, in a zone that Microsoft 365 does not name or that nobody knows.
    Floating { start: DateTime, end: DateTime },
}

impl EventTime {
    /// `None` where Graph gives no times, or such that can't be read.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        let (start, end) = (event.start.as_ref()?, event.end.as_ref()?);
        if event.is_all_day == Some(true) {
            let (first, end) = (wall(start)?.date(), wall(end)?.date());
            let after_first = first.tomorrow().ok()?;
            return Some(Self::Days { first, end: end.max(after_first) });
        }
        match (moment(start), moment(end)) {
            (Some(start), Some(end)) => Some(Self::Moments { start, end }),
            _ => Some(Self::Floating { start: wall(start)?, end: wall(end)? }),
        }
    }
}

/// The moment that Graph means; `None` where its zone is not known.
pub(super) fn moment(time: &DateTimeTimeZone<'_>) -> Option<Timestamp> {
    if let Ok(moment) = time.date_time.parse() {
        return Some(moment);
    }
    // A time that the clocks skip is taken as if they had not been changed yet, one that comes twice the first time.
    named(time.time_zone.as_deref()?)?.to_timestamp(wall(time)?).ok()
}

/// A zone by the names that Exchange has for it.
fn named(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("tzone://Microsoft/Utc") {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(iana_of_windows(name).unwrap_or(name)).ok()
}

fn wall(time: &DateTimeTimeZone<'_>) -> Option<DateTime> {
    time.date_time.trim_end_matches('Z').parse().ok()
}

/// An event's times as they are told. Whole days have dates alone.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToldTime {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_utc: Option<String>,
    /// The same in the asked time zone, where that is not UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<String>,
    /// Of an event that takes whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_day: Option<String>,
    /// The day itself included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_day: Option<String>,
    /// The event's own zone is not known: its times were read in the asked one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) floating: bool,
}

impl ToldTime {
    pub(super) fn of(time: Option<EventTime>, zone: &Zone) -> Self {
        match time {
            None => Self::default(),
            Some(EventTime::Moments { start, end }) => Self::between(start, end, zone),
            Some(EventTime::Days { first, end }) => Self {
                first_day: Some(first.to_string()),
                last_day: end.checked_sub(1.day()).ok().map(|last| last.to_string()),
                ..Self::default()
            },
            Some(EventTime::Floating { start, end }) => {
                let here = |wall| zone.time_zone().to_timestamp(wall);
                match (here(start), here(end)) {
                    (Ok(start), Ok(end)) => Self { floating: true, ..Self::between(start, end, zone) },
                    _ => Self::default(),
                }
            }
        }
    }

    /// Two times as Graph writes them in UTC, which may each be missing, and in the zone where that is another.
    pub(super) fn in_utc(start: Option<&str>, end: Option<&str>, zone: &Zone) -> Self {
        Self {
            start: start.and_then(|utc| zone.localise(utc)),
            end: end.and_then(|utc| zone.localise(utc)),
            start_utc: start.map(str::to_owned),
            end_utc: end.map(str::to_owned),
            ..Self::default()
        }
    }

    /// Two moments, in UTC and in the zone where that is another.
    pub(super) fn between(start: Timestamp, end: Timestamp, zone: &Zone) -> Self {
        Self::in_utc(Some(&start.to_string()), Some(&end.to_string()), zone)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(start: (&str, &str), end: (&str, &str), all_day: bool, zone: &str) -> ToldTime {
        let json = serde_json::json!({
            "id": "A",
            "isAllDay": all_day,
            "start": { "dateTime": start.0, "timeZone": start.1 },
            "end": { "dateTime": end.0, "timeZone": end.1 },
        })
        .to_string();
        let event: Event<'_> = serde_json::from_str(&json).unwrap();
        ToldTime::of(EventTime::of(&event), &Zone::of_argument(Some(zone)).unwrap())
    }

    /// If this failed, people would come an hour early or late, or on another day.
    #[rstest]
    #[case::before_the_clocks_change(
        "2026-10-24T08:00:00.0000000",
        "UTC",
        "Europe/Berlin",
        "2026-10-24T10:00:00+02:00"
    )]
    #[case::after_the_clocks_change(
        "2026-10-26T08:00:00.0000000",
        "UTC",
        "Europe/Berlin",
        "2026-10-26T09:00:00+01:00"
    )]
    #[case::in_the_hour_that_comes_twice(
        "2026-10-25T00:30:00",
        "UTC",
        "Europe/Berlin",
        "2026-10-25T02:30:00+02:00"
    )]
    #[case::in_the_second_of_both("2026-10-25T01:30:00", "UTC", "Europe/Berlin", "2026-10-25T02:30:00+01:00")]
    #[case::in_the_hour_that_is_skipped(
        "2026-03-29T02:30:00",
        "W. Europe Standard Time",
        "Europe/Berlin",
        "2026-03-29T03:30:00+02:00"
    )]
    #[case::between_the_changes_of_two_continents(
        "2026-10-28T14:00:00",
        "UTC",
        "America/New_York",
        "2026-10-28T10:00:00-04:00"
    )]
    #[case::on_the_other_side_of_the_date_line(
        "2026-11-24T11:30:00",
        "UTC",
        "Pacific/Kiritimati",
        "2026-11-25T01:30:00+14:00"
    )]
    #[case::half_an_hour("2026-11-24T11:30:00", "UTC", "Australia/Lord_Howe", "2026-11-24T22:30:00+11:00")]
    #[case::windows_name("2026-07-01T09:00:00.0000000", "Pacific Standard Time", "UTC", "")]
    #[case::with_a_z("2026-11-24T11:30:00Z", "", "Asia/Tokyo", "2026-11-24T20:30:00+09:00")]
    #[case::exchanges_name_for_utc(
        "2026-11-24T11:30:00",
        "tzone://Microsoft/Utc",
        "Asia/Tokyo",
        "2026-11-24T20:30:00+09:00"
    )]
    fn a_moment_is_told_in_the_asked_zone(
        #[case] start: &str,
        #[case] zone: &str,
        #[case] asked: &str,
        #[case] expected: &str,
    ) {
        let told = told((start, zone), (start, zone), false, asked);
        assert_eq!(told.start.as_deref().unwrap_or_default(), expected);
        assert!(told.start_utc.is_some_and(|utc| utc.ends_with('Z')) && !told.floating);
    }

    /// If this failed, an event over a night on which clocks change would seem an hour longer or shorter than it is.
    #[rstest]
    #[case::back("2026-10-24T22:00:00", "2026-10-25T02:00:00", "UTC", ("2026-10-25T00:00:00+02:00", "2026-10-25T03:00:00+01:00"))]
    #[case::back_on_its_own_clocks("2026-10-25T01:00:00", "2026-10-25T04:00:00", "W. Europe Standard Time", ("2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00"))]
    #[case::forward("2026-03-28T23:00:00", "2026-03-29T02:00:00", "UTC", ("2026-03-29T00:00:00+01:00", "2026-03-29T04:00:00+02:00"))]
    #[case::begins_in_one_offset_and_ends_in_the_other("2026-10-25T00:30:00", "2026-10-25T01:30:00", "UTC", ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"))]
    fn a_change_of_clocks_lies_within_an_event(
        #[case] start: &str,
        #[case] end: &str,
        #[case] label: &str,
        #[case] (from, to): (&str, &str),
    ) {
        let told = told((start, label), (end, label), false, "Europe/Berlin");
        assert_eq!((told.start.as_deref(), told.end.as_deref()), (Some(from), Some(to)));
    }

    /// If this failed, a holiday would move to the day before in the west, or a change of clocks make it longer.
    #[rstest]
    #[case::one_day("2026-12-25", "2026-12-26", "UTC", "Asia/Tokyo", ("2026-12-25", "2026-12-25"))]
    #[case::in_the_west("2026-12-25", "2026-12-26", "UTC", "Pacific/Honolulu", ("2026-12-25", "2026-12-25"))]
    #[case::labelled_otherwise("2026-12-25", "2026-12-26", "Tokyo Standard Time", "America/New_York", ("2026-12-25", "2026-12-25"))]
    #[case::a_week_with_a_change("2026-10-19", "2026-10-26", "UTC", "Europe/Berlin", ("2026-10-19", "2026-10-25"))]
    #[case::without_a_length("2026-12-25", "2026-12-25", "UTC", "UTC", ("2026-12-25", "2026-12-25"))]
    fn a_whole_day_stays_its_day(
        #[case] first: &str,
        #[case] end: &str,
        #[case] label: &str,
        #[case] asked: &str,
        #[case] (first_day, last_day): (&str, &str),
    ) {
        let (start, end) = (format!("{first}T00:00:00.0000000"), format!("{end}T00:00:00.0000000"));
        let told = told((&start, label), (&end, label), true, asked);
        let expected = ToldTime {
            first_day: Some(first_day.to_owned()),
            last_day: Some(last_day.to_owned()),
            ..ToldTime::default()
        };
        assert_eq!(told, expected);
    }

    /// If this failed, a time without a zone would pass for one in UTC.
    #[rstest]
    #[case::no_zone("")]
    #[case::customized("tzone://Microsoft/Custom")]
    #[case::made_up("Customized Time Zone")]
    fn a_floating_time_is_read_where_the_reader_is(#[case] label: &str) {
        let told = told(("2026-07-01T09:00:00", label), ("2026-07-01T10:00:00", label), false, "Asia/Tokyo");
        assert_eq!(told.start.as_deref(), Some("2026-07-01T09:00:00+09:00"));
        assert_eq!(told.start_utc.as_deref(), Some("2026-07-01T00:00:00Z"));
        assert!(told.floating);
    }

    /// If this failed, a broken time would take the whole list down.
    #[rstest]
    #[case("soon")]
    #[case("")]
    #[case("2026-13-01T00:00:00")]
    fn what_cannot_be_read_is_left_out(#[case] time: &str) {
        assert_eq!(told((time, "UTC"), (time, "UTC"), false, "UTC"), ToldTime::default());
    }
}
