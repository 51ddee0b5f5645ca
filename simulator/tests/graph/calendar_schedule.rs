//! The two POSTs that read: `getSchedule` and `findMeetingTimes`.

use m365_simulator::graph::{GraphMethod, Payload};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Answer, WORLD};

const SCHEDULE: &str = "/me/calendar/getSchedule";
const MEET: &str = "/me/findMeetingTimes";
const OWN: &str = "maja.lindqvist@larkmoor.example";

fn ask(target: &str, body: &Value) -> Answer {
    WORLD.post_as(&WORLD.caller(0, 0), target, &[], &body.to_string())
}

fn at(wall: &str) -> Value {
    json!({ "dateTime": wall, "timeZone": "UTC" })
}

fn schedules(addresses: &[&str], from: &str, until: &str, minutes: u64) -> Value {
    json!({
        "schedules": addresses,
        "startTime": at(from),
        "endTime": at(until),
        "availabilityViewInterval": minutes,
    })
}

/// Fails when a body that Graph refuses is answered, or refused with a code that clients don't know.
#[rstest]
#[case::no_body("", "BadRequest")]
#[case::no_json("{", "BadRequest")]
#[case::a_list("[]", "BadRequest")]
#[case::unknown_parameter(r#"{"schedules":["a@b.example"],"nope":1}"#, "BadRequest")]
#[case::no_schedules(
    r#"{"startTime":{"dateTime":"2026-11-01T00:00:00"},"endTime":{"dateTime":"2026-11-02T00:00:00"}}"#,
    "ErrorInvalidParameter"
)]
#[case::no_time(r#"{"schedules":["a@b.example"]}"#, "ErrorInvalidParameter")]
#[case::time_as_text(
    r#"{"schedules":["a@b.example"],"startTime":"2026-11-01","endTime":"2026-11-02"}"#,
    "BadRequest"
)]
#[case::unknown_zone(r#"{"schedules":["a@b.example"],"startTime":{"dateTime":"2026-11-01T00:00:00","timeZone":"Atlantis"},"endTime":{"dateTime":"2026-11-02T00:00:00"}}"#, "TimeZoneNotSupportedException")]
#[case::backwards(r#"{"schedules":["a@b.example"],"startTime":{"dateTime":"2026-11-02T00:00:00"},"endTime":{"dateTime":"2026-11-01T00:00:00"}}"#, "ErrorInvalidTimeInterval")]
#[case::sixty_three_days(r#"{"schedules":["a@b.example"],"startTime":{"dateTime":"2026-11-01T00:00:00"},"endTime":{"dateTime":"2027-01-03T00:00:00"}}"#, "ErrorTimeIntervalTooBig")]
#[case::four_minutes(r#"{"schedules":["a@b.example"],"startTime":{"dateTime":"2026-11-01T00:00:00"},"endTime":{"dateTime":"2026-11-02T00:00:00"},"availabilityViewInterval":4}"#, "ErrorInvalidMergedFreeBusyInterval")]
#[case::slot_beyond_the_window(r#"{"schedules":["a@b.example"],"startTime":{"dateTime":"2026-11-01T00:00:00"},"endTime":{"dateTime":"2026-11-01T00:30:00"},"availabilityViewInterval":60}"#, "ErrorInvalidMergedFreeBusyInterval")]
fn a_wrong_body_gets_graphs_own_error(#[case] body: &str, #[case] code: &str) {
    let answer = WORLD.post_as(&WORLD.caller(0, 0), SCHEDULE, &[], body);
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when a limit of the service is not kept.
#[test]
fn a_hundred_and_one_addresses_and_sixty_two_days_are_the_limits() {
    let many = vec!["a@b.example"; 101];
    let answer = ask(SCHEDULE, &schedules(&many, "2026-11-01T00:00:00", "2026-11-02T00:00:00", 30));
    assert_eq!((answer.status, answer.error_code()), (400, "ErrorMailboxDataArrayTooBig"));
    let longest = schedules(&many[..100], "2026-11-01T00:00:00", "2027-01-02T00:00:00", 1_440);
    assert_eq!(ask(SCHEDULE, &longest).status, 200);
}

/// Fails when the string and the items of a schedule say different things, slot by slot.
#[rstest]
#[case(5)]
#[case(30)]
#[case(60)]
#[case(45)]
fn the_availability_view_is_what_the_items_say(#[case] minutes: i64) {
    let body = schedules(&[OWN], "2026-11-23T06:00:00", "2026-12-04T20:00:00", minutes.unsigned_abs());
    let answer = ask(SCHEDULE, &body);
    let schedule = &answer.entries()[0];
    let second = |value: &Value| -> i64 {
        format!("{}Z", value["dateTime"].as_str().unwrap()).parse::<jiff::Timestamp>().unwrap().as_second()
    };
    let (first, last) = (second(&body["startTime"]), second(&body["endTime"]));
    let items = schedule["scheduleItems"].as_array().unwrap();
    let expected: String = (0..)
        .map(|slot| first + slot * minutes * 60)
        .take_while(|start| *start < last)
        .map(|start| {
            let within =
                |item: &&Value| second(&item["start"]) < start + minutes * 60 && second(&item["end"]) > start;
            let states: Vec<&str> =
                items.iter().filter(within).map(|item| item["status"].as_str().unwrap()).collect();
            let busiest = ["oof", "busy", "tentative"].into_iter().position(|state| states.contains(&state));
            busiest.map_or('0', |place| ['3', '2', '1'][place])
        })
        .collect();
    assert_eq!(schedule["availabilityView"], expected);
    assert!(expected.contains('2') && expected.contains('1') && expected.contains('0'), "{expected}");
}

/// Fails when a schedule tells strangers more than that somebody is busy, or friends less than they may see.
#[test]
fn a_schedule_shows_what_its_owner_shows() {
    let address = |seat: usize| WORLD.user(0, seat).upn.clone();
    let (reader, delegate, stranger) = (address(11), address(10), address(5));
    let of_two_months = |from: &str, until: &str| {
        ask(SCHEDULE, &schedules(&[&reader, &delegate, &stranger], from, until, 60))
    };
    let answers = [
        of_two_months("2026-08-05T00:00:00", "2026-10-05T00:00:00"),
        of_two_months("2026-10-05T00:00:00", "2026-12-05T00:00:00"),
    ];
    let items = |place: usize| -> Vec<Value> {
        let items = |answer: &Answer| answer.entries()[place]["scheduleItems"].as_array().unwrap().clone();
        answers.iter().flat_map(items).collect()
    };
    let private =
        |place: usize| items(place).into_iter().filter(|item| item["isPrivate"] == true).collect::<Vec<_>>();
    assert!(!private(0).is_empty() && private(0).iter().all(|item| item["subject"].is_null()));
    assert!(!private(1).is_empty() && private(1).iter().all(|item| item["subject"].is_string()));
    assert!(items(0).iter().any(|item| item["subject"] == "Weekly planning" && item["location"].is_string()));
    assert!(items(2).len() > 20);
    for item in items(2) {
        let names: Vec<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["end", "start", "status"]);
    }
}

/// Fails when one unknown address spoils the whole answer.
#[rstest]
#[case("nobody@larkmoor.example")]
#[case("wanjiru.kamau@baobabfreight.example")]
#[case("no address")]
fn an_unknown_address_has_its_error_inside_the_answer(#[case] address: &str) {
    let answer = ask(SCHEDULE, &schedules(&[address, OWN], "2026-11-23T06:00:00", "2026-11-24T06:00:00", 30));
    assert_eq!(answer.status, 200);
    let [unknown, known] = answer.entries() else { panic!("{:?}", answer.body) };
    assert_eq!(unknown["error"]["responseCode"], "ErrorMailRecipientNotFound");
    assert_eq!((&unknown["scheduleId"], &known["error"]), (&json!(address), &Value::Null));
    assert_eq!(known["workingHours"]["timeZone"]["name"], "W. Europe Standard Time");
    assert_eq!(known["workingHours"]["startTime"], "08:00:00.0000000");
}

/// Fails when everybody's working hours are named by Windows: a customized zone is described, not named.
#[test]
fn working_hours_may_be_in_a_customized_zone() {
    let caller = WORLD.caller(1, 6);
    let address = &WORLD.user(1, 6).upn;
    let body = schedules(&[address], "2026-11-23T06:00:00", "2026-11-24T06:00:00", 30).to_string();
    let answer = WORLD.post_as(&caller, SCHEDULE, &[], &body);
    let zone = &answer.entries()[0]["workingHours"]["timeZone"];
    assert_eq!(zone["@odata.type"], "#microsoft.graph.customTimeZone");
    assert_eq!((&zone["name"], &zone["bias"]), (&json!("Customized Time Zone"), &json!(0)));
    assert_eq!(zone["daylightOffset"]["daylightBias"], -60);
}

/// Fails when names have a case or quoted numbers are refused: Microsoft's own examples are written that way.
#[test]
fn bodies_are_read_as_leniently_as_graph_reads_them() {
    let plain = schedules(&[OWN], "2026-11-23T06:00:00", "2026-11-24T06:00:00", 15);
    let loud = json!({
        "Schedules": [OWN],
        "StartTime": { "DateTime": "2026-11-22T22:00:00", "TimeZone": "Pacific Standard Time" },
        "ENDTIME": { "dateTime": "2026-11-24T06:00:00Z", "timeZone": "Asia/Tokyo" },
        "availabilityViewInterval": "15",
    });
    assert_eq!(ask(SCHEDULE, &plain).body, ask(SCHEDULE, &loud).body);
}

/// Fails when the prepared answer of one body is given for another, or for another scope.
#[test]
fn every_body_has_its_own_answer() {
    let day = |day: &str| schedules(&[OWN], &format!("{day}T06:00:00"), &format!("{day}T20:00:00"), 30);
    let first = ask(SCHEDULE, &day("2026-11-24"));
    assert_ne!(first.body, ask(SCHEDULE, &day("2026-11-25")).body);
    assert_eq!(first.body, ask(SCHEDULE, &day("2026-11-24")).body);
    let without = WORLD.caller_with(0, 0, &["Calendars.Read.Shared"]);
    assert_eq!(WORLD.post_as(&without, SCHEDULE, &[], &day("2026-11-24").to_string()).status, 403);
}

/// Fails when a POST that could write is answered with anything but 405.
#[rstest]
#[case("/me/events")]
#[case("/me/calendar")]
#[case("/me/calendars")]
#[case("/me/calendarView")]
#[case("/me/messages")]
#[case("/me/sendMail")]
#[case("/me/calendars/x/getSchedule")]
fn every_other_post_is_refused(#[case] target: &str) {
    let answer = ask(target, &json!({}));
    assert_eq!((answer.status, answer.error_code()), (405, "Request_BadRequest"), "{:?}", answer.body);
}

/// Fails when a form is read as JSON.
#[test]
fn only_json_is_read() {
    let payload = Payload { content_type: Some("text/plain"), bytes: b"{}" };
    let answer = WORLD.send(&WORLD.caller(0, 0), GraphMethod::Post(payload), SCHEDULE, &[]);
    assert_eq!(answer.status, 400);
}

fn meeting(attendees: &[&str], extra: &Value) -> Value {
    let mut body = json!({
        "attendees": attendees.iter().map(|address| json!({ "type": "required", "emailAddress": { "address": address } })).collect::<Vec<_>>(),
        "timeConstraint": { "timeSlots": [{ "start": at("2026-11-24T00:00:00"), "end": at("2026-11-27T23:00:00") }] },
        "meetingDuration": "PT1H",
    });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn suggestions(answer: &Answer) -> &[Value] {
    answer.body["meetingTimeSuggestions"].as_array().unwrap()
}

/// Fails when a suggestion falls into somebody's meeting: it is checked against `getSchedule`.
#[test]
fn a_certain_suggestion_is_free_for_everybody() {
    let colleague = &WORLD.user(0, 1).upn;
    let answer = ask(
        MEET,
        &meeting(
            &[colleague],
            &json!({ "minimumAttendeePercentage": "100", "returnSuggestionReasons": "true" }),
        ),
    );
    assert!(!suggestions(&answer).is_empty() && answer.body["emptySuggestionsReason"] == "");
    for (place, suggestion) in suggestions(&answer).iter().enumerate() {
        assert_eq!((&suggestion["order"], &suggestion["confidence"]), (&json!(place + 1), &json!(100.0)));
        assert!(suggestion["suggestionReason"].as_str().unwrap().starts_with("Suggested because"));
        let slot = &suggestion["meetingTimeSlot"];
        let time = |edge: &str| slot[edge]["dateTime"].as_str().unwrap();
        let body = schedules(&[colleague, OWN], time("start"), time("end"), 60);
        let schedules = ask(SCHEDULE, &body);
        assert_eq!(schedules.entries()[0]["availabilityView"], "0", "{slot}");
        assert!(["0", "1"].contains(&schedules.entries()[1]["availabilityView"].as_str().unwrap()));
    }
    let starts: Vec<&str> = suggestions(&answer)
        .iter()
        .map(|suggestion| suggestion.pointer("/meetingTimeSlot/start/dateTime").unwrap().as_str().unwrap())
        .collect();
    assert!(starts.is_sorted());
}

/// Fails when what nobody knows counts as free or as busy: it is worth 49 of a hundred.
#[test]
fn confidence_is_the_mean_of_what_is_known() {
    let (colleague, stranger) = (&WORLD.user(0, 1).upn, "pilar@echeverria-papel.example");
    let both = [colleague.as_str(), stranger];
    let answer = ask(MEET, &meeting(&both, &json!({ "minimumAttendeePercentage": 70, "maxCandidates": 3 })));
    assert_eq!(suggestions(&answer).len(), 3);
    assert!(suggestions(&answer).iter().all(|suggestion| suggestion["confidence"] == 74.5));
    let none = ask(MEET, &meeting(&both, &json!({ "minimumAttendeePercentage": 80 })));
    assert!(suggestions(&none).is_empty());
    assert_eq!(none.body["emptySuggestionsReason"], "attendeesUnavailableOrUnknown");
}

/// Fails when the organizer's working hours are not kept, or kept where they should not be.
#[rstest]
#[case("work", |hour: i32| (7..=15).contains(&hour))]
#[case("unrestricted", |hour: i32| (0..24).contains(&hour))]
fn suggestions_keep_to_the_hours_asked_for(#[case] domain: &str, #[case] fits: fn(i32) -> bool) {
    let mut body = meeting(&[], &json!({ "maxCandidates": 200 }));
    body["timeConstraint"]["activityDomain"] = json!(domain);
    let answer = ask(MEET, &body);
    let hours: Vec<i32> = suggestions(&answer)
        .iter()
        .map(|suggestion| {
            suggestion.pointer("/meetingTimeSlot/start/dateTime").unwrap().as_str().unwrap()[11..13]
                .parse()
                .unwrap()
        })
        .collect();
    assert!(hours.len() > 5 && hours.iter().all(|hour| fits(*hour)), "{hours:?}");
    assert_eq!(hours.iter().any(|hour| *hour < 6), domain == "unrestricted");
}

/// Fails when the scope, the owner or the body are not looked at.
#[test]
fn finding_times_needs_the_shared_scope_and_ones_own_calendar() {
    let body = meeting(&[], &json!({})).to_string();
    let reader = WORLD.caller_with(0, 0, &["Calendars.Read"]);
    assert_eq!(WORLD.post_as(&reader, MEET, &[], &body).error_code(), "ErrorAccessDenied");
    let shared = WORLD.caller_with(0, 0, &["Calendars.Read.Shared"]);
    assert_eq!(WORLD.post_as(&shared, MEET, &[], &body).status, 200);
    let other = format!("/users/{}/findMeetingTimes", WORLD.user(0, 11).upn);
    assert_eq!(WORLD.post_as(&shared, &other, &[], &body).error_code(), "ErrorAccessDenied");
    for wrong in
        [json!({ "meetingDuration": "an hour" }), json!({ "attendees": [{}] }), json!({ "maxCandidates": 0 })]
    {
        assert_eq!(WORLD.post_as(&shared, MEET, &[], &wrong.to_string()).status, 400, "{wrong}");
    }
}
