//! `patternedRecurrence` as JSON.

use jiff::civil::Weekday;
use serde_json::{Value, json};

use super::agenda::Event;
use super::recurrence::{Index, Pattern, RangeEnd};

/// The recurrence of a master; null for anything else.
pub(super) fn recurrence(event: &Event) -> Value {
    let Some(series) = &event.series else { return Value::Null };
    let (type_name, end, count) = match series.range.end {
        RangeEnd::NoEnd => ("noEnd", "0001-01-01".to_owned(), 0),
        RangeEnd::On(last) => ("endDate", last.to_string(), 0),
        RangeEnd::After(count) => ("numbered", "0001-01-01".to_owned(), count),
    };
    json!({
        "pattern": pattern(&series.pattern),
        "range": {
            "type": type_name,
            "startDate": series.range.start.to_string(),
            "endDate": end,
            "recurrenceTimeZone": event.zone.name,
            "numberOfOccurrences": count,
        },
    })
}

/// What a kind of pattern does not use is zero, `first` and `sunday`.
fn pattern(pattern: &Pattern) -> Value {
    let none: &[Weekday] = &[];
    let (type_name, interval, month, day, days, index, first_day) = match *pattern {
        Pattern::Daily { interval } => ("daily", interval, 0, 0, none, Index::First, Weekday::Sunday),
        Pattern::Weekly { interval, days, first_day } => {
            ("weekly", interval, 0, 0, days, Index::First, first_day)
        }
        Pattern::AbsoluteMonthly { interval, day } => {
            ("absoluteMonthly", interval, 0, day, none, Index::First, Weekday::Sunday)
        }
        Pattern::RelativeMonthly { interval, days, index } => {
            ("relativeMonthly", interval, 0, 0, days, index, Weekday::Sunday)
        }
        Pattern::AbsoluteYearly { interval, month, day } => {
            ("absoluteYearly", interval, month, day, none, Index::First, Weekday::Sunday)
        }
        Pattern::RelativeYearly { interval, month, days, index } => {
            ("relativeYearly", interval, month, 0, days, index, Weekday::Sunday)
        }
    };
    let mut shown = json!({
        "type": type_name,
        "interval": interval,
        "month": month,
        "dayOfMonth": day,
        "firstDayOfWeek": day_name(first_day),
        "index": index_name(index),
    });
    if !days.is_empty() {
        shown["daysOfWeek"] = days.iter().map(|day| day_name(*day)).collect();
    }
    shown
}

/// As Graph writes it, in lower case.
pub(super) const fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

const fn index_name(index: Index) -> &'static str {
    match index {
        Index::First => "first",
        Index::Second => "second",
        Index::Third => "third",
        Index::Fourth => "fourth",
        Index::Last => "last",
    }
}
