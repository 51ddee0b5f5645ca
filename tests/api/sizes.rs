//! How much of a model's context the tools take, and an answer.

use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

/// In bytes: what the text of 25 hits may take.
const LONGEST: usize = 28 * 1024;

/// In bytes: what the answer to `tools/list` may weigh, a model reads all of it.
const LARGEST_LIST: usize = 44 * 1024;
/// Every icon's address begins with its origin.
const LONG_ADDRESS: &str = "https://m365-connector.europe.contoso-pharmaceuticals.example/mcp";

/// If this failed, the tools alone would fill much of a model's context, wherever the connector stands.
#[actix_web::test]
async fn the_list_of_tools_stays_short_under_a_long_address() {
    let world = World::start_with(|settings| {
        settings.http.allowed_hosts.push(settings.http.public_address.to_string());
        settings.http.public_url = LONG_ADDRESS.parse().unwrap();
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await;
    let tools = listed.json()["result"]["tools"].as_array().map_or(0, Vec::len);
    assert_eq!(tools, Catalogue::MICROSOFT_365.tools.len(), "{}", listed.text);
    assert!(listed.text.contains("https://m365-connector.europe.") && tools <= 25);
    assert!(listed.text.len() <= LARGEST_LIST, "{} bytes", listed.text.len());
}

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
