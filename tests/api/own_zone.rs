//! The user's own time zone in a session that is new: which one times are told in, and what it costs.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

const SEARCH: &str = "outlook_email_search";
const BERLIN: &str = "Europe/Berlin";

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
    assert_eq!(world.graph_paths().await, ["/v1.0/me/messages"]);
}

/// If this failed, a zone that is given, or that nothing is told in, would cost two requests.
#[rstest]
#[case::given(SEARCH, json!({ "limit": 1, "timeZone": "Asia/Tokyo" }))]
#[case::no_times("search_people", json!({ "query": "a", "limit": 1 }))]
#[case::no_times_behind_a_uri("read_resource", json!({ "uri": "user:///tomas.ferreira@larkmoor.example" }))]
#[actix_web::test]
async fn a_zone_that_nobody_needs_is_not_asked_for(#[case] tool: &str, #[case] arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, tool, arguments).await;
    let asked = world.graph_paths().await;
    assert_eq!(asked.len(), 1, "{asked:?}");
}

/// If this failed, a search would be lost with the zone, or its times be taken for the user's own.
#[rstest]
#[case::refused_for_good(json!({ "status": 403, "path_prefix": "/me/calendar/getSchedule" }), "UTC")]
#[case::for_once(json!({ "status": 500, "path_prefix": "/me/calendar/getSchedule", "times": 2 }), BERLIN)]
#[actix_web::test]
async fn a_search_without_the_zone_is_told_in_utc_and_says_so(#[case] fault: Value, #[case] later: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut fault = fault;
    fault["service"] = json!("graph");
    world.fault(fault).await;
    let first = world.answer(&token, SEARCH, json!({ "limit": 1 })).await;
    assert_eq!(first["understood"]["timeZone"], "UTC", "{first}");
    assert!(first["items"][0].get("received").is_none(), "{first}");
    assert_eq!(zone_of_a_search(&world, &token).await, later);
}
