//! Throttled, forbidden, not found, and asked for in the wrong way.

use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

use super::{ROWS, coming_into, every_profile};
use crate::asking::refusing;
use crate::calls::{Known, without_limits};
use crate::world::{World, send};

/// A world in which somebody knows everything, and has asked for it once.
pub(super) async fn prepared() -> (World, String, Known) {
    let world = World::offering(every_profile(), without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    (world, token, known)
}

/// The good call of every tool that asks Graph, and a reading of every form of uri.
fn asked_of_graph(known: &Known) -> Vec<(&'static str, Value, &'static str)> {
    let asking = ROWS.iter().filter(|row| !row.refusal.is_empty());
    let calls = asking.map(|row| (row.tool, known.good(row.tool), row.refusal));
    let readings = known.uris.iter().map(|uri| ("read_resource", json!({ "uri": uri }), "accessDenied"));
    calls.chain(readings).collect()
}

/// The error that a call ends with: whole, well begun, and without anything else.
pub(super) async fn error(world: &World, token: &str, tool: &str, arguments: &Value) -> Value {
    let answer = world.call(token, tool, arguments.clone()).await;
    let error = answer["_meta"]["m365-connector/error"].clone();
    assert_eq!(answer["isError"], true, "{tool} {arguments}: {answer}");
    assert!(answer.get("structuredContent").is_none(), "an error is no answer: {tool} {answer}");
    for part in ["code", "what", "why", "who", "how", "correlation_id"] {
        assert!(error[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {tool} {answer}");
    }
    let why = error["why"].as_str().unwrap();
    assert!(is_sentence(why) || begins_with_a_name(tool, why), "{tool} {arguments}: {why}");
    error
}

fn is_sentence(why: &str) -> bool {
    why.starts_with(char::is_uppercase)
}

/// Of an argument of the tool's.
fn begins_with_a_name(tool: &str, why: &str) -> bool {
    let tool = every_profile().tool(tool).unwrap_or_else(|| panic!("no {tool}"));
    let first = why.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
    (tool.input_schema)()["properties"].get(first).is_some()
}

/// If this failed, a model would come back at once, and be throttled for longer, or never learn when to come back.
#[actix_web::test]
async fn whoever_is_throttled_is_told_for_how_long() {
    let newest = Timestamp::now();
    let world = World::written_before(every_profile(), newest, without_limits).await;
    let known = world.known(&world.person(0, 0), &world.token(&world.person(0, 0)).await).await;
    // What throttles is remembered: each call comes to a connector that has not heard of it.
    for (tool, arguments, _) in asked_of_graph(&known) {
        let world = World::written_before(every_profile(), newest, without_limits).await;
        let token = world.token(&world.person(0, 0)).await;
        world.fault(refusing(429, "TooManyRequests")).await;
        let error = error(&world, &token, tool, &arguments).await;
        assert_eq!(error["code"], "throttled", "{tool} {arguments}: {error}");
        let wait = error["retry_after_s"].as_u64().unwrap();
        assert!((590..=600).contains(&wait), "Graph said 600 s: {tool} {error}");
    }
}

/// If this failed, a model would look for a mistake of its own where something is not shared with the user, does not
/// exist any more, or is not Microsoft's to give just now.
#[rstest]
#[case::forbidden(403, "no_access")]
#[case::gone(404, "not_found")]
#[case::not_to_be_had(501, "unavailable")]
#[actix_web::test]
async fn what_graph_refuses_is_told_by_every_tool(#[case] status: u16, #[case] expected: &str) {
    let (world, token, known) = prepared().await;
    for (tool, arguments, forbidden) in asked_of_graph(&known) {
        let code = if status == 403 { forbidden } else { "itemNotFound" };
        world.fault(refusing(status, code)).await;
        let error = error(&world, &token, tool, &arguments).await;
        // Notes of an AI are refused to whoever has no licence for it.
        let is_licence =
            status == 403 && arguments["uri"].as_str().is_some_and(|uri| uri.starts_with("meeting-insights"));
        let expected = if is_licence { "not_licensed" } else { expected };
        assert_eq!(error["code"], expected, "{tool} {arguments}: {error}");
        assert_eq!(error["retry_after_s"].is_u64(), expected == "unavailable", "{tool} {arguments}: {error}");
        world.clear_faults().await;
    }
}

/// If this failed, a slip in a name would be answered with an empty list.
#[actix_web::test]
async fn what_is_named_and_is_not_there_is_not_found() {
    let (world, token, known) = prepared().await;
    for (row, arguments) in coming_into(|row| row.unknown, &known) {
        let error = error(&world, &token, row.tool, &arguments).await;
        assert_eq!(error["code"], "not_found", "{} {arguments}: {error}", row.label());
    }
}

/// If this failed, a model that forgets an argument would not be told which.
#[actix_web::test]
async fn an_argument_that_is_missing_is_named() {
    let (world, token, known) = prepared().await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await.json();
    let mut tried = 0;
    for tool in listed["result"]["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        for required in tool["inputSchema"]["required"].as_array().into_iter().flatten() {
            let mut arguments = known.good(name);
            arguments.as_object_mut().unwrap().remove(required.as_str().unwrap());
            let error = error(&world, &token, name, &arguments).await;
            assert_eq!(error["code"], "invalid_arguments", "{name} {required}: {error}");
            assert!(error["why"].as_str().unwrap().contains(required.as_str().unwrap()), "{name}: {error}");
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried} arguments were left out");
}
