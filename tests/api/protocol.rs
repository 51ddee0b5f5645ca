//! Both eras of the protocol, spoken to the letter.

use m365_connector::Catalogue;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{MODERN, World, send};

/// The names of all tools, in the order of the alphabet.
fn offered() -> Vec<&'static str> {
    let mut names: Vec<&str> = Catalogue::MICROSOFT_365.tools.iter().map(|tool| tool.name).collect();
    names.sort_unstable();
    names
}

fn tool_names(result: &Value) -> Vec<String> {
    let mut names: Vec<String> = result["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// If this failed, a modern client could not find out what the connector speaks.
#[actix_web::test]
async fn a_modern_client_discovers_lists_and_calls() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;

    let discovered = send(world.modern(&token, "server/discover", json!({}))).await.json()["result"].clone();
    assert_eq!(discovered["resultType"], "complete");
    assert!(discovered["supportedVersions"].as_array().unwrap().contains(&json!(MODERN)), "{discovered}");
    assert!(discovered["capabilities"]["tools"].is_object());
    assert!(discovered["ttlMs"].is_u64() && discovered["cacheScope"].is_string(), "{discovered}");

    let listed = send(world.modern(&token, "tools/list", json!({}))).await.json()["result"].clone();
    assert_eq!(tool_names(&listed), offered());
    assert_eq!(listed["cacheScope"], "private", "the list differs from user to user");
    for tool in listed["tools"].as_array().unwrap() {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
        assert!(tool["annotations"]["title"].is_string() && tool["outputSchema"].is_object(), "{tool}");
    }

    let me = world.call(&token, "get_me", json!({})).await;
    assert_eq!(me["resultType"], "complete");
    let text: Value = serde_json::from_str(me["content"][0]["text"].as_str().unwrap()).unwrap();
    assert!(me["structuredContent"].is_object() && text.is_object(), "{me}");
}

/// If this failed, every client that still opens with `initialize` would be turned away.
#[rstest]
#[case::current("2025-11-25", "2025-11-25")]
#[case::older("2025-06-18", "2025-06-18")]
#[case::much_older("2024-11-05", "2025-06-18")]
#[case::newer_than_any_legacy("2026-07-28", "2025-11-25")]
#[actix_web::test]
async fn a_legacy_client_negotiates_its_version(#[case] proposed: &str, #[case] agreed: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let params = json!({ "protocolVersion": proposed, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let answer = send(world.post().bearer_auth(&token).body(body.to_string())).await;
    let result = &answer.json()["result"];
    assert_eq!(result["protocolVersion"], agreed);
    assert!(result["serverInfo"]["name"].is_string() && result["capabilities"]["tools"].is_object());
    assert_eq!(answer.header("mcp-session-id"), "", "there are no sessions");

    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let request = world.post().bearer_auth(&token).header("mcp-protocol-version", agreed);
    let accepted = send(request.body(initialized.to_string())).await;
    assert_eq!((accepted.status, accepted.text.as_str()), (StatusCode::ACCEPTED, ""));

    let listed = send(world.legacy(&token, agreed, "tools/list", &json!({}))).await.json();
    assert_eq!(tool_names(&listed["result"]), offered());
    assert_eq!(listed["id"], "seven");
    assert!(listed["result"].get("resultType").is_none(), "legacy results know no result type");
    let pong = send(world.legacy(&token, agreed, "ping", &json!({}))).await.json();
    assert!(pong["result"].is_object(), "{pong}");
}

/// If this failed, an answer could be taken for that of another request.
#[rstest]
#[case::integer("42")]
#[case::large("9007199254740993")]
#[case::text("\"a \\\"quoted\\\" id\"")]
#[case::empty_text("\"\"")]
#[actix_web::test]
async fn an_id_comes_back_as_it_was_sent(#[case] id: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
    let answer = send(world.post().bearer_auth(&token).body(body)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains(&format!("\"id\":{id}")), "{}", answer.text);
}

/// If this failed, bodies that are no requests would be answered with a wrong status or code.
#[rstest]
#[case::empty("", 400, -32700)]
#[case::malformed("{\"jsonrpc\":", 400, -32700)]
#[case::trailing("{} {}", 400, -32700)]
#[case::batch("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", 400, -32600)]
#[case::text("\"ping\"", 400, -32600)]
#[case::number("7", 400, -32600)]
#[case::no_method("{\"jsonrpc\":\"2.0\",\"id\":1}", 400, -32600)]
#[case::other_version("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", 400, -32600)]
#[actix_web::test]
async fn a_body_that_is_no_request_is_named(#[case] body: &str, #[case] status: u16, #[case] code: i64) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = send(world.post().bearer_auth(&token).body(body.to_owned())).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"]["code"].as_i64()),
        (status, Some(code)),
        "{}",
        answer.text
    );
}

/// If this failed, a deep body could exhaust the stack of a worker.
#[rstest]
#[case::at_the_limit(62, StatusCode::OK)]
#[case::beyond(63, StatusCode::BAD_REQUEST)]
#[case::far_beyond(100_000, StatusCode::BAD_REQUEST)]
#[actix_web::test]
async fn nesting_is_limited(#[case] depth: usize, #[case] expected: StatusCode) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"deep":{nested}}}}}"#);
    let answer = send(world.post().bearer_auth(&token).body(body)).await;
    assert_eq!(answer.status, expected, "{}", answer.text);
    if expected != StatusCode::OK {
        assert_eq!(answer.json()["error"]["code"], -32700);
    }
}

/// If this failed, a proxy that routes by header could be led astray by the body, or a client could not tell why
/// it is refused.
#[rstest]
#[case::version_header_alone(&[("mcp-protocol-version", MODERN), ("mcp-method", "tools/list")], json!({}), 400, -32602)]
#[case::other_version_in_header(&[("mcp-protocol-version", "2025-11-25"), ("mcp-method", "tools/list")], modern_meta(), 400, -32020)]
#[case::no_version_header(&[("mcp-method", "tools/list")], modern_meta(), 400, -32020)]
#[case::no_method_header(&[("mcp-protocol-version", MODERN)], modern_meta(), 400, -32020)]
#[case::other_method(&[("mcp-protocol-version", MODERN), ("mcp-method", "tools/call")], modern_meta(), 400, -32020)]
// Names and arguments alone may be encoded; what is written so here is another method, and another version.
#[case::encoded_method(&[("mcp-protocol-version", MODERN), ("mcp-method", "=?base64?dG9vbHMvbGlzdA==?=")], modern_meta(), 400, -32020)]
#[case::encoded_version(&[("mcp-protocol-version", "=?base64?MjAyNi0wNy0yOA==?="), ("mcp-method", "tools/list")], modern_meta(), 400, -32020)]
#[case::method_in_other_case(&[("mcp-protocol-version", MODERN), ("mcp-method", "Tools/List")], modern_meta(), 400, -32020)]
#[case::two_methods(&[("mcp-protocol-version", MODERN), ("mcp-method", "tools/list"), ("mcp-method", "tools/list")], modern_meta(), 400, -32020)]
#[case::unknown_version(&[("mcp-protocol-version", "2031-01-01"), ("mcp-method", "tools/list")], meta("2031-01-01"), 400, -32022)]
#[actix_web::test]
async fn modern_headers_are_held_against_the_body(
    #[case] headers: &[(&str, &str)],
    #[case] meta: Value,
    #[case] status: u16,
    #[case] code: i64,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } });
    let mut request = world.post().bearer_auth(&token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = send(request.body(body.to_string())).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"]["code"].as_i64()),
        (status, Some(code)),
        "{}",
        answer.text
    );
    if code == -32022 {
        assert!(answer.json()["error"]["data"]["supported"].is_array());
    }
}

fn modern_meta() -> Value {
    meta(MODERN)
}

fn meta(version: &str) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// If this failed, clients would misread what is missing: the method, the tool, or the arguments.
#[actix_web::test]
async fn unknown_methods_and_tools_are_told_apart() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;

    let modern = send(world.modern(&token, "tools/destroy", json!({}))).await;
    assert_eq!((modern.status, &modern.json()["error"]["code"]), (StatusCode::NOT_FOUND, &json!(-32601)));
    let legacy = send(world.legacy(&token, "2025-11-25", "tools/destroy", &json!({}))).await;
    assert_eq!((legacy.status, &legacy.json()["error"]["code"]), (StatusCode::OK, &json!(-32601)));
    let tool =
        send(world.modern(&token, "tools/call", json!({ "name": "no_such_tool", "arguments": {} }))).await;
    assert_eq!((tool.status, &tool.json()["error"]["code"]), (StatusCode::OK, &json!(-32602)));
}

/// If this failed, a mistake in an argument would be passed over silently.
#[rstest]
#[case::unknown("outlook_email_search", json!({ "colour": "red" }), "colour")]
#[case::wrong_type("outlook_email_search", json!({ "limit": "ten" }), "limit")]
#[case::out_of_range("outlook_email_search", json!({ "limit": 51 }), "50")]
#[case::no_date("outlook_email_search", json!({ "afterDateTime": "some day" }), "afterDateTime")]
#[case::forged_cursor("outlook_email_search", json!({ "cursor": "bm9wZQ" }), "cursor")]
#[case::missing("read_resource", json!({}), "uri")]
#[case::unknown_scheme("read_resource", json!({ "uri": "ftp:///x" }), "mail:///")]
#[actix_web::test]
async fn a_wrong_argument_is_a_tool_error_that_names_it(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] named: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let result = world.call(&token, tool, arguments).await;
    assert_eq!(result["isError"], true, "{result}");
    assert!(result["content"][0]["text"].as_str().unwrap().contains(named), "{result}");
    assert!(result["_meta"]["m365-connector/error"]["code"].is_string(), "{result}");
    assert!(result.get("structuredContent").is_none(), "clients hold it against the output schema");
}
