//! Where what others wrote comes from, on every item of what people write together.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::world::World;

/// Lists whose items nobody else has written, or whose people have an origin each: by the tool, or by the kind of what is
/// read.
const WITHOUT_ORIGIN: &[(&str, &str)] = &[
    ("teams_list_teams", "a team is the organisation's own"),
    ("teams_list_channels", "a channel is its team's"),
    ("teams_list_chats", "its members and its last message have one each"),
    ("outlook_list_folders", "folders are the mailbox's own"),
    ("folders", "likewise"),
    ("site", "the lists of a site are the organisation's own"),
    ("attendance", "the service has written the report, and whoever it names has one"),
    ("outlook_find_available_time", "the connector reckons it"),
    ("find_meeting_availability", "Exchange reckons it"),
];

/// The origins of the items; every item has one.
fn origins(items: &Value) -> BTreeSet<&str> {
    let items = items.as_array().unwrap_or_else(|| panic!("no list: {items}"));
    assert!(!items.is_empty(), "nothing to look at");
    items.iter().map(|item| item["origin"].as_str().unwrap_or_else(|| panic!("no origin: {item}"))).collect()
}

/// If this failed, a model could not tell what a colleague has written from what a stranger has.
#[rstest]
#[case::files("sharepoint_search", json!({ "query": "*", "kind": "file", "limit": 50 }), "internal")]
#[case::pages("sharepoint_search", json!({ "query": "*", "kind": "page", "limit": 50 }), "internal")]
#[case::entries("sharepoint_list_items", json!({ "site": "root", "list": "Open points" }), "internal")]
#[case::folder("sharepoint_list_folder", json!({ "uri": "me" }), "internal")]
#[case::meetings("meetings_find", json!({ "subject": "stand-up" }), "internal")]
#[case::messages("chat_message_search", json!({ "query": "SYSTEM", "sender": "Rowan Ashgrove" }), "external")]
#[actix_web::test]
async fn every_item_says_where_it_comes_from(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] expected: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let list = world.answer(&token, tool, arguments).await;
    let seen = origins(&list["items"]);
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
    assert_eq!(origins(&meeting["attendees"]), BTreeSet::from(["internal"]));
    let read = async |uri: &Value| world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    let attendance = read(&meeting["attendanceUri"]).await;
    let people: Vec<Value> = attendance["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|report| report["people"].as_array().unwrap().clone())
        .collect();
    assert_eq!(origins(&people.clone().into()), BTreeSet::from(["internal", "unknown"]));
    for person in &people {
        assert_eq!(person["origin"] == "unknown", person["address"].is_null(), "{person}");
    }
    for uri in ["recordingsUri", "transcriptsUri"] {
        let list = read(&meeting[uri]).await;
        assert_eq!(origins(&list["items"]), BTreeSet::from(["internal"]), "{list}");
    }
    let insights = read(&meeting["insightsUri"]).await;
    assert_eq!(origins(&insights["items"]), BTreeSet::from(["unknown"]));
}

/// If this failed, a stranger who was let into a chat would pass for a member of the organisation.
#[actix_web::test]
async fn members_of_chats_say_where_they_are_from() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let chats = world.answer(&token, "teams_list_chats", json!({ "member": "Rowan Ashgrove" })).await;
    for chat in chats["items"].as_array().unwrap() {
        let members = origins(&chat["members"]);
        assert!(members.contains("external") && members.contains("internal"), "{chat}");
    }
}

/// If this failed, what a stranger has written would stand in some list as if nobody knew that there are strangers.
#[actix_web::test]
async fn every_item_of_every_list_has_an_origin() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let mut calls = known.calls();
    calls.extend(known.uris.iter().map(|uri| ("read_resource", json!({ "uri": uri }))));
    let (mut looked_at, mut without) = (BTreeSet::new(), BTreeSet::new());
    for (tool, arguments) in calls {
        let answer = world.answer(&token, tool, arguments).await;
        let name = answer["kind"].as_str().filter(|_| tool == "read_resource").unwrap_or(tool).to_owned();
        let mut lists = Vec::new();
        lists_in(&answer, &mut lists);
        let lacks = |item: &&Value| item["origin"].is_null();
        if lists.iter().any(|list| !list.is_empty()) {
            looked_at.insert(name.clone());
        }
        if let Some(item) = lists.into_iter().flatten().find(lacks) {
            assert!(WITHOUT_ORIGIN.iter().any(|(list, _)| *list == name), "{name}: no origin: {item}");
            without.insert(name);
        }
    }
    assert!(looked_at.len() > 20, "{looked_at:?}");
    let excepted: BTreeSet<String> = WITHOUT_ORIGIN.iter().map(|(list, _)| (*list).to_owned()).collect();
    assert_eq!(without, excepted, "a list that is excepted needs no exception");
}

/// The items of every list within `value`, and the other messages of a thread.
fn lists_in<'v>(value: &'v Value, found: &mut Vec<&'v Vec<Value>>) {
    let Some(members) = value.as_object() else { return };
    if members.contains_key("completeness") {
        found.extend(value["items"].as_array());
    }
    found.extend(value["thread"].as_array());
    members.values().for_each(|member| lists_in(member, found));
}

/// If this failed, what is read by its uri would not say whose words it is.
#[actix_web::test]
async fn what_is_read_says_where_it_comes_from() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let mut read = BTreeSet::new();
    for uri in &known.uris {
        let answer = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
        if answer.get("body").is_some() {
            assert!(answer["origin"].is_string(), "{answer}");
            read.insert(answer["kind"].to_string());
        }
    }
    assert!(read.len() > 5 && read.contains("\"share\""), "{read:?}");
}
