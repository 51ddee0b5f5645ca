//! `tools/call`: arguments in, every kind of answer out.

use connector_observability::{CallOutcome, CallTarget};
use rstest::rstest;

use super::host::{Ending, sign_in};
use super::*;
use crate::tools::{InternalError, Tool};

/// If this failed, a tool would get something else than the arguments that were sent.
#[rstest]
#[case::given(r#"{"query": "a b",  "limit":1.0}"#, r#"{"query": "a b",  "limit":1.0}"#)]
#[case::empty("{}", "{}")]
#[case::null("null", "{}")]
#[tokio::test]
async fn arguments_reach_the_tool_as_they_were_sent(#[case] sent: &str, #[case] got: &str) {
    let host = Host::default();
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"about","arguments":{sent}}}}}"#
    );
    answer(&body, &LEGACY, &host).await;
    assert_eq!(*host.ran.borrow(), [("about", got.to_owned())]);
}

/// If this failed, a call that says nothing of arguments would not run.
#[tokio::test]
async fn a_call_without_arguments_gets_an_empty_object() {
    let host = Host::default();
    answer(&legacy_request("tools/call", &json!({ "name": "about" })), &LEGACY, &host).await;
    assert_eq!(*host.ran.borrow(), [("about", "{}".to_owned())]);
}

/// If this failed, a mistake of the caller would look like one of the transport, or like an unknown method.
#[rstest]
#[case::unknown_tool(json!({ "name": "no_such" }))]
#[case::no_name(json!({}))]
#[case::name_number(json!({ "name": 1 }))]
#[case::arguments_array(json!({ "name": "about", "arguments": [] }))]
#[case::arguments_text(json!({ "name": "about", "arguments": "{}" }))]
#[tokio::test]
async fn wrong_params_are_an_error_inside_the_call(#[case] params: Value) {
    let host = Host::default();
    let (status, reply, done) = answer(&legacy_request("tools/call", &params), &LEGACY, &host).await;
    assert_eq!((status, &reply["error"]["code"]), (200, &json!(-32602)));
    assert_eq!((done.tool, done.outcome), (None, CallOutcome::ProtocolError(-32602)));

    let name = params["name"].as_str().map_or(HeaderField::Absent, HeaderField::Value);
    let headers = TransportHeaders { name, ..modern("tools/call") };
    let (status, reply, _) = answer(&modern_request("tools/call", params.clone()), &headers, &host).await;
    assert_eq!((status, &reply["error"]["code"]), (200, &json!(-32602)));
    assert!(host.ran.borrow().is_empty());
}

/// If this failed, a client would not find what the tool found.
#[tokio::test]
async fn an_answer_carries_text_and_structure() {
    let (status, reply, done) =
        answer(&legacy_request("tools/call", &json!({ "name": "get_me" })), &LEGACY, &Host::default()).await;
    let expected = json!({
        "content": [{ "type": "text", "text": r#"{"name":"Ada \"A\" L."}"# }],
        "structuredContent": { "name": "Ada \"A\" L." },
        "isError": false,
    });
    assert_eq!((status, &reply["result"]), (200, &expected));
    assert_eq!((done.tool, done.outcome), (Some("get_me"), CallOutcome::Completed));
}

/// If this failed, a modern client would refuse the answer, for it must say of what type it is.
#[tokio::test]
async fn a_modern_answer_says_that_it_is_complete_and_who_answers() {
    let body = modern_request("tools/call", json!({ "name": "get_me" }));
    let (_, reply, _) = answer(&body, &modern_call("get_me"), &Host::default()).await;
    let result = &reply["result"];
    assert_eq!((&result["resultType"], &result["isError"]), (&json!("complete"), &json!(false)));
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"], "1.2.3");
    assert!(result.get("ttlMs").is_none() && result.get("cacheScope").is_none());
}

/// Asks its user, so that it needs a client that can.
static ASKING: [Tool; 1] =
    [Tool { name: "ask", client_capabilities: &["elicitation", "roots"], ..host::TOOLS[2] }];

/// If this failed, a tool would run for a client that can't take part in it, or be kept from one that can. In the legacy
/// era a capability belongs to a session, and there are none.
#[rstest]
#[case::both(json!({ "elicitation": {}, "roots": {}, "sampling": {} }), None)]
#[case::one(json!({ "elicitation": {} }), Some(json!({ "roots": {} })))]
#[case::none(json!({}), Some(json!({ "elicitation": {}, "roots": {} })))]
#[tokio::test]
async fn a_tool_runs_for_a_client_that_can_what_it_needs(
    #[case] declared: Value,
    #[case] missing: Option<Value>,
) {
    let body = modern_request("tools/call", json!({ "name": "ask" }))
        .replace(r#"clientCapabilities":{}"#, &format!(r#"clientCapabilities":{declared}"#));
    let calls = [
        (body, modern_call("ask"), missing),
        (
            legacy_request("tools/call", &json!({ "name": "ask" })),
            LEGACY,
            Some(json!({ "elicitation": {}, "roots": {} })),
        ),
    ];
    for (body, headers, missing) in calls {
        let host = Host::default();
        let answer = ask(Catalogue::of_tools(&ASKING), &body, &headers, &host).await;
        let reply: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.tool, Some("ask"));
        assert_eq!(reply["error"]["code"].as_i64(), missing.as_ref().map(|_| -32_021), "{reply}");
        assert_eq!(reply["error"]["data"].get("requiredCapabilities"), missing.as_ref(), "{reply}");
        assert_eq!(host.ran.borrow().is_empty(), missing.is_some());
    }
}

/// Wants its region in a header, too.
static MIRRORING: [Tool; 1] = [Tool { name: "weather", input_schema: mirrored, ..host::TOOLS[2] }];

fn mirrored() -> Value {
    json!({ "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } })
}

/// If this failed, a proxy could route by one region and this server look at another, or a client would be held to headers that
/// its revision does not know. The host has no header of this name.
#[rstest]
#[case::modern(
    modern_call("weather"),
    modern_request("tools/call", json!({ "name": "weather", "arguments": { "region": "eu" } })),
    CallOutcome::ProtocolError(-32020)
)]
#[case::modern_without_the_argument(
    modern_call("weather"),
    modern_request("tools/call", json!({ "name": "weather" })),
    CallOutcome::Completed
)]
#[case::legacy(
    LEGACY,
    legacy_request("tools/call", &json!({ "name": "weather", "arguments": { "region": "eu" } })),
    CallOutcome::Completed
)]
#[tokio::test]
async fn a_modern_call_mirrors_the_arguments_that_its_tool_wants_in_headers(
    #[case] headers: TransportHeaders<'_>,
    #[case] body: String,
    #[case] outcome: CallOutcome,
) {
    let host = Host::default();
    let answer = ask(Catalogue::of_tools(&MIRRORING), &body, &headers, &host).await;
    assert_eq!((answer.tool, answer.outcome), (Some("weather"), outcome));
    assert_eq!(host.ran.borrow().is_empty(), outcome != CallOutcome::Completed);
}

/// If this failed, the user would not learn what to do, or a client would hold an error against the output schema.
#[rstest]
#[case::legacy(LEGACY, legacy_request("tools/call", &json!({ "name": "get_me" })))]
#[case::modern(modern_call("get_me"), modern_request("tools/call", json!({ "name": "get_me" })))]
#[tokio::test]
async fn an_error_for_the_user_is_a_result_that_says_what_to_do(
    #[case] headers: TransportHeaders<'_>,
    #[case] body: String,
) {
    let (status, reply, done) = answer(&body, &headers, &Host::ending(Ending::Throttled)).await;
    let result = &reply["result"];
    let parts = json!({
        "code": "throttled",
        "what": "Outlook asks to be left alone.",
        "why": "Too many requests.",
        "who": "nobody",
        "how": "Wait.",
        "correlation_id": Host::CORRELATION_ID.to_string(),
        "link": "https://login.example/consent",
        "retry_after_s": 30,
    });
    assert_eq!((status, &result["isError"]), (200, &json!(true)));
    assert_eq!(result["_meta"]["m365-connector/error"], parts);
    assert!(result.get("structuredContent").is_none());
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(
        ["left alone", "Too many", "nobody", "Wait", "login.example/consent", "throttled", "00c0ffee"]
            .iter()
            .all(|part| text.contains(part)),
        "{text}"
    );
    assert_eq!((done.tool, done.outcome), (Some("get_me"), CallOutcome::ToolFailed("throttled")));
    assert_eq!(done.challenge, None);
}

/// If this failed, what broke inside would be told to the outside.
#[tokio::test]
async fn an_error_of_ours_tells_nothing_but_the_correlation_id() {
    let (status, reply, done) = answer(
        &legacy_request("tools/call", &json!({ "name": "get_me" })),
        &LEGACY,
        &Host::ending(Ending::Broken),
    )
    .await;
    let error = json!({
        "code": -32603,
        "message": "internal error",
        "data": { "correlation_id": Host::CORRELATION_ID.to_string() },
    });
    assert_eq!((status, reply), (200, json!({ "jsonrpc": "2.0", "id": 7, "error": error })));
    assert_eq!((done.tool, done.outcome), (Some("get_me"), CallOutcome::ProtocolError(-32603)));
    assert_eq!(done.fault, Some(InternalError::Sealing));
}

/// If this failed, the transport could not send a user who has to sign in again to do so.
#[tokio::test]
async fn a_challenge_is_handed_to_the_transport() {
    let body = legacy_request("tools/call", &json!({ "name": "get_me" }));
    let (_, reply, done) = answer(&body, &LEGACY, &Host::ending(Ending::SignedOut)).await;
    assert_eq!(reply["result"]["_meta"]["m365-connector/error"]["code"], "sign_in_required");
    assert_eq!(done.challenge, Some(sign_in()));
}

/// If this failed, a tool that an administrator switched off would still run, or the user would not learn of it.
#[tokio::test]
async fn a_tool_that_is_switched_off_does_not_run() {
    let host = Host::denying("get_me");
    let (status, reply, done) =
        answer(&legacy_request("tools/call", &json!({ "name": "get_me" })), &LEGACY, &host).await;
    assert_eq!((status, &reply["result"]["isError"]), (200, &json!(true)));
    assert_eq!(reply["result"]["_meta"]["m365-connector/error"]["code"], "tool_switched_off");
    assert_eq!((done.tool, done.outcome), (Some("get_me"), CallOutcome::Refused("tool_switched_off")));
    assert!(host.ran.borrow().is_empty());
}

/// If this failed, a call that is cancelled could not be put down to its tool, or content would get into the records.
#[tokio::test]
async fn a_request_tells_its_tool_and_trace_before_any_work() {
    let params =
        json!({ "name": "get_me", "arguments": { "secret": "s3cret" }, "_meta": { "traceparent": "00-x" } });
    let body = legacy_request("tools/call", &params);
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &LEGACY, Offered::default()) else {
        panic!("no request")
    };
    assert_eq!(request.method().as_str(), "tools/call");
    assert_eq!(request.era().version(), "2025-11-25");
    assert_eq!(server().target_of(&request), Some(CallTarget::Tool("get_me")));
    assert_eq!(request.traceparent(), Some("00-x"));
    assert!(!format!("{request:?}").contains("s3cret"));
}
