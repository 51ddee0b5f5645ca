//! Times and days in the columns of a list's items, as they are told: SharePoint gives both as moments in UTC.

use jiff::Timestamp;
use serde_json::Value;

use super::kept_day::KeptDay;
use crate::graph::Column;
use crate::tools::zone::Zone;

/// How times in columns are told.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct ColumnTimes<'a> {
    pub(in crate::tools) zone: &'a Zone,
    /// Columns that hold days without a time; `None` where nobody knows which these are: neither is told then.
    pub(in crate::tools) days: Option<&'a [String]>,
}

/// The names of those that hold days.
pub(in crate::tools) fn days_of(columns: &[Column<'_>]) -> Vec<String> {
    columns.iter().filter(|column| column.is_date_only()).map(|column| column.name.to_string()).collect()
}

impl ColumnTimes<'_> {
    /// The day, where the column holds days.
    pub(super) fn day(self, column: &str, value: &Value) -> Option<KeptDay> {
        let text = value.as_str().filter(|text| is_in_utc(text) && self.holds_days(column) == Some(true))?;
        text.parse::<Timestamp>().ok().map(KeptDay)
    }

    /// The time in the zone, where that is not UTC. `None` for what is no time.
    pub(super) fn time(self, column: &str, value: &Value) -> Option<String> {
        let text = value.as_str().filter(|text| is_in_utc(text) && self.holds_days(column) == Some(false))?;
        self.zone.localise(text)
    }

    fn holds_days(self, column: &str) -> Option<bool> {
        self.days.map(|days| days.iter().any(|day| day == column))
    }
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

    const DAY: &str = "2026-11-23";

    /// If this failed, a time would be told an hour off, a day as the one before it, or a text as a time.
    #[rstest]
    #[case::time("Start", json!("2026-11-23T09:30:00Z"), None, Some("2026-11-23T10:30:00+01:00"))]
    #[case::midnight("Start", json!("2026-11-22T23:00:00Z"), None, Some("2026-11-23T00:00:00+01:00"))]
    #[case::parts_of_a_second("Start", json!("2026-07-01T22:30:00.123Z"), None, Some("2026-07-02T00:30:00+02:00"))]
    #[case::day_of_a_site_in_berlin("Due", json!("2026-11-22T23:00:00Z"), Some(DAY), None)]
    #[case::day_of_a_site_in_new_york("Due", json!("2026-11-23T05:00:00Z"), Some(DAY), None)]
    #[case::day_of_a_site_in_auckland("Due", json!("2026-11-22T11:00:00Z"), Some(DAY), None)]
    #[case::text("Start", json!("Monday at nine, in the Z"), None, None)]
    #[case::text_for_a_day("Due", json!("Monday at nine, in the Z"), None, None)]
    #[case::no_such_day("Start", json!("2026-13-41T09:30:00Z"), None, None)]
    #[case::number("Start", json!(20_261_123), None, None)]
    fn a_time_is_told_in_the_zone_and_a_day_as_a_day(
        #[case] column: &str,
        #[case] value: Value,
        #[case] day: Option<&str>,
        #[case] time: Option<&str>,
    ) {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let times = ColumnTimes { zone: &zone, days: Some(&["Due".to_owned()]) };
        assert_eq!(
            (times.day(column, &value).map(KeptDay::told).as_deref(), times.time(column, &value).as_deref()),
            (day, time)
        );
    }
}
