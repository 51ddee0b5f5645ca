//! The user's own time zone in a session that is new: which one times are told in, and what it costs.

use futures_util::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::world::{World, eventually};

const SEARCH: &str = "outlook_email_search";
const BERLIN: &str = "Europe/Berlin";
/// What a search of mail asks for.
const MESSAGES: &str = "/v1.0/me/messages";
/// The second of the two requests for the zone, behind `/me`.
const SCHEDULE: &str = "/me/calendar/getSchedule";

async fn zone_of_a_search(world: &World, token: &str) -> Value {
    world.answer(token, SEARCH, json!({ "limit": 1 })).await["understood"]["timeZone"].clone()
}

/// If this failed, the same call would tell other times as the first one of a session than as the second.
#[rstest]
#[case::mail(SEARCH, json!({ "limit": 2 }), "receivedUtc")]
#[case::files("sharepoint_list_folder", json!({ "uri": "me", "limit": 2 }), "modifiedUtc")]
#[case::found_files("sharepoint_search", json!({ "query": "budget", "kind": "file", "limit": 2 }), "modifiedUtc")]
#[case::list_items("sharepoint_list_items", json!({ "site": "root", "list": "Open points", "limit": 2 }), "modifiedUtc")]
#[case::messages("chat_message_search", json!({ "query": "steering", "limit": 2 }), "createdUtc")]
#[case::uri("read_resource", json!({ "uri": "mail:///folders/Inbox" }), "receivedUtc")]
#[actix_web::test]
async fn the_first_call_of_a_session_tells_times_in_the_users_own_zone(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] utc: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let first = world.answer(&token, tool, arguments.clone()).await;
    let told = utc.trim_end_matches("Utc");
    let item = first["items"].as_array().unwrap().iter().find(|item| item[utc].is_string());
    let item = item.unwrap_or_else(|| panic!("no times: {first}"));
    assert!(item[told].as_str().is_some_and(|time| time.ends_with(":00")), "{item}");
    let second = world.answer(&token, tool, arguments).await;
    let times = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().unwrap().iter().map(|item| item[told].clone()).collect()
    };
    assert_eq!(times(&first), times(&second));
}

/// If this failed, every session would begin with a search that takes three times as long, or every search would ask for
/// the zone again.
#[actix_web::test]
async fn a_search_asks_for_the_zone_once_and_meanwhile() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    assert_eq!(zone_of_a_search(&world, &token).await, BERLIN);
    let asked = world.graph_paths().await;
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!(asked[2], "/v1.0/me/calendar/getSchedule", "the search does not wait for it: {asked:?}");
    world.forget_requests().await;
    assert_eq!(zone_of_a_search(&world, &token).await, BERLIN);
    assert_eq!(world.graph_paths().await, [MESSAGES]);
}

/// If this failed, every session would begin with a search, or a folder, that takes as long as asking for the zone and its own
/// requests do one behind the other. Each of the two is answered only when it has been asked for longer than that: by the times
/// at which the simulator was asked, both were under way at once.
#[rstest]
#[case::search(SEARCH, json!({ "limit": 1 }), MESSAGES)]
#[case::folder("read_resource", json!({ "uri": "mail:///folders/Inbox" }), "/v1.0/me/mailFolders/inbox/messages")]
#[actix_web::test]
async fn the_zone_is_asked_for_beside_the_work(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] work: &str,
) {
    const DELAY_MS: i64 = 1_000;
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for route in ["/v1.0/me", work] {
        world.fault(json!({ "service": "graph", "route": route, "delay_ms": DELAY_MS })).await;
    }
    world.answer(&token, tool, arguments).await;
    let requests = world.requests().await;
    let asked = |path: &str| -> Timestamp {
        let request = requests.iter().find(|request| request["path"].as_str() == Some(path));
        let request = request.unwrap_or_else(|| panic!("{path} was not asked for: {requests:?}"));
        request["at"].as_str().unwrap().parse().unwrap()
    };
    let apart = asked("/v1.0/me").duration_since(asked(work)).abs();
    assert!(apart < SignedDuration::from_millis(DELAY_MS), "{apart:?} lie between the two");
    let last = world.graph_paths().await.pop();
    assert_eq!(last.as_deref(), Some("/v1.0/me/calendar/getSchedule"), "{requests:?}");
}

/// If this failed, a zone that is given, or that nothing is told in, would cost two requests.
#[rstest]
#[case::given(SEARCH, json!({ "limit": 1, "timeZone": "Asia/Tokyo" }))]
#[case::no_times("search_people", json!({ "query": "a", "limit": 1 }))]
#[case::no_times_behind_a_uri("read_resource", json!({ "uri": "user:///tomas.ferreira@larkmoor.example" }))]
#[case::names_of_folders("read_resource", json!({ "uri": "mail:///folders/" }))]
#[actix_web::test]
async fn a_zone_that_nobody_needs_is_not_asked_for(#[case] tool: &str, #[case] arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, tool, arguments).await;
    let asked = world.graph_paths().await;
    assert_eq!(asked.len(), 1, "{asked:?}");
}

/// If this failed, a search would be lost with the zone, its times be taken for the user's own, or a calendar that does not
/// help cost every call of the session two requests, and three seconds where it is slow.
#[rstest]
#[case::refused(json!({ "status": 403 }))]
#[case::failing(json!({ "status": 500 }))]
#[case::slow(json!({ "delay_ms": 20_000 }))]
#[case::without_working_hours(json!({ "body": { "value": [{ "scheduleId": "a" }] } }))]
#[case::in_a_zone_of_nowhere(json!({ "body": { "value": [{ "workingHours": { "timeZone": { "name": "Moon Standard Time" } } }] } }))]
#[case::garbled(json!({ "distort": "malformed" }))]
#[actix_web::test]
async fn a_calendar_that_does_not_help_is_left_alone_by_the_next_call(#[case] mut fault: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    fault["service"] = json!("graph");
    fault["path_prefix"] = json!(SCHEDULE);
    world.fault(fault).await;
    let first = world.answer(&token, SEARCH, json!({ "limit": 1 })).await;
    assert_eq!(first["understood"]["timeZone"], "UTC", "{first}");
    assert!(first["items"][0].get("received").is_none(), "{first}");
    assert!(world.graph_paths().await.iter().any(|path| path.ends_with(SCHEDULE)));

    world.clear_faults().await;
    world.forget_requests().await;
    assert_eq!(zone_of_a_search(&world, &token).await, "UTC");
    let days = json!({ "limit": 1, "afterDateTime": "yesterday" });
    assert_eq!(world.answer(&token, SEARCH, days).await["understood"]["timeZone"], "UTC");
    assert_eq!(world.graph_paths().await, [MESSAGES, MESSAGES]);
}

/// If this failed, a call that fails would be answered only when the zone is there or given up, seconds later; and because somebody
/// has erred, the session would be told times in UTC for a while.
#[actix_web::test]
async fn a_call_that_fails_does_not_wait_for_the_zone() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    // Longer than anybody waits for the zone: whoever waits in vain has the next calls go without.
    world.fault(json!({ "service": "graph", "route": "/v1.0/me", "delay_ms": 20_000 })).await;
    world.fault(json!({ "service": "graph", "route": MESSAGES, "status": 403 })).await;
    assert_eq!(world.error_code(&token, SEARCH, json!({ "limit": 1 })).await, "no_access");
    world.clear_faults().await;
    assert_eq!(zone_of_a_search(&world, &token).await, BERLIN);
}

/// If this failed, a client that begins with many calls at once would ask for the zone with each, or have some of them told
/// in UTC.
#[actix_web::test]
async fn of_many_first_calls_at_once_one_asks_for_the_zone() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let slow = json!({ "service": "graph", "path_prefix": SCHEDULE, "delay_ms": 400 });
    world.fault(slow).await;
    let days = json!({ "limit": 1, "afterDateTime": "400 days ago" });
    let calls = [json!({ "limit": 1 }), days].into_iter().cycle().take(6);
    let answers = join_all(calls.map(|arguments| world.answer(&token, SEARCH, arguments))).await;
    for answer in answers {
        assert_eq!(answer["understood"]["timeZone"], BERLIN, "{answer}");
    }
    let mut asked = world.graph_paths().await;
    asked.retain(|path| path != MESSAGES);
    assert_eq!(asked, ["/v1.0/me", "/v1.0/me/calendar/getSchedule"]);
}

/// If this failed, whoever waits for a call that its client has given up would be told UTC, or wait for nobody.
#[actix_web::test]
async fn another_call_asks_where_the_one_that_asks_is_given_up() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let stuck = json!({ "service": "graph", "path_prefix": SCHEDULE, "delay_ms": 20_000, "times": 1 });
    world.fault(stuck).await;
    let params = json!({ "name": SEARCH, "arguments": { "limit": 1 } });
    let given_up = tokio::spawn(world.modern(&token, "tools/call", params).send());
    let asks_for =
        async |what: &str| world.graph_paths().await.iter().filter(|path| path.ends_with(what)).count();
    eventually("the calendar is asked", async || asks_for(SCHEDULE).await == 1).await;

    let waits = async {
        eventually("the other call waits", async || asks_for(MESSAGES).await == 2).await;
        given_up.abort();
    };
    let (zone, ()) = join(zone_of_a_search(&world, &token), waits).await;
    assert_eq!((zone, asks_for(SCHEDULE).await), (json!(BERLIN), 2));
}

/// If this failed, a user whose app gets the permission would read times in UTC until the session ends.
#[actix_web::test]
async fn a_permission_that_comes_with_a_later_token_is_used() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let without = world.token_with_scopes(&person, "Mail.Read User.Read").await;
    assert_eq!(zone_of_a_search(&world, &without).await, "UTC");
    assert_eq!(world.graph_paths().await, [MESSAGES], "nobody asks in vain");
    world.clear_faults().await;
    let with = world.token(&person).await;
    assert_eq!(zone_of_a_search(&world, &with).await, BERLIN);
    assert_eq!(zone_of_a_search(&world, &without).await, BERLIN, "it is the user's own all the same");
}

/// Permissions with which nobody can ask for the zone, and all that the lists below need.
const WITHOUT_A_PROFILE: &str = "Mail.Read Calendars.Read Chat.Read ChannelMessage.Read.All Files.Read.All Sites.Read.All \
                                 OnlineMeetings.Read OnlineMeetingTranscript.Read.All OnlineMeetingAiInsight.Read.All";

/// Tokens of the same user: with the first one times are told in UTC, with the second one in the user's own zone.
pub(crate) async fn without_and_with_a_zone(world: &World) -> (String, String) {
    let person = world.person(0, 0);
    let without = world.token_with_scopes(&person, WITHOUT_A_PROFILE).await;
    // The lease that goes with it is had by its first call.
    world.answer(&without, "get_granted_scopes", json!({})).await;
    world.clear_faults().await;
    (without, world.token(&person).await)
}

/// If this failed, a list that begins before the zone is known would go on as another one: "today" would be other hours, and what
/// lies between would be left out or come twice.
#[rstest]
#[case::free_days("outlook_find_available_time", json!({
    "afterDateTime": "in 1 day", "beforeDateTime": "in 30 days", "durationMinutes": 1_440, "workingHoursOnly": false, "limit": 1,
}))]
#[case::chats("chat_message_search", json!({ "query": "steering", "afterDateTime": "200 days ago", "limit": 2 }))]
#[case::files("sharepoint_search", json!({ "query": "budget", "kind": "file", "afterDateTime": "900 days ago", "limit": 2 }))]
#[case::mail(SEARCH, json!({ "query": "report", "afterDateTime": "300 days ago", "beforeDateTime": "today", "limit": 3 }))]
#[case::events("outlook_calendar_search", json!({ "limit": 20 }))]
#[case::meetings("meetings_find", json!({ "subject": "stand-up", "afterDateTime": "16 days ago", "limit": 4 }))]
#[case::list_items("sharepoint_list_items", json!({ "site": "root", "list": "Open points", "limit": 5 }))]
#[actix_web::test]
async fn a_list_goes_on_in_the_zone_that_it_began_in(#[case] tool: &str, #[case] arguments: Value) {
    let world = World::start_with(without_limits).await;
    let (without, with) = without_and_with_a_zone(&world).await;
    let first = world.answer(&without, tool, arguments.clone()).await;
    assert_eq!(first["understood"]["timeZone"], "UTC", "{first}");
    let mut on = arguments.clone();
    on["cursor"] = first["nextCursor"].clone();
    assert!(on["cursor"].is_string(), "there is a second page: {first}");
    assert_eq!(zone_of_a_search(&world, &with).await, BERLIN);
    let second = world.answer(&with, tool, on.clone()).await;
    assert_eq!(second["understood"], first["understood"]);
    let (rest, _) = world.all_items(&with, tool, on).await;
    let mut in_utc = arguments;
    in_utc["timeZone"] = json!("UTC");
    let (whole, _) = world.all_items(&with, tool, in_utc).await;
    let begun = first["items"].as_array().unwrap().clone();
    assert_eq!([begun, rest].concat(), whole);
}
