//! `tools/list`: what it shows of a tool, to whom, and how long it keeps.

use std::time::Duration;

use rstest::rstest;

use super::host::Scopes;
use super::*;
use crate::mcp::RegistryError;
use crate::tools::Tool;

async fn names(host: &Host) -> Vec<String> {
    let body = legacy_request("tools/list", &json!({}));
    let (_, reply, _) = answer(&body, &LEGACY, host).await;
    let tools = reply["result"]["tools"].as_array().unwrap().clone();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// If this failed, a user would see tools that can't work for them, or miss those that can, or in changing order.
#[rstest]
#[case::every_scope("Mail.Read User.Read", &["search_mail", "get_me", "about"])]
#[case::one_of_several("Mail.ReadBasic", &["search_mail", "about"])]
#[case::none("Files.Read", &["about"])]
#[tokio::test]
async fn granted_scopes_filter_the_list(#[case] scopes: &'static str, #[case] expected: &[&str]) {
    assert_eq!(names(&Host::with_scopes(Scopes::Granted(scopes))).await, expected);
}

/// If this failed, a user whose exchange is refused would see no tools and never learn why.
#[tokio::test]
async fn without_scopes_policy_alone_filters_the_list() {
    assert_eq!(names(&Host::with_scopes(Scopes::Refused)).await, ["search_mail", "get_me", "about"]);
    assert_eq!(names(&Host::denying("get_me")).await, ["search_mail", "about"]);
}

/// If this failed, a slow exchange would hold up a list for as long as it takes.
#[tokio::test]
async fn late_scopes_are_not_waited_for() {
    let server = server().waiting_for_scopes(Duration::ZERO);
    let body = legacy_request("tools/list", &json!({}));
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &LEGACY, Offered::default()) else {
        panic!("no request")
    };
    let answer = server.answer(&request, &Host::with_scopes(Scopes::Never)).await;
    let reply: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(reply["result"]["tools"].as_array().map(Vec::len), Some(3));
}

/// If this failed, a client would keep tools that the user can't use for minutes after the scopes have come.
#[rstest]
#[case::late(Scopes::Never)]
#[case::refused(Scopes::Refused)]
#[tokio::test]
async fn a_list_that_no_scopes_have_filtered_does_not_keep(#[case] scopes: Scopes) {
    let server = server().waiting_for_scopes(Duration::ZERO);
    let body = modern_request("tools/list", json!({}));
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &modern("tools/list"), Offered::default())
    else {
        panic!("no request")
    };
    let answer = server.answer(&request, &Host::with_scopes(scopes)).await;
    let reply: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(reply["result"]["ttlMs"], 0, "{reply}");
    assert_eq!(reply["result"]["cacheScope"], "private", "{reply}");
}

/// If this failed, clients would not show a tool as what it is: one that only reads.
#[tokio::test]
async fn a_tool_is_listed_with_schemas_and_hints() {
    let body = legacy_request("tools/list", &json!({}));
    let (_, reply, _) = answer(&body, &LEGACY, &Host::default()).await;
    let expected = json!({
        "name": "search_mail",
        "title": "A title",
        "description": "A description.",
        "inputSchema": { "type": "object", "additionalProperties": false },
        "outputSchema": { "type": "object", "additionalProperties": false },
        "icons": [{ "src": "https://connector.example/icons/1/connector.png" }],
        "annotations": {
            "title": "A title", "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true,
            "openWorldHint": true,
        },
    });
    assert_eq!(reply["result"]["tools"][0], expected);
    assert_eq!(
        reply["result"].as_object().map(serde_json::Map::len),
        Some(1),
        "legacy results carry no marks"
    );
}

/// If this failed, a shared cache could show one user's list to another, or a client would keep it for good.
#[tokio::test]
async fn a_modern_list_is_private_and_keeps_for_a_while() {
    let body = modern_request("tools/list", json!({}));
    let host = Host::with_scopes(Scopes::Granted("User.Read"));
    let (_, reply, _) = answer(&body, &modern("tools/list"), &host).await;
    let result = &reply["result"];
    assert_eq!((&result["resultType"], &result["cacheScope"]), (&json!("complete"), &json!("private")));
    assert_eq!(result["ttlMs"], 300_000);
    let identity = json!({ "name": "m365-connector", "title": "Microsoft 365", "version": "1.2.3" });
    assert_eq!(result["_meta"], json!({ "io.modelcontextprotocol/serverInfo": identity }));
    assert!(result.get("nextCursor").is_none());
}

/// If this failed, a client that pages would loop, or be told nothing of a cursor that is not ours.
#[rstest]
#[case::empty(json!(""), None)]
#[case::null(json!(null), None)]
#[case::unknown(json!("page-2"), Some((200, -32602)))]
#[case::another_type(json!(2), Some((200, -32602)))]
#[tokio::test]
async fn only_the_first_page_has_a_cursor(#[case] cursor: Value, #[case] expected: Option<(u16, i64)>) {
    let body = legacy_request("tools/list", &json!({ "cursor": cursor }));
    let (status, reply, _) = answer(&body, &LEGACY, &Host::default()).await;
    assert_eq!(reply["error"]["code"].as_i64().map(|code| (status, code)), expected);
    assert_eq!(reply.get("result").is_some(), expected.is_none());
}

fn catalogue_of(tools: [Tool; 2]) -> Result<McpServer, RegistryError> {
    let info = ServerInfo {
        name: String::new(),
        title: String::new(),
        version: String::new(),
        instructions: String::new(),
        website: None,
        icons: None,
    };
    McpServer::new(&info, Catalogue::of_tools(Box::leak(Box::new(tools))))
}

/// If this failed, a mistake in a tool's definition would show at a client instead of at start.
#[rstest]
#[case::legal("A-z_0.9", "Ok")]
#[case::taken("about", "RepeatedName")]
#[case::empty("", "IllegalName")]
#[case::with_a_space("a b", "IllegalName")]
#[case::beyond_ascii("é", "IllegalName")]
fn a_catalogue_with_a_wrong_name_does_not_start(#[case] name: &'static str, #[case] expected: &str) {
    let named = |name| Tool { name, ..host::TOOLS[0] };
    let started = match catalogue_of([named("about"), named(name)]) {
        Ok(_) => "Ok",
        Err(RegistryError::RepeatedName(_)) => "RepeatedName",
        Err(RegistryError::IllegalName(_)) => "IllegalName",
        Err(_) => "another error",
    };
    assert_eq!(started, expected);
}

/// If this failed, clients that check schemas would drop the tool.
#[rstest]
#[case::input(Tool { input_schema: || json!({ "type": "array" }), ..host::TOOLS[0] })]
#[case::output(Tool { output_schema: Some(|| json!({})), ..host::TOOLS[0] })]
#[case::no_schema(Tool { output_schema: Some(|| json!(true)), ..host::TOOLS[0] })]
fn a_schema_must_be_one_of_an_object(#[case] tool: Tool) {
    let started = catalogue_of([Tool { name: "another", ..host::TOOLS[0] }, tool]);
    assert!(matches!(started, Err(RegistryError::NotAnObjectSchema("search_mail"))));
}
