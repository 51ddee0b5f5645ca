//! Times in the columns of a list's items, as they are told: SharePoint gives them in UTC alone.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::tools::zone::Zone;

/// A day is given as the midnight that it begins with in the site's own zone, which Graph does not tell. So much later it is
/// that day in UTC too, for every zone from ten hours behind it to thirteen hours before it.
const TO_THE_DAY: SignedDuration = SignedDuration::from_hours(13);

/// How times in columns are told.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct ColumnTimes<'a> {
    pub(in crate::tools) zone: &'a Zone,
    /// Columns that hold days without a time; `None` where nobody knows which do.
    pub(in crate::tools) days: Option<&'a [String]>,
}

impl ColumnTimes<'_> {
    /// The time in the zone, where that is not UTC; of a day the day alone. `None` for what is no time, and for what may be a
    /// day and may be none.
    pub(super) fn told(self, column: &str, value: &Value) -> Option<String> {
        let text = value.as_str().filter(|text| is_in_utc(text))?;
        match self.days {
            None if may_be_midnight(text) => None,
            Some(days) if days.iter().any(|day| day == column) => {
                let day: Timestamp = text.parse().ok()?;
                Some(day.checked_add(TO_THE_DAY).ok()?.strftime("%Y-%m-%d").to_string())
            }
            _ => self.zone.localise(text),
        }
    }
}

/// In some zone: all are quarters of an hour apart.
fn may_be_midnight(time: &str) -> bool {
    ["00:00", "15:00", "30:00", "45:00"].iter().any(|quarter| time.get(14..19) == Some(*quarter))
}

/// `2026-11-23T09:30:00Z`, as SharePoint writes times.
fn is_in_utc(text: &str) -> bool {
    let bytes = text.as_bytes();
    (20..=28).contains(&bytes.len())
        && bytes.ends_with(b"Z")
        && [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
            .iter()
            .all(|(place, sign)| bytes[*place] == *sign)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// If this failed, a time would be told an hour off, a day as the one before it, or a text as a time.
    #[rstest]
    #[case::time("Start", json!("2026-11-23T09:30:00Z"), Some("2026-11-23T10:30:00+01:00"))]
    #[case::parts_of_a_second("Start", json!("2026-07-01T22:30:00.123Z"), Some("2026-07-02T00:30:00+02:00"))]
    #[case::day_of_a_site_in_berlin("Due", json!("2026-11-22T23:00:00Z"), Some("2026-11-23"))]
    #[case::day_of_a_site_in_new_york("Due", json!("2026-11-23T05:00:00Z"), Some("2026-11-23"))]
    #[case::day_of_a_site_in_honolulu("Due", json!("2026-11-23T10:00:00Z"), Some("2026-11-23"))]
    #[case::day_of_a_site_in_auckland("Due", json!("2026-11-22T11:00:00Z"), Some("2026-11-23"))]
    #[case::day_of_a_site_in_utc("Due", json!("2026-11-23T00:00:00Z"), Some("2026-11-23"))]
    #[case::text("Start", json!("Monday at nine, in the Z"), None)]
    #[case::no_such_day("Start", json!("2026-13-41T09:30:00Z"), None)]
    #[case::number("Start", json!(20_261_123), None)]
    fn a_time_is_told_in_the_zone_and_a_day_as_a_day(
        #[case] column: &str,
        #[case] value: Value,
        #[case] expected: Option<&str>,
    ) {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let times = ColumnTimes { zone: &zone, days: Some(&["Due".to_owned()]) };
        assert_eq!(times.told(column, &value).as_deref(), expected);
    }

    /// If this failed, one due date would be told as two: as a day by who knows the column, as the evening before by who
    /// does not.
    #[rstest]
    #[case::berlin("2026-11-22T23:00:00Z", None)]
    #[case::kathmandu("2026-11-22T18:15:00Z", None)]
    #[case::seconds("2026-11-22T23:00:01Z", Some("2026-11-23T00:00:01+01:00"))]
    #[case::minutes("2026-11-22T23:05:00Z", Some("2026-11-23T00:05:00+01:00"))]
    fn what_may_be_a_day_is_left_untold_where_nobody_knows(
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let times = ColumnTimes { zone: &zone, days: None };
        assert_eq!(times.told("Due", &json!(text)).as_deref(), expected);
    }
}
