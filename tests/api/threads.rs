//! The other messages of a thread, with a message that is read.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

/// The uri of a message that others have answered, and of those.
async fn a_thread(world: &World, token: &str) -> Vec<String> {
    let person = world.person(0, 0);
    let all = world.graph(&person, "/me/messages?$top=1000&$select=id,conversationId,receivedDateTime").await;
    let mut messages: Vec<&Value> = all["value"].as_array().unwrap().iter().collect();
    messages.sort_by_key(|message| message["receivedDateTime"].as_str());
    let of_thread = |id: &Value| -> Vec<String> {
        let thread = messages.iter().filter(|message| message["conversationId"] == *id);
        thread.map(|message| format!("mail:///messages/{}", message["id"].as_str().unwrap())).collect()
    };
    let threads = messages.iter().map(|message| of_thread(&message["conversationId"]));
    let uris = threads.max_by_key(Vec::len).unwrap();
    assert!(uris.len() > 2, "{token}: {uris:?}");
    uris
}

/// If this failed, a model would answer the first mail of a discussion that has gone on since.
#[actix_web::test]
async fn a_message_names_the_others_of_its_thread() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uris = a_thread(&world, &token).await;
    world.answer(&token, "get_me", json!({})).await;
    world.forget_requests().await;
    let message = world.answer(&token, "read_resource", json!({ "uri": uris[1], "timeZone": "UTC" })).await;
    assert_eq!(world.graph_requests().await, 2, "the message, and its thread");
    let thread = message["thread"].as_array().unwrap_or_else(|| panic!("{message}"));
    let others: Vec<&str> = uris.iter().map(String::as_str).filter(|uri| *uri != uris[1]).collect();
    assert_eq!(members(thread, "uri"), others);
    assert!(thread.iter().all(|other| other["subject"].is_string() && other["receivedUtc"].is_string()));
}

/// If this failed, a message would be lost because its thread could not be found.
#[actix_web::test]
async fn a_message_is_read_without_its_thread_where_that_is_refused() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uris = a_thread(&world, &token).await;
    world.answer(&token, "get_me", json!({})).await;
    world
        .fault(json!({ "service": "graph", "status": 200, "times": 1, "body": world_message(&world).await }))
        .await;
    world.fault(json!({ "service": "graph", "status": 403, "times": 1 })).await;
    let message = world.answer(&token, "read_resource", json!({ "uri": uris[0], "timeZone": "UTC" })).await;
    assert!(message.get("thread").is_none() && message["body"].is_object(), "{message}");
    assert!(message["notes"].to_string().contains("other messages of the thread"), "{message}");
}

/// If this failed, a thread that takes long would cost the message, which is there already.
#[rstest]
#[case::late(json!({ "delay_ms": 60_000 }))]
#[case::throttled(json!({ "status": 429, "headers": { "retry-after": "2" } }))]
#[actix_web::test]
async fn a_message_does_not_wait_for_its_thread(#[case] trouble: Value) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(3)).await;
    let token = world.token(&world.person(0, 0)).await;
    let uris = a_thread(&world, &token).await;
    world.answer(&token, "get_me", json!({})).await;
    world
        .fault(json!({ "service": "graph", "status": 200, "times": 1, "body": world_message(&world).await }))
        .await;
    let mut fault = json!({ "service": "graph" });
    fault.as_object_mut().unwrap().extend(trouble.as_object().unwrap().clone());
    world.fault(fault).await;
    let message = world.answer(&token, "read_resource", json!({ "uri": uris[0], "timeZone": "UTC" })).await;
    assert!(message.get("thread").is_none() && message["body"].is_object(), "{message}");
    assert!(message["notes"].to_string().contains("other messages of the thread"), "{message}");
}

/// A message as Graph gives it.
async fn world_message(world: &World) -> Value {
    let message = world.graph(&world.person(0, 0), "/me/messages?$top=1").await;
    message["value"][0].clone()
}
