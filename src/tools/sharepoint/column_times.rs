//! Times and days in the columns of a list's items, as they are told: SharePoint gives both as moments in UTC.

use jiff::Timestamp;
use serde_json::Value;

use super::kept_day::KeptDay;
use super::list_columns::ListColumns;
use crate::graph::Column;
use crate::tools::zone::Zone;

/// How times in columns are told.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct ColumnTimes<'a> {
    pub(in crate::tools) zone: &'a Zone,
    pub(in crate::tools) days: &'a DayColumns,
}

/// Which columns of a list hold days without a time, as far as the list has told its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) struct DayColumns {
    days: Vec<String>,
    /// Those that hold none; `None` for all others, where all columns were told.
    others: Option<Vec<String>>,
}

impl DayColumns {
    /// Nobody knows what any column holds.
    pub(in crate::tools) const UNKNOWN: Self = Self { days: Vec::new(), others: Some(Vec::new()) };

    pub(in crate::tools) fn of(columns: &ListColumns<'_>) -> Self {
        let (days, others): (Vec<_>, Vec<_>) = columns.known.iter().partition(|column| column.is_date_only());
        let names =
            |columns: Vec<&Column<'_>>| columns.iter().map(|column| column.name.to_string()).collect();
        Self { days: names(days), others: columns.left_out.map(|_| names(others)) }
    }

    /// `None` where that is not known: what stands there is told neither as a day nor as a time.
    fn hold(&self, column: &str) -> Option<bool> {
        if self.days.iter().any(|day| day == column) {
            return Some(true);
        }
        let is_told = self.others.as_ref().is_none_or(|others| others.iter().any(|other| other == column));
        is_told.then_some(false)
    }
}

impl ColumnTimes<'_> {
    /// The day, where the column holds days.
    pub(super) fn day(self, column: &str, value: &Value) -> Option<KeptDay> {
        let text = value.as_str().filter(|text| is_in_utc(text) && self.days.hold(column) == Some(true))?;
        text.parse::<Timestamp>().ok().map(KeptDay)
    }

    /// The time in the zone, where that is not UTC. `None` for what is no time.
    pub(super) fn time(self, column: &str, value: &Value) -> Option<String> {
        let text = value.as_str().filter(|text| is_in_utc(text) && self.days.hold(column) == Some(false))?;
        self.zone.localise(text)
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
        let days = DayColumns { days: vec!["Due".to_owned()], others: None };
        let times = ColumnTimes { zone: &zone, days: &days };
        assert_eq!(
            (times.day(column, &value).map(KeptDay::told).as_deref(), times.time(column, &value).as_deref()),
            (day, time)
        );
    }

    /// If this failed, a day in a column that was not looked at would be told as a time on the day before.
    #[rstest]
    #[case::of_which_all_is_known(None, "Due", Some(true))]
    #[case::and_of_others_too(None, "Anything", Some(false))]
    #[case::looked_at(Some(vec!["Start"]), "Due", Some(true))]
    #[case::looked_at_and_none(Some(vec!["Start"]), "Start", Some(false))]
    #[case::not_looked_at(Some(vec!["Start"]), "Anything", None)]
    fn what_a_column_holds_is_told_where_it_is_known(
        #[case] others: Option<Vec<&str>>,
        #[case] column: &str,
        #[case] expected: Option<bool>,
    ) {
        let others = others.map(|others| others.into_iter().map(str::to_owned).collect());
        let days = DayColumns { days: vec!["Due".to_owned()], others };
        assert_eq!((days.hold(column), DayColumns::UNKNOWN.hold(column)), (expected, None));
    }
}
