//! What is refused before it becomes a message.

use actix_web::http::header;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::world::{World, send};

/// If this failed, a client would wait on a stream that never comes, or think that it ended a session.
#[rstest]
#[case(Method::GET)]
#[case(Method::DELETE)]
#[case(Method::PUT)]
#[actix_web::test]
async fn any_method_but_post_is_refused_with_what_is_allowed(#[case] method: Method) {
    let world = World::start().await;
    let answer = send(world.http.request(method, world.url())).await;
    assert_eq!(
        (answer.status, answer.header(header::ALLOW.as_str())),
        (StatusCode::METHOD_NOT_ALLOWED, "POST, OPTIONS")
    );
}

/// If this failed, a page on another host could speak through its visitor's browser.
#[rstest]
#[case::host("host", "evil.example")]
#[case::origin("origin", "https://evil.example")]
#[case::null_origin("origin", "null")]
#[actix_web::test]
async fn foreign_hosts_and_origins_are_forbidden(#[case] name: &str, #[case] value: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = send(world.modern(&token, "tools/list", json!({})).header(name, value)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
}

/// If this failed, the media types of the protocol would not hold.
#[rstest]
#[case::content_type("text/plain", "application/json, text/event-stream", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case::charset(
    "application/json; charset=iso-8859-1",
    "application/json, text/event-stream",
    StatusCode::UNSUPPORTED_MEDIA_TYPE
)]
#[case::accept("application/json", "text/html", StatusCode::NOT_ACCEPTABLE)]
#[case::half_accept("application/json", "application/json", StatusCode::NOT_ACCEPTABLE)]
#[actix_web::test]
async fn media_types_are_checked(
    #[case] content_type: &str,
    #[case] accept: &str,
    #[case] expected: StatusCode,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let request = world.http.post(world.url()).bearer_auth(&token).header("content-type", content_type);
    let answer = send(request.header("accept", accept).body("{}")).await;
    assert_eq!(answer.status, expected);
}

/// If this failed, a large body could fill the memory, or a body within the limit be refused.
#[rstest]
#[case::within(4 * 1024 * 1024 - 200, StatusCode::OK)]
#[case::above(4 * 1024 * 1024, StatusCode::PAYLOAD_TOO_LARGE)]
#[actix_web::test]
async fn a_body_above_the_limit_is_refused(#[case] padding: usize, #[case] expected: StatusCode) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let body =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":"{}"}}}}"#, "x".repeat(padding));
    let answer = send(world.post().bearer_auth(&token).body(body)).await;
    assert_eq!(answer.status, expected, "{}", answer.text);
}

/// If this failed, someone without a token could make the connector parse what they like.
#[actix_web::test]
async fn the_bearer_is_checked_before_the_body() {
    let world = World::start().await;
    assert_eq!(send(world.post().body("not json")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send(world.post().body("x".repeat(5 * 1024 * 1024))).await.status, StatusCode::UNAUTHORIZED);
}

/// If this failed, a crowd would make every call slow instead of a few calls wait.
#[actix_web::test]
async fn calls_beyond_the_permits_are_shed_at_once() {
    let world = World::start_with(|settings| settings.calls.concurrent = 1).await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 3000, "times": 1 })).await;
    let slow =
        tokio::spawn(world.modern(&token, "tools/call", json!({ "name": "get_me", "arguments": {} })).send());
    crate::world::eventually("the slow call is on its way", async || world.graph_requests().await >= 2).await;
    let shed = send(world.modern(&token, "tools/list", json!({}))).await;
    assert_eq!((shed.status, shed.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    assert_eq!(slow.await.unwrap().unwrap().status(), StatusCode::OK);
}

/// If this failed, an orchestrator could not tell a living connector from a dead one.
#[rstest]
#[case("/healthz")]
#[case("/readyz")]
#[actix_web::test]
async fn probes_answer_on_both_listeners_whatever_the_host(#[case] path: &str) {
    let world = World::start().await;
    for address in [world.stage.connector.public_address(), world.stage.connector.operations_address()] {
        let answer = send(world.http.get(format!("http://{address}{path}")).header("host", "10.0.0.1")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}
