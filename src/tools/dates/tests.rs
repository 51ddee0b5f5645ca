use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// A Monday, 21:30 in Berlin.
const NOW: &str = "2026-11-23T20:30:00Z";

fn berlin(text: &str) -> Option<String> {
    let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
    let found = understand(Bound::After, text, NOW.parse().unwrap(), &zone).ok()?;
    Some(zone.tell(found))
}

/// If this failed, people would search another day than they meant.
#[rstest]
#[case::utc("2026-11-01T10:00:00Z", "2026-11-01T11:00:00+01:00")]
#[case::offset("2026-11-01T10:00:00+05:30", "2026-11-01T05:30:00+01:00")]
#[case::local("2026-07-01T10:00", "2026-07-01T10:00:00+02:00")]
#[case::local_with_space("2026-07-01 10:00:30", "2026-07-01T10:00:30+02:00")]
#[case::date("2026-11-01", "2026-11-01T00:00:00+01:00")]
#[case::now("now", "2026-11-23T21:30:00+01:00")]
#[case::today("Today", "2026-11-23T00:00:00+01:00")]
#[case::yesterday("yesterday", "2026-11-22T00:00:00+01:00")]
#[case::tomorrow("tomorrow", "2026-11-24T00:00:00+01:00")]
#[case::last_monday("last monday", "2026-11-16T00:00:00+01:00")]
#[case::this_monday("this monday", "2026-11-23T00:00:00+01:00")]
#[case::next_monday("next monday", "2026-11-30T00:00:00+01:00")]
#[case::last_friday("last Fri", "2026-11-20T00:00:00+01:00")]
#[case::this_sunday("this sunday", "2026-11-29T00:00:00+01:00")]
#[case::last_week("last week", "2026-11-16T00:00:00+01:00")]
#[case::this_month("this month", "2026-11-01T00:00:00+01:00")]
#[case::next_month("next month", "2026-12-01T00:00:00+01:00")]
#[case::last_year("last year", "2025-01-01T00:00:00+01:00")]
#[case::days_ago("3 days ago", "2026-11-20T00:00:00+01:00")]
#[case::days_ago_across_a_change("30 days ago", "2026-10-24T00:00:00+02:00")]
#[case::in_days("in 30 days", "2026-12-23T00:00:00+01:00")]
#[case::a_week_ago("a week ago", "2026-11-16T00:00:00+01:00")]
#[case::hours_ago("2 hours ago", "2026-11-23T19:30:00+01:00")]
#[case::in_minutes("in 90 minutes", "2026-11-23T23:00:00+01:00")]
fn dates_are_understood_as_people_write_them(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(berlin(text).as_deref(), Some(expected));
}

/// If this failed, what happens on a day would be told from what happens at its first instant alone.
#[rstest]
#[case::date("2026-11-01", "2026-11-02T00:00:00+01:00")]
#[case::of_25_hours("2026-10-25", "2026-10-26T00:00:00+01:00")]
#[case::word("today", "2026-11-24T00:00:00+01:00")]
#[case::weekday("last friday", "2026-11-21T00:00:00+01:00")]
#[case::week("this week", "2026-11-30T00:00:00+01:00")]
#[case::month("next month", "2027-01-01T00:00:00+01:00")]
#[case::year("last year", "2026-01-01T00:00:00+01:00")]
#[case::distance("2 weeks ago", "2026-11-10T00:00:00+01:00")]
fn days_end_where_the_next_begins(#[case] text: &str, #[case] expected: &str) {
    let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
    let Ok(Named::Days { end, .. }) = named("filter", text, NOW.parse().unwrap(), &zone, Reading::First)
    else {
        panic!("{text} names no days")
    };
    assert_eq!(zone.tell(end), expected);
}

/// If this failed, a time would be taken for the day that it lies in.
#[rstest]
#[case("2026-11-01T10:00")]
#[case("2026-11-01T00:00:00Z")]
#[case("now")]
#[case("2 hours ago")]
fn a_time_names_a_moment(#[case] text: &str) {
    let named = named("filter", text, NOW.parse().unwrap(), &Zone::utc(), Reading::First);
    assert!(matches!(named, Ok(Named::Moment(_))), "{text}");
}

/// If this failed, a guess would pass for an answer.
#[rstest]
#[case::ambiguous_weekday("monday")]
#[case::no_such_day("2026-02-30")]
#[case::american("11/01/2026")]
#[case::too_far("99999 years ago")]
#[case::negative("-3 days ago")]
#[case::both("in 3 days ago")]
#[case::unit("3 fortnights ago")]
#[case::words("sometime soon")]
#[case::empty("")]
#[case::before_the_first_year("1600-12-31")]
#[case::long_ago("9000 years ago")]
#[case::before_the_common_era("-009999-01-02T00:00:00Z")]
#[case::after_the_last_year("10000-01-01T00:00:00Z")]
fn what_is_not_clear_is_refused(#[case] text: &str) {
    assert_eq!(berlin(text), None);
}

/// If this failed, an hour of the night in which clocks are put back would be left out.
#[rstest]
#[case::begins_with_the_first(Bound::After, "2026-10-25T02:30", "2026-10-25T02:30:00+02:00")]
#[case::ends_with_the_second(Bound::Before, "2026-10-25T02:30", "2026-10-25T02:30:00+01:00")]
#[case::begins_once(Bound::After, "2026-10-25T03:30", "2026-10-25T03:30:00+01:00")]
#[case::ends_once(Bound::Before, "2026-10-25T03:30", "2026-10-25T03:30:00+01:00")]
fn a_window_has_both_hours_that_come_twice(#[case] bound: Bound, #[case] text: &str, #[case] expected: &str) {
    let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
    let found = understand(bound, text, NOW.parse().unwrap(), &zone).unwrap();
    assert_eq!(zone.tell(found), expected);
}

/// If this failed, a time that no clock shows would be taken for another one, or refused for what it is not.
#[rstest]
#[case::its_start("2027-03-28T02:00", Some("the next time is 2027-03-28T03:00:00+02:00."))]
#[case::within("2027-03-28T02:30", Some("the next time is 2027-03-28T03:00:00+02:00."))]
#[case::before("2027-03-28T01:59", None)]
#[case::behind("2027-03-28T03:00", None)]
#[case::with_an_offset("2027-03-28T02:30:00+01:00", None)]
fn a_time_that_clocks_leave_out_does_not_exist(#[case] text: &str, #[case] expected: Option<&str>) {
    let zone = Zone::of_argument(Some("Europe/Berlin")).unwrap();
    match (understand(Bound::After, text, NOW.parse().unwrap(), &zone), expected) {
        (Ok(_), None) => {}
        (Err(ToolError::Actionable(error)), Some(next)) => {
            assert!(error.why().starts_with("afterDateTime: 2027-03-28T02:"), "{}", error.why());
            assert!(
                error.why().ends_with("does not exist in the time zone Europe/Berlin."),
                "{}",
                error.why()
            );
            assert!(error.how.contains(next), "{}", error.how);
        }
        (found, _) => panic!("{text}: {found:?}"),
    }
}

/// If this failed, nobody could tell which of two dates is wrong.
#[test]
fn a_date_that_is_refused_is_named() {
    let refused = understand(Bound::Before, "1600-12-31", NOW.parse().unwrap(), &Zone::utc());
    let Err(ToolError::Actionable(error)) = refused else { panic!("it was understood") };
    assert_eq!(error.why(), "beforeDateTime: not within the years 1601 to 9999.");
    assert!(understand(Bound::Before, "1601-01-01", NOW.parse().unwrap(), &Zone::utc()).is_ok());
}

proptest! {
    /// If this failed, an argument could panic a worker.
    #[test]
    fn no_text_panics(text in "\\PC{0,40}", count in any::<i64>(), unit in "(minute|hour|day|week|month|year)s?") {
        berlin(&text);
        berlin(&format!("{count} {unit} ago"));
        berlin(&format!("in {count} {unit}"));
    }
}
