//! Methods and sizes: what a door refuses before it looks at what was asked.

use m365_simulator::SimulatorOptions;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::support::World;

/// A probe asks by HEAD; answered with 404 it reports a running simulator as gone.
#[rstest]
#[case::directory("/_sim/directory")]
#[case::requests("/_sim/requests")]
#[case::faults("/_sim/faults")]
#[case::keys("/_sim/keys")]
#[case::registration("/_sim/registration")]
#[case::metadata("/common/v2.0/.well-known/openid-configuration")]
#[actix_web::test]
async fn head_is_answered_like_get_without_the_body(#[case] path: &str) {
    let world = World::start().await;
    world.http.post(world.url("/_sim/requests")).body(r#"{"recording":false}"#).send().await.unwrap();
    let get = world.get(path).await;
    let head = world.send(Method::HEAD, path).await;
    assert_eq!((head.status, head.text.as_str()), (get.status, ""));
    for name in ["content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

/// A 404 would send its reader looking for a path that is there.
#[rstest]
#[case("/_sim/directory", Method::POST, "GET, HEAD")]
#[case("/_sim/directory", Method::OPTIONS, "GET, HEAD")]
#[case("/_sim/token", Method::GET, "POST")]
#[case("/_sim/token", Method::HEAD, "POST")]
#[case("/_sim/requests", Method::PUT, "GET, HEAD, POST, DELETE")]
#[case("/_sim/faults", Method::PATCH, "GET, HEAD, POST, DELETE")]
#[case("/_sim/faults/1", Method::GET, "DELETE")]
#[case("/_sim/keys", Method::PUT, "GET, HEAD, POST, DELETE")]
#[case("/_sim/throttling", Method::PUT, "GET, HEAD, POST, DELETE")]
#[actix_web::test]
async fn the_control_api_names_the_methods_of_a_path(
    #[case] path: &str,
    #[case] method: Method,
    #[case] allowed: &str,
) {
    let world = World::start().await;
    let reply = world.send(method.clone(), path).await;
    assert_eq!((reply.status, reply.header("allow")), (405, allowed));
    if method != Method::HEAD {
        assert_eq!(reply.json()["error"], format!("this method is not for this path, which takes {allowed}"));
    }
}

/// Every method that `Allow` names must be served, or the header sends a client astray.
#[rstest]
#[case("/_sim/directory")]
#[case("/_sim/token")]
#[case("/_sim/requests")]
#[case("/_sim/faults")]
#[case("/_sim/keys")]
#[case("/_sim/registration")]
#[case("/_sim/throttling")]
#[case("/_sim/writes")]
#[actix_web::test]
async fn every_method_that_is_named_is_served(#[case] path: &str) {
    let world = World::start().await;
    let allowed = world.send(Method::PATCH, path).await.header("allow").to_owned();
    for method in allowed.split(", ") {
        let status = world.send(method.parse().unwrap(), path).await.status;
        assert!(![404, 405].contains(&status), "{method} {path}: {status}");
    }
}

/// A metadata document that answers a POST would hide a client that confuses its endpoints.
#[rstest]
#[case("/common/v2.0/.well-known/openid-configuration", Method::POST, "GET, HEAD")]
#[case("/common/discovery/v2.0/keys", Method::DELETE, "GET, HEAD")]
#[case("/common/discovery/instance", Method::PUT, "GET, HEAD")]
#[case("/common/oauth2/v2.0/authorize", Method::PUT, "GET, HEAD, POST")]
#[case("/oidc/userinfo", Method::DELETE, "GET, HEAD, POST")]
#[actix_web::test]
async fn a_wrong_method_at_entra_is_refused_in_its_shape(
    #[case] path: &str,
    #[case] method: Method,
    #[case] allowed: &str,
) {
    let world = World::start().await;
    let reply = world.send(method, path).await;
    assert_eq!((reply.status, reply.header("allow"), reply.aadsts()), (405, allowed, 900_561));
    assert_eq!(reply.json()["error"], "invalid_request");
}

/// A write that is refused must be seen by whoever proves that nothing writes.
#[rstest]
#[case(Method::POST)]
#[case(Method::PATCH)]
#[case(Method::PUT)]
#[case(Method::DELETE)]
#[actix_web::test]
async fn a_write_at_graph_is_refused_and_stands_in_the_log(#[case] method: Method) {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let request = world.http.request(method.clone(), world.url("/v1.0/me/messages")).bearer_auth(bearer);
    let refused = request.body("{}").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()), (405, "GET"));
    let log = world.get("/_sim/requests").await.json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["method"].as_str(), last["status"].as_u64()), (Some(method.as_str()), Some(405)));
}

/// A proof that nothing writes must not need the log, which a load test switches off.
#[actix_web::test]
async fn refused_writes_are_counted_without_the_log() {
    let world = World::start_with(SimulatorOptions { recording: false, ..World::options() }).await;
    let bearer = world.graph_token().await;
    let send = async |method: Method, url: String, body: &'static str| {
        let request = world.http.request(method, url).bearer_auth(&bearer);
        request.header("content-type", "application/json").body(body).send().await.unwrap().status().as_u16()
    };
    let count = async || world.get("/_sim/writes").await.json()["writes_refused"].clone();
    assert_eq!(send(Method::GET, world.url("/v1.0/me"), "").await, 200);
    assert_eq!(send(Method::POST, world.url("/v1.0/me/calendar/getSchedule"), "{}").await, 400);
    let tips = r#"{"EmailAddresses": ["a@b.example"], "MailTipsOptions": "mailboxFullStatus"}"#;
    assert_eq!(send(Method::POST, world.url("/v1.0/me/getMailTips"), tips).await, 200);
    assert_eq!(count().await, 0);
    assert_eq!(send(Method::PATCH, world.url("/v1.0/me/messages/x"), "{}").await, 405);
    assert_eq!(send(Method::POST, world.url("/v1.0/me/sendMail"), "{}").await, 405);
    let batch = r#"{"requests": [
        {"id": "1", "method": "GET", "url": "/me"},
        {"id": "2", "method": "DELETE", "url": "/me/messages/x"},
        {"id": "3", "method": "DELETE", "url": "/me/events/x"}]}"#;
    assert_eq!(send(Method::POST, world.url("/v1.0/$batch"), batch).await, 200);
    let files = format!("{}/a", world.simulator.download_base_url());
    assert_eq!(send(Method::PUT, files, "").await, 405);
    assert_eq!(world.get("/_sim/requests").await.json(), json!([]));
    assert_eq!(count().await, 5);
}

/// Text where JSON is promised breaks the reader of the answer, and says nothing of the limit.
#[rstest]
#[case::just_above("/_sim/faults", 1024 * 1024)]
#[case::far_above("/_sim/faults", 9 * 1024 * 1024)]
#[case::token("/_sim/token", 1024 * 1024)]
#[case::requests("/_sim/requests", 1024 * 1024)]
#[actix_web::test]
async fn a_control_request_above_the_limit_is_refused_as_json(#[case] path: &str, #[case] length: usize) {
    let world = World::start().await;
    let order = json!({ "service": "graph", "body": "x".repeat(length) });
    let reply = world.post_json(path, order).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.json()["error"], "the body is longer than 1048576 bytes");
}

/// A fault's body may be as long as the limit allows: what an oversized answer of Graph's is tested with.
#[actix_web::test]
async fn a_control_request_below_the_limit_is_taken() {
    let world = World::start().await;
    let order = json!({ "service": "graph", "body": "x".repeat(1024 * 1024 - 100) });
    assert_eq!(world.post_json("/_sim/faults", order).await.status, 200);
}

/// A request that the log does not show was, for its reader, never sent.
#[rstest]
#[case::entra("/common/oauth2/v2.0/token", "entra", "/error_codes/0")]
#[case::graph("/v1.0/me", "graph", "/error/code")]
#[actix_web::test]
async fn a_body_above_the_limit_is_refused_in_the_services_shape(
    #[case] path: &str,
    #[case] service: &str,
    #[case] member: &str,
) {
    let world = World::start().await;
    let reply = world.post_json(path, json!("x".repeat(1024 * 1024))).await;
    assert_eq!(reply.status, 413);
    assert!(reply.json().pointer(member).is_some(), "{}", reply.text);
    let log = world.get("/_sim/requests").await.json();
    assert_eq!((log[0]["service"].as_str(), log[0]["status"].as_u64()), (Some(service), Some(413)));
}
