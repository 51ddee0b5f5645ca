//! Something that must not be found again, in every place that somebody outside can write to.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::calls::Known;
use crate::visitor::Visitor;
use crate::world::{Answer, Person, World, eventually, send};

/// In no word of ours, whatever is done to its case.
pub(super) const CANARY: &str = "zebracanary7f3a";

/// Answers of Graph's that a call gives up after at once.
const FINAL: &[u16] = &[302, 400, 401, 403, 404, 405, 406, 410, 411, 413, 415, 416, 422, 423, 451, 501, 507];

/// Answers that it asks again after.
const PASSING: &[u16] = &[408, 409, 421, 425, 429, 500, 502, 503, 504, 509];

/// What Entra says where it says no.
const OAUTH_ERRORS: &[(&str, u32)] = &[
    ("interaction_required", 50_076),
    ("invalid_grant", 50_173),
    ("invalid_grant", 65_001),
    ("invalid_client", 7_000_215),
    ("unauthorized_client", 700_016),
    ("access_denied", 53_003),
    ("temporarily_unavailable", 90_033),
    (CANARY, 50_000),
];

/// Every argument of every tool, in each form that it can have and in some that it can't.
pub(super) async fn in_arguments(visitor: &mut Visitor<'_>, known: &Known) {
    for (tool, schema) in visitor.schemas().await {
        visitor.call(&tool, json!({ CANARY: CANARY })).await;
        for (argument, property) in schema["properties"].as_object().into_iter().flatten() {
            for value in forms(property) {
                let mut arguments = known.good(&tool);
                arguments[argument] = value;
                visitor.call(&tool, arguments).await;
            }
        }
    }
}

/// A text where texts are taken, and elsewhere what is of another type.
fn forms(property: &Value) -> Vec<Value> {
    let told = property["description"].as_str().unwrap_or_default();
    match property["type"].as_str() {
        Some("string") if told.contains("ago") => {
            vec![json!(CANARY), json!(format!("2026-11-23T10:00:00 {CANARY}"))]
        }
        Some("string") => vec![json!(CANARY), json!(format!("{CANARY}@larkmoor.example")), json!([CANARY])],
        Some("array") => {
            vec![json!(CANARY), json!([CANARY]), json!([{ "column": CANARY, "op": "eq", "value": CANARY }])]
        }
        _ => vec![json!(CANARY), json!({ CANARY: CANARY })],
    }
}

/// Every form of uri, by each way that uris can be read.
pub(super) async fn in_uris(visitor: &mut Visitor<'_>, known: &Known) {
    let schemes = known.uris.iter().filter_map(|uri| uri.split_once(":///")).map(|(scheme, _)| scheme);
    let mut uris: Vec<String> = schemes.map(|scheme| format!("{scheme}:///{CANARY}/{CANARY}")).collect();
    uris.extend(known.uris.iter().map(|uri| format!("{uri}{CANARY}")));
    uris.extend(known.uris.iter().map(|uri| format!("{uri}?{CANARY}={CANARY}")));
    uris.push(CANARY.to_owned());
    for uri in uris {
        visitor.call("read_resource", json!({ "uri": uri })).await;
        visitor.ask("resources/read", json!({ "uri": uri }), None).await;
    }
}

/// The message itself: what is no JSON, what is no request, what nobody has a name for.
pub(super) async fn in_messages(world: &World, token: &str) {
    let call =
        |params: Value| json!({ "jsonrpc": "2.0", "id": CANARY, "method": "tools/call", "params": params });
    let traced = |parent: &str| {
        json!({
            "name": "get_me", "arguments": {}, CANARY: CANARY,
            "_meta": { "traceparent": parent, "tracestate": CANARY, "baggage": CANARY, "progressToken": CANARY, CANARY: CANARY },
        })
    };
    let messages = [
        CANARY.to_owned(),
        format!("{{\"{CANARY}\""),
        json!([CANARY]).to_string(),
        json!({ "jsonrpc": CANARY, "id": 1, "method": "ping" }).to_string(),
        json!({ "jsonrpc": "2.0", "id": { CANARY: CANARY }, "method": "ping" }).to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": CANARY }).to_string(),
        json!({ "jsonrpc": "2.0", "method": CANARY, "params": { CANARY: CANARY } }).to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": CANARY }).to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": CANARY, "capabilities": { CANARY: CANARY },
            "clientInfo": { "name": CANARY, "version": CANARY },
        } })
        .to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {
            "name": CANARY, "arguments": { CANARY: CANARY },
        } })
        .to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "completion/complete", "params": {
            "ref": { "type": "ref/prompt", "name": CANARY }, "argument": { "name": CANARY, "value": CANARY },
        } })
        .to_string(),
        call(json!({ "name": CANARY, "arguments": { CANARY: CANARY } })).to_string(),
        call(json!({ "name": "get_me", "arguments": CANARY })).to_string(),
        call(traced(CANARY)).to_string(),
        call(traced(&format!("00-{CANARY}-00f067aa0ba902b7-01"))).to_string(),
        call(traced("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")).to_string(),
    ];
    for message in messages {
        send(world.post().bearer_auth(token).body(message.clone())).await;
        let modern = world.post().bearer_auth(token).header("mcp-protocol-version", "2026-07-28");
        send(modern.body(message)).await;
    }
}

/// Headers, paths, queries and methods, of both listeners.
pub(super) async fn in_requests(world: &World, token: &str) {
    let good = || world.modern(token, "tools/call", json!({ "name": "get_me", "arguments": {} }));
    let header = |name: &str| world.post().bearer_auth(token).header(name, CANARY).body("{}");
    for name in [
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
        "mcp-param-query",
        "origin",
        "host",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "user-agent",
        "cookie",
        "referer",
        "traceparent",
        "tracestate",
        "baggage",
        "accept-language",
        "x-request-id",
        "client-request-id",
        "last-event-id",
        CANARY,
    ] {
        send(good().header(name, CANARY)).await;
        send(header(name)).await;
    }
    send(world.http.post(world.url()).bearer_auth(token).header("content-type", CANARY).body(CANARY)).await;
    send(good().header("accept", CANARY)).await;
    let operations = format!("http://{}", world.stage.connector.operations_address());
    let public = world.url().trim_end_matches("/mcp");
    for base in [public, &operations] {
        for path in
            ["", "/mcp", "/metrics", "/readyz", "/debug/profile", "/.well-known/oauth-protected-resource"]
        {
            for address in
                [format!("{base}{path}/{CANARY}"), format!("{base}{path}?{CANARY}={CANARY}&seconds={CANARY}")]
            {
                send(world.http.get(&address)).await;
                let brew = Method::from_bytes(CANARY.as_bytes()).unwrap();
                send(world.http.request(brew, &address).bearer_auth(token)).await;
            }
        }
    }
}

/// What operators say, and get wrong: a filter of the log, and commands at the socket in `state`.
pub(super) async fn in_commands(world: &World, state: &Path) {
    let operations = format!("http://{}", world.stage.connector.operations_address());
    let filter = world.http.put(format!("{operations}/log-filter")).body(format!("{CANARY}=loudly"));
    assert_eq!(send(filter).await.status, StatusCode::BAD_REQUEST);
    for command in [CANARY.to_owned(), format!(r#"{{"{CANARY}":"{CANARY}"}}"#)] {
        let mut connection = UnixStream::connect(state.join("control.sock")).await.unwrap();
        connection.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
    }
}

/// Tokens that are wrong, each in another way, and credentials that are none. Gives those that were sent.
pub(super) async fn in_tokens(world: &World, person: &Person) -> Vec<String> {
    let mut tokens = vec![
        format!("1.AXoA-{CANARY}-refresh-token"),
        format!("{}.{}.{}", encoded(r#"{"alg":"none"}"#), encoded(&claims()), encoded(CANARY)),
    ];
    for claim in ["aud", "iss", "tid", "oid", "azp", "scp", "ver", "exp", "nbf", "xms_cc", "acct", "groups"] {
        tokens.push(world.token_with(person, json!({ "claims": { claim: CANARY } })).await);
    }
    for header in ["alg", "kid", "typ", "jku", "x5u"] {
        tokens.push(world.token_with(person, json!({ "header": { header: CANARY } })).await);
    }
    let people =
        json!({ "name": CANARY, "preferred_username": CANARY, "email": CANARY, "given_name": CANARY });
    tokens.push(world.token_with(person, json!({ "claims": people })).await);
    tokens.push(world.token_with(person, json!({ "payload": CANARY })).await);
    tokens.push(world.token_with(person, json!({ "lifetime_s": -60 })).await);
    for kind in ["application", "id", "graph"] {
        tokens.push(world.token_with(person, json!({ "kind": kind })).await);
    }
    for token in &tokens {
        get_me(world, token).await;
    }
    let bare = || world.post().body("{}");
    send(bare().header("authorization", CANARY)).await;
    send(bare().basic_auth(CANARY, Some(CANARY))).await;
    send(bare().bearer_auth(CANARY).bearer_auth(CANARY)).await;
    tokens
}

fn claims() -> String {
    json!({ "sub": CANARY, "name": CANARY }).to_string()
}

fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Graph's answers: each refusal to a call of every tool, what passes to one, and content in what it gives.
pub(super) async fn in_graphs_answers(world: &World, known: &Known, token: &str, others: &[String]) {
    let fault = |status: u16| {
        let said = json!({ "code": format!("{CANARY}!"), "message": CANARY, "target": CANARY,
            "innerError": { "code": format!("{CANARY} {CANARY}"), "request-id": CANARY, "message": CANARY } });
        json!({
            "service": "graph", "status": status, "body": { "error": said },
            "headers": {
                "request-id": CANARY, "client-request-id": CANARY, "x-ms-ags-diagnostic": CANARY,
                "location": format!("http://{CANARY}.example/{CANARY}"), "content-type": CANARY,
                "www-authenticate": format!("Bearer realm=\"{CANARY}\", error=\"{CANARY}\", claims=\"{}\"", encoded(CANARY)),
                "x-ms-throttle-scope": CANARY, "x-ms-throttle-information": CANARY, "retry-after": "1",
            },
        })
    };
    let tools = m365_connector::Catalogue::MICROSOFT_365.tools;
    for status in [400, 403, 404] {
        world.fault(fault(status)).await;
        for tool in tools {
            world.call(token, tool.name, known.good(tool.name)).await;
        }
        world.clear_faults().await;
    }
    for status in FINAL {
        meet(world, fault(*status), token).await;
    }
    assert!(PASSING.len() <= others.len());
    for (status, other) in PASSING.iter().zip(others) {
        meet(world, fault(*status), other).await;
    }
    let contents = [
        json!(CANARY),
        json!({ "value": CANARY }),
        json!({ "value": [{ "id": CANARY, "subject": 7, "from": CANARY, "displayName": { CANARY: CANARY } }] }),
        json!({ "id": CANARY, "displayName": CANARY, "mail": CANARY, "userPrincipalName": CANARY, "jobTitle": CANARY,
            "subject": CANARY, "bodyPreview": CANARY, "body": { "contentType": "text", "content": CANARY } }),
        json!({ "value": [{ "id": CANARY, "subject": CANARY, "bodyPreview": CANARY, "name": CANARY, "topic": CANARY,
            "displayName": CANARY, "webUrl": format!("https://{CANARY}.example"), "receivedDateTime": CANARY }],
            "@odata.nextLink": format!("https://{CANARY}.example/{CANARY}") }),
    ];
    for content in contents {
        world.fault(json!({ "service": "graph", "status": 200, "body": content })).await;
        for tool in tools {
            world.call(token, tool.name, known.good(tool.name)).await;
        }
        world.clear_faults().await;
    }
}

/// Entra's answers: each to somebody who has just signed in, for a refusal is remembered.
pub(super) async fn in_entras_answers(world: &World, people: &[Person]) {
    let claims = json!({ "access_token": { CANARY: { "essential": true } } }).to_string();
    let refusals = OAUTH_ERRORS.iter().map(|(error, number)| {
        json!({
            "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 400,
            "headers": { "x-ms-request-id": CANARY, "www-authenticate": CANARY },
            "body": {
                "error": error, "error_description": format!("AADSTS{number}: {CANARY}. Trace ID: {CANARY}"),
                "error_codes": [number], "suberror": CANARY, "claims": claims, "trace_id": CANARY,
                "correlation_id": CANARY, "error_uri": CANARY, "timestamp": CANARY,
            },
        })
    });
    // Who is answered 429 has made Entra be left alone for everybody in the tenant.
    let statuses = [200, 401, 403, 500, 503, 429].into_iter();
    let rubbish = statuses.map(|status| {
        json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": status, "body": CANARY })
    });
    let granted = [
        json!({ "token_type": CANARY, "access_token": CANARY, "scope": CANARY, "expires_in": CANARY }),
        json!({ "token_type": "Bearer", "access_token": CANARY, "expires_in": 3_600,
            "scope": format!("https://graph.microsoft.com/{CANARY}.ReadWrite.All https://graph.microsoft.com/User.Read") }),
    ];
    let granted = granted.into_iter().map(|body| {
        json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 200, "body": body })
    });
    for (number, fault) in granted.chain(refusals).chain(rubbish).enumerate() {
        let token = world.token(&people[number % people.len()]).await;
        meet(world, fault, &token).await;
    }
    let keys = json!({ "service": "entra", "path_prefix": "/discovery/v2.0/keys", "status": 200,
        "body": { "keys": [{ "kid": CANARY, "kty": CANARY, "n": CANARY, "e": CANARY }] } });
    let unknown_key = world.token_with(&people[0], json!({ "header": { "kid": CANARY } })).await;
    meet(world, keys, &unknown_key).await;
}

/// A call that nobody waits for any more, and one that reports its progress.
pub(super) async fn in_calls_that_break_off(world: &World, token: &str) {
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;
    let asked = world.graph_requests().await;
    let search = json!({ "name": "outlook_email_search", "arguments": { "query": CANARY } });
    let call = tokio::spawn(world.modern(token, "tools/call", search.clone()).send());
    eventually("the call has reached Graph", async || world.graph_requests().await > asked).await;
    call.abort();
    world.quiet().await;
    world.clear_faults().await;

    let mut reported = search;
    reported["_meta"] = json!({ "progressToken": CANARY });
    let answer =
        world.modern(token, "tools/call", reported).timeout(Duration::from_secs(20)).send().await.unwrap();
    let mut events = answer.bytes_stream();
    while let Some(event) = events.next().await {
        event.unwrap();
    }
}

/// Plants `fault` for one request, and makes the call that meets it.
async fn meet(world: &World, mut fault: Value, token: &str) {
    fault["times"] = json!(1);
    world.fault(fault.clone()).await;
    let answer = get_me(world, token).await;
    assert_eq!(world.faults().await, json!([]), "nobody met {fault}: {} {}", answer.status, answer.text);
}

async fn get_me(world: &World, token: &str) -> Answer {
    let call: RequestBuilder =
        world.modern(token, "tools/call", json!({ "name": "get_me", "arguments": {} }));
    send(call).await
}
