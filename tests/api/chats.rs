//! Chats and what is said in them.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

const CHATS: &str = "teams_list_chats";
const MESSAGES: &str = "teams_list_chat_messages";

/// The ids of messages, out of their uris.
fn ids(messages: &[Value]) -> Vec<&str> {
    members(messages, "uri").into_iter().map(|uri| uri.rsplit('/').next().unwrap()).collect()
}

/// The long chat, with all of its messages.
async fn long_chat(world: &World, token: &str) -> (Value, Vec<Value>) {
    let chat = world.chat(token, "Aurora core").await;
    let (messages, pages) =
        world.all_items(token, MESSAGES, json!({ "chatId": chat["uri"], "limit": 50 })).await;
    assert!(messages.len() > 100 && pages > 2, "{} on {pages} pages", messages.len());
    (chat, messages)
}

/// If this failed, the first thing that people ask of Teams would not work: find a chat and read what was said.
#[actix_web::test]
async fn a_chat_is_found_and_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let chat = world.chat(&token, "aurora CORE").await;
    assert_eq!(chat["type"], "group");
    assert!(chat["members"].as_array().unwrap().len() >= 3, "{chat}");
    assert!(!chat["lastMessage"]["preview"].as_str().unwrap().is_empty(), "{chat}");

    let read = world.answer(&token, "read_resource", json!({ "uri": chat["uri"] })).await;
    assert_eq!((&read["kind"], &read["chat"]["uri"]), (&json!("chat"), &chat["uri"]));
    assert_eq!(read["items"].as_array().unwrap().len(), 25);
    assert_eq!(read["completeness"]["state"], "partial");
    let further = json!({ "uri": chat["uri"], "cursor": read["nextCursor"] });
    let further = world.answer(&token, "read_resource", further).await;
    assert!(further["chat"].is_null() && further["items"][0]["uri"] != read["items"][0]["uri"], "{further}");

    let message = read["items"].as_array().unwrap().iter().find(|item| item["text"].is_string()).unwrap();
    let whole = world.answer(&token, "read_resource", json!({ "uri": message["uri"] })).await;
    assert_eq!(whole["kind"], "message");
    let text = whole["body"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("⟦untrusted content ") && text.contains(message["text"].as_str().unwrap()),
        "{whole}"
    );
}

/// If this failed, a list of chats would lose some, show some twice, or end too early.
#[actix_web::test]
async fn pages_of_chats_follow_each_other_to_the_end() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let (all, _) = world.all_items(&token, CHATS, json!({ "limit": 50 })).await;
    let (seen, pages) = world.all_items(&token, CHATS, json!({ "limit": 7 })).await;
    assert!(pages > 2, "{pages} pages");
    assert_eq!(members(&seen, "uri"), members(&all, "uri"));
    let given = world.graph(&person, "/me/chats?$top=50").await;
    let known: Vec<&str> = members(given["value"].as_array().unwrap(), "webUrl");
    assert_eq!(members(&all, "webUrl")[..known.len()], known);
}

/// If this failed, an argument would be dropped, or what fits it lost.
#[rstest]
#[case::kind(json!({ "type": "meeting" }), |chat: &Value| chat["type"] == "meeting")]
#[case::topic(json!({ "topic": "core team" }), |chat: &Value| chat["topic"].as_str().is_some_and(|topic| topic.contains("core team")))]
#[case::stranger(json!({ "member": "rowan.ashgrove@ashgrovefittings.example" }), |chat: &Value| chat["members"].to_string().contains("ashgrovefittings"))]
#[case::together(json!({ "topic": "rollout", "type": "group", "member": "Rowan" }), |_: &Value| false)]
#[actix_web::test]
async fn every_argument_is_heeded(#[case] arguments: Value, #[case] fits: fn(&Value) -> bool) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (all, _) = world.all_items(&token, CHATS, json!({ "limit": 50 })).await;
    let expected: Vec<&Value> = all.iter().filter(|chat| fits(chat)).map(|chat| &chat["uri"]).collect();
    let (found, _) = world.all_items(&token, CHATS, arguments).await;
    assert_eq!(found.iter().map(|chat| &chat["uri"]).collect::<Vec<_>>(), expected);
}

/// If this failed, somebody with very many chats would keep a call busy, or not learn that it was not read to the end.
#[actix_web::test]
async fn a_search_for_a_chat_is_bounded_and_says_so() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, CHATS, json!({ "limit": 1 })).await;
    for page in 1..=7 {
        let next = format!("{}/v1.0/me/chats?$skiptoken={page}", world.stage.simulator_url());
        let chat = json!({ "id": "19:a@thread.v2", "topic": "x", "chatType": "group" });
        let body = json!({ "value": [chat], "@odata.nextLink": next });
        let page = json!({ "service": "graph", "path_prefix": "/me/chats", "times": 1, "status": 200, "body": body });
        world.fault(page).await;
    }
    world.forget_requests().await;
    let found = world.answer(&token, CHATS, json!({ "topic": "zzz" })).await;
    assert_eq!(world.graph_requests().await, 6);
    assert_eq!((&found["items"], &found["completeness"]["state"]), (&json!([]), &json!("partial")));
    assert!(found["nextCursor"].is_string(), "{found}");
}

/// If this failed, messages of a chat would be lost, doubled, or in no order.
#[actix_web::test]
async fn messages_of_a_chat_come_newest_first_and_whole() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let (chat, messages) = long_chat(&world, &token).await;
    let times = members(&messages, "createdUtc");
    assert!(times.is_sorted_by(|one, other| one >= other));
    assert_eq!(ids(&messages).iter().collect::<BTreeSet<_>>().len(), messages.len());
    let id = chat["uri"].as_str().unwrap().strip_prefix("teams:///chats/").unwrap();
    let first =
        world.graph(&person, &format!("/chats/{id}/messages?$top=50&$orderby=createdDateTime%20desc")).await;
    assert_eq!(ids(&messages)[..50], members(first["value"].as_array().unwrap(), "id"));
}

/// If this failed, Teams would ignore a window without a word, or the list read on to the chat's first day.
#[actix_web::test]
async fn a_window_is_heeded_to_the_second() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (chat, messages) = long_chat(&world, &token).await;
    let (late, early) = (&messages[20]["createdUtc"], &messages[60]["createdUtc"]);
    let within =
        json!({ "chatId": chat["uri"], "afterDateTime": early, "beforeDateTime": late, "limit": 50 });
    world.answer(&token, MESSAGES, within.clone()).await;
    world.forget_requests().await;
    let found = world.answer(&token, MESSAGES, within).await;
    assert_eq!(ids(found["items"].as_array().unwrap()), ids(&messages[21..=60]));
    assert_eq!(found["completeness"]["state"], "complete");
    assert_eq!(world.graph_requests().await, 1);

    let (since, pages) = world
        .all_items(&token, MESSAGES, json!({ "chatId": chat["uri"], "afterDateTime": early, "limit": 20 }))
        .await;
    assert_eq!((ids(&since), pages), (ids(&messages[..=60]), 4));
    let nothing = json!({ "chatId": chat["uri"], "afterDateTime": "tomorrow" });
    let nothing = world.answer(&token, MESSAGES, nothing).await;
    assert_eq!((&nothing["items"], &nothing["completeness"]["state"]), (&json!([]), &json!("complete")));
}

/// If this failed, what is special about a message would be lost: that it was deleted, whom it speaks to, what it
/// answers, its files and images, and what Teams itself tells.
#[actix_web::test]
async fn messages_of_every_kind_are_told_as_they_are() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (_, messages) = long_chat(&world, &token).await;
    let some = |what: &str, fits: &dyn Fn(&Value) -> bool| {
        messages.iter().find(|message| fits(message)).unwrap_or_else(|| panic!("no {what}")).clone()
    };
    let deleted = some("deleted message", &|message| message["deletedUtc"].is_string());
    assert!(deleted["text"].is_null());
    let event = some("event", &|message| message["event"].is_string());
    assert_eq!(event["from"]["kind"], "system");
    let quote = some("quote", &|message| message["quotes"].is_array())["quotes"][0].clone();
    let quoted = world.answer(&token, "read_resource", json!({ "uri": quote["uri"] })).await;
    assert_eq!(quoted["from"]["name"], quote["from"]["name"]);
    let mention = some("mention", &|message| message["mentions"].is_array());
    let name = mention["mentions"][0].as_str().unwrap();
    assert!(mention["text"].as_str().unwrap().contains(&format!("@{name}")), "{mention}");
    assert!(messages.iter().any(|message| message["mentionsMe"] == true));
    let file = some("file", &|message| message["attachments"].is_array())["attachments"][0].clone();
    assert!(file["uri"].as_str().unwrap().starts_with("share:///u!") && file["name"].is_string(), "{file}");
    assert!(file["webUrl"].as_str().unwrap().starts_with("https://larkmoor"), "{file}");
    some("edited message", &|message| message["editedUtc"].is_string());
    some("urgent message", &|message| message["importance"] == "urgent");

    let pictured = some("image", &|message| message["images"] == 1);
    let read = world.call(&token, "read_resource", json!({ "uri": pictured["uri"] })).await;
    let image = &read["content"][1];
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/png")), "{read}");
    assert!(image["data"].as_str().unwrap().starts_with("iVBORw0KGgo"), "no PNG");
}

/// If this failed, whoever stands behind the first page of a chat's members would not be in it, without a word.
#[rstest]
#[case::all(json!({}), "Late Comer", false)]
#[case::a_page_that_does_not_come(json!({ "status": 501 }), "First Comer", true)]
#[case::a_page_that_is_refused(json!({ "status": 403 }), "First Comer", true)]
#[case::a_page_that_is_late(json!({ "delay_ms": 60_000 }), "First Comer", true)]
#[actix_web::test]
async fn members_behind_the_first_page_are_named_too(
    #[case] mut members: Value,
    #[case] last: &str,
    #[case] is_noted: bool,
) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(4)).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    // Generated from here on.
    world.graph(&person, "/me/chats").await;
    let chat = world.chat(&token, "Lunch").await;
    let id = chat["uri"].as_str().unwrap().strip_prefix("teams:///chats/").unwrap();
    let next = format!("{}/v1.0/chats/{id}/members?page=2", world.stage.simulator_url());
    let first =
        json!({ "id": id, "members": [{ "displayName": "First Comer" }], "members@odata.nextLink": next });
    world.fault(json!({ "service": "graph", "route": "/chats/{id}", "body": first })).await;
    members["service"] = json!("graph");
    members["route"] = json!("/chats/{id}/members");
    members["body"] = json!({ "value": [{ "displayName": "Late Comer" }] });
    world.fault(members).await;
    let read = world.answer(&token, "read_resource", json!({ "uri": chat["uri"] })).await;
    let named = read["chat"]["members"].as_array().unwrap();
    assert_eq!(named.last().unwrap()["name"], last, "{read}");
    assert_eq!(read["items"].as_array().unwrap().len(), 25, "{read}");
    assert_eq!(read["notes"].to_string().contains("more members"), is_noted, "{read}");
}

/// If this failed, a chat with very many members would be longer than an answer may be, or seem to have no more than are named.
#[actix_web::test]
async fn of_very_many_members_some_are_named_and_the_others_counted() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let chat = world.chat(&token, "Lunch").await;
    let members: Vec<Value> =
        (1..=230).map(|number| json!({ "displayName": format!("M{number}") })).collect();
    let id = chat["uri"].as_str().unwrap().strip_prefix("teams:///chats/").unwrap();
    let body = json!({ "id": id, "members": members });
    world.fault(json!({ "service": "graph", "route": "/chats/{id}", "body": body })).await;
    let read = world.answer(&token, "read_resource", json!({ "uri": chat["uri"] })).await;
    let named = read["chat"]["members"].as_array().unwrap();
    assert_eq!((named.len(), &named[199]["name"]), (200, &json!("M200")), "{read}");
    assert_eq!(read["chat"]["moreMembers"], 30, "{read}");
}

/// If this failed, somebody in a large chat would seem to be in none.
#[actix_web::test]
async fn a_member_who_may_be_in_a_large_chat_is_not_said_to_be_in_none() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let next = format!("{}/v1.0/chats/1/members?page=2", world.stage.simulator_url());
    let large = json!({
        "id": "19:1@thread.v2", "chatType": "group", "topic": "All hands", "members": [{ "displayName": "First Comer" }],
        "members@odata.nextLink": next,
    });
    let chats = json!({ "service": "graph", "path_prefix": "/me/chats", "body": { "value": [large] } });
    world.fault(chats).await;
    for (arguments, is_unsure) in [
        (json!({ "member": "Late" }), true),
        (json!({ "member": "First" }), false),
        (json!({ "member": "Late", "type": "oneOnOne" }), false),
    ] {
        let list = world.answer(&token, CHATS, arguments.clone()).await;
        let expected = if is_unsure { "partial" } else { "complete" };
        assert_eq!(list["completeness"]["state"], expected, "{arguments}: {list}");
        assert_eq!(list.to_string().contains("1 large chats are left out"), is_unsure, "{arguments}: {list}");
    }
}

/// If this failed, an image that can't be had would take the message with it, or be missing without a word.
#[rstest]
#[case::too_large(json!({ "body": "x".repeat(900_000), "headers": { "content-type": "image/png" } }), 1, true)]
#[case::not_shown(json!({ "headers": { "content-type": "image/svg+xml" } }), 0, false)]
#[case::gone(json!({ "status": 404 }), 0, false)]
#[actix_web::test]
async fn an_image_that_cannot_be_shown_is_left_out(
    #[case] fault: Value,
    #[case] images: usize,
    #[case] is_given: bool,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (chat, messages) = long_chat(&world, &token).await;
    let pictured = messages.iter().find(|message| message["images"] == 1).unwrap();
    let id = chat["uri"].as_str().unwrap().strip_prefix("teams:///chats/").unwrap();
    let message = ids(std::slice::from_ref(pictured))[0].to_owned();
    let mut fault = fault;
    fault["service"] = json!("graph");
    fault["path_prefix"] = json!(format!("/chats/{}/messages/{message}/hostedContents", id));
    world.fault(fault).await;
    let read = world.call(&token, "read_resource", json!({ "uri": pictured["uri"] })).await;
    assert_eq!(read["content"].as_array().unwrap().len(), 1 + images, "{read}");
    assert_eq!(read["structuredContent"]["notes"].is_null(), is_given, "{read}");
}

/// If this failed, a stranger's words would pass for a colleague's.
#[actix_web::test]
async fn who_comes_from_another_organisation_is_told() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let chat = world.chat(&token, "Ashgrove").await;
    let origins: BTreeSet<&str> =
        chat["members"].as_array().unwrap().iter().map(|member| member["origin"].as_str().unwrap()).collect();
    assert_eq!(origins, BTreeSet::from(["external", "internal"]), "{chat}");
    let (messages, _) =
        world.all_items(&token, MESSAGES, json!({ "chatId": chat["uri"], "limit": 50 })).await;
    let attacker = messages.iter().find(|message| message["from"]["name"] == "Rowan Ashgrove").unwrap();
    assert_eq!(attacker["origin"], "external");
    let colleague = messages.iter().find(|message| message["origin"] == "internal");
    assert!(colleague.is_some());
}

/// If this failed, who may see less would be shown more, or not learn that it is less.
#[actix_web::test]
async fn with_fewer_permissions_there_is_less_and_it_is_said() {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), "Chat.ReadBasic").await;
    let found = world.answer(&token, CHATS, json!({ "topic": "Aurora core" })).await;
    let chat = &found["items"][0];
    assert!(chat["lastMessage"].is_null() && chat["members"].as_array().unwrap().len() > 2, "{found}");
    assert!(found["notes"][0].as_str().unwrap().contains("Chat.ReadBasic"), "{found}");
    let requests = world.requests().await;
    let asked = requests.iter().rfind(|request| request["path"] == "/v1.0/me/chats").unwrap();
    assert!(!asked["query"].as_str().unwrap().contains("lastMessagePreview,"), "{asked}");
    assert!(!asked["query"].as_str().unwrap().contains(",lastMessagePreview"), "{asked}");
}

/// If this failed, the members of a chat could not be read with the permission that is for nothing else.
#[rstest]
#[case::with_it("ChatMember.Read ChatMessage.Read", true)]
#[case::without_it("ChatMessage.Read", false)]
#[actix_web::test]
async fn members_have_a_permission_of_their_own(#[case] scopes: &str, #[case] are_known: bool) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let chats = world.graph(&person, "/me/chats?$top=50").await;
    let lunch =
        chats["value"].as_array().unwrap().iter().find(|chat| chat["topic"].to_string().contains("Lunch"));
    let uri = format!("teams:///chats/{}", lunch.unwrap()["id"].as_str().unwrap());
    let token = world.token_with_scopes(&person, scopes).await;
    let read = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(read["items"].as_array().unwrap().len(), 25);
    assert_eq!(
        read["chat"]["members"].as_array().is_some_and(|members| members.len() == 12),
        are_known,
        "{read}"
    );
    let asked = world.graph_paths().await.iter().any(|path| path.ends_with("/members"));
    assert_eq!(asked, are_known);
}
