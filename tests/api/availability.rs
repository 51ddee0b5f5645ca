//! When people have time, held against what stands in their calendars.

use jiff::Timestamp;
use m365_simulator::directory::User;
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing};
use crate::world::{Person, World};

const FREE: &str = "outlook_find_available_time";
const MEET: &str = "find_meeting_availability";

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("no time: {value}")).parse().unwrap()
}

/// When this one is taken, by Graph's own view. Of others a time is enough.
async fn taken(world: &World, person: &Person, understood: &Value) -> Vec<(Timestamp, Timestamp)> {
    let (start, end) = (moment(&understood["after"]), moment(&understood["before"]));
    let path = format!(
        "/me/calendarView?startDateTime={start}&endDateTime={end}&$top=1000&$filter=isAllDay eq false"
    );
    let view = world.graph(person, &path.replace(' ', "%20")).await;
    let events = view["value"].as_array().unwrap_or_else(|| panic!("{view}"));
    let at = |event: &Value, edge: &str| -> Timestamp {
        format!("{}Z", event[edge]["dateTime"].as_str().unwrap()).parse().unwrap()
    };
    let is_taken = |event: &&Value| matches!(event["showAs"].as_str().unwrap(), "busy" | "oof" | "tentative");
    events.iter().filter(is_taken).map(|event| (at(event, "start"), at(event, "end"))).collect()
}

fn overlaps(item: &Value, taken: &[(Timestamp, Timestamp)]) -> bool {
    let (start, end) = (moment(&item["startUtc"]), moment(&item["endUtc"]));
    taken.iter().any(|(from, until)| *from < end && start < *until && from < until)
}

/// If this failed, people would be told that they are free in a meeting, or at night.
#[actix_web::test]
async fn free_time_is_free_and_within_working_hours() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let arguments = json!({ "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days", "durationMinutes": 30, "limit": 50 });
    let answer = world.answer(&token, FREE, arguments).await;
    let items = answer["items"].as_array().unwrap();
    assert!(items.len() > 10, "{answer}");
    assert!(answer["understood"]["workingHours"].as_str().unwrap().contains("08:00-17:00"), "{answer}");
    let taken = taken(&world, &person, &answer["understood"]).await;
    assert!(!taken.is_empty());
    for item in items {
        assert!(!overlaps(item, &taken), "{item}");
        assert!(item["minutes"].as_i64().unwrap() >= 30, "{item}");
        let (start, end) = (&item["start"].as_str().unwrap()[11..16], &item["end"].as_str().unwrap()[11..16]);
        assert!(("08:00".."17:00").contains(&start) && end <= "17:00", "{item}");
    }
}

/// If this failed, a long list would lose times or repeat some.
#[actix_web::test]
async fn pages_of_free_time_follow_each_other() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = |limit: u32| json!({ "afterDateTime": "in 1 day", "beforeDateTime": "in 12 days", "durationMinutes": 15, "limit": limit });
    let (whole, one) = world.all_items(&token, FREE, arguments(50)).await;
    let (pieces, several) = world.all_items(&token, FREE, arguments(4)).await;
    assert_eq!(whole, pieces);
    assert!(one < several && several > 2, "{one} and {several} pages");
}

/// If this failed, whoever asks for days would be offered hours, or days with meetings.
#[actix_web::test]
async fn a_duration_of_days_means_whole_days() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let arguments = json!({
        "afterDateTime": "in 1 day", "beforeDateTime": "in 50 days", "durationMinutes": 1_440, "workingHoursOnly": false,
    });
    let answer = world.answer(&token, FREE, arguments).await;
    let items = answer["items"].as_array().unwrap();
    assert!(!items.is_empty(), "weekends are free: {answer}");
    assert!(answer["understood"].get("workingHours").is_none(), "{answer}");
    let zone = jiff::tz::TimeZone::get(answer["understood"]["timeZone"].as_str().unwrap()).unwrap();
    let day = |moment: Timestamp| moment.to_zoned_datetime(zone.clone()).date().to_string();
    let taken = taken(&world, &person, &answer["understood"]).await;
    // What ends at midnight does not take the day that begins then.
    let last_moment = |end: Timestamp| end.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
    let lasting = taken.iter().filter(|(start, end)| start < end);
    let taken: Vec<(String, String)> =
        lasting.map(|(start, end)| (day(*start), day(last_moment(*end)))).collect();
    assert!(!taken.is_empty());
    for item in items {
        let (first, last) = (item["firstDay"].as_str().unwrap(), item["lastDay"].as_str().unwrap());
        let meets = |(from, until): &&(String, String)| from.as_str() <= last && first <= until.as_str();
        assert_eq!(taken.iter().find(meets), None, "{item}");
        assert!(item["days"].as_u64().unwrap() >= 1 && item.get("startUtc").is_none(), "{item}");
    }
}

/// If this failed, somebody whose zone an old client has set up would be read in another.
#[actix_web::test]
async fn a_customized_zone_is_understood() {
    let world = World::start().await;
    let tenants = &world.stage.simulator.directory().tenants;
    let is_customized = |user: &User| user.preferred_language == "ga-IE";
    let found = tenants
        .iter()
        .enumerate()
        .find_map(|(tenant, listed)| Some((tenant, listed.users.iter().position(is_customized)?)));
    let (tenant, user) = found.expect("one user's zone is customized");
    let token = world.token(&world.person(tenant, user)).await;
    let arguments =
        json!({ "afterDateTime": "in 1 day", "beforeDateTime": "in 9 days", "durationMinutes": 15 });
    let answer = world.answer(&token, FREE, arguments).await;
    assert_eq!(answer["understood"]["timeZone"], "the user's own", "{answer}");
    assert!(answer["understood"]["workingHours"].as_str().unwrap().ends_with("the user's own"), "{answer}");
    assert!(!answer["items"].as_array().unwrap().is_empty(), "{answer}");
}

/// If this failed, a time without anything free would be an error.
#[actix_web::test]
async fn nothing_free_is_a_complete_answer() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    // A Saturday, whichever day it is today.
    let arguments =
        json!({ "afterDateTime": "2027-02-06", "beforeDateTime": "2027-02-07", "durationMinutes": 30 });
    let answer = world.answer(&token, FREE, arguments).await;
    assert_eq!(answer["completeness"], json!({ "state": "complete", "returned": 0, "total": 0 }));
}

/// If this failed, people would be told to meet when one of them can't.
#[actix_web::test]
async fn the_best_times_suit_everybody() {
    let world = World::start().await;
    let (person, other) = (world.person(0, 0), world.person(0, 1));
    let token = world.token(&person).await;
    let arguments = json!({
        "participants": [other.upn], "afterDateTime": "in 1 day", "beforeDateTime": "in 6 days", "durationMinutes": 60,
        "minimumAttendeePercentage": 100, "maxCandidates": 50,
    });
    let microsofts = world.answer(&token, MEET, arguments.clone()).await;
    assert!(world.graph_paths().await.contains(&"/v1.0/me/findMeetingTimes".to_owned()));
    let taken_by_both = [
        taken(&world, &person, &microsofts["understood"]).await,
        taken(&world, &other, &microsofts["understood"]).await,
    ];
    let alone = World::start().await;
    let token = alone.token_with_scopes(&alone.person(0, 0), "User.Read Calendars.Read").await;
    let own = alone.answer(&token, MEET, arguments).await;
    assert!(!alone.graph_paths().await.contains(&"/v1.0/me/findMeetingTimes".to_owned()));
    assert!(own["notes"].to_string().contains("Calendars.Read.Shared"), "{own}");

    for answer in [&microsofts, &own] {
        let items = answer["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{answer}");
        for item in items {
            assert_eq!(item["confidence"], 100, "{item}");
            assert_eq!(item["participants"][0]["address"], json!(other.upn));
            assert!(taken_by_both.iter().all(|taken| !overlaps(item, taken)), "{item}");
        }
    }
    let theirs = members(microsofts["items"].as_array().unwrap(), "startUtc");
    if microsofts["completeness"]["state"] == "complete" {
        // Microsoft does not offer a time in which something lies that lasts no time.
        let holds_a_moment = |item: &Value| {
            let span = moment(&item["startUtc"])..moment(&item["endUtc"]);
            taken_by_both.iter().flatten().any(|(from, until)| from == until && span.contains(from))
        };
        for item in own["items"].as_array().unwrap().iter().filter(|item| !holds_a_moment(item)) {
            assert!(theirs.contains(&item["startUtc"].as_str().unwrap()), "{item} {theirs:?}");
        }
    }
}

/// If this failed, people in five zones would not learn what the time is for each, or who can't come.
#[actix_web::test]
async fn people_of_several_zones_are_told_their_own_time() {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), "User.Read Calendars.Read").await;
    // Of Portugal, Poland, Vietnam, India and Japan.
    let participants: Vec<String> = [1, 3, 4, 7, 9].map(|user| world.person(0, user).upn).into();
    let arguments = json!({
        "participants": participants, "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days", "durationMinutes": 30,
        "minimumAttendeePercentage": 20, "maxCandidates": 5, "timeZone": "America/St_Johns", "locations": ["Room Larch", "nobody@larkmoor.example"],
    });
    let answer = world.answer(&token, MEET, arguments).await;
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 5, "{answer}");
    assert_eq!(answer["completeness"]["state"], "partial", "{answer}");
    let confidences: Vec<u64> = items.iter().map(|item| item["confidence"].as_u64().unwrap()).collect();
    assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
    for item in items {
        let mut zones = std::collections::BTreeSet::new();
        assert_eq!(members(item["participants"].as_array().unwrap(), "address"), participants);
        for participant in item["participants"].as_array().unwrap() {
            let local = participant["localStart"].as_str().unwrap_or_else(|| panic!("{participant}"));
            assert_eq!(local.parse::<Timestamp>().unwrap(), moment(&item["startUtc"]), "{participant}");
            zones.insert(local[19..].to_owned());
        }
        assert_eq!(zones.len(), 5, "{zones:?}");
        assert_eq!(
            item["locations"],
            json!([
                { "name": "Room Larch" }, { "name": "nobody@larkmoor.example", "availability": "unknown" },
            ])
        );
    }
}

/// If this failed, who grants calendars alone would have neither tool, or whoever grants the profile, too, would wait for
/// another answer than before.
#[rstest]
#[case::free_by_the_calendar(FREE, "Calendars.Read", &["/v1.0/me/calendar", "/v1.0/me/calendar/getSchedule"])]
#[case::free_by_the_profile(FREE, "Calendars.Read User.Read", &["/v1.0/me", "/v1.0/me/calendar/getSchedule"])]
#[case::meet_by_the_calendar(MEET, "Calendars.Read", &["/v1.0/me/calendar", "/v1.0/me/calendar/getSchedule"])]
#[case::meet_by_the_profile(MEET, "Calendars.Read User.Read", &["/v1.0/me", "/v1.0/me/calendar/getSchedule"])]
#[case::meet_by_microsoft(MEET, "Calendars.Read.Shared", &["/v1.0/me/findMeetingTimes"])]
#[actix_web::test]
async fn calendars_alone_are_enough(#[case] tool: &str, #[case] scopes: &str, #[case] asked: &[&str]) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_held_to(&person, scopes).await;
    let granted = world.answer(&token, "get_granted_scopes", json!({})).await;
    let state = granted["tools"].as_array().unwrap().iter().find(|state| state["name"] == tool).unwrap();
    assert_eq!(*state, json!({ "name": tool, "available": true }));
    world.forget_requests().await;
    let mut arguments = json!({
        "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days", "durationMinutes": 30, "timeZone": "Europe/Berlin",
    });
    if tool == MEET {
        arguments["participants"] = json!([world.person(0, 1).upn]);
    }
    let answer = world.answer(&token, tool, arguments).await;
    assert_eq!(world.graph_paths().await, asked);
    let items = answer["items"].as_array().unwrap();
    assert!(!items.is_empty(), "{answer}");
    // The view is read with all permissions.
    world.clear_faults().await;
    let taken = taken(&world, &person, &answer["understood"]).await;
    assert!(!taken.is_empty() && items.iter().all(|item| !overlaps(item, &taken)), "{answer}");
}

/// If this failed, a meeting of many people in one of many rooms would cost more requests than are stated, or leave some of them
/// out.
#[actix_web::test]
async fn as_many_people_and_rooms_as_there_may_be_are_asked_about_at_once() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_with_scopes(&person, "User.Read Calendars.Read").await;
    let people: Vec<String> = (0..20).map(|seat| format!("person{seat}@larkmoor.example")).collect();
    let rooms: Vec<String> = (0..10).map(|number| format!("room{number}@larkmoor.example")).collect();
    world.answer(&token, "get_granted_scopes", json!({})).await;
    world.forget_requests().await;
    let answer = world
        .answer(
            &token,
            MEET,
            json!({
                "participants": people, "locations": rooms, "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days",
                "durationMinutes": 30, "minimumAttendeePercentage": 1, "timeZone": "Europe/Berlin", "maxCandidates": 1,
            }),
        )
        .await;
    assert_eq!(world.graph_round_trips().await, 2, "{:?}", world.graph_paths().await);
    let item = &answer["items"][0];
    assert_eq!(item["participants"].as_array().map(Vec::len), Some(20), "{answer}");
    assert_eq!(item["locations"].as_array().map(Vec::len), Some(10), "{answer}");
}

/// If this failed, somebody without an address would be looked up under none, or told that a permission is missing.
#[actix_web::test]
async fn a_calendar_that_names_no_owner_is_no_mailbox() {
    let world = World::start().await;
    let token = world.token_held_to(&world.person(0, 0), "Calendars.Read").await;
    let unnamed = json!({ "id": "AAMk", "owner": null });
    world
        .fault(json!({ "service": "graph", "path_prefix": "/me/calendar", "status": 200, "body": unnamed }))
        .await;
    let arguments =
        json!({ "afterDateTime": "in 1 day", "beforeDateTime": "in 9 days", "durationMinutes": 30 });
    assert_eq!(world.error_code(&token, FREE, arguments).await, "not_licensed");
}

/// If this failed, nobody would learn why there is no time.
#[rstest]
#[case::by_microsoft("User.Read Calendars.Read Calendars.Read.Shared")]
#[case::worked_out("User.Read Calendars.Read")]
#[actix_web::test]
async fn no_time_comes_with_the_reason(#[case] scopes: &str) {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), scopes).await;
    let nobody = json!({
        "participants": ["nobody@larkmoor.example"], "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days",
        "durationMinutes": 30,
    });
    let answer = world.answer(&token, MEET, nobody.clone()).await;
    assert_eq!(answer["completeness"]["returned"], 0, "{answer}");
    assert_named(&answer);
    assert!(answer["notes"].to_string().contains("nothing is known of some"), "{answer}");
    let mut enough = nobody;
    enough["minimumAttendeePercentage"] = json!(40);
    let answer = world.answer(&token, MEET, enough).await;
    assert_eq!(answer["items"][0]["participants"][0]["availability"], "unknown", "{answer}");
    assert_eq!(answer["items"][0]["confidence"], 49, "{answer}");
    assert_named(&answer);
}

/// If this failed, a model would look for a mistake in addresses, where the app may not learn of whom nothing is known.
#[actix_web::test]
async fn of_whom_nothing_is_known_is_not_told_without_the_permission_for_it() {
    let world = World::start().await;
    let nobody = json!({
        "participants": ["nobody@larkmoor.example"], "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days",
        "durationMinutes": 30, "timeZone": "UTC",
    });
    let token = world.token_held_to(&world.person(0, 0), "User.Read Calendars.Read.Shared").await;
    let answer = world.answer(&token, MEET, nobody).await;
    assert_eq!(answer["completeness"]["returned"], 0, "{answer}");
    assert!(answer["notes"].to_string().contains("can't be asked: the app lacks Calendars.Read"), "{answer}");
    assert!(
        !world.graph_paths().await.iter().any(|path| path.ends_with("/getSchedule")),
        "it would be refused"
    );
}

/// Nobody's address, and why nothing is known of it.
fn assert_named(answer: &Value) {
    assert_eq!(answer["completeness"]["state"], "partial", "{answer}");
    let reason = answer["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("nobody@larkmoor.example (nobody of that address"), "{answer}");
}

/// If this failed, a time would be taken for one at which everybody can come, where nobody knows of somebody: a wrong address
/// would go unnoticed among right ones.
#[rstest]
#[case::by_microsoft("User.Read Calendars.Read Calendars.Read.Shared", "nobody of that address")]
#[case::without_reasons(
    "User.Read Calendars.Read.Shared",
    "why can't be asked: the app lacks Calendars.Read"
)]
#[case::worked_out("User.Read Calendars.Read", "nobody of that address")]
#[actix_web::test]
async fn of_whom_nothing_is_known_is_named_among_others(#[case] scopes: &str, #[case] why: &str) {
    let world = World::start().await;
    let token = world.token_held_to(&world.person(0, 0), scopes).await;
    let colleague = world.person(0, 1).upn;
    let asked = |participants: Value| {
        json!({
            "participants": participants, "afterDateTime": "in 1 day", "beforeDateTime": "in 15 days",
            "durationMinutes": 30, "minimumAttendeePercentage": 70, "maxCandidates": 3, "timeZone": "UTC",
        })
    };
    let answer = world.answer(&token, MEET, asked(json!([colleague, "Nobody@larkmoor.example"]))).await;
    let reason = answer["completeness"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("There "), "more times than were asked for: {answer}");
    assert!(reason.contains("Nothing is known of Nobody@larkmoor.example ("), "{answer}");
    assert!(reason.contains(why) && !reason.contains(&colleague), "{answer}");
    let answer = world.answer(&token, MEET, asked(json!([colleague]))).await;
    assert!(!answer["completeness"].to_string().contains("Nothing is known"), "{answer}");
}

/// If this failed, a model would be told something else than what went wrong.
#[rstest]
#[case::throttled(429, "TooManyRequests", "throttled")]
#[case::forbidden(403, "ErrorAccessDenied", "no_access")]
#[case::no_mailbox(404, "MailboxNotEnabledForRESTAPI", "not_licensed")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] code: &str, #[case] expected: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, "get_me", json!({})).await;
    world.fault(refusing(status, code)).await;
    let free = json!({ "afterDateTime": "tomorrow", "beforeDateTime": "in 2 days", "durationMinutes": 30, "timeZone": "UTC" });
    assert_eq!(world.error_code(&token, FREE, free.clone()).await, expected);
    let mut meet = free;
    meet["participants"] = json!(["adele@larkmoor.example"]);
    assert_eq!(world.error_code(&token, MEET, meet).await, expected);
}

/// If this failed, Graph would complain about what a caller could have been told here.
#[rstest]
#[case::too_long(FREE, json!({ "beforeDateTime": "in 90 days" }), "beforeDateTime")]
#[case::backwards(FREE, json!({ "beforeDateTime": "yesterday" }), "afterDateTime")]
#[case::too_short(FREE, json!({ "durationMinutes": 600, "beforeDateTime": "2027-02-06T09:00" , "afterDateTime": "2027-02-06" }), "durationMinutes")]
#[case::a_name(MEET, json!({ "participants": ["Adele"] }), "participants")]
#[case::nobody(MEET, json!({ "participants": [] }), "participants")]
#[case::too_many(MEET, json!({ "participants": vec!["a@b.example"; 21] }), "participants")]
#[actix_web::test]
async fn what_cannot_be_asked_is_named(#[case] tool: &str, #[case] more: Value, #[case] argument: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut arguments = json!({ "afterDateTime": "today", "beforeDateTime": "in 2 days", "durationMinutes": 30, "timeZone": "UTC" });
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let refused = world.call(&token, tool, arguments).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "invalid_arguments", "{refused}");
    assert!(error["why"].as_str().unwrap().starts_with(argument), "{refused}");
}
