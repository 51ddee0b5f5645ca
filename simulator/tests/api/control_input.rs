//! What the control API must refuse: nobody may believe in a switch that was not thrown.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Reply, World};

async fn post_text(world: &World, path: &str, body: &str) -> Reply {
    let request = world.http.post(world.url(path)).body(body.to_owned());
    Reply::read(request.send().await.unwrap()).await
}

fn refused(reply: &Reply, message: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(message)), "{}", reply.text);
}

/// Of two members a parser keeps one, and does half of what it was told.
#[rstest]
#[case("/_sim/faults", r#"{"service":"graph","status":500,"service":"entra"}"#, "service")]
#[case("/_sim/faults", r#"{"service":"graph","latency":{"kind":"fixed","ms":1,"ms":2}}"#, "latency.ms")]
#[case("/_sim/faults", r#"{"service":"graph","headers":{"X":"1","X":"2"}}"#, "headers.X")]
#[case("/_sim/faults", r#"{"service":"graph","body":[{"a":1,"a":1}]}"#, "body.a")]
#[case("/_sim/token", r#"{"tenant":"t","user":"u","claims":{"deep":{"a":1,"a":null}}}"#, "claims.deep.a")]
#[case("/_sim/throttling", r#"{"foreign":{"share":0.1,"share":0.2}}"#, "foreign.share")]
#[case(
    "/_sim/throttling",
    r#"{"algorithms":{"teams":"fixed_window","teams":"token_bucket"}}"#,
    "algorithms.teams"
)]
#[case("/_sim/tenants/larkmoor.example/policies", r#"{"block":true,"block":false}"#, "block")]
#[case("/_sim/keys", r#"{"active":"first","active":"second"}"#, "active")]
#[case("/_sim/requests", r#"{"recording":true,"recor\u0064ing":false}"#, "recording")]
#[actix_web::test]
async fn a_member_that_is_there_twice_is_named(#[case] path: &str, #[case] body: &str, #[case] member: &str) {
    let world = World::start().await;
    refused(&post_text(&world, path, body).await, &format!("`{member}` is there more than once"));
}

/// A parameter or a body that nobody reads was meant to change something.
#[rstest]
#[case("GET", "/_sim/requests?last=1&last=2", "", "`last` is there more than once")]
#[case("GET", "/_sim/requests?last=", "", "`last` is missing")]
#[case("GET", "/_sim/directory?after=", "", "`after` is missing")]
#[case("GET", "/_sim/faults?service=graph", "", "`service` is not a field of this request")]
#[case("POST", "/_sim/throttling?scale=2", "{}", "`scale` is not a field of this request")]
#[case("POST", "/_sim/requests?last=2", r#"{"recording":true}"#, "`last` is not a field of this request")]
#[case("DELETE", "/_sim/faults?id=1", "", "`id` is not a field of this request")]
#[case("DELETE", "/_sim/faults", r#"{"id":"1"}"#, "DELETE takes no body: it clears everything that is there")]
#[actix_web::test]
async fn what_nobody_reads_is_refused(
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: &'static str,
    #[case] message: &str,
) {
    let world = World::start().await;
    world.post_json("/_sim/faults", json!({ "service": "graph", "status": 500 })).await;
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = world.http.request(method, world.url(path)).body(body);
    refused(&Reply::read(request.send().await.unwrap()).await, message);
    assert_eq!(world.get("/_sim/faults").await.json().as_array().unwrap().len(), 1, "nothing was cleared");
}

/// A fault that looks as if it did something, and would do nothing, or something else.
#[rstest]
#[case(
    r#"{"service":"graph","clock_skew_s":-9223372036854775808}"#,
    "`clock_skew_s` must be from -31536000 to 31536000"
)]
#[case(r#"{"service":"graph","headers":{"X":{"a":1}}}"#, "`headers` must be texts or numbers by name")]
#[case(r#"{"service":"graph","headers":{"X":null}}"#, "`headers` must be texts or numbers by name")]
#[case(
    r#"{"service":"graph","distort":"truncated","foreign_origin":"https://a.example"}"#,
    "`foreign_origin` must be left out: this `distort` leads nowhere else"
)]
#[case(r#"{"service":"graph","status":500,"foreign_origin":"https://a.example"}"#, "`distort` is missing")]
#[case(
    r#"{"service":"entra","distort":"next_link_loop"}"#,
    "`distort` must be what Entra's answers have: no page, no link"
)]
#[case(
    r#"{"service":"graph","retry_after":{"form":"missing","seconds":3}}"#,
    "`retry_after.seconds` must be left out: this `form` tells no time"
)]
#[case(
    r#"{"service":"graph","status":204,"body":{"a":1}}"#,
    "`body` must be left out: such an answer has none"
)]
#[case(
    r#"{"service":"graph","status":500,"path_prefix":"/me?x=1"}"#,
    "`path_prefix` must be a path without a query"
)]
#[case(
    r#"{"service":"graph","status":500,"path_prefix":"/chats/{id}"}"#,
    "`path_prefix` must be a path as it is sent; with braces it is a `route`"
)]
#[case(
    r#"{"service":"graph","status":500,"route":"/chats/x{id}"}"#,
    "`route` must be a whole path whose braces each stand for one segment, for example \"/chats/{id}/messages\""
)]
#[case(
    r#"{"service":"graph","status":500,"method":"get"}"#,
    "`method` must be an HTTP method in capitals, for example \"GET\""
)]
#[case(
    r#"{"service":"files","distort":"empty_page"}"#,
    "`distort` must be what a file has: no page, no link to a next one"
)]
#[case(
    r#"{"service":"files","lost_scopes":["Mail.Read"]}"#,
    "`lost_scopes` must be left out: no scope opens a file there"
)]
#[case(r#"{"service":"graph","status":500,"seed":-1}"#, "`seed` must be 0 or more")]
#[case(r#"{"service":"graph","status":500,"times":1.0}"#, "`times` must be a whole number")]
#[case(r#"{"service":"graph","status":500,"tenant":""}"#, "`tenant` names nothing in the directory")]
#[case(r#"{"service":"graph","latency":{"kind":"fixed"}}"#, "`latency.ms` is missing")]
#[case(r#"{"service":"graph","latency":5}"#, "`latency` must be an object")]
#[case(r#"{"service":"graph","reset":"yes"}"#, "`reset` must be true or false")]
#[actix_web::test]
async fn a_fault_that_would_do_nothing_is_refused(#[case] order: &str, #[case] message: &str) {
    refused(&post_text(&World::start().await, "/_sim/faults", order).await, message);
}

/// The same of every other order.
#[rstest]
#[case(
    "/_sim/token",
    r#"{"tenant":"t","user":"u","kind":null,"knid":null}"#,
    "`knid` is not a field of this request"
)]
#[case(
    "/_sim/token",
    r#"{"tenant":"t","user":"u","lifetime_s":9223372036854775807}"#,
    "`lifetime_s` must be from -3155760000 to 3155760000"
)]
#[case(
    "/_sim/token",
    r#"{"tenant":"t","user":"u","claims":{"a":1},"payload":"x"}"#,
    "`claims` must be left out: `payload` takes their place"
)]
#[case(
    "/_sim/token",
    r#"{"tenant":"larkmoor.example","user":"maja.lindqvist@larkmoor.example","client":"x"}"#,
    "`client` names nothing in the directory"
)]
#[case("/_sim/keys", r#"{"published":["first","first"]}"#, "`published` must be a list with no key twice")]
#[case(
    "/_sim/federated-credentials",
    r#"{"issuer":"","subject":"","audience":""}"#,
    "`issuer` must be a text that is not empty"
)]
#[case(
    "/_sim/federated-credentials",
    r#"{"issuer":"not an address","subject":"a","audience":"b"}"#,
    "`issuer` must be an address, as https://issuer.example"
)]
#[case("/_sim/federated-credentials", r#"{"issuer":"https://a.example"}"#, "`subject` is missing")]
#[case(
    "/_sim/throttling",
    r#"{"foreign":{"share":0.5,"active_s":0}}"#,
    "`foreign.active_s` must be from 1 to 86400"
)]
#[case(
    "/_sim/throttling",
    r#"{"foreign":{"share":0.5,"pause_s":90000}}"#,
    "`foreign.pause_s` must be from 0 to 86400"
)]
#[case(
    "/_sim/throttling",
    r#"{"scale":1e400}"#,
    "the body is not JSON: number out of range at line 1 column 14"
)]
#[case(
    "/_sim/tenants/larkmoor.example/policies",
    r#"{"loop_limit":4294967296}"#,
    "`loop_limit` must be from 0 to 4294967295"
)]
#[case(
    "/_sim/tenants/larkmoor.example/policies",
    r#"{"trusted_addresses":["127.0.0.0/8"]}"#,
    "`trusted_addresses` must be a list of IP addresses"
)]
#[actix_web::test]
async fn what_would_do_nothing_is_refused(#[case] path: &str, #[case] body: &str, #[case] message: &str) {
    refused(&post_text(&World::start().await, path, body).await, message);
}

/// Half of a change that was refused would stay.
#[actix_web::test]
async fn a_request_that_is_refused_changes_nothing() {
    let world = World::start().await;
    let both = json!({ "single_use_assertions": true, "app_id_uri": "no address" });
    let message = "`app_id_uri` must be the full URL of an MCP endpoint, without a slash at the end";
    refused(&world.post_json("/_sim/registration", both).await, message);
    let assertion = world.assertion(json!({})).await;
    for _ in 0..2 {
        let exchanged: Value = world.token(&world.tenant(), &world.exchange(&assertion)).await.json();
        assert!(exchanged["access_token"].is_string(), "{exchanged}");
    }
}
