//! The time that is asked about.

use jiff::{SignedDuration, Timestamp};

use super::intervals::Interval;
use super::schedule::next_five_minutes;
use crate::tools::dates::{Bound, in_order, understand};
use crate::tools::error::ToolError;
use crate::tools::zone::Zone;

/// In days: Graph tells no longer time at once.
/// Source: <https://learn.microsoft.com/graph/api/calendar-getschedule>.
const LONGEST: i64 = 62;

/// The window of the arguments, seen from `now`. What of it is over is left out, where not all of it is.
pub(super) fn of(
    after: &str,
    before: &str,
    duration: SignedDuration,
    now: Timestamp,
    zone: &Zone,
) -> Result<Interval, ToolError> {
    let after = understand(Bound::After, after, now, zone)?;
    let before = understand(Bound::Before, before, now, zone)?;
    in_order(after, before, zone)?;
    if before.duration_since(after) > SignedDuration::from_hours(LONGEST * 24) {
        return Err(ToolError::invalid_argument(
            "beforeDateTime",
            format!("more than {LONGEST} days after afterDateTime."),
            "Ask about two months at once at most.",
        ));
    }
    let start = if after < now && now < before { next_five_minutes(now) } else { after };
    Interval::new(start, before).filter(|window| window.length() >= duration).ok_or_else(|| {
        ToolError::invalid_argument(
            "durationMinutes",
            format!("there is less time between {} and {}.", zone.tell(start), zone.tell(before)),
            "Ask about a longer time, or for a shorter duration.",
        )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn window(after: &str, before: &str, minutes: i64) -> Option<(String, String)> {
        let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
        let now = "2026-11-23T20:31:00Z".parse().unwrap();
        let window = of(after, before, SignedDuration::from_mins(minutes), now, &zone).ok()?;
        Some((zone.tell(window.start()), zone.tell(window.end())))
    }

    /// If this failed, people would be offered times that are over.
    #[rstest]
    #[case::ahead("tomorrow", "in 2 days", ("2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00"))]
    #[case::underway("today", "tomorrow", ("2026-11-23T21:35:00+01:00", "2026-11-24T00:00:00+01:00"))]
    #[case::over("yesterday", "today", ("2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00"))]
    fn what_is_over_is_left_out(
        #[case] after: &str,
        #[case] before: &str,
        #[case] (start, end): (&str, &str),
    ) {
        assert_eq!(window(after, before, 30), Some((start.to_owned(), end.to_owned())));
    }

    /// If this failed, Graph would be asked for what it refuses.
    #[rstest]
    #[case::backwards("tomorrow", "today", 30)]
    #[case::too_long("today", "in 63 days", 30)]
    #[case::too_short("tomorrow", "in 2 days", 1_441)]
    #[case::no_date("someday", "tomorrow", 30)]
    fn what_cannot_be_asked_is_refused(#[case] after: &str, #[case] before: &str, #[case] minutes: i64) {
        assert_eq!(window(after, before, minutes), None);
    }
}
