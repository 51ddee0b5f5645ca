//! Where what others wrote comes from, on every item of what people write together.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

/// The origins that stand at `member` of each item; every item has one.
fn origins<'v>(items: &'v Value, member: &str) -> BTreeSet<&'v str> {
    let items = items.as_array().unwrap_or_else(|| panic!("no list: {items}"));
    assert!(!items.is_empty(), "nothing to look at");
    let origin = |item: &'v Value| {
        let origin = if member.is_empty() { &item["origin"] } else { &item[member]["origin"] };
        origin.as_str().unwrap_or_else(|| panic!("no origin: {item}"))
    };
    items.iter().map(origin).collect()
}

/// If this failed, a model could not tell what a colleague has written from what a stranger has.
#[rstest]
#[case::files("sharepoint_search", json!({ "query": "*", "kind": "file", "limit": 50 }), "", "internal")]
#[case::pages("sharepoint_search", json!({ "query": "*", "kind": "page", "limit": 50 }), "", "internal")]
#[case::entries("sharepoint_list_items", json!({ "site": "root", "list": "Open points" }), "", "internal")]
#[case::folder("sharepoint_list_folder", json!({ "uri": "me" }), "", "internal")]
#[case::meetings("meetings_find", json!({ "subject": "stand-up" }), "", "internal")]
#[case::messages("chat_message_search", json!({ "query": "SYSTEM", "sender": "Rowan Ashgrove" }), "from", "external")]
#[actix_web::test]
async fn every_item_says_where_it_comes_from(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] member: &str,
    #[case] expected: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let list = world.answer(&token, tool, arguments).await;
    let seen = origins(&list["items"], member);
    assert!(seen.contains(expected), "{seen:?}: {list}");
    assert!(seen.is_subset(&BTreeSet::from(["internal", "external", "unknown"])), "{seen:?}");
}

/// If this failed, somebody who has chosen a colleague's name for a meeting would pass for that colleague.
#[actix_web::test]
async fn who_was_in_a_meeting_is_internal_or_unknown() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "subject": "stand-up", "limit": 1 });
    let found = world.answer(&token, "meetings_find", arguments).await;
    let meeting = world.answer(&token, "read_resource", json!({ "uri": found["items"][0]["uri"] })).await;
    assert_eq!(meeting["origin"], "internal", "{meeting}");
    assert_eq!(origins(&meeting["attendees"], ""), BTreeSet::from(["internal"]));
    let read = async |uri: &Value| world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    let attendance = read(&meeting["attendanceUri"]).await;
    let people: Vec<Value> = attendance["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|report| report["people"].as_array().unwrap().clone())
        .collect();
    assert_eq!(origins(&people.clone().into(), ""), BTreeSet::from(["internal", "unknown"]));
    for person in &people {
        assert_eq!(person["origin"] == "unknown", person["address"].is_null(), "{person}");
    }
    for uri in ["recordingsUri", "transcriptsUri"] {
        let list = read(&meeting[uri]).await;
        assert_eq!(origins(&list["items"], ""), BTreeSet::from(["internal"]), "{list}");
    }
    let insights = read(&meeting["insightsUri"]).await;
    assert_eq!(origins(&insights["items"], ""), BTreeSet::from(["unknown"]));
}

/// If this failed, a stranger who was let into a chat would pass for a member of the organisation.
#[actix_web::test]
async fn members_of_chats_say_where_they_are_from() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let chats = world.answer(&token, "teams_list_chats", json!({ "member": "Rowan Ashgrove" })).await;
    for chat in chats["items"].as_array().unwrap() {
        let members = origins(&chat["members"], "");
        assert!(members.contains("external") && members.contains("internal"), "{chat}");
    }
}
