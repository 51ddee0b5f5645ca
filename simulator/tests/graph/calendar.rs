//! Calendars and events: what lists, views and single events show, and what they refuse.

use m365_simulator::graph::{GraphMethod, canary};
use rstest::rstest;
use serde_json::Value;

use crate::world::{SEED, WORLD, World, encoded, ids};

pub(crate) const YEAR: &str = "startDateTime=2026-05-01T00:00:00Z&endDateTime=2027-04-30T00:00:00Z";

fn text<'a>(event: &'a Value, pointer: &str) -> &'a str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn whole_view() -> Vec<Value> {
    WORLD.get(&format!("/me/calendarView?{YEAR}&$top=1000")).entries().to_vec()
}

/// The first event of the first user's view that fits.
fn some_event(fits: impl Fn(&Value) -> bool) -> Value {
    whole_view().into_iter().find(|event| fits(event)).unwrap()
}

/// Fails when a request that Graph refuses is answered, or refused with a code that clients don't know.
#[rstest]
#[case::no_window("/me/calendarView", 400, "ErrorInvalidParameter")]
#[case::half_a_window("/me/calendarView?startDateTime=2026-11-01", 400, "ErrorInvalidParameter")]
#[case::no_time("/me/calendarView?startDateTime=soon&endDateTime=2026-12-01", 400, "ErrorInvalidParameter")]
#[case::plus_not_encoded(
    "/me/calendarView?startDateTime=2026-11-01T00:00:00+01:00&endDateTime=2026-12-01",
    400,
    "ErrorInvalidParameter"
)]
#[case::backwards(
    "/me/calendarView?startDateTime=2026-12-01&endDateTime=2026-11-01",
    400,
    "ErrorCalendarEndDateIsEarlierThanStartDate"
)]
#[case::six_years(
    "/me/calendarView?startDateTime=2021-01-01&endDateTime=2027-01-01",
    400,
    "ErrorInvalidRequest"
)]
#[case::searched("/me/events?$search=%22budget%22", 400, "SearchEvents")]
#[case::unquoted_time("/me/events?$filter=start/dateTime ge 2026-11-01T00:00:00Z", 400, "BadRequest")]
#[case::by_attendee(
    "/me/events?$filter=attendees/any(a:a/emailAddress/address eq 'x@y.example')",
    400,
    "ErrorInvalidUrlQueryFilter"
)]
#[case::by_organizer(
    "/me/events?$filter=organizer/emailAddress/address eq 'x@y.example'",
    400,
    "ErrorInvalidUrlQueryFilter"
)]
#[case::unknown_property("/me/events?$filter=subjekt eq 'x'", 400, "RequestBroker--ParseUri")]
#[case::unknown_selected("/me/events?$select=subjekt", 400, "BadRequest")]
#[case::unknown_expanded("/me/events?$expand=messages", 400, "BadRequest")]
#[case::too_many("/me/events?$top=1001", 400, "BadRequest")]
#[case::malformed_id("/me/events/abc", 400, "ErrorInvalidIdMalformed")]
#[case::malformed_calendar("/me/calendars/abc/events", 400, "ErrorInvalidIdMalformed")]
#[case::unknown_segment("/me/calendar/happenings", 400, "BadRequest")]
#[case::an_action_is_no_resource("/me/calendar/getSchedule", 405, "Request_BadRequest")]
fn what_graph_refuses_is_refused_with_its_code(
    #[case] target: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when a zone is understood that Exchange does not know, or the other way round.
#[rstest]
#[case::windows("Pacific Standard Time", "2026-11-23T07:00:00")]
#[case::iana("Asia/Kolkata", "2026-11-23T20:30:00")]
#[case::any_case("w. europe standard time", "2026-11-23T16:00:00")]
#[case::utc("UTC", "2026-11-23T15:00:00")]
fn times_are_shown_in_the_preferred_zone(#[case] zone: &str, #[case] at_fifteen_utc: &str) {
    let preference = format!("outlook.timezone=\"{zone}\"");
    let target = "/me/calendarView?startDateTime=2026-11-01&endDateTime=2026-12-20&$top=1000";
    let shown = WORLD.get_preferring(&WORLD.caller(0, 0), target, &[&preference]);
    assert_eq!(shown.header("preference-applied"), Some(preference.as_str()));
    let plain = WORLD.get(target);
    assert_eq!(ids(shown.entries()), ids(plain.entries()));
    let offset = minutes(at_fifteen_utc) - minutes("2026-11-23T15:00:00");
    let timed =
        || shown.entries().iter().zip(plain.entries()).filter(|(event, _)| event["isAllDay"] == false);
    assert!(timed().count() > 20);
    for (event, utc) in timed() {
        assert_eq!(event["start"]["timeZone"], zone);
        assert_eq!(minutes(text(event, "/start/dateTime")), minutes(text(utc, "/start/dateTime")) + offset);
    }
}

fn minutes(wall: &str) -> i64 {
    let wall: jiff::civil::DateTime = wall.parse().unwrap();
    jiff::tz::TimeZone::UTC.to_timestamp(wall).unwrap().as_second() / 60
}

/// Fails when an unknown zone is passed over: times would be read as if they were in it.
#[test]
fn an_unknown_zone_is_refused() {
    let answer =
        WORLD.get_preferring(&WORLD.caller(0, 0), "/me/events", &["outlook.timezone=\"Middle Earth\""]);
    assert_eq!((answer.status, answer.error_code()), (400, "TimeZoneNotSupportedException"));
}

/// Fails when a zone is offered that is not taken.
#[test]
fn every_supported_zone_is_taken() {
    let zones = WORLD.get("/me/outlook/supportedTimeZones");
    assert!(zones.entries().len() > 130);
    for zone in zones.entries() {
        let preference = format!("outlook.timezone=\"{}\"", text(zone, "/alias"));
        let answer = WORLD.get_preferring(&WORLD.caller(0, 0), "/me/events?$top=1", &[&preference]);
        assert_eq!(answer.header("preference-applied"), Some(preference.as_str()), "{:?}", answer.body);
    }
    let without = WORLD.caller_with(0, 0, &["Calendars.Read"]);
    assert_eq!(WORLD.get_as(&without, "/me/outlook/supportedTimeZones").status, 403);
}

/// Fails when a day off moves to the evening before: a whole day is midnight to midnight in every zone.
#[test]
fn a_whole_day_stays_a_whole_day_in_every_zone() {
    for zone in ["UTC", "Pacific Standard Time", "Tokyo Standard Time"] {
        let preference = format!("outlook.timezone=\"{zone}\"");
        let target = format!("/me/calendarView?{YEAR}&$filter=isAllDay eq true&$top=1000");
        let answer = WORLD.get_preferring(&WORLD.caller(0, 0), &target, &[&preference]);
        assert!(answer.entries().len() >= 3);
        for event in answer.entries() {
            for edge in ["/start/dateTime", "/end/dateTime"] {
                assert!(text(event, edge).ends_with("T00:00:00.0000000"), "{event}");
            }
        }
    }
}

/// Fails when the filter lets through other events than a plain reading of it would.
#[rstest]
#[case("subject eq 'weekly planning'", |e: &Value| e["subject"] == "Weekly planning")]
#[case("contains(subject,'stand')", |e: &Value| text(e, "/subject").contains("stand"))]
#[case("start/dateTime ge '2026-12-01T00:00:00Z' and isAllDay eq false", |e: &Value| e["isAllDay"] == false && text(e, "/start/dateTime") >= "2026-12-01")]
#[case("start/dateTime lt '2026-11-01' and isAllDay eq false", |e: &Value| e["isAllDay"] == false && text(e, "/start/dateTime") < "2026-11-01")]
#[case("isCancelled eq true", |e: &Value| e["isCancelled"] == true)]
#[case("type eq 'exception'", |e: &Value| e["type"] == "exception")]
#[case("showAs eq 'oof' or sensitivity eq 'private'", |e: &Value| e["showAs"] == "oof" || e["sensitivity"] == "private")]
#[case("isOrganizer eq true and isOnlineMeeting eq true", |e: &Value| e["isOrganizer"] == true && e["isOnlineMeeting"] == true)]
#[case("categories/any(c:c eq 'Projects')", |e: &Value| e["categories"][0] == "Projects")]
fn a_filter_keeps_what_it_says(#[case] filter: &str, #[case] expected: fn(&Value) -> bool) {
    let answer = WORLD.get(&format!("/me/calendarView?{YEAR}&$top=1000&$filter={}", encoded(filter)));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let whole = whole_view();
    let wanted: Vec<Value> = whole.iter().filter(|event| expected(event)).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < whole.len(), "the case would prove nothing");
    assert_eq!(ids(answer.entries()), ids(&wanted));
}

/// Fails when the order asked for is not the order given; a view in order by itself would hide that nobody asked.
#[test]
fn events_come_in_order_only_where_it_is_asked_for() {
    let starts = |target: &str| -> Vec<String> {
        WORLD.get(target).entries().iter().map(|event| text(event, "/start/dateTime").to_owned()).collect()
    };
    let timed = format!("/me/calendarView?{YEAR}&$top=1000&$filter=isAllDay eq false");
    let mut sorted = starts(&timed);
    sorted.sort();
    assert_ne!(starts(&timed), sorted);
    assert_eq!(starts(&format!("{timed}&$orderby=start/dateTime")), sorted);
    sorted.reverse();
    assert_eq!(starts(&format!("{timed}&$orderby=start/dateTime desc")), sorted);
}

/// Fails when a view gives what its documentation says it does not.
#[test]
fn a_view_does_not_let_its_dates_be_selected() {
    let picked = WORLD.get(&format!("/me/calendarView?{YEAR}&$select=subject,createdDateTime"));
    let event = &picked.entries()[0];
    assert!(event["subject"].is_string() && event["id"].is_string() && event["start"].is_null());
    assert_eq!(event["createdDateTime"], Value::Null);
    assert!(WORLD.get(&format!("/me/calendarView?{YEAR}")).entries()[0]["createdDateTime"].is_string());
    assert!(WORLD.get("/me/events?$select=createdDateTime").entries()[0]["createdDateTime"].is_string());
}

/// Fails when masters and occurrences are mixed up between lists and views.
#[test]
fn lists_hold_masters_and_views_hold_occurrences() {
    let types = |events: &[Value]| -> std::collections::BTreeSet<String> {
        events.iter().map(|event| text(event, "/type").to_owned()).collect()
    };
    let listed = WORLD.get("/me/events?$top=1000");
    assert_eq!(Vec::from_iter(types(listed.entries())), ["seriesMaster", "singleInstance"]);
    assert_eq!(Vec::from_iter(types(&whole_view())), ["exception", "occurrence", "singleInstance"]);
    for event in listed.entries() {
        assert_eq!(event["type"] == "seriesMaster", event["recurrence"].is_object());
    }
}

/// Fails when an event can't be read again by either of its ids, or an occurrence does not know its master.
#[rstest]
#[case("occurrence")]
#[case("exception")]
#[case("singleInstance")]
fn an_event_is_found_by_both_of_its_ids(#[case] type_name: &str) {
    let caller = WORLD.caller(0, 0);
    let target = format!("/me/calendarView?{YEAR}&$filter=type eq '{type_name}'&$top=1");
    let ordinary = WORLD.get_as(&caller, &target);
    let immutable = WORLD.get_preferring(&caller, &target, &["IdType=\"ImmutableId\""]);
    assert_ne!(ids(ordinary.entries()), ids(immutable.entries()));
    for event in [&ordinary.entries()[0], &immutable.entries()[0]] {
        let found = WORLD.get(&format!("/me/events/{}", encoded(text(event, "/id"))));
        assert_eq!((&found.body["subject"], &found.body["start"]), (&event["subject"], &event["start"]));
        assert_eq!(found.body["iCalUId"], event["iCalUId"]);
        if let Some(master) = event["seriesMasterId"].as_str() {
            let master = WORLD.get(&format!("/me/calendar/events/{}", encoded(master)));
            assert_eq!(master.body["type"], "seriesMaster");
        }
    }
}

/// Fails when calendars can't be told apart, or an event is found in one where it does not lie.
#[test]
fn every_calendar_holds_its_own_events() {
    let calendars = WORLD.get("/me/calendars");
    assert_eq!(calendars.entries()[0]["isDefaultCalendar"], true);
    assert_eq!(WORLD.get("/me/calendar").body["id"], calendars.entries()[0]["id"]);
    let events = |calendar: &Value| {
        let id = encoded(text(calendar, "/id"));
        WORLD.get(&format!("/me/calendars/{id}/events?$top=1000")).entries().to_vec()
    };
    assert_eq!(events(&calendars.entries()[0]).len(), WORLD.get("/me/events?$top=1000").entries().len());
    let elsewhere = events(&calendars.entries()[1]);
    let id = encoded(ids(&elsewhere)[0]);
    assert_eq!(WORLD.get(&format!("/me/events/{id}")).status, 200);
    let misplaced = WORLD.get(&format!("/me/calendar/events/{id}"));
    assert_eq!((misplaced.status, misplaced.error_code()), (404, "ErrorItemNotFound"));
    let groups = WORLD.get("/me/calendarGroups");
    let mut grouped = 0;
    for group in ids(groups.entries()) {
        grouped += WORLD.get(&format!("/me/calendarGroups/{}/calendars", encoded(group))).entries().len();
    }
    assert_eq!(grouped, calendars.entries().len());
}

/// Fails when one of the three kinds of attachments loses its shape, or its content can't be read.
#[test]
fn attachments_are_of_three_kinds() {
    let event = some_event(|event| event["subject"] == "Journey to the third site");
    let path = format!("/me/events/{}/attachments", encoded(text(&event, "/id")));
    let answer = WORLD.get(&path);
    let kinds: Vec<&str> = answer.entries().iter().map(|kept| text(kept, "/@odata.type")).collect();
    let named = |kind: &str| format!("#microsoft.graph.{kind}Attachment");
    assert_eq!(kinds, [named("file"), named("item"), named("reference")]);
    let value = |place: usize| {
        let id = encoded(ids(answer.entries())[place]);
        WORLD.send(&WORLD.caller(0, 0), GraphMethod::Get, &format!("{path}/{id}/$value"), &[])
    };
    assert!(value(0).headers.contains(&("content-type", "text/plain".to_owned())));
    assert!(String::from_utf8_lossy(&value(0).body).contains("timetable"));
    assert!(value(1).headers.contains(&("content-type", "message/rfc822".to_owned())));
    assert_eq!(value(2).status, 400);
    let item = encoded(ids(answer.entries())[1]);
    let opened = WORLD.get(&format!("{path}/{item}?$expand=microsoft.graph.itemattachment/item"));
    assert_eq!(opened.body["item"]["@odata.type"], "#microsoft.graph.message");
    let light = WORLD.get(&format!("{path}?$select=id,name,size"));
    assert!(light.entries().iter().all(|kept| kept["contentBytes"].is_null() && kept["size"].is_u64()));
    let expanded = WORLD.get(&format!("/me/events/{}?$expand=attachments", encoded(text(&event, "/id"))));
    assert_eq!(expanded.body["attachments"].as_array().unwrap().len(), 3);
}

/// Fails when bodies come as HTML to whoever asked for text, or without the mark of their owner.
#[test]
fn bodies_come_as_asked_and_marked() {
    let caller = WORLD.caller(0, 0);
    let mark = canary(caller.tenant, caller.user);
    let target = "/me/events?$top=1000&$select=body,bodyPreview";
    for (preference, kind) in [("outlook.body-content-type=\"text\"", "text"), ("x=y", "html")] {
        let answer = WORLD.get_preferring(&caller, target, &[preference]);
        for event in answer.entries() {
            assert_eq!(event["body"]["contentType"], kind);
            assert!(text(event, "/body/content").contains(&mark));
            assert_eq!(text(event, "/body/content").contains("<html>"), kind == "html");
            assert!(text(event, "/bodyPreview").chars().count() <= 255);
        }
    }
}

/// Fails when colleagues meet in different meetings: who takes part, where to join and when must agree.
#[test]
fn a_meeting_is_the_same_in_every_calendar() {
    let target = "/me/events?$top=1000&$filter=subject eq 'Weekly planning'";
    let copies: Vec<Value> =
        (0..6).map(|seat| WORLD.get_as(&WORLD.caller(0, seat), target).entries()[0].clone()).collect();
    for copy in &copies {
        for same in ["iCalUId", "onlineMeeting", "start", "end", "organizer", "recurrence"] {
            assert_eq!(copy[same], copies[0][same], "{same}");
        }
        assert!(
            text(copy, "/onlineMeeting/joinUrl").starts_with("https://teams.microsoft.com/l/meetup-join/")
        );
    }
    assert_eq!(copies.iter().filter(|copy| copy["isOrganizer"] == true).count(), 1);
    assert_eq!(copies.iter().filter(|copy| copy["responseStatus"]["response"] == "organizer").count(), 1);
}

/// Fails when the generator no longer makes what tools have to cope with.
#[test]
fn a_calendar_is_worth_searching() {
    for (tenant, seat) in [(0, 0), (1, 5), (2, 11)] {
        let target = format!("/me/calendarView?{YEAR}&$top=1000");
        let answer = WORLD.get_as(&WORLD.caller(tenant, seat), &target);
        let some = |fits: &dyn Fn(&Value) -> bool| answer.entries().iter().any(fits);
        assert!(answer.entries().len() > 300 && answer.body["@odata.nextLink"].is_null());
        assert!(some(&|event| event["isCancelled"] == true));
        assert!(some(
            &|event| event["hideAttendees"] == true && event["attendees"].as_array().unwrap().len() == 1
        ));
        assert!(some(&|event| event["sensitivity"] == "private"));
        assert!(some(&|event| event["locations"].as_array().unwrap().len() == 2));
        assert!(some(&|event| event["start"] == event["end"]), "nothing without length");
        for hostile in ["ignore previous instructions", "\u{202e}", "\u{200b}", "\u{e0069}", "<script>"] {
            assert!(
                some(&|event| text(event, "/subject").contains(hostile)
                    || text(event, "/location/displayName").contains(hostile)
                    || text(event, "/body/content").contains(hostile)),
                "{hostile}"
            );
        }
        let (past, future) = ("2026-11-23", "2026-11-24");
        assert!(some(&|event| text(event, "/start/dateTime") < past));
        assert!(some(&|event| text(event, "/start/dateTime") > future));
    }
}

/// Fails when a run can't be repeated: a seed that found a fault must find it again.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (again, other) = (World::generate(SEED), World::generate(SEED + 1));
    for target in ["/me/calendars", "/me/events?$top=1000", &format!("/me/calendarView?{YEAR}&$top=1000")] {
        let body = |world: &World| world.raw(&world.caller(2, 3), target, &[]).body;
        assert_eq!(body(&WORLD), body(&again));
        assert_ne!(body(&WORLD), body(&other));
    }
}
