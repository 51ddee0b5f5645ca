//! Dates and times as people write them in arguments.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};

use super::error::ToolError;
use super::zone::Zone;

const HOW: &str = "Write an ISO 8601 date or time (2026-11-01, 2026-11-01T09:30, 2026-11-01T09:30:00Z), or now, today, \
                   yesterday, tomorrow, last monday, this week, next month, 3 days ago, in 30 days.";

/// The longest distance that is counted, in its own unit.
const FARTHEST: i64 = 10_000;

/// The first instant of the year 1601, in seconds since the Unix epoch: no Microsoft 365 service knows an earlier one.
/// The last one is that of [`Timestamp`] itself, in the year 9999.
const EARLIEST: i64 = -11_644_473_600;

/// That the time after which something is wanted lies before the one before which it is.
pub(super) fn in_order(after: Timestamp, before: Timestamp, zone: &Zone) -> Result<(), ToolError> {
    if after < before {
        return Ok(());
    }
    Err(ToolError::invalid_arguments(
        format!("afterDateTime ({}) is not before beforeDateTime ({}).", zone.tell(after), zone.tell(before)),
        "beforeDateTime excludes the day it names: for one whole day give the next day as beforeDateTime.",
    ))
}

/// The time that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Moment(Timestamp),
    /// A day, or all days of a week, a month or a year: what lies at `end` no longer belongs to them.
    Days {
        start: Timestamp,
        end: Timestamp,
    },
}

impl Named {
    /// The days from the first to the last, both of them whole.
    fn days(first: Date, last: Date, zone: &TimeZone) -> Option<Self> {
        let start = start_of(first, zone)?;
        let next = last.tomorrow().ok().and_then(|next| start_of(next, zone));
        Some(Self::Days { start, end: next.unwrap_or(Timestamp::MAX) })
    }

    fn day(date: Date, zone: &TimeZone) -> Option<Self> {
        Self::days(date, date, zone)
    }

    const fn start(self) -> Timestamp {
        match self {
            Self::Moment(start) | Self::Days { start, .. } => start,
        }
    }
}

/// Which end of the time that is asked about an argument names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// `afterDateTime`
    After,
    /// `beforeDateTime`
    Before,
}

impl Bound {
    const fn argument(self) -> &'static str {
        match self {
            Self::After => "afterDateTime",
            Self::Before => "beforeDateTime",
        }
    }

    /// A window of the repeated hour has both of them in it.
    const fn reading(self) -> Reading {
        match self {
            Self::After => Reading::First,
            Self::Before => Reading::Second,
        }
    }
}

/// Which one of the two moments a local time means that comes twice, when clocks are put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    First,
    Second,
}

/// The instant that `text` means: of days, their start.
pub(super) fn understand(
    bound: Bound,
    text: &str,
    now: Timestamp,
    zone: &Zone,
) -> Result<Timestamp, ToolError> {
    named(bound.argument(), text, now, zone, bound.reading()).map(Named::start)
}

/// The instant that `text` means in whatever zone. `None` where it is another one in each; what means nothing in any is an
/// error.
pub(super) fn fixed(bound: Bound, text: &str, now: Timestamp) -> Result<Option<Timestamp>, ToolError> {
    let utc = Zone::utc();
    Ok(match named(bound.argument(), text, now, &utc, bound.reading())? {
        Named::Moment(moment) if local(text.trim()).is_none() => Some(moment),
        Named::Moment(_) | Named::Days { .. } => None,
    })
}

/// The time that `text` names, seen from `now` in `zone`. A date, a weekday, and a distance in days or more name
/// a day there; a distance in minutes or hours names a moment. `argument` names the argument in the error.
pub(super) fn named(
    argument: &'static str,
    text: &str,
    now: Timestamp,
    zone: &Zone,
    reading: Reading,
) -> Result<Named, ToolError> {
    let lower = text.trim().to_ascii_lowercase();
    let here = now.to_zoned_datetime(zone.time_zone().clone());
    let understood = match local(text.trim()) {
        Some(local) => {
            skipped(argument, local, zone)?;
            at(local, zone.time_zone(), reading)
        }
        None => iso(text.trim(), zone.time_zone())
            .or_else(|| word(&lower, &here))
            .or_else(|| weekday_or_period(&lower, &here))
            .or_else(|| distance(&lower, &here)),
    };
    let wrong = match understood {
        Some(named) if named.start().as_second() >= EARLIEST => return Ok(named),
        Some(_) => "not within the years 1601 to 9999",
        None => "not understood as a date or time",
    };
    Err(ToolError::invalid_argument(argument, format!("{wrong}."), HOW))
}

/// A moment with its offset from UTC, or a day.
fn iso(text: &str, zone: &TimeZone) -> Option<Named> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(Named::Moment(timestamp));
    }
    if text.len() == 10 { Named::day(text.parse::<Date>().ok()?, zone) } else { None }
}

/// A time without a zone of its own. One whose zone the reading as a moment refuses is contradictory, not local.
fn local(text: &str) -> Option<DateTime> {
    let is_moment = text.parse::<Timestamp>().is_ok();
    if is_moment || text.len() == 10 || text.ends_with(['z', 'Z']) || text.contains('[') {
        return None;
    }
    text.parse().ok()
}

fn at(local: DateTime, zone: &TimeZone, reading: Reading) -> Option<Named> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let moment = match reading {
        Reading::First => ambiguous.earlier(),
        Reading::Second => ambiguous.later(),
    };
    moment.ok().map(Named::Moment)
}

/// That clocks show this time: not so where they are put forward over it.
fn skipped(argument: &'static str, local: DateTime, zone: &Zone) -> Result<(), ToolError> {
    let ambiguous = zone.time_zone().to_ambiguous_timestamp(local);
    if !matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return Ok(());
    }
    let change = ambiguous.earlier().ok().and_then(|before| zone.time_zone().following(before).next());
    let how = match change {
        Some(change) => {
            format!("Clocks are put forward then: the next time is {}.", zone.tell(change.timestamp()))
        }
        None => "Clocks are put forward then: give an earlier or a later time.".to_owned(),
    };
    Err(ToolError::invalid_argument(
        argument,
        format!("{local} does not exist in the time zone {}.", zone.name()),
        how,
    ))
}

fn word(text: &str, here: &ZonedDateTime) -> Option<Named> {
    let today = here.date();
    let date = match text {
        "now" => return Some(Named::Moment(here.timestamp())),
        "today" => today,
        "yesterday" => today.yesterday().ok()?,
        "tomorrow" => today.tomorrow().ok()?,
        _ => return None,
    };
    Named::day(date, here.time_zone())
}

/// `last monday`, `this week`, `next month`. The last and the next weekday are never today; a week begins on Monday.
fn weekday_or_period(text: &str, here: &ZonedDateTime) -> Option<Named> {
    let (which, what) = text.split_once(' ')?;
    let step: i64 = match which {
        "last" | "past" | "previous" => -1,
        "this" => 0,
        "next" => 1,
        _ => return None,
    };
    let today = here.date();
    let days_since_monday = i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.checked_sub(days_since_monday.days()).ok()?;
    let (first, last) = match (what.trim(), step) {
        ("week", _) => {
            let first = monday.checked_add((step * 7).days()).ok()?;
            (first, first.checked_add(6.days()).unwrap_or(Date::MAX))
        }
        ("month", _) => {
            let first = today.first_of_month().checked_add(step.months()).ok()?;
            (first, first.last_of_month())
        }
        ("year", _) => {
            let first = today.first_of_year().checked_add(step.years()).ok()?;
            (first, first.last_of_year())
        }
        (name, 0) => {
            let day = monday.checked_add(i64::from(weekday(name)?.to_monday_zero_offset()).days()).ok()?;
            (day, day)
        }
        (name, step) => {
            let day = today.nth_weekday(i32::try_from(step).ok()?, weekday(name)?).ok()?;
            (day, day)
        }
    };
    Named::days(first, last, here.time_zone())
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// `3 days ago`, `in 2 weeks`, `an hour ago`.
fn distance(text: &str, here: &ZonedDateTime) -> Option<Named> {
    let (sign, rest) = match (text.strip_prefix("in "), text.strip_suffix(" ago")) {
        (Some(rest), None) => (1, rest),
        (None, Some(rest)) => (-1, rest),
        _ => return None,
    };
    let mut words = rest.split_whitespace();
    let (count, unit, None) = (words.next()?, words.next()?, words.next()) else { return None };
    let count: i64 = if matches!(count, "a" | "an" | "one") { 1 } else { count.parse().ok()? };
    if !(0..=FARTHEST).contains(&count) {
        return None;
    }
    let count = sign * count;
    let moment = |span: Span| here.checked_add(span).ok().map(|there| Named::Moment(there.timestamp()));
    let by_the_day: Span = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" => return moment(count.minutes()),
        "hour" => return moment(count.hours()),
        "day" => count.days(),
        "week" => count.weeks(),
        "month" => count.months(),
        "year" => count.years(),
        _ => return None,
    };
    Named::day(here.date().checked_add(by_the_day).ok()?, here.time_zone())
}

/// The first instant of a day: not always midnight.
fn start_of(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(date.to_zoned_datetime(zone.clone()).ok()?.start_of_day().ok()?.timestamp())
}

#[cfg(test)]
mod tests;
