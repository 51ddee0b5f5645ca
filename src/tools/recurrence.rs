//! How a series recurs, in words.

use super::event_time::EventTime;
use super::zone::Zone;
use crate::graph::{Recurrence, RecurrencePattern, RecurrenceRange, Text};

/// Whether the days of a pattern are the same days everywhere.
#[derive(Debug, Clone, Copy)]
pub(super) enum Days<'z> {
    /// As whole days are.
    Everywhere,
    /// Times are told in this zone, where it may be another day.
    ToldIn(&'z Zone),
}

impl<'z> Days<'z> {
    pub(super) fn of(time: Option<&EventTime>, zone: &'z Zone) -> Self {
        if matches!(time, Some(EventTime::Days { .. })) { Self::Everywhere } else { Self::ToldIn(zone) }
    }
}

/// `every 2 weeks on monday and thursday, until 2027-01-31, by the clocks of America/New_York`. `None` where the pattern is of a
/// kind that nobody knows.
pub(super) fn in_words(recurrence: &Recurrence<'_>, days: Days<'_>) -> Option<String> {
    let (pattern, range) = (pattern(&recurrence.pattern)?, range(&recurrence.range));
    Some(format!("{pattern}{range}{}", clocks(&recurrence.range, days)))
}

/// By whose clocks the days are meant, where these are not those that times are told by.
fn clocks(range: &RecurrenceRange<'_>, days: Days<'_>) -> String {
    let (Days::ToldIn(zone), Some(name)) = (days, range.recurrence_time_zone.as_deref()) else {
        return String::new();
    };
    match Zone::of_argument(Some(name)) {
        Ok(own) if own.name() == zone.name() => String::new(),
        Ok(own) => format!(", by the clocks of {}", own.name()),
        Err(_) => ", by the clocks of a zone that is not known".to_owned(),
    }
}

fn pattern(pattern: &RecurrencePattern<'_>) -> Option<String> {
    let interval = pattern.interval.max(1);
    let every = |unit: &str| match interval {
        1 => format!("every {unit}"),
        2 => format!("every other {unit}"),
        more => format!("every {more} {unit}s"),
    };
    let days = || days(pattern.days_of_week.as_deref());
    let index = || pattern.index.as_deref().unwrap_or("first").to_owned();
    Some(match &*pattern.kind {
        "daily" => every("day"),
        "weekly" => format!("{} on {}", every("week"), days()?),
        "absoluteMonthly" => format!("{} on day {}", every("month"), pattern.day_of_month),
        "relativeMonthly" => format!("{} on the {} {}", every("month"), index(), days()?),
        "absoluteYearly" => {
            format!("{} on {} {}", every("year"), month(pattern.month)?, pattern.day_of_month)
        }
        "relativeYearly" => {
            format!("{} on the {} {} of {}", every("year"), index(), days()?, month(pattern.month)?)
        }
        _ => return None,
    })
}

/// `monday, tuesday and friday`.
fn days(days: Option<&[Text<'_>]>) -> Option<String> {
    let days: Vec<&str> = days?.iter().map(|day| &**day).collect();
    let (last, others) = days.split_last()?;
    Some(if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) })
}

fn month(number: u8) -> Option<&'static str> {
    let months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    months.get(usize::from(number.checked_sub(1)?)).copied()
}

fn range(range: &RecurrenceRange<'_>) -> String {
    let from = range.start_date.as_deref().map(|start| format!(", from {start}")).unwrap_or_default();
    match (&*range.kind, range.end_date.as_deref()) {
        ("endDate", Some(end)) => format!("{from}, until {end}"),
        ("numbered", _) => format!("{from}, {} times", range.number_of_occurrences),
        _ => from,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a model would tell people other days than those on which a series takes place.
    #[rstest]
    #[case::daily(r#"{"type":"daily","interval":1}"#, "every day")]
    #[case::every_third_day(r#"{"type":"daily","interval":3}"#, "every 3 days")]
    #[case::weekdays(
        r#"{"type":"weekly","interval":1,"daysOfWeek":["monday","tuesday","friday"]}"#,
        "every week on monday, tuesday and friday"
    )]
    #[case::fortnightly(
        r#"{"type":"weekly","interval":2,"daysOfWeek":["thursday"]}"#,
        "every other week on thursday"
    )]
    #[case::day_of_month(
        r#"{"type":"absoluteMonthly","interval":1,"dayOfMonth":31}"#,
        "every month on day 31"
    )]
    #[case::last_wednesday(
        r#"{"type":"relativeMonthly","interval":1,"daysOfWeek":["wednesday"],"index":"last"}"#,
        "every month on the last wednesday"
    )]
    #[case::yearly(
        r#"{"type":"absoluteYearly","interval":1,"month":12,"dayOfMonth":25}"#,
        "every year on December 25"
    )]
    #[case::relative_year(
        r#"{"type":"relativeYearly","interval":1,"month":12,"daysOfWeek":["monday"],"index":"second"}"#,
        "every year on the second monday of December"
    )]
    fn a_pattern_is_told_in_words(#[case] pattern: &str, #[case] expected: &str) {
        let json = format!(r#"{{"pattern":{pattern},"range":{{"type":"noEnd"}}}}"#);
        let recurrence: Recurrence<'_> = serde_json::from_str(&json).unwrap();
        assert_eq!(in_words(&recurrence, Days::Everywhere).as_deref(), Some(expected));
    }

    /// If this failed, a series on Mondays in Los Angeles would pass for one on Mondays in Berlin, where it is Tuesday by then.
    #[rstest]
    #[case::elsewhere(
        "Pacific Standard Time",
        "Europe/Berlin",
        "every day, by the clocks of America/Los_Angeles"
    )]
    #[case::elsewhere_by_the_name_of_iana("Asia/Tokyo", "UTC", "every day, by the clocks of Asia/Tokyo")]
    #[case::in_utc("UTC", "Europe/Berlin", "every day, by the clocks of UTC")]
    #[case::here("W. Europe Standard Time", "Europe/Berlin", "every day")]
    #[case::customized(
        "tzone://Microsoft/Custom",
        "UTC",
        "every day, by the clocks of a zone that is not known"
    )]
    fn days_elsewhere_are_told_as_such(#[case] theirs: &str, #[case] asked: &str, #[case] expected: &str) {
        let json = format!(
            r#"{{"pattern":{{"type":"daily","interval":1}},"range":{{"type":"noEnd","recurrenceTimeZone":"{theirs}"}}}}"#
        );
        let (recurrence, zone): (Recurrence<'_>, _) =
            (serde_json::from_str(&json).unwrap(), Zone::of_argument(Some(asked)).unwrap());
        assert_eq!(in_words(&recurrence, Days::ToldIn(&zone)).as_deref(), Some(expected));
        assert_eq!(in_words(&recurrence, Days::Everywhere).as_deref(), Some("every day"));
    }

    /// If this failed, a series would seem to go on for ever, or to be over.
    #[rstest]
    #[case::no_end(r#"{"type":"noEnd","startDate":"2026-01-05"}"#, "every day, from 2026-01-05")]
    #[case::until(
        r#"{"type":"endDate","startDate":"2026-01-05","endDate":"2026-03-01"}"#,
        "every day, from 2026-01-05, until 2026-03-01"
    )]
    #[case::numbered(
        r#"{"type":"numbered","startDate":"2026-01-05","numberOfOccurrences":6}"#,
        "every day, from 2026-01-05, 6 times"
    )]
    fn a_range_is_told_in_words(#[case] range: &str, #[case] expected: &str) {
        let json = format!(r#"{{"pattern":{{"type":"daily","interval":1}},"range":{range}}}"#);
        let recurrence: Recurrence<'_> = serde_json::from_str(&json).unwrap();
        assert_eq!(in_words(&recurrence, Days::Everywhere).as_deref(), Some(expected));
    }

    /// If this failed, a pattern that came after this was written would be told wrongly.
    #[rstest]
    #[case(r#"{"type":"lunar","interval":1}"#)]
    #[case(r#"{"type":"weekly","interval":1}"#)]
    #[case(r#"{"type":"absoluteYearly","interval":1,"month":13,"dayOfMonth":1}"#)]
    fn what_is_not_known_is_not_told(#[case] pattern: &str) {
        let json = format!(r#"{{"pattern":{pattern},"range":{{"type":"noEnd"}}}}"#);
        assert_eq!(in_words(&serde_json::from_str(&json).unwrap(), Days::Everywhere), None);
    }
}
