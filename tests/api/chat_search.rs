//! The search in chats and channels.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

const SEARCH: &str = "chat_message_search";

fn is_of_chat(hit: &Value) -> bool {
    hit["conversation"].as_str().unwrap().starts_with("teams:///chats/")
}

/// If this failed, a hit could not be read, or would not say what was looked for.
#[actix_web::test]
async fn a_message_is_found_and_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.answer(&token, SEARCH, json!({ "query": "option", "limit": 25 })).await;
    let hits = found["items"].as_array().unwrap();
    assert_eq!(hits.len(), 25, "{found}");
    let times = members(hits, "createdUtc");
    assert!(times.is_sorted_by(|one, other| one >= other));
    for hit in hits.iter().take(6) {
        assert!(hit["summary"].as_str().unwrap().to_lowercase().contains("option"), "{hit}");
        assert!(!hit["summary"].as_str().unwrap().contains("<c0>"), "{hit}");
        let read = world.answer(&token, "read_resource", json!({ "uri": hit["uri"] })).await;
        assert_eq!(read["uri"], hit["uri"]);
        assert!(read["body"]["text"].as_str().unwrap().to_lowercase().contains("option"), "{read}");
    }
}

/// If this failed, hits would be lost or given twice from page to page.
#[rstest]
#[case::straight(json!({ "query": "the" }))]
#[case::sorted_out_here(json!({ "query": "the", "where": "chats" }))]
#[actix_web::test]
async fn pages_follow_each_other(#[case] arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut seen: Vec<String> = Vec::new();
    let mut page = arguments.clone();
    page["limit"] = json!(12);
    for _ in 0..4 {
        let found = world.answer(&token, SEARCH, page.clone()).await;
        seen.extend(members(found["items"].as_array().unwrap(), "uri").into_iter().map(str::to_owned));
        page["cursor"] = found["nextCursor"].clone();
    }
    let mut whole = arguments;
    whole["limit"] = json!(48);
    let whole = world.answer(&token, SEARCH, whole).await;
    assert_eq!(seen, members(whole["items"].as_array().unwrap(), "uri"));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 48);
    assert_eq!(whole["completeness"]["state"], "partial");
}

/// If this failed, an argument would be dropped, or heeded roughly.
#[actix_web::test]
async fn every_argument_is_heeded() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let (all, _) = world.all_items(&token, SEARCH, json!({ "query": "Perfect", "limit": 50 })).await;
    assert!(all.len() > 4 && all.iter().any(is_of_chat), "{} hits", all.len());
    let uris = |hits: &[Value]| members(hits, "uri").into_iter().map(str::to_owned).collect::<Vec<_>>();

    for (place, of_chats) in [("chats", true), ("channels", false)] {
        let (found, _) = world.all_items(&token, SEARCH, json!({ "query": "Perfect", "where": place })).await;
        let expected: Vec<Value> = all.iter().filter(|hit| is_of_chat(hit) == of_chats).cloned().collect();
        assert_eq!(uris(&found), uris(&expected), "{place}");
    }
    let (late, early) = (&all[1]["createdUtc"], &all[3]["createdUtc"]);
    let within = json!({ "query": "Perfect", "afterDateTime": early, "beforeDateTime": late });
    let (found, _) = world.all_items(&token, SEARCH, within).await;
    assert_eq!(uris(&found), uris(&all[2..=3]));

    let sender = all[0]["from"]["name"].as_str().unwrap();
    let (found, _) = world.all_items(&token, SEARCH, json!({ "query": "Perfect", "sender": sender })).await;
    let expected: Vec<Value> = all.iter().filter(|hit| hit["from"]["name"] == sender).cloned().collect();
    assert_eq!(uris(&found), uris(&expected));

    let (found, _) = world.all_items(&token, SEARCH, json!({ "query": "Perfect", "mentionsMe": true })).await;
    assert!(!found.is_empty() && found.len() < all.len(), "{} of {}", found.len(), all.len());
    for hit in &found {
        let read = world.answer(&token, "read_resource", json!({ "uri": hit["uri"] })).await;
        assert_eq!(read["mentionsMe"], true, "{read}");
    }
}

/// If this failed, a part of the conversations would be left out without a word, or be asked for in vain.
#[rstest]
#[case::chats("Chat.Read", "ChannelMessage.Read.All", "channels")]
#[case::channels("ChannelMessage.Read.All", "Chat.Read", "chats")]
#[actix_web::test]
async fn with_one_permission_only_that_part_is_searched(
    #[case] granted: &str,
    #[case] missing: &str,
    #[case] closed: &str,
) {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), granted).await;
    let found = world.answer(&token, SEARCH, json!({ "query": "the" })).await;
    assert!(found["completeness"]["reason"].as_str().unwrap().contains(missing), "{found}");
    let nothing = world.answer(&token, SEARCH, json!({ "query": "xyzzyx" })).await;
    assert_eq!(nothing["completeness"]["state"], "partial", "{nothing}");
    let open = if closed == "channels" { "chats" } else { "channels" };
    let asked = world.answer(&token, SEARCH, json!({ "query": "xyzzyx", "where": open })).await;
    assert_eq!(asked["completeness"]["state"], "complete", "{asked}");
    let refused = json!({ "query": "the", "where": closed });
    assert_eq!(world.error_code(&token, SEARCH, refused).await, "missing_scope");
}

/// If this failed, nothing found would look like a failure, or the other way round.
#[actix_web::test]
async fn nothing_found_is_complete() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.answer(&token, SEARCH, json!({ "query": "xyzzyx" })).await;
    assert_eq!((&found["items"], &found["completeness"]["state"]), (&json!([]), &json!("complete")));
}

/// If this failed, a search that takes long would give nothing of what it has found.
#[actix_web::test]
async fn what_was_found_in_time_is_given() {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(5)).await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "the", "limit": 50 });
    let whole = world.answer(&token, SEARCH, arguments.clone()).await;
    assert_eq!(whole["items"].as_array().unwrap().len(), 50);
    let slow = json!({ "service": "graph", "path_prefix": "/search/query", "delay_ms": 20_000, "share": 0.5, "times": 1 });
    world.fault(slow).await;
    let cut_off = world.answer(&token, SEARCH, arguments.clone()).await;
    assert_eq!(cut_off["completeness"]["state"], "partial", "{cut_off}");
    assert_eq!(cut_off["items"], json!(whole["items"].as_array().unwrap()[..25]));
    let mut rest = arguments;
    rest["cursor"] = cut_off["nextCursor"].clone();
    let rest = world.answer(&token, SEARCH, rest).await;
    assert_eq!(rest["items"][0], whole["items"][25]);
}

/// If this failed, hits of applications would have no author, or every hit cost a request.
#[actix_web::test]
async fn hits_that_say_too_little_are_completed_within_bounds() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.forget_requests().await;
    let found = world.answer(&token, SEARCH, json!({ "query": "Nightly", "limit": 10 })).await;
    let kinds: Vec<&Value> =
        found["items"].as_array().unwrap().iter().map(|hit| &hit["from"]["kind"]).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "application").count(), 3, "{found}");
    let paths = world.graph_paths().await;
    assert_eq!(paths.iter().filter(|path| path.contains("/messages/")).count(), 3, "{paths:?}");
}
