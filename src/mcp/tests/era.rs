//! Versions, headers, and the methods of each era.

use rstest::rstest;

use super::*;

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn version(text: &str) -> HeaderField<'_> {
    HeaderField::Value(text)
}

/// A `tools/list` with a version in the header, one in `_meta`, both, or none.
fn versions<'a>(header: HeaderField<'a>, declared: Option<&str>) -> (TransportHeaders<'a>, String) {
    let mut meta = modern_meta();
    match declared {
        Some(declared) => meta["io.modelcontextprotocol/protocolVersion"] = json!(declared),
        None => meta = json!({}),
    }
    let headers = TransportHeaders {
        protocol_version: header,
        method: version("tools/list"),
        name: HeaderField::Absent,
    };
    (headers, legacy_request("tools/list", &json!({ "_meta": meta })))
}

/// If this failed, a request would be answered by the rules of another era than the one it speaks.
#[rstest]
#[case::modern(version("2026-07-28"), Some("2026-07-28"), "modern")]
#[case::newer_legacy(version("2025-11-25"), None, "legacy")]
#[case::older_legacy(version("2025-06-18"), None, "legacy")]
#[case::no_version_at_all(HeaderField::Absent, None, "legacy")]
#[case::legacy_in_both(version("2025-11-25"), Some("2025-11-25"), "legacy")]
#[case::legacy_in_meta_alone(HeaderField::Absent, Some("2025-06-18"), "legacy")]
#[tokio::test]
async fn a_supported_version_selects_its_era(
    #[case] header: HeaderField<'_>,
    #[case] declared: Option<&str>,
    #[case] era: &str,
) {
    let (headers, body) = versions(header, declared);
    let (status, reply, _) = answer(&body, &headers, &Host::default()).await;
    let shown = if reply["result"].get("resultType").is_some() { "modern" } else { "legacy" };
    assert_eq!((status, shown), (200, era));
}

/// If this failed, a header and a body that say different things would be served, or a version that is not.
#[rstest]
#[case::header_alone(version("2026-07-28"), None, -32602)]
#[case::meta_alone(HeaderField::Absent, Some("2026-07-28"), -32020)]
#[case::newer_meta_alone(HeaderField::Absent, Some("2099-01-01"), -32020)]
#[case::legacy_header_modern_meta(version("2025-11-25"), Some("2026-07-28"), -32020)]
#[case::modern_header_legacy_meta(version("2026-07-28"), Some("2025-11-25"), -32020)]
#[case::two_legacy_versions(version("2025-11-25"), Some("2025-06-18"), -32020)]
#[case::modern_header_unknown_meta(version("2026-07-28"), Some("v999.0.0"), -32020)]
#[case::unknown_in_both(version("v999.0.0"), Some("v999.0.0"), -32022)]
#[case::later_in_both(version("2027-01-01"), Some("2027-01-01"), -32022)]
#[case::later_header(version("2099-01-01"), None, -32022)]
#[case::earlier_header(version("2000-01-01"), None, -32022)]
#[case::no_longer_served(version("2025-03-26"), None, -32022)]
#[case::no_longer_served_in_meta(HeaderField::Absent, Some("2025-03-26"), -32022)]
#[case::between_two_versions(version("2025-09-01"), None, -32022)]
#[case::no_date(version("invalid-protocol-version"), None, -32022)]
#[case::empty_header(version(""), None, -32022)]
#[case::unreadable_header(HeaderField::Unreadable, Some("2026-07-28"), -32020)]
#[tokio::test]
async fn a_wrong_mixture_of_versions_is_a_bad_request(
    #[case] header: HeaderField<'_>,
    #[case] declared: Option<&str>,
    #[case] code: i64,
) {
    let (headers, body) = versions(header, declared);
    assert_eq!(refusal(&body, &headers).await, (400, code));
}

/// If this failed, a client could not pick a version to go on with.
#[tokio::test]
async fn an_unsupported_version_is_told_which_there_are() {
    let (headers, body) = versions(version("v999.0.0"), Some("v999.0.0"));
    let (_, reply, _) = answer(&body, &headers, &Host::default()).await;
    let supported = json!(["2026-07-28", "2025-11-25", "2025-06-18"]);
    assert_eq!(reply["error"]["data"], json!({ "supported": supported, "requested": "v999.0.0" }));
}

/// If this failed, a client could have megabytes of its own choice sent back.
#[tokio::test]
async fn a_long_version_is_echoed_in_part() {
    let long = "é".repeat(1_000);
    let (headers, body) = versions(HeaderField::Absent, Some("2025-03-26"));
    let body = body.replace("2025-03-26", &long);
    let headers = TransportHeaders { protocol_version: HeaderField::Value(&long), ..headers };
    let (_, reply, _) = answer(&body, &headers, &Host::default()).await;
    assert_eq!(reply["error"]["data"]["requested"], "é".repeat(64));
}

/// If this failed, a request that lacks what its era demands would be served.
#[rstest]
#[case::no_meta(json!(null), json!(null), json!([VERSION, CAPABILITIES]))]
#[case::no_version(json!(null), json!({}), json!([VERSION]))]
#[case::no_capabilities(json!("2026-07-28"), json!(null), json!([CAPABILITIES]))]
#[case::version_of_another_type(json!(2026), json!({}), json!([VERSION]))]
#[case::capabilities_of_another_type(json!("2026-07-28"), json!([]), json!([CAPABILITIES]))]
#[tokio::test]
async fn a_modern_request_owes_its_meta(
    #[case] version: Value,
    #[case] capabilities: Value,
    #[case] missing: Value,
) {
    let mut meta = json!({ VERSION: version, CAPABILITIES: capabilities });
    meta.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let body = legacy_request("server/discover", &json!({ "_meta": meta }));
    let (status, reply, _) = answer(&body, &modern("server/discover"), &Host::default()).await;
    assert_eq!((status, &reply["error"]["code"]), (400, &json!(-32602)));
    assert_eq!(reply["error"]["data"]["missing"], missing);
}

/// If this failed, a proxy could route by one thing and this server do another.
#[rstest]
#[case::no_method(MODERN)]
#[case::another_method(modern("tools/list"))]
#[case::another_case(modern("TOOLS/CALL"))]
// The specification lets clients encode names and arguments, and nothing else.
#[case::method_encoded(TransportHeaders { method: version("=?base64?dG9vbHMvY2FsbA==?="), ..modern_call("about") })]
#[case::version_encoded(TransportHeaders { protocol_version: version("=?base64?MjAyNi0wNy0yOA==?="), ..modern_call("about") })]
#[case::method_twice(TransportHeaders { method: HeaderField::Unreadable, ..modern_call("about") })]
#[case::no_name(modern("tools/call"))]
#[case::another_name(modern_call("get_me"))]
#[case::another_name_encoded(modern_call("=?base64?Z2V0X21l?="))]
#[case::another_case_of_the_name(modern_call("About"))]
#[case::broken_encoding(modern_call("=?base64?!?="))]
#[case::name_twice(TransportHeaders { name: HeaderField::Unreadable, ..modern("tools/call") })]
#[tokio::test]
async fn a_modern_call_whose_headers_do_not_match_is_refused(#[case] headers: TransportHeaders<'_>) {
    let host = Host::default();
    let body = modern_request("tools/call", json!({ "name": "about" }));
    let (status, reply, _) = answer(&body, &headers, &host).await;
    assert_eq!((status, &reply["error"]["code"], &reply["id"]), (400, &json!(-32020), &json!(7)));
    assert!(host.ran.borrow().is_empty());
}

/// If this failed, a proxy could route by a name, and the body bring none for this server to hold it against.
#[rstest]
#[case::a_name_beside_nothing("tools/call", json!({}), version("about"))]
#[case::a_name_beside_a_number("tools/call", json!({ "name": 1 }), version("1"))]
#[case::twice_beside_nothing("tools/call", json!({}), HeaderField::Unreadable)]
#[case::a_prompt_beside_nothing("prompts/get", json!({}), version("greet"))]
#[case::a_uri_beside_a_name("resources/read", json!({ "name": "mail:///1" }), version("mail:///1"))]
#[tokio::test]
async fn a_name_header_that_mirrors_nothing_is_refused(
    #[case] method: &'static str,
    #[case] params: Value,
    #[case] name: HeaderField<'_>,
) {
    let headers = TransportHeaders { name, ..modern(method) };
    assert_eq!(refusal(&modern_request(method, params), &headers).await, (400, -32020));
}

/// If this failed, clients that encode names as they must could not call.
#[rstest]
#[case::plain("about")]
#[case::encoded("=?base64?YWJvdXQ=?=")]
#[tokio::test]
async fn a_modern_call_whose_headers_match_runs(#[case] name: &'static str) {
    let host = Host::default();
    let body = modern_request("tools/call", json!({ "name": "about" }));
    assert_eq!(answer(&body, &modern_call(name), &host).await.0, 200);
    assert_eq!(host.ran.borrow().len(), 1);
}

/// If this failed, a legacy client would be held to headers that its revision does not know.
#[rstest]
#[case::none(LEGACY)]
#[case::of_another_request(TransportHeaders { method: version("x"), name: version("y"), ..LEGACY })]
#[case::unreadable(TransportHeaders { method: HeaderField::Unreadable, ..LEGACY })]
#[tokio::test]
async fn a_legacy_call_runs_whatever_its_headers_mirror(#[case] headers: TransportHeaders<'_>) {
    let host = Host::default();
    let body = legacy_request("tools/call", &json!({ "name": "about" }));
    assert_eq!(answer(&body, &headers, &host).await.0, 200);
    assert_eq!(host.ran.borrow().len(), 1);
}

/// If this failed, `Mcp-Name` would be held against nothing for what other servers serve, or against the wrong member.
#[rstest]
#[case::resource("resources/read", json!({ "uri": "mail:///1", "name": "x" }), "mail:///1", (404, -32601))]
#[case::other_resource("resources/read", json!({ "uri": "mail:///1" }), "mail:///2", (400, -32020))]
#[case::prompt("prompts/get", json!({ "name": "p" }), "p", (404, -32601))]
#[case::other_prompt("prompts/get", json!({ "name": "p" }), "q", (400, -32020))]
#[case::no_name_to_mirror("prompts/list", json!({ "name": "p" }), "q", (404, -32601))]
#[tokio::test]
async fn the_name_header_mirrors_what_its_method_names(
    #[case] method: &'static str,
    #[case] params: Value,
    #[case] name: &'static str,
    #[case] expected: (u16, i64),
) {
    let headers = TransportHeaders { name: version(name), ..modern(method) };
    assert_eq!(refusal(&modern_request(method, params), &headers).await, expected);
}

/// If this failed, a client could not tell a method that is not there from a server that is not there, or would find a
/// method of the legacy era.
#[rstest]
#[case::unknown("no/such")]
#[case::initialize("initialize")]
#[case::ping("ping")]
#[case::set_level("logging/setLevel")]
#[case::subscribe("resources/subscribe")]
#[case::listen("subscriptions/listen")]
#[case::notification_with_an_id("notifications/initialized")]
#[tokio::test]
async fn a_method_that_the_modern_era_lacks_is_404(#[case] method: &'static str) {
    assert_eq!(refusal(&modern_request(method, json!({})), &modern(method)).await, (404, -32601));
}

/// If this failed, a legacy client would take an unknown method for a lost endpoint, or find one of the modern era.
#[rstest]
#[case::unknown("no/such")]
#[case::discover("server/discover")]
#[case::prompts("prompts/list")]
#[case::another_case("PING")]
#[tokio::test]
async fn a_method_that_the_legacy_era_lacks_is_an_error_inside_the_call(#[case] method: &str) {
    assert_eq!(refusal(&legacy_request(method, &json!({})), &LEGACY).await, (200, -32601));
}

fn initialize(proposal: &str) -> Value {
    json!({ "protocolVersion": proposal, "capabilities": {}, "clientInfo": { "name": "c", "version": "1" } })
}

/// If this failed, an older or newer client would be turned away instead of being offered what there is.
#[rstest]
#[case::newer_of_ours("2025-11-25", "2025-11-25")]
#[case::older_of_ours("2025-06-18", "2025-06-18")]
#[case::before_both("2025-03-26", "2025-06-18")]
#[case::first_ever("2024-11-05", "2025-06-18")]
#[case::between("2025-09-01", "2025-06-18")]
#[case::modern_without_its_marks("2026-07-28", "2025-11-25")]
#[case::far_future("2099-01-01", "2025-11-25")]
#[case::no_date("latest", "2025-11-25")]
#[tokio::test]
async fn initialize_negotiates_and_never_refuses(#[case] proposal: &str, #[case] expected: &str) {
    let headers = TransportHeaders::default();
    let (status, reply, _) =
        answer(&legacy_request("initialize", &initialize(proposal)), &headers, &Host::default()).await;
    let result = &reply["result"];
    assert_eq!((status, &result["protocolVersion"]), (200, &json!(expected)));
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
    assert_eq!(result["serverInfo"]["name"], "m365-connector");
    assert_eq!(result["instructions"], "Reads.");
    assert!(result.get("resultType").is_none() && result.get("_meta").is_none());
}

/// If this failed, a client that tries the legacy handshake with modern marks would end up in neither era, or one that
/// sends an older header with it would be turned away.
#[rstest]
#[case::modern_header(version("2026-07-28"), None, (404, -32601))]
#[case::modern_meta(HeaderField::Absent, Some("2026-07-28"), (404, -32601))]
#[case::later_header(version("2099-01-01"), None, (404, -32601))]
#[case::nonsense(version("x"), None, (400, -32022))]
#[case::as_long_as_a_date(version("2025.11.25"), None, (400, -32022))]
#[case::shorter_than_a_date(version("2025-11-2"), None, (400, -32022))]
#[case::longer_than_a_date(version("2025-11-250"), None, (400, -32022))]
#[case::unreadable(HeaderField::Unreadable, None, (400, -32020))]
#[case::legacy_header(version("2025-06-18"), None, (200, 0))]
#[case::header_no_longer_served(version("2025-03-26"), None, (200, 0))]
#[tokio::test]
async fn initialize_with_marks_of_the_modern_era_is_not_found(
    #[case] header: HeaderField<'_>,
    #[case] declared: Option<&str>,
    #[case] expected: (u16, i64),
) {
    let mut params = initialize("2025-11-25");
    if let Some(declared) = declared {
        params["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": declared });
    }
    let headers = TransportHeaders { protocol_version: header, ..TransportHeaders::default() };
    let (status, reply, _) = answer(&legacy_request("initialize", &params), &headers, &Host::default()).await;
    assert_eq!((status, reply["error"]["code"].as_i64().unwrap_or(0)), expected);
}

/// If this failed, a handshake that lacks what it must have would be answered.
#[rstest]
#[case::nothing(json!({}))]
#[case::version_number(json!({ "protocolVersion": 1, "capabilities": {}, "clientInfo": {} }))]
#[case::no_capabilities(json!({ "protocolVersion": "2025-11-25", "clientInfo": {} }))]
#[case::no_client(json!({ "protocolVersion": "2025-11-25", "capabilities": {} }))]
#[tokio::test]
async fn initialize_with_wrong_params_is_an_error_inside_the_call(#[case] params: Value) {
    assert_eq!(refusal(&legacy_request("initialize", &params), &LEGACY).await, (200, -32602));
}

/// If this failed, a modern client would not learn what this server is, speaks and can.
#[tokio::test]
async fn discovery_tells_versions_capabilities_and_how_long_it_keeps() {
    let body = modern_request("server/discover", json!({}));
    let (status, reply, _) = answer(&body, &modern("server/discover"), &Host::default()).await;
    let expected = json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18"],
        "capabilities": { "tools": {} },
        "instructions": "Reads.",
        "ttlMs": 3_600_000,
        "cacheScope": "public",
        "_meta": { "io.modelcontextprotocol/serverInfo": {
            "name": "m365-connector", "title": "Microsoft 365", "version": "1.2.3",
            "websiteUrl": "https://connector.example",
            "icons": [
                { "src": "https://connector.example/icons/1/connector.png", "mimeType": "image/png" },
                { "src": "https://connector.example/icons/1/connector.svg", "mimeType": "image/svg+xml" },
            ],
        } },
    });
    assert_eq!((status, &reply["result"]), (200, &expected));
}
