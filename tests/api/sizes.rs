//! How much of a model's context an answer takes.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

/// In bytes: what the text of 25 hits may take.
const LONGEST: usize = 28 * 1024;

/// If this failed, a page of hits would fill much of a model's context.
#[rstest]
#[case::mail("outlook_email_search", json!({}))]
#[case::events("outlook_calendar_search", json!({ "afterDateTime": "40 days ago" }))]
#[case::chats("chat_message_search", json!({ "query": "option" }))]
#[case::files("sharepoint_search", json!({ "query": "*", "kind": "file" }))]
#[actix_web::test]
async fn twenty_five_hits_stay_short(#[case] tool: &str, #[case] mut arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    arguments["limit"] = json!(25);
    let answer = world.call(&token, tool, arguments).await;
    assert_eq!(answer["structuredContent"]["completeness"]["returned"], 25, "{answer}");
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= LONGEST, "{} bytes", text.len());
}
