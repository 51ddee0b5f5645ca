//! The download host over HTTP.

use m365_simulator::SimulatorOptions;
use serde_json::{Value, json};

use super::support::World;

/// Where Graph redirects for a file of the first user.
async fn location(world: &World, bearer: &str) -> String {
    let reply = world.get_as(bearer, "/v1.0/me/drive/root:/Team%20lunch.md:/content").await;
    assert_eq!(reply.status, 302, "{}", reply.text);
    reply.header("location").to_owned()
}

/// A download must leave Graph's host, need no bearer, and refuse one: that is how a leak is caught.
#[actix_web::test]
async fn a_file_is_fetched_from_another_host_without_the_bearer() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let location = location(&world, &bearer).await;
    assert!(location.starts_with(world.simulator.download_base_url()), "{location}");
    assert_ne!(world.simulator.download_base_url(), world.simulator.base_url());
    let whole = world.http.get(&location).send().await.unwrap();
    assert_eq!(
        (whole.status().as_u16(), &whole.headers()["accept-ranges"]),
        (200, &"bytes".parse().unwrap())
    );
    let whole = whole.bytes().await.unwrap();
    let part = world.http.get(&location).header("range", "bytes=2-5").send().await.unwrap();
    assert_eq!(part.status().as_u16(), 206);
    assert_eq!(part.headers()["content-range"], format!("bytes 2-5/{}", whole.len()));
    assert_eq!(part.bytes().await.unwrap(), whole.slice(2..6));
    let leaked = world.http.get(&location).bearer_auth(&bearer).send().await.unwrap();
    assert_eq!(leaked.status().as_u16(), 401);
    let written = world.http.put(&location).body("x").send().await.unwrap();
    assert_eq!(written.status().as_u16(), 405);

    let log = world.get("/_sim/requests").await.json();
    let fetched = log.as_array().unwrap().iter().filter(|request| request["service"] == "files");
    let told = fetched.map(|request| {
        let is_leak = request["headers"]["authorization"].is_string();
        (request["method"].as_str().unwrap(), request["status"].as_u64().unwrap(), is_leak)
    });
    let expected = [("GET", 200, false), ("GET", 206, false), ("GET", 401, true), ("PUT", 405, false)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    world.simulator.stop().await;
}

/// An address that is good for ever would hide a client that keeps one.
#[actix_web::test]
async fn an_expired_address_is_refused() {
    let options = SimulatorOptions { download_lifetime: 0, ..World::options() };
    let world = World::start_with(options).await;
    let bearer = world.graph_token().await;
    let location = location(&world, &bearer).await;
    assert_eq!(world.http.get(&location).send().await.unwrap().status().as_u16(), 401);
}

/// What has not changed is not fetched again.
#[actix_web::test]
async fn content_that_has_not_changed_is_not_sent() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let item = world.get_as(&bearer, "/v1.0/me/drive/root:/Team%20lunch.md").await.json();
    let content = world.url("/v1.0/me/drive/root:/Team%20lunch.md:/content");
    let request = world.http.get(content).bearer_auth(&bearer);
    let reply = request.header("if-none-match", item["eTag"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 304);
}

/// A client that takes what comes from the other host for granted must be seen to fail.
#[actix_web::test]
async fn a_fault_reaches_the_download_host() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let location = location(&world, &bearer).await;
    let fault = async |effect: Value| {
        let mut order = json!({ "service": "files", "times": 1, "user": world.upn() });
        order.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        let reply = world.post_json("/_sim/faults", order).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    let fetch = async || world.http.get(&location).send().await;
    let whole = fetch().await.unwrap().bytes().await.unwrap();

    fault(json!({ "status": 503, "retry_after": { "form": "seconds", "seconds": 4 } })).await;
    let busy = fetch().await.unwrap();
    assert_eq!((busy.status().as_u16(), &busy.headers()["retry-after"]), (503, &"4".parse().unwrap()));
    fault(json!({ "distort": "truncated" })).await;
    assert_eq!(fetch().await.unwrap().bytes().await.unwrap(), whole.slice(..whole.len() / 2));
    fault(json!({ "distort": "redirect_foreign" })).await;
    let away = fetch().await.unwrap();
    assert!(away.headers()["location"].to_str().unwrap().starts_with("https://elsewhere.example/"));
    fault(json!({ "reset": true })).await;
    assert!(fetch().await.is_err(), "the connection is closed without an answer");
    fault(json!({ "reset": true, "body": "half of it" })).await;
    assert!(fetch().await.unwrap().bytes().await.is_err(), "the connection is closed in the middle");
    fault(json!({ "delay_ms": 1 })).await;
    assert_eq!(fetch().await.unwrap().bytes().await.unwrap(), whole);
    assert_eq!(world.get("/_sim/faults").await.json(), json!([]), "each has hit");
}

/// A fault on files for somebody else, or at Graph, must leave the download alone.
#[actix_web::test]
async fn a_fault_for_others_leaves_a_download_alone() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let location = location(&world, &bearer).await;
    let other = world.simulator.directory().tenants[0].users[2].upn.clone();
    for order in [
        json!({ "service": "graph", "status": 503 }),
        json!({ "service": "files", "status": 503, "user": other }),
        json!({ "service": "files", "status": 503, "path_prefix": "/nowhere" }),
    ] {
        assert_eq!(world.post_json("/_sim/faults", order).await.status, 200);
    }
    assert_eq!(world.http.get(&location).send().await.unwrap().status().as_u16(), 200);
}

/// The canary of the read-only rule: nothing of a drive can be changed, whoever asks.
#[actix_web::test]
async fn nothing_of_a_drive_can_be_written() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    for path in
        ["/v1.0/me/drive/root:/new.txt:/content", "/v1.0/me/drive/root/children", "/v1.0/sites/root/lists"]
    {
        let post = world.http.post(world.url(path)).bearer_auth(&bearer).body(json!({}).to_string());
        assert_eq!(post.send().await.unwrap().status().as_u16(), 405, "{path}");
        let put = world.http.put(world.url(path)).bearer_auth(&bearer).body("x");
        assert_eq!(put.send().await.unwrap().status().as_u16(), 405, "{path}");
    }
}
