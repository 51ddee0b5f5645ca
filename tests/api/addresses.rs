//! Hosts, targets and methods: which requests are for this service at all.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::wire::{PING, exchange, good_head};
use crate::world::{World, send};

/// If this failed, what was checked and what a proxy or a cache on the way believes could be two things. Each case
/// changes one line of a request that is answered.
#[rstest]
#[case::unchanged(0, &["POST /mcp HTTP/1.1"], 200)]
#[case::our_absolute_target(0, &["POST http://{us}/mcp HTTP/1.1"], 200)]
#[case::foreign_absolute_target(0, &["POST http://evil.example/mcp HTTP/1.1"], 403)]
#[case::no_host(1, &[], 400)]
#[case::two_hosts(1, &["Host: {us}", "Host: {us}"], 400)]
#[case::foreign_second_host(1, &["Host: {us}", "Host: evil.example"], 400)]
#[case::forwarded_by_a_stranger(1, &["Host: evil.example", "X-Forwarded-Host: {us}"], 403)]
#[case::forwarded_for_a_good_host(1, &["Host: {us}", "X-Forwarded-Host: evil.example"], 200)]
#[case::forwarded_in_the_other_form(1, &["Host: evil.example", "Forwarded: host={us}"], 403)]
#[case::two_content_types(3, &["Content-Type: application/json", "Content-Type: application/json"], 415)]
#[case::other_second_content_type(3, &["Content-Type: application/json", "Content-Type: text/plain"], 415)]
#[case::our_origin(4, &["Accept: */*", "Origin: http://{us}"], 200)]
#[case::foreign_second_origin(4, &["Accept: */*", "Origin: http://{us}", "Origin: http://evil.example"], 403)]
#[case::our_origin_twice(4, &["Accept: */*", "Origin: http://{us}", "Origin: http://{us}"], 403)]
#[actix_web::test]
async fn a_request_says_once_where_it_goes_and_comes_from(
    #[case] line: usize,
    #[case] instead: &[&str],
    #[case] status: u16,
) {
    let world = World::start().await;
    let address = world.stage.connector.public_address();
    let token = world.token(&world.person(0, 0)).await;
    let mut head = good_head(&world, &token);
    let us = address.to_string();
    head.splice(line..=line, instead.iter().map(|line| line.replace("{us}", &us)));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let answer = exchange(address, &head, PING).await;
    assert_eq!(answer.status, status, "{head:?}: {answer:?}");
}

/// If this failed, the host that a proxy passes on would not count behind it, or count from anybody.
#[rstest]
#[case::trusted("127.0.0.0/8", StatusCode::OK)]
#[case::other_network("10.0.0.0/8", StatusCode::FORBIDDEN)]
#[actix_web::test]
async fn a_trusted_proxy_names_the_host(#[case] network: &str, #[case] expected: StatusCode) {
    let network = network.parse().unwrap();
    let world = World::start_with(|settings| settings.http.trusted_proxies = vec![network]).await;
    let token = world.token(&world.person(0, 0)).await;
    let ours = world.stage.connector.public_address().to_string();
    let request = world.modern(&token, "tools/list", json!({})).header("host", "backend:8080");
    assert_eq!(send(request.header("x-forwarded-host", ours)).await.status, expected);
}

/// If this failed, monitors that ask for the head alone would see a service that is down.
#[rstest]
#[case::liveness("/healthz")]
#[case::readiness("/readyz")]
#[case::resource("/.well-known/oauth-protected-resource")]
#[case::resource_of_the_path("/.well-known/oauth-protected-resource/mcp")]
#[case::facade("/.well-known/oauth-authorization-server")]
#[case::icon("/icons/1/mail.svg")]
#[actix_web::test]
async fn the_head_alone_is_that_of_the_whole(#[case] path: &str) {
    let world = World::start().await;
    let address = world.stage.connector.public_address();
    let host = format!("Host: {address}");
    let whole = exchange(address, &[&format!("GET {path} HTTP/1.1"), &host], "").await;
    let head = exchange(address, &[&format!("HEAD {path} HTTP/1.1"), &host], "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    assert_eq!(head.header("content-type"), whole.header("content-type"));
    assert_eq!(head.header("cache-control"), whole.header("cache-control"));
}

/// If this failed, an operator's monitor that asks for the head alone would see a service that is down.
#[rstest]
#[case("/healthz")]
#[case("/readyz")]
#[actix_web::test]
async fn operators_may_ask_for_the_head_alone(#[case] path: &str) {
    let world = World::start().await;
    let address = world.stage.connector.operations_address();
    assert_eq!(send(world.http.head(format!("http://{address}{path}"))).await.status, StatusCode::OK);
    let refused = send(world.http.post(format!("http://{address}{path}"))).await;
    assert_eq!((refused.status, refused.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
    let nothing = send(world.http.get(format!("http://{address}/elsewhere"))).await;
    assert_eq!(
        (nothing.status, nothing.json()["error"].as_str()),
        (StatusCode::NOT_FOUND, Some("not_found"))
    );
}

/// If this failed, what can only be read would take a body, or would not say what it takes.
#[rstest]
#[case::liveness("/healthz", "GET, HEAD")]
#[case::readiness("/readyz", "GET, HEAD")]
#[case::resource("/.well-known/oauth-protected-resource", "GET, HEAD, OPTIONS")]
#[case::resource_of_the_path("/.well-known/oauth-protected-resource/mcp", "GET, HEAD, OPTIONS")]
#[case::facade("/.well-known/oauth-authorization-server", "GET, HEAD, OPTIONS")]
#[case::icon("/icons/1/mail.png", "GET, HEAD, OPTIONS")]
#[actix_web::test]
async fn what_can_be_read_takes_no_other_method(
    #[case] path: &str,
    #[case] allowed: &str,
    #[values(Method::POST, Method::PUT, Method::DELETE, Method::PATCH)] method: Method,
) {
    let world = World::start().await;
    let address = world.stage.connector.public_address();
    let answer = send(world.http.request(method, format!("http://{address}{path}"))).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allowed));
    assert_eq!(answer.json()["error"], "method_not_allowed");
}

/// If this failed, a client that looks for what is not here would be given a page, or nothing that it can read.
#[rstest]
#[case::root("/")]
#[case::below_the_endpoint("/mcp/sse")]
#[case::with_a_slash("/mcp/")]
#[case::registration("/register")]
#[case::openid("/.well-known/openid-configuration")]
#[case::openid_of_the_path("/.well-known/openid-configuration/mcp")]
#[actix_web::test]
async fn elsewhere_there_is_nothing_and_it_says_so(
    #[case] path: &str,
    #[values(Method::GET, Method::POST, Method::HEAD)] method: Method,
) {
    let world = World::start().await;
    let address = world.stage.connector.public_address();
    let answer = send(world.http.request(method.clone(), format!("http://{address}{path}"))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/json");
    if method != Method::HEAD {
        assert_eq!(answer.json()["error"], "not_found");
    }
}
