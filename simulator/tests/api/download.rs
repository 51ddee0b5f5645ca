//! The download host over HTTP.

use m365_simulator::SimulatorOptions;
use serde_json::json;

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
