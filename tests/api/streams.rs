//! Calls that say how far they are, and arguments that travel in headers: the transport with a catalogue of its own.

use std::future::pending;
use std::time::Duration;

use m365_connector::control::{ControlAnswer, ControlRequest, NamedSubject, ask};
use m365_connector::tools::{Catalogue, Content, Progress, ScopeRule, Tool, ToolAnswer, ToolRun};
use m365_connector::{AuditTarget, StateLocation};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::running::ScratchDirectory;
use crate::world::{Answer, MODERN, ScratchFile, World, eventually, send};

const LARGEST_ON_THE_WORKER: usize = 256 * 1024;

static TOOLS: [Tool; 4] = [
    tool("count_to_two", COUNT_TO_TWO),
    tool("never_ends", NEVER_ENDS),
    Tool { input_schema: regional, ..tool("regional_call", COUNT_TO_TWO) },
    Tool { client_capabilities: &["sampling"], ..tool("needs_sampling", COUNT_TO_TWO) },
];

const fn tool(name: &'static str, run: ToolRun) -> Tool {
    Tool {
        name,
        title: "A tool",
        description: "A tool of this test.",
        input_schema: anything,
        output_schema: None,
        scopes: ScopeRule(&[]),
        client_capabilities: &[],
        warm_requests: 0,
        most_requests: 0,
        run,
    }
}

fn anything() -> Value {
    json!({ "type": "object" })
}

fn regional() -> Value {
    json!({ "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } })
}

const fn step(progress: u32) -> Progress<'static> {
    Progress { progress, total: Some(2), message: "Counting." }
}

const COUNT_TO_TWO: ToolRun = |call| {
    Box::pin(async move {
        for number in [1, 2] {
            call.progress.report(step(number));
            tokio::task::yield_now().await;
        }
        Ok(ToolAnswer::Blocks(vec![Content::Text { text: "Done.".into() }]))
    })
};

const NEVER_ENDS: ToolRun = |call| {
    Box::pin(async move {
        call.progress.report(step(1));
        pending().await
    })
};

async fn world() -> World {
    World::offering(Catalogue::of_tools(&TOOLS), |_| {}).await
}

/// The events of a stream, each a JSON text.
pub(crate) fn events(answer: &Answer) -> Vec<Value> {
    answer
        .text
        .split_terminator("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect()
}

fn with_token(tool: &str, token: &Value) -> Value {
    json!({ "name": tool, "arguments": {}, "_meta": { "progressToken": token } })
}

/// If this failed, a client that asked for progress would not get it, or could not match it with its call.
#[rstest]
#[case::modern_text(true, json!("p-1"))]
#[case::modern_number(true, json!(9))]
#[case::legacy(false, json!("p-2"))]
#[actix_web::test]
async fn progress_comes_as_events_before_the_answer(#[case] modern: bool, #[case] token: Value) {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    let params = with_token("count_to_two", &token);
    let request = if modern {
        world.modern(&bearer, "tools/call", params)
    } else {
        world.legacy(&bearer, "2025-11-25", "tools/call", &params)
    };
    let answer = send(request).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/event-stream"));
    assert_eq!((answer.header("cache-control"), answer.header("x-accel-buffering")), ("no-store", "no"));

    let events = events(&answer);
    let (result, reports) = events.split_last().unwrap();
    assert_eq!(reports.len(), 2, "{}", answer.text);
    for (report, number) in reports.iter().zip([1, 2]) {
        assert_eq!(report["method"], "notifications/progress");
        assert_eq!(report["params"]["progressToken"], token);
        assert_eq!(report["params"]["progress"], number);
    }
    assert_eq!(result["result"]["content"][0]["text"], "Done.");
    assert_eq!(result["result"].get("resultType").is_some(), modern);
    assert_eq!(result["id"], if modern { json!(7) } else { json!("seven") });
}

/// If this failed, calls would be answered with a stream that nobody asked for.
#[actix_web::test]
async fn without_a_token_the_answer_is_one_object() {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    let params = json!({ "name": "count_to_two", "arguments": {} });
    let answer = send(world.modern(&bearer, "tools/call", params)).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("content-length"), answer.text.len().to_string());
    assert_eq!(answer.json()["result"]["content"][0]["text"], "Done.");
}

/// If this failed, a call whose client has closed the stream would run on, and hold its permits.
#[actix_web::test]
async fn closing_the_stream_cancels_the_call() {
    let journal = ScratchFile::new("stream.jsonl");
    let world = World::offering(Catalogue::of_tools(&TOOLS), |settings| {
        settings.audit.target = AuditTarget::File(journal.0.clone());
    })
    .await;
    let bearer = world.token(&world.person(0, 0)).await;
    let request = world.modern(&bearer, "tools/call", with_token("never_ends", &json!(1)));
    let mut response = request.send().await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: "), "{first:?}");
    assert_eq!(world.calls_in_progress().await, 1);

    drop(response);
    let cancelled = eventually("its record is there", async || {
        journal.json_lines().iter().any(|record| record["outcome"] == "cancelled")
    });
    tokio::time::timeout(Duration::from_secs(1), cancelled).await.expect("within a second");
    world.quiet().await;
}

/// If this failed, a client whose access ends while it waits for a stream's last event would wait for ever.
#[rstest]
#[case::text(json!("a-7"))]
#[case::number(json!(7))]
#[actix_web::test]
async fn a_stream_that_is_cut_off_ends_with_an_error_that_says_so(#[case] id: Value) {
    let state = ScratchDirectory::new(&format!("cut-off-{}", id.is_string()));
    let at = StateLocation::Directory(state.0.clone());
    let world = World::offering(Catalogue::of_tools(&TOOLS), |settings| settings.state = at).await;
    let person = world.person(0, 0);
    let bearer = world.token(&person).await;
    let params = with_token("never_ends", &json!(1));
    let mut response = world.modern_as(&id, &bearer, "tools/call", params).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("\n\n") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }

    let subject = NamedSubject::Tenant { tenant: person.tenant.parse().unwrap() };
    let directory = state.0.clone();
    let revoked = tokio::task::spawn_blocking(move || ask(&directory, &ControlRequest::Revoke { subject }));
    assert!(matches!(revoked.await.unwrap().unwrap(), ControlAnswer::Revoked(_)));
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let last = text.trim_end().rsplit("\n\n").next().unwrap().strip_prefix("data: ").unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["id"], id, "{last}");
    assert_eq!(last["error"]["code"], 2, "{last}");
    assert_eq!(last["error"]["data"]["code"], "sign_in_revoked", "{last}");
    world.quiet().await;
}

/// If this failed, a proxy could route by one value while the tool runs with another.
#[rstest]
#[case::same(Some("us-west1"), json!({ "region": "us-west1" }), 200, None)]
#[case::encoded(Some("=?base64?w6k=?="), json!({ "region": "é" }), 200, None)]
#[case::other(Some("us-east1"), json!({ "region": "us-west1" }), 400, Some(-32020))]
#[case::left_out(None, json!({ "region": "us-west1" }), 400, Some(-32020))]
#[case::of_nothing(Some("us-west1"), json!({}), 400, Some(-32020))]
#[case::nothing(None, json!({}), 200, None)]
#[actix_web::test]
async fn a_mirrored_argument_must_match_its_header(
    #[case] header: Option<&str>,
    #[case] arguments: Value,
    #[case] status: u16,
    #[case] code: Option<i64>,
) {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    let params = json!({ "name": "regional_call", "arguments": arguments });
    let mut request = world.modern(&bearer, "tools/call", params);
    if let Some(header) = header {
        request = request.header("mcp-param-region", header);
    }
    let answer = send(request).await;
    let found = (answer.status.as_u16(), answer.json()["error"]["code"].as_i64());
    assert_eq!(found, (status, code), "{}", answer.text);
}

/// If this failed, a client of the versions before would be held to headers that they do not know.
#[rstest]
#[case::other(Some("us-east1"))]
#[case::left_out(None)]
#[actix_web::test]
async fn a_legacy_call_mirrors_no_argument(#[case] header: Option<&str>) {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    let params = json!({ "name": "regional_call", "arguments": { "region": "us-west1" } });
    let mut request = world.legacy(&bearer, "2025-11-25", "tools/call", &params);
    if let Some(header) = header {
        request = request.header("mcp-param-region", header);
    }
    let answer = send(request).await;
    assert!(answer.status == StatusCode::OK && answer.json()["result"].is_object(), "{}", answer.text);
}

/// If this failed, a tool would run with a client that can't do its part, or the client would not learn what is missing.
#[rstest]
#[case::declared(json!({ "sampling": {} }), 200, Value::Null)]
#[case::among_others(json!({ "roots": {}, "sampling": { "tools": {} } }), 200, Value::Null)]
#[case::none(json!({}), 400, json!({ "requiredCapabilities": { "sampling": {} } }))]
#[case::another(json!({ "elicitation": {} }), 400, json!({ "requiredCapabilities": { "sampling": {} } }))]
#[actix_web::test]
async fn a_tool_that_needs_a_capability_refuses_clients_without_it(
    #[case] declared: Value,
    #[case] status: u16,
    #[case] data: Value,
) {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": declared,
    });
    let params = json!({ "name": "needs_sampling", "arguments": {}, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = world
        .post()
        .bearer_auth(&bearer)
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "needs_sampling");
    let answer = send(request.body(body.to_string())).await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status.as_u16(), &error["data"]), (status, &data), "{}", answer.text);
    assert_eq!(error["code"].as_i64(), (status == 400).then_some(-32021));
}

/// If this failed, a body that is parsed on another thread would be answered otherwise than a small one.
#[rstest]
#[case::good("", 200, None)]
#[case::malformed("}", 400, Some(-32700))]
#[actix_web::test]
async fn a_large_body_is_answered_like_a_small_one(
    #[case] trailing: &str,
    #[case] status: u16,
    #[case] code: Option<i64>,
) {
    let world = world().await;
    let bearer = world.token(&world.person(0, 0)).await;
    for padding in [10, LARGEST_ON_THE_WORKER] {
        let params = json!({ "name": "count_to_two", "arguments": { "padding": "x".repeat(padding) } });
        let body = json!({ "jsonrpc": "2.0", "id": "large", "method": "tools/call", "params": params });
        let request = world.post().bearer_auth(&bearer).header("mcp-protocol-version", "2025-11-25");
        let answer = send(request.body(format!("{body}{trailing}"))).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_i64()), (status, code));
        if code.is_none() {
            assert_eq!(answer.json()["id"], "large");
        }
    }
}
