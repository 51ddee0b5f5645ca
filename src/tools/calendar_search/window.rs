//! Which time is looked at.

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::tools::dates::in_order;
use crate::tools::error::ToolError;
use crate::tools::zone::Zone;

/// In days: how far a search goes where only one end of its time is given, or none.
const USUAL: i64 = 30;
/// In days: Graph views no longer time at once.
const LONGEST: i64 = 1_825;

/// From when on, and until when (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl Window {
    /// An end that is not given is 30 days away: from the start of today on, or from the other end where that lies
    /// further off.
    pub(super) fn of(
        after: Option<Timestamp>,
        before: Option<Timestamp>,
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Self, ToolError> {
        let today =
            now.to_zoned_datetime(zone.time_zone().clone()).start_of_day().map_or(now, |day| day.timestamp());
        let start =
            after.unwrap_or_else(|| before.map_or(today, |before| today.min(days(before, -USUAL, zone))));
        let end = before.unwrap_or_else(|| days(today.max(start), USUAL, zone));
        in_order(start, end, zone)?;
        if end.duration_since(start) > SignedDuration::from_hours(LONGEST * 24) {
            return Err(ToolError::invalid_argument(
                "beforeDateTime",
                format!("more than {LONGEST} days after afterDateTime."),
                "Search five years at once at most; search longer times in pieces.",
            ));
        }
        Ok(Self { start, end })
    }
}

/// So many days later or, with a minus, earlier, at the same time of the day there.
fn days(from: Timestamp, count: i64, zone: &Zone) -> Timestamp {
    let here = from.to_zoned_datetime(zone.time_zone().clone());
    here.checked_add(count.days()).map_or(from, |then| then.timestamp())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A Monday, 21:30 in Berlin; the clocks change on the night to 25 October and to 28 March.
    const NOW: &str = "2026-11-23T20:30:00Z";

    fn window(after: Option<&str>, before: Option<&str>) -> Option<(String, String)> {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let at = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let window = Window::of(at(after), at(before), NOW.parse().unwrap(), &zone).ok()?;
        Some((zone.tell(window.start), zone.tell(window.end)))
    }

    /// If this failed, a search without dates would look at other days than it says.
    #[rstest]
    #[case::nothing(None, None, ("2026-11-23T00:00:00+01:00", "2026-12-23T00:00:00+01:00"))]
    #[case::from_long_ago(Some("2026-05-31T22:00:00Z"), None, ("2026-06-01T00:00:00+02:00", "2026-12-23T00:00:00+01:00"))]
    #[case::from_later_on(Some("2027-03-01T00:00:00Z"), None, ("2027-03-01T01:00:00+01:00", "2027-03-31T01:00:00+02:00"))]
    #[case::until_soon(None, Some("2026-11-24T23:00:00Z"), ("2026-10-26T00:00:00+01:00", "2026-11-25T00:00:00+01:00"))]
    #[case::until_long_ago(None, Some("2026-04-01T00:00:00Z"), ("2026-03-02T02:00:00+01:00", "2026-04-01T02:00:00+02:00"))]
    #[case::until_much_later(None, Some("2027-11-01T00:00:00Z"), ("2026-11-23T00:00:00+01:00", "2027-11-01T01:00:00+01:00"))]
    fn the_end_that_is_not_given_is_thirty_days_away(
        #[case] after: Option<&str>,
        #[case] before: Option<&str>,
        #[case] (start, end): (&str, &str),
    ) {
        assert_eq!(window(after, before), Some((start.to_owned(), end.to_owned())));
    }

    /// If this failed, Graph would be asked for what it refuses.
    #[rstest]
    #[case::backwards(Some("2026-11-02T00:00:00Z"), Some("2026-11-01T00:00:00Z"))]
    #[case::empty(Some("2026-11-01T00:00:00Z"), Some("2026-11-01T00:00:00Z"))]
    #[case::too_long(Some("2020-01-01T00:00:00Z"), None)]
    #[case::the_end_of_all_time(Some("9999-12-30T00:00:00Z"), Some("2026-11-01T00:00:00Z"))]
    fn a_time_that_cannot_be_viewed_is_refused(#[case] after: Option<&str>, #[case] before: Option<&str>) {
        assert_eq!(window(after, before), None);
    }
}
