//! Patterns of recurring events: on which days a series takes place.
//!
//! Days alone are computed here; what time of day that is, in which zone, is the event's to know.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Which of the fitting days of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// How a series recurs. Intervals are at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    Daily {
        interval: i64,
    },
    Weekly {
        interval: i64,
        days: &'static [Weekday],
        first_day: Weekday,
    },
    /// In months that are too short it is their last day.
    AbsoluteMonthly {
        interval: i64,
        day: i8,
    },
    RelativeMonthly {
        interval: i64,
        days: &'static [Weekday],
        index: Index,
    },
    AbsoluteYearly {
        interval: i64,
        month: i8,
        day: i8,
    },
    RelativeYearly {
        interval: i64,
        month: i8,
        days: &'static [Weekday],
        index: Index,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeEnd {
    NoEnd,
    /// The last day on which it may take place.
    On(Date),
    After(usize),
}

/// From when on, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: Date,
    pub(super) end: RangeEnd,
}

/// The days of a series within `from..=until`, in order.
pub(super) fn days(pattern: &Pattern, range: Range, from: Date, until: Date) -> Vec<Date> {
    let (limit, until) = match range.end {
        RangeEnd::NoEnd => (usize::MAX, until),
        RangeEnd::On(last) => (usize::MAX, until.min(last)),
        RangeEnd::After(count) => (count, until),
    };
    // What is counted is counted from its beginning; the rest may begin near the window.
    let mut period = if limit == usize::MAX { nearest_period(pattern, range.start, from) } else { 0 };
    let mut found = Vec::new();
    let mut counted = 0;
    while let Some((begin, days)) = days_of(pattern, range.start, period) {
        if begin > until {
            break;
        }
        for day in days.into_iter().filter(|day| *day >= range.start) {
            if counted == limit || day > until {
                return found;
            }
            counted += 1;
            if day >= from {
                found.push(day);
            }
        }
        period += 1;
    }
    found
}

/// A period that surely does not end after `from`.
fn nearest_period(pattern: &Pattern, start: Date, from: Date) -> i64 {
    let months = i64::from(from.year() - start.year()) * 12 + i64::from(from.month() - start.month());
    let periods = match pattern {
        Pattern::Daily { interval } => days_between(start, from) / interval,
        Pattern::Weekly { interval, .. } => days_between(start, from) / 7 / interval,
        Pattern::AbsoluteMonthly { interval, .. } | Pattern::RelativeMonthly { interval, .. } => {
            months / interval
        }
        Pattern::AbsoluteYearly { interval, .. } | Pattern::RelativeYearly { interval, .. } => {
            months / 12 / interval
        }
    };
    (periods - 1).max(0)
}

/// The first day of a period and the fitting days in it; nothing when the calendar of mankind ends.
fn days_of(pattern: &Pattern, start: Date, period: i64) -> Option<(Date, Vec<Date>)> {
    match *pattern {
        Pattern::Daily { interval } => {
            let day = start.checked_add(period.checked_mul(interval)?.days()).ok()?;
            Some((day, vec![day]))
        }
        Pattern::Weekly { interval, days, first_day } => {
            let into_week = i64::from(start.weekday().since(first_day));
            let begin = start
                .checked_sub(into_week.days())
                .ok()?
                .checked_add((period.checked_mul(interval)?.checked_mul(7)?).days())
                .ok()?;
            let week = (0..7).filter_map(|place: i64| begin.checked_add(place.days()).ok());
            Some((begin, week.filter(|day| days.contains(&day.weekday())).collect()))
        }
        Pattern::AbsoluteMonthly { interval, day } => {
            let begin = month(start, period.checked_mul(interval)?)?;
            Some((begin, vec![day_of_month(begin, day)?]))
        }
        Pattern::RelativeMonthly { interval, days, index } => {
            let begin = month(start, period.checked_mul(interval)?)?;
            Some((begin, nth(begin, days, index).into_iter().collect()))
        }
        Pattern::AbsoluteYearly { interval, month, day } => {
            let begin = month_of_year(start, period.checked_mul(interval)?, month)?;
            Some((begin, vec![day_of_month(begin, day)?]))
        }
        Pattern::RelativeYearly { interval, month, days, index } => {
            let begin = month_of_year(start, period.checked_mul(interval)?, month)?;
            Some((begin, nth(begin, days, index).into_iter().collect()))
        }
    }
}

/// The first day of the month that lies `months` after that of `start`.
fn month(start: Date, months: i64) -> Option<Date> {
    start.first_of_month().checked_add(i32::try_from(months).ok()?.months()).ok()
}

fn month_of_year(start: Date, years: i64, month: i8) -> Option<Date> {
    let year = i16::try_from(i64::from(start.year()) + years).ok()?;
    Date::new(year, month, 1).ok()
}

fn day_of_month(begin: Date, day: i8) -> Option<Date> {
    Date::new(begin.year(), begin.month(), day.min(begin.days_in_month())).ok()
}

fn nth(begin: Date, days: &[Weekday], index: Index) -> Option<Date> {
    let mut fitting = (1..=begin.days_in_month())
        .filter_map(|day| Date::new(begin.year(), begin.month(), day).ok())
        .filter(|day| days.contains(&day.weekday()));
    match index {
        Index::First => fitting.next(),
        Index::Second => fitting.nth(1),
        Index::Third => fitting.nth(2),
        Index::Fourth => fitting.nth(3),
        Index::Last => fitting.next_back(),
    }
}

/// Whole days from one to another; negative when `to` is before `from`.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}
