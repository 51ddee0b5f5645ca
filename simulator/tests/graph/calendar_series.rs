//! Series: every occurrence lies on its pattern, none is missing, and windows and pages lose nothing.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use serde_json::Value;

use crate::world::{WORLD, encoded, ids};

fn whole<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap()
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).unwrap().get_days())
}

fn name_of(day: Weekday) -> String {
    format!("{day:?}").to_lowercase()
}

fn is_named(pattern: &Value, day: Date) -> bool {
    let names = pattern["daysOfWeek"].as_array().unwrap();
    names.iter().any(|name| *name == name_of(day.weekday()))
}

/// Whether a day is the n-th of its month that has one of these weekdays: of several weekdays it is one day a month.
fn is_nth(pattern: &Value, day: Date) -> bool {
    let of_month = day.first_of_month().series(1.day()).take_while(|other| other.month() == day.month());
    let fitting: Vec<Date> = of_month.filter(|other| is_named(pattern, *other)).collect();
    let wanted = match pattern["index"].as_str().unwrap() {
        "last" => fitting.last(),
        index => fitting
            .get(["first", "second", "third", "fourth"].iter().position(|name| *name == index).unwrap()),
    };
    wanted == Some(&day)
}

/// A reading of Microsoft's description of patterns that shares nothing with the simulator's: it judges day by day.
fn lies_on(pattern: &Value, start: Date, day: Date) -> bool {
    let interval = number(pattern, "interval");
    let months = i64::from(day.year() - start.year()) * 12 + i64::from(day.month() - start.month());
    let years = i64::from(day.year() - start.year());
    let of_month = |wanted: i64| i64::from(day.day()) == wanted.min(i64::from(day.days_in_month()));
    let of_year = || i64::from(day.month()) == number(pattern, "month") && years % interval == 0;
    match pattern["type"].as_str().unwrap() {
        "daily" => days_between(start, day) % interval == 0,
        "weekly" => {
            // The first day of the week in which 1 January 2023, a Sunday, lies.
            let first = i64::from(pattern["firstDayOfWeek"] != "sunday");
            let week = |day: Date| (days_between(Date::new(2023, 1, 1).unwrap(), day) - first).div_euclid(7);
            is_named(pattern, day) && (week(day) - week(start)) % interval == 0
        }
        "absoluteMonthly" => of_month(number(pattern, "dayOfMonth")) && months % interval == 0,
        "relativeMonthly" => is_nth(pattern, day) && months % interval == 0,
        "absoluteYearly" => of_month(number(pattern, "dayOfMonth")) && of_year(),
        "relativeYearly" => is_nth(pattern, day) && of_year(),
        other => panic!("unknown pattern {other}"),
    }
}

/// The days of a series from its beginning to `until`.
fn expected_days(recurrence: &Value, until: Date) -> Vec<Date> {
    let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
    let start: Date = whole(range, "/startDate").parse().unwrap();
    let last = match range["type"].as_str().unwrap() {
        "endDate" => until.min(whole(range, "/endDate").parse().unwrap()),
        _ => until,
    };
    let count = match range["type"].as_str().unwrap() {
        "numbered" => usize::try_from(number(range, "numberOfOccurrences")).unwrap(),
        _ => usize::MAX,
    };
    let fitting =
        start.series(1.day()).take_while(|day| *day <= last).filter(|day| lies_on(pattern, start, *day));
    fitting.take(count).collect()
}

fn masters() -> Vec<(usize, usize, Value)> {
    let mut found = Vec::new();
    for (tenant, seat) in [(0, 0), (0, 8), (1, 3), (2, 9)] {
        let caller = WORLD.caller(tenant, seat);
        for calendar in ids(WORLD.get_as(&caller, "/me/calendars?$top=4").entries()) {
            let target = format!(
                "/me/calendars/{}/events?$top=1000&$filter=type eq 'seriesMaster'&$select=subject,start,isAllDay,recurrence,cancelledOccurrences",
                encoded(calendar)
            );
            let answer = WORLD.get_as(&caller, &target);
            found.extend(answer.entries().iter().map(|master| (tenant, seat, master.clone())));
        }
    }
    found
}

fn day_of(occurrence_id: &Value) -> Date {
    occurrence_id.as_str().unwrap().rsplit('.').next().unwrap().parse().unwrap()
}

/// Fails when a series skips a day, adds one, forgets its end, or slides with the clocks: an occurrence is at the same
/// time on the wall, summer and winter.
#[test]
fn every_occurrence_lies_on_its_pattern_and_none_is_missing() {
    let mut kinds = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (tenant, seat, master) in masters() {
        let (recurrence, id) = (&master["recurrence"], encoded(whole(&master, "/id")));
        kinds.insert(whole(recurrence, "/pattern/type").to_owned());
        ends.insert(whole(recurrence, "/range/type").to_owned());
        let pattern = &recurrence["pattern"];
        seen.insert(match pattern["daysOfWeek"].as_array() {
            None => format!("{} of {}", pattern["dayOfMonth"], pattern["month"]),
            Some(days) => format!("{} of {} weekdays", whole(pattern, "/index"), days.len()),
        });
        let zone = format!("outlook.timezone=\"{}\"", whole(recurrence, "/range/recurrenceTimeZone"));
        let target = format!(
            "/me/events/{id}/instances?startDateTime=2024-01-01&endDateTime=2028-03-05&$top=1000&$select=start,type,occurrenceId"
        );
        let caller = WORLD.caller(tenant, seat);
        let mut answer = WORLD.get_preferring(&caller, &target, &[&zone]);
        let mut entries = answer.entries().to_vec();
        while let Some(next) = answer.next_target() {
            answer = WORLD.get_preferring(&caller, &next, &[&zone]);
            entries.extend_from_slice(answer.entries());
        }
        let single = WORLD.get_preferring(&caller, &format!("/me/events/{id}"), &[&zone]);
        let wall = |event: &Value| whole(event, "/start/dateTime")[11..].to_owned();
        for occurrence in entries.iter().filter(|entry| entry["type"] == "occurrence") {
            assert_eq!(wall(occurrence), wall(&single.body), "{master}");
            assert_eq!(
                whole(occurrence, "/start/dateTime")[..10],
                day_of(&occurrence["occurrenceId"]).to_string()
            );
        }
        let cancelled = master["cancelledOccurrences"].as_array().unwrap().iter().map(day_of);
        let given: BTreeSet<Date> =
            entries.iter().map(|entry| day_of(&entry["occurrenceId"])).chain(cancelled).collect();
        // Some days before the window's end, so that no zone and no exception reaches over it.
        let last = Date::new(2028, 2, 29).unwrap();
        let given: Vec<Date> = given.into_iter().filter(|day| *day <= last).collect();
        assert_eq!(given, expected_days(recurrence, last), "{master}");
    }
    assert!(
        seen.contains("29 of 2")
            && seen.contains("last of 5 weekdays")
            && seen.contains("first of 2 weekdays")
    );
    let patterns =
        ["absoluteMonthly", "absoluteYearly", "daily", "relativeMonthly", "relativeYearly", "weekly"];
    assert_eq!(Vec::from_iter(kinds), patterns);
    assert_eq!(Vec::from_iter(ends), ["endDate", "noEnd", "numbered"]);
}

/// Fails when a changed occurrence stands in the view twice, or a cancelled one still stands there.
#[test]
fn exceptions_take_the_place_of_what_they_change() {
    let target = "/me/calendarView?startDateTime=2026-10-01&endDateTime=2027-02-01&$top=1000";
    let answer =
        WORLD.get(&format!("{target}&$select=subject,start,type,occurrenceId,originalStart,seriesMasterId"));
    let places: Vec<&str> =
        answer.entries().iter().filter_map(|event| event["occurrenceId"].as_str()).collect();
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len());
    let exceptions: Vec<&Value> =
        answer.entries().iter().filter(|event| event["type"] == "exception").collect();
    let planning = |event: &&&Value| whole(event, "/subject").starts_with("Weekly planning");
    assert_eq!(exceptions.iter().filter(planning).count(), 2);
    assert!(exceptions.iter().any(|event| whole(event, "/subject") == "Weekly planning (with guests)"));
    let moved = exceptions.iter().find(|event| whole(event, "/subject") == "Weekly planning").unwrap();
    assert_ne!(whole(moved, "/start/dateTime")[..19], whole(moved, "/originalStart")[..19]);
    let master = encoded(whole(moved, "/seriesMasterId"));
    let cancelled = WORLD.get(&format!("/me/events/{master}?$select=cancelledOccurrences"));
    for gone in cancelled.body["cancelledOccurrences"].as_array().unwrap() {
        assert!(!places.contains(&gone.as_str().unwrap()));
    }
}

/// Fails when a master keeps its exceptions to itself.
#[test]
fn a_master_brings_its_exceptions_along() {
    let masters = WORLD.get("/me/events?$filter=subject eq 'Weekly planning'");
    let id = encoded(ids(masters.entries())[0]);
    let answer = WORLD.get(&format!("/me/events/{id}?$expand=exceptionOccurrences&$select=subject,start"));
    let exceptions = answer.body["exceptionOccurrences"].as_array().unwrap();
    assert_eq!(exceptions.len(), 2);
    assert!(exceptions.iter().all(|exception| exception["start"].is_object()));
}

/// Fails when a day off the pattern, or a cancelled one, can be read by an id made up for it.
#[test]
fn only_days_that_take_place_can_be_read() {
    let target = "/me/calendarView?startDateTime=2026-11-01&endDateTime=2026-12-01&$top=1000&$filter=subject eq 'Retrospective'";
    let answer = WORLD.get(target);
    let id = ids(answer.entries())[0];
    assert_eq!(WORLD.get(&format!("/me/events/{}", encoded(id))).status, 200);
    let mut bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE, id).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let made_up = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, bytes);
    let answer = WORLD.get(&format!("/me/events/{}", encoded(&made_up)));
    assert_eq!((answer.status, answer.error_code()), (404, "ErrorItemNotFound"));
}

/// Fails when a single event has instances.
#[test]
fn only_a_master_has_instances() {
    let singles = WORLD.get("/me/events?$filter=type eq 'singleInstance'&$top=1");
    let id = encoded(ids(singles.entries())[0]);
    let path = format!("/me/events/{id}/instances");
    let answer = WORLD.get(&format!("{path}?startDateTime=2026-01-01&endDateTime=2026-12-01"));
    assert_eq!((answer.status, answer.error_code()), (400, "ErrorInvalidRequest"));
}

fn moment() -> impl Strategy<Value = Timestamp> {
    // Half-hours of two years round the present, so that windows often end where events do.
    (0_i64..35_040).prop_map(|half_hours| Timestamp::from_second(1_767_225_600 + half_hours * 1_800).unwrap())
}

fn view(seat: usize, from: Timestamp, until: Timestamp) -> BTreeSet<String> {
    let target = format!("/me/calendarView?startDateTime={from}&endDateTime={until}&$top=1000&$select=id");
    let entries = WORLD.every_page(&WORLD.caller(0, seat), &target);
    let found: BTreeSet<String> = ids(&entries).into_iter().map(str::to_owned).collect();
    assert_eq!(found.len(), entries.len(), "something stands twice");
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when what lies on the border of two windows gets lost, or only one large window shows it.
    #[test]
    fn a_view_is_the_union_of_its_parts(seat in 0_usize..12, mut moments in prop::collection::vec(moment(), 3)) {
        moments.sort();
        let (first, middle, last) = (moments[0], moments[1], moments[2]);
        let mut parts = view(seat, first, middle);
        parts.extend(view(seat, middle, last));
        // A window without length shows what begins before and ends after it; the larger one does so too.
        prop_assert_eq!(parts, view(seat, first, last));
    }

    /// Fails when a page boundary loses or repeats an event, for any page size.
    #[test]
    fn pages_of_any_size_make_up_the_whole(size in 1_usize..300, ordered in prop::sample::select(vec!["", "&$orderby=start/dateTime"])) {
        let target = format!("/me/calendarView?startDateTime=2026-09-01&endDateTime=2027-01-01&$select=id{ordered}");
        let whole = WORLD.get(&format!("{target}&$top=1000&$count=true"));
        let paged = WORLD.every_page(&WORLD.caller(0, 0), &format!("{target}&$top={size}"));
        prop_assert_eq!(ids(&paged), ids(whole.entries()));
        prop_assert_eq!(&whole.body["@odata.count"], paged.len());
    }
}
