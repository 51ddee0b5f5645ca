//! Resources, prompts and completions: served where they are offered, unknown where not.

use connector_observability::{CallOutcome, CallTarget};
use rstest::rstest;
use serde_json::value::RawValue;

use super::host::{Ending, sign_in};
use super::*;
use crate::tools::{
    Completions, Content, ListedResource, Prompt, PromptArgument, PromptMessage, ResourceTemplate, Resources,
    Role,
};

static RESOURCES: Resources = Resources {
    listed: &[ListedResource {
        uri: "note:///welcome",
        name: "welcome",
        title: "Welcome",
        description: "A greeting.",
        mime_type: "text/plain",
    }],
    templates: &[&[ResourceTemplate {
        uri_template: "note:///{name}",
        name: "note",
        title: "A note",
        description: "A note by its name.",
        mime_type: "text/plain",
    }]],
    read: |_, _| Box::pin(async { Ok(Vec::new()) }),
    most_requests: |_| Some(0),
};

static PROMPTS: [Prompt; 1] = [Prompt {
    name: "greet",
    title: "Greet",
    description: "Greets somebody.",
    arguments: &[
        PromptArgument { name: "who", description: "A name.", required: true },
        PromptArgument { name: "tone", description: "Warm or cold.", required: false },
    ],
    render: |arguments| {
        let text = format!("Hello {}!", arguments["who"]).into();
        Ok(vec![PromptMessage { role: Role::User, content: Content::Text { text } }])
    },
}];

pub(super) fn offering() -> Catalogue {
    Catalogue {
        tools: &host::TOOLS,
        resources: Some(&RESOURCES),
        prompts: &PROMPTS,
        complete: Some(|_, _| Box::pin(async { Ok(Completions::default()) })),
    }
}

async fn reply(method: &'static str, params: Value, host: &Host) -> (u16, Value) {
    let name = params["name"].as_str().or(params["uri"].as_str()).map(str::to_owned);
    let name = name.as_deref().map_or(HeaderField::Absent, HeaderField::Value);
    let headers = TransportHeaders { name, ..modern(method) };
    let answer = ask(offering(), &modern_request(method, params), &headers, host).await;
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
}

/// If this failed, clients would ask for what is not there, or never for what is.
#[rstest]
#[case::offered(offering(), true)]
#[case::tools_alone(Catalogue::of_tools(&host::TOOLS), false)]
#[tokio::test]
async fn a_capability_is_declared_where_it_is_offered(#[case] catalogue: Catalogue, #[case] there: bool) {
    let initialize = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {} });
    let calls = [
        (modern_request("server/discover", json!({})), modern("server/discover")),
        (legacy_request("initialize", &initialize), LEGACY),
    ];
    for (body, headers) in calls {
        let answer = ask(catalogue, &body, &headers, &Host::default()).await;
        let reply: Value = serde_json::from_slice(&answer.body).unwrap();
        let capabilities = reply["result"]["capabilities"].as_object().unwrap();
        assert!(capabilities.contains_key("tools"), "{reply}");
        for capability in ["resources", "prompts", "completions"] {
            assert_eq!(capabilities.contains_key(capability), there, "{capability}");
        }
        assert!(!capabilities.contains_key("logging"));
    }
}

/// If this failed, a method that a server does not have would be answered as if the params were at fault.
#[rstest]
#[case("resources/list")]
#[case("resources/templates/list")]
#[case("resources/read")]
#[case("prompts/list")]
#[case("prompts/get")]
#[case("completion/complete")]
#[case("resources/subscribe")]
#[case("subscriptions/listen")]
#[case("logging/setLevel")]
#[tokio::test]
async fn what_is_not_offered_is_an_unknown_method(#[case] method: &'static str) {
    let tools = Catalogue::of_tools(&host::TOOLS);
    let answer = ask(tools, &modern_request(method, json!({})), &modern(method), &Host::default()).await;
    assert_eq!((answer.status.as_u16(), answer.outcome), (404, CallOutcome::ProtocolError(-32601)));
    let answer = ask(tools, &legacy_request(method, &json!({})), &LEGACY, &Host::default()).await;
    assert_eq!((answer.status.as_u16(), answer.outcome), (200, CallOutcome::ProtocolError(-32601)));
}

/// If this failed, clients would refuse a list, or keep one for longer or for more people than it holds for.
#[rstest]
#[case::resources("resources/list", "resources", "uri", "note:///welcome")]
#[case::templates("resources/templates/list", "resourceTemplates", "uriTemplate", "note:///{name}")]
#[case::prompts("prompts/list", "prompts", "name", "greet")]
#[tokio::test]
async fn a_list_has_its_items_and_says_how_long_it_holds(
    #[case] method: &'static str,
    #[case] member: &str,
    #[case] field: &str,
    #[case] expected: &str,
) {
    let (status, reply) = reply(method, json!({}), &Host::default()).await;
    let result = &reply["result"];
    assert_eq!((status, result[member][0][field].as_str()), (200, Some(expected)));
    assert_eq!((&result["resultType"], &result["cacheScope"]), (&json!("complete"), &json!("public")));
    assert!(result["ttlMs"].is_u64());

    let legacy = ask(offering(), &legacy_request(method, &json!({})), &LEGACY, &Host::default()).await;
    let legacy: Value = serde_json::from_slice(&legacy.body).unwrap();
    let members: Vec<&String> = legacy["result"].as_object().unwrap().keys().collect();
    assert_eq!(members, [member]);
}

/// If this failed, a user's content would be kept by a cache, or not be there.
#[tokio::test]
async fn a_resource_is_read_for_one_user_and_kept_by_nobody() {
    let (status, reply) = reply("resources/read", json!({ "uri": "note:///a" }), &Host::default()).await;
    let result = &reply["result"];
    assert_eq!(status, 200);
    let expected = json!([{ "uri": "note:///a", "mimeType": "text/plain", "text": "Hello." }]);
    assert_eq!(result["contents"], expected);
    assert_eq!((&result["cacheScope"], &result["ttlMs"]), (&json!("private"), &json!(0)));
}

/// If this failed, a client could not tell an absent resource from a broken server, or which of those it asked for is not
/// there; and the old code is retired.
#[rstest]
#[case::gone("note:///gone", Ending::Absent, "not_found")]
#[case::of_no_form("note:///?", Ending::Unreadable, "invalid_arguments")]
#[tokio::test]
async fn an_absent_resource_has_the_code_of_its_era(
    #[case] uri: &str,
    #[case] ending: Ending,
    #[case] reason: &str,
) {
    let host = Host::ending(ending);
    let params = json!({ "uri": uri });
    let (status, modern) = reply("resources/read", params.clone(), &host).await;
    assert_eq!((status, &modern["error"]["code"]), (200, &json!(-32602)));
    let data = &modern["error"]["data"];
    assert_eq!((&data["uri"], &data["code"]), (&json!(uri), &json!(reason)));
    let legacy = ask(offering(), &legacy_request("resources/read", &params), &LEGACY, &host).await;
    let legacy: Value = serde_json::from_slice(&legacy.body).unwrap();
    assert_eq!((&legacy["error"]["code"], &legacy["error"]["data"]["uri"]), (&json!(-32002), &json!(uri)));
}

/// If this failed, a client could have megabytes of its own choice sent back.
#[tokio::test]
async fn a_long_uri_is_not_sent_back() {
    for (length, is_told) in [(4096, true), (4097, false)] {
        let uri = "a".repeat(length);
        let body = legacy_request("resources/read", &json!({ "uri": uri }));
        let answer = ask(offering(), &body, &LEGACY, &Host::ending(Ending::Absent)).await;
        let reply: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(reply["error"]["data"].get("uri"), is_told.then(|| json!(uri)).as_ref(), "{length}");
    }
}

/// If this failed, a person whose read is refused would not learn why, or a new sign-in would not be asked for.
#[tokio::test]
async fn a_refused_read_says_what_to_do() {
    let params = json!({ "uri": "note:///a" });
    let (status, reply) = reply("resources/read", params.clone(), &Host::ending(Ending::Throttled)).await;
    let error = &reply["error"];
    assert_eq!((status, &error["code"], &error["data"]["code"]), (200, &json!(1), &json!("throttled")));
    assert_eq!(error["data"]["retry_after_s"], 30);

    let body = legacy_request("resources/read", &params);
    let answer = ask(offering(), &body, &LEGACY, &Host::ending(Ending::SignedOut)).await;
    assert_eq!(answer.challenge, Some(sign_in()));
    let answer = ask(offering(), &body, &LEGACY, &Host::ending(Ending::Broken)).await;
    assert_eq!((answer.outcome, answer.fault.is_some()), (CallOutcome::ProtocolError(-32603), true));
}

/// If this failed, a prompt that is asked for could not be put down to its name, or a name that nobody knows would get into
/// the records.
#[rstest]
#[case::prompt("prompts/get", "greet", Some(CallTarget::Prompt("greet")))]
#[case::other_prompt("prompts/get", "s3cret", None)]
#[case::tool("tools/call", "about", Some(CallTarget::Tool("about")))]
#[case::other_tool("tools/call", "s3cret", None)]
#[case::neither("prompts/list", "greet", None)]
fn a_request_is_put_down_to_what_is_there(
    #[case] method: &'static str,
    #[case] name: &str,
    #[case] expected: Option<CallTarget>,
) {
    let server = server_of(offering());
    let body = legacy_request(method, &json!({ "name": name }));
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &LEGACY, server.offered()) else {
        panic!("no request")
    };
    assert_eq!(server.target_of(&request), expected);
}

/// If this failed, a prompt would come without what the person filled in, or with a blank in the middle.
#[rstest]
#[case::filled_in(json!({ "name": "greet", "arguments": { "who": "Ada" } }), Ok("Hello Ada!"))]
#[case::missing(json!({ "name": "greet", "arguments": { "tone": "warm" } }), Err(-32602))]
#[case::none_at_all(json!({ "name": "greet" }), Err(-32602))]
#[case::unknown(json!({ "name": "no_such" }), Err(-32602))]
#[case::not_text(json!({ "name": "greet", "arguments": { "who": 7 } }), Err(-32602))]
#[case::no_name(json!({ "arguments": {} }), Err(-32602))]
#[tokio::test]
async fn a_prompt_is_filled_in_or_refused(#[case] params: Value, #[case] expected: Result<&str, i64>) {
    let (status, reply) = reply("prompts/get", params, &Host::default()).await;
    let found = match reply["error"]["code"].as_i64() {
        Some(code) => Err(code),
        None => Ok(reply["result"]["messages"][0]["content"]["text"].as_str().unwrap()),
    };
    assert_eq!((status, found), (200, expected));
}

/// If this failed, a client would get more values than it takes, or none for what is being typed.
#[tokio::test]
async fn completions_are_cut_at_a_hundred_and_say_so() {
    let params = json!({
        "ref": { "type": "ref/prompt", "name": "greet" },
        "argument": { "name": "who", "value": "A" },
    });
    let (_, reply) = reply("completion/complete", params, &Host::default()).await;
    let completion = &reply["result"]["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!((&completion["values"][0], &completion["hasMore"]), (&json!("A0"), &json!(true)));
}

/// If this failed, a malformed request would be carried out with something that nobody typed.
#[rstest]
#[case::no_ref(json!({ "argument": { "name": "who", "value": "" } }))]
#[case::other_ref(json!({ "ref": { "type": "ref/tool", "name": "greet" }, "argument": { "name": "who", "value": "" } }))]
#[case::no_argument(json!({ "ref": { "type": "ref/resource", "uri": "note:///{name}" } }))]
#[case::no_value(json!({ "ref": { "type": "ref/prompt", "name": "greet" }, "argument": { "name": "who" } }))]
#[case::ref_array(json!({ "ref": ["ref/prompt", "greet"], "argument": { "name": "who", "value": "" } }))]
#[case::argument_array(json!({ "ref": { "type": "ref/prompt", "name": "greet" }, "argument": ["who", ""] }))]
#[case::context_array(json!({
    "ref": { "type": "ref/prompt", "name": "greet" }, "argument": { "name": "who", "value": "" }, "context": [],
}))]
#[case::context_of_numbers(json!({
    "ref": { "type": "ref/prompt", "name": "greet" }, "argument": { "name": "who", "value": "" },
    "context": { "arguments": { "how": 1 } },
}))]
#[tokio::test]
async fn a_malformed_completion_is_refused(#[case] params: Value) {
    let (status, reply) = reply("completion/complete", params, &Host::default()).await;
    assert_eq!((status, &reply["error"]["code"]), (200, &json!(-32602)));
}

/// If this failed, one of two equal members would be believed, which another reader may not.
#[rstest]
#[case::prompt("prompts/get", r#""name":"greet","arguments":{"who":"Ada","who":"Bob"}"#)]
#[case::kind_of_ref(
    "completion/complete",
    r#""ref":{"type":"ref/prompt","type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":""}"#
)]
#[case::name_of_ref(
    "completion/complete",
    r#""ref":{"type":"ref/prompt","name":"greet","name":"greet"},"argument":{"name":"who","value":""}"#
)]
#[case::argument(
    "completion/complete",
    r#""ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"","value":"A"}"#
)]
#[tokio::test]
async fn what_a_method_reads_is_there_once(#[case] method: &str, #[case] params: &str) {
    let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{{{params}}}}}"#);
    let answer = ask(offering(), &body, &LEGACY, &Host::default()).await;
    let reply: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), &reply["error"]["code"]), (200, &json!(-32602)), "{reply}");
}

/// If this failed, progress could be reported under a token that no client can find again.
#[rstest]
#[case::text(json!("a"), None)]
#[case::number(json!(7), None)]
#[case::null(Value::Null, None)]
#[case::object(json!({}), Some(-32602))]
#[case::boolean(json!(true), Some(-32602))]
#[case::as_long_as_may_be(json!("x".repeat(1_022)), None)]
#[case::too_long(json!("x".repeat(1_023)), Some(-32602))]
#[tokio::test]
async fn a_progress_token_is_a_short_string_or_a_number(#[case] token: Value, #[case] code: Option<i64>) {
    let body = legacy_request("tools/call", &json!({ "name": "about", "_meta": { "progressToken": token } }));
    let (_, reply, _) = answer(&body, &LEGACY, &Host::default()).await;
    assert_eq!(reply["error"]["code"].as_i64(), code);
}

/// If this failed, a client could not tell whose progress is reported.
#[rstest]
#[case::text(r#""\u0041""#)]
#[case::number("7.0")]
#[tokio::test]
async fn a_progress_token_is_kept_as_it_was_sent(#[case] token: &str) {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{"_meta":{{"progressToken":{token}}}}}}}"#
    );
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &LEGACY, Offered::default()) else {
        panic!("no request")
    };
    assert_eq!(request.progress_token().map(RawValue::get), Some(token));
}

/// If this failed, a client would wait for the answer to a call that was broken off, or not learn why it was.
#[rstest]
#[case::number("7")]
#[case::text(r#""a\/b""#)]
#[tokio::test]
async fn a_request_that_is_broken_off_is_told_why_under_its_own_id(#[case] id: &str) {
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
    let Ok(Message::Request(request)) = parse(body.as_bytes(), &LEGACY, Offered::default()) else {
        panic!("no request")
    };
    let refused = request.to_id().refused("sign_in_revoked", "Sign in again.");
    let expected = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":2,"message":"Sign in again.","data":{{"code":"sign_in_revoked"}}}}}}"#
    );
    assert_eq!(String::from_utf8(refused).unwrap(), expected);
}

/// If this failed, a request that was read on another thread would be answered differently.
#[tokio::test]
async fn an_owned_request_is_answered_like_a_borrowed_one() {
    let completion = json!({
        "ref": { "type": "ref/resource", "uri": "note:///{name}" },
        "argument": { "name": "name", "value": "b" },
        "context": { "arguments": { "shelf": "a" } },
    });
    let requests = [
        ("tools/call", json!({ "name": "about", "arguments": { "a": [1.50] } })),
        ("tools/list", json!({})),
        ("resources/read", json!({ "uri": "note:///a" })),
        ("prompts/get", json!({ "name": "greet", "arguments": { "who": "Ada" } })),
        ("completion/complete", completion),
        ("ping", json!({})),
    ];
    for (method, params) in requests {
        let (server, host) = (server_of(offering()), Host::default());
        let body = legacy_request(method, &params);
        let read = || match parse(body.as_bytes(), &LEGACY, server.offered()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{method}: {other:?}"),
        };
        let borrowed = server.answer(&read(), &host).await;
        let owned = server.answer(&read().into_owned(), &host).await;
        assert_eq!(*borrowed.body, *owned.body, "{method}");
    }
}
