//! Days and instants as they stand in a query.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A day or an instant, half open. A day is a day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
}

impl Period {
    /// Reads `2026-03-31`, `3/31/2026`, or a time as `2026-03-31T09:00:00` with or without a zone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(date) = day(text) {
            let begin = midnight(date)?;
            let end = midnight(date.tomorrow().ok()?)?;
            return Some(Self { begin, end });
        }
        let begin = instant(text)?;
        let end = begin.checked_add(1.second()).ok()?;
        Some(Self { begin, end })
    }
}

fn day(text: &str) -> Option<Date> {
    if text.len() == 10
        && let Ok(date) = text.parse()
    {
        return Some(date);
    }
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil: DateTime = text.contains(['T', 't']).then(|| text.parse().ok())??;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn midnight(date: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok()
}
