use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Reply, World};

pub(crate) async fn send(world: &World, bearer: &str, body: &Value) -> Reply {
    let request = world.http.post(world.url("/v1.0/$batch")).bearer_auth(bearer);
    let request = request.header("content-type", "application/json").body(body.to_string());
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}

/// The responses of a batch that is taken.
async fn responses(world: &World, items: Value) -> Value {
    let reply = send(world, &world.graph_token().await, &json!({ "requests": items })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["responses"].clone()
}

fn by_id<'a>(responses: &'a Value, id: &str) -> &'a Value {
    responses.as_array().unwrap().iter().find(|response| response["id"] == id).unwrap()
}

fn get(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

/// An item that is answered otherwise than the same request alone would make batches useless as a proof.
#[actix_web::test]
async fn an_item_is_answered_like_the_request_alone() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let alone = world.get_as(&bearer, "/v1.0/me?$select=displayName").await.json();
    let items = json!([
        get("a", "/me?$select=displayName"),
        get("b", "me?$select=displayName"),
        get("c", "/me/messages?$filter=isRead eq true&$top=1"),
        get("d", "/me/nothing")
    ]);
    let responses = responses(&world, items).await;
    assert_eq!(by_id(&responses, "a")["body"], alone);
    assert_eq!(by_id(&responses, "b")["body"], alone);
    assert_eq!(by_id(&responses, "c")["body"]["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(by_id(&responses, "d")["status"], 400);
    assert!(by_id(&responses, "a")["headers"]["Content-Type"].as_str().unwrap().contains("json"));
    let ids: Vec<&str> =
        responses.as_array().unwrap().iter().map(|response| response["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["d", "c", "b", "a"], "answers come in another order than they were asked in");
}

/// An item that loses its own headers or body asks something else than the client meant.
#[actix_web::test]
async fn an_item_has_its_own_headers_and_body() {
    let world = World::start().await;
    let day = |day: &str| json!({ "dateTime": day, "timeZone": "UTC" });
    let schedule =
        json!({ "schedules": [world.upn()], "startTime": day("2026-11-23"), "endTime": day("2026-11-24") });
    let items = json!([
        { "id": "1", "method": "GET", "url": "/me/messages?$top=1&$select=body",
          "headers": { "Prefer": "outlook.body-content-type=\"text\"" } },
        { "id": "2", "method": "POST", "url": "/me/calendar/getSchedule",
          "headers": { "Content-Type": "application/json" }, "body": schedule },
        get("3", "/me/messages?$top=1&$select=body"),
    ]);
    let responses = responses(&world, items).await;
    assert_eq!(by_id(&responses, "1")["body"]["value"][0]["body"]["contentType"], "text");
    assert_eq!(by_id(&responses, "3")["body"]["value"][0]["body"]["contentType"], "html");
    let view = &by_id(&responses, "2")["body"]["value"][0]["availabilityView"];
    assert_eq!(view.as_str().map(str::len), Some(48));
}

/// An item whose `Accept` or `ConsistencyLevel` is lost, or is that of its neighbour, gets something else than it asked for.
#[actix_web::test]
async fn an_item_has_its_own_form_and_consistency() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let read =
        async |path: String| world.get_as(&bearer, &format!("/v1.0{path}")).await.json()["value"][0].clone();
    let filter = encoded("subject eq 'Weekly planning' and type eq 'seriesMaster'");
    let event = read(format!("/me/events?$filter={filter}")).await;
    let filter = format!("JoinWebUrl eq '{}'", event["onlineMeeting"]["joinUrl"].as_str().unwrap());
    let meeting = read(format!("/me/onlineMeetings?$filter={}", encoded(&filter))).await;
    let transcripts = format!("/me/onlineMeetings/{}/transcripts", encoded(meeting["id"].as_str().unwrap()));
    let transcript = read(transcripts.clone()).await;
    let content = format!("{transcripts}/{}/content", encoded(transcript["id"].as_str().unwrap()));
    let unattributed = "application/vnd.microsoft.graph.transcript+text";
    let people = "/users?$count=true&$search=\"displayName:maja\"";
    let with = |id: &str, url: &str, name: &str, value: &str| json!({ "id": id, "method": "GET", "url": url, "headers": { (name): value } });
    let items = json!([
        with("1", &content, "Accept", "text/vtt"),
        with("2", &content, "Accept", unattributed),
        with("3", people, "ConsistencyLevel", "eventual"),
        get("4", people),
    ]);
    let responses = responses(&world, items).await;
    assert_eq!(by_id(&responses, "1")["headers"]["Content-Type"], "text/vtt");
    assert_eq!(by_id(&responses, "2")["headers"]["Content-Type"], unattributed);
    assert_ne!(by_id(&responses, "1")["body"], by_id(&responses, "2")["body"]);
    assert_eq!(by_id(&responses, "3")["body"]["@odata.count"], 1);
    assert_eq!(by_id(&responses, "4")["status"], 400);
}

/// A body in base64url (with or without padding) is the same body.
#[actix_web::test]
async fn a_body_may_be_base64url() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let world = World::start().await;
    let day = |day: &str| json!({ "dateTime": day, "timeZone": "UTC" });
    let schedule =
        json!({ "schedules": [world.upn()], "startTime": day("2026-11-23"), "endTime": day("2026-11-24") });
    let items = json!([{
        "id": "1", "method": "POST", "url": "/me/calendar/getSchedule",
        "headers": { "Content-Type": "application/json" },
        "body": URL_SAFE_NO_PAD.encode(schedule.to_string()),
    }]);
    let responses = responses(&world, items).await;
    assert_eq!(by_id(&responses, "1")["status"], 200, "{responses}");
}

/// A download is told by its address, as it is outside of a batch: following it here would hide the redirect.
#[actix_web::test]
async fn the_content_of_a_file_is_a_redirect() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let found = world.get_as(&bearer, "/v1.0/me/drive/root/search(q='.txt')?$select=id,file").await.json();
    let file = found["value"].as_array().unwrap().iter().find(|item| item["file"].is_object()).unwrap();
    let url = format!("/me/drive/items/{}/content", file["id"].as_str().unwrap());
    let responses = responses(&world, json!([get("1", &url)])).await;
    let response = by_id(&responses, "1");
    assert_eq!(response["status"], 302);
    let location = response["headers"]["Location"].as_str().unwrap();
    assert!(location.starts_with(world.simulator.download_base_url()), "{location}");
    assert_eq!(response.get("body"), None);
}

/// A batch that writes, or that nests, would slip by a client that only looks at single requests.
#[rstest]
#[case("PATCH", "/me", 405)]
#[case("POST", "/me/events", 405)]
#[case("DELETE", "/me/messages/1", 405)]
#[case("POST", "/$batch", 400)]
#[actix_web::test]
async fn an_item_that_does_not_read_is_refused(#[case] method: &str, #[case] url: &str, #[case] status: u16) {
    let world = World::start().await;
    let item = json!({ "id": "1", "method": method, "url": url, "body": { "requests": [] },
        "headers": { "Content-Type": "application/json" } });
    let responses = responses(&world, json!([item, get("2", "/me")])).await;
    assert_eq!(by_id(&responses, "1")["status"], status, "{responses}");
    assert_eq!(by_id(&responses, "2")["status"], 200);
}

/// What waits for something that failed is not done; what waits for something that was done is, and after it.
#[actix_web::test]
async fn an_item_waits_for_what_it_depends_on() {
    let world = World::start().await;
    let after =
        |id: &str, url: &str, on: &[&str]| json!({ "id": id, "method": "GET", "url": url, "dependsOn": on });
    let items = json!([
        after("last", "/me", &["first"]),
        get("first", "/me/mailFolders"),
        get("wrong", "/me/nothing"),
        after("lost", "/me", &["WRONG"]),
        after("lost too", "/me", &["first", "lost"]),
    ]);
    let responses = responses(&world, items).await;
    let statuses: Vec<(&str, u64)> = responses
        .as_array()
        .unwrap()
        .iter()
        .map(|response| (response["id"].as_str().unwrap(), response["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(statuses, [("first", 200), ("last", 200), ("wrong", 400), ("lost", 424), ("lost too", 424)]);
    let log = world.get("/_sim/requests").await.json();
    let items: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["batch"] == true)
        .map(|entry| entry["path"].as_str().unwrap())
        .collect();
    assert_eq!(items, ["/v1.0/me/mailFolders", "/v1.0/me", "/v1.0/me/nothing"]);
}

/// Whoever counts requests must see items too, and tell them from requests that came alone.
#[actix_web::test]
async fn every_item_is_in_the_log_and_marked() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    world.delete("/_sim/requests").await;
    send(&world, &bearer, &json!({ "requests": [get("1", "/me?$select=id"), get("2", "/me/none")] })).await;
    let log = world.get("/_sim/requests").await.json();
    let seen: Vec<(String, bool, u64)> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let path = entry["path"].as_str().unwrap().to_owned();
            (path, entry["batch"] == true, entry["status"].as_u64().unwrap())
        })
        .collect();
    let expected = [("/v1.0/$batch", false, 200), ("/v1.0/me", true, 200), ("/v1.0/me/none", true, 400)];
    assert_eq!(seen, expected.map(|(path, batch, status)| (path.to_owned(), batch, status)));
    assert_eq!(log[1]["query"], "$select=id");
    assert!(log[1]["headers"]["authorization"].as_str().unwrap().starts_with("Bearer "));
}

/// One throttled item must not throttle the others, and must tell by itself how long to wait.
#[actix_web::test]
async fn a_fault_strikes_items_one_by_one() {
    let world = World::start().await;
    let fault = json!({ "service": "graph", "path_prefix": "/me/messages", "status": 429, "times": 1,
        "headers": { "Retry-After": "7" } });
    assert_eq!(world.post_json("/_sim/faults", fault).await.status, 200);
    let reset = json!({ "service": "graph", "path_prefix": "/me/drive", "reset": true });
    assert_eq!(world.post_json("/_sim/faults", reset).await.status, 200);
    let items =
        json!([get("1", "/me/messages?$top=1"), get("2", "/me/messages?$top=1"), get("3", "/me/drive"),]);
    let responses = responses(&world, items).await;
    let throttled = by_id(&responses, "1");
    assert_eq!((&throttled["status"], &throttled["headers"]["Retry-After"]), (&json!(429), &json!("7")));
    assert_eq!(throttled["body"]["error"]["code"], "TooManyRequests");
    assert_eq!(by_id(&responses, "2")["status"], 200);
    assert_eq!(by_id(&responses, "3")["status"], 504);
}

/// A batch that can't be understood is refused as a whole, before any of it is done.
#[rstest]
#[case(json!({}), "'requests'")]
#[case(json!({ "requests": {} }), "'requests'")]
#[case(json!({ "requests": [] }), "has 0")]
#[case(json!({ "requests": (0..21).map(|id| get(&id.to_string(), "/me")).collect::<Vec<_>>() }), "has 21")]
#[case(json!({ "requests": [get("a", "/me"), get("A", "/me")] }), "'A' is not unique")]
#[case(json!({ "requests": [{ "id": 1, "method": "GET", "url": "/me" }] }), "'id'")]
#[case(json!({ "requests": [{ "id": "1", "url": "/me" }] }), "'method'")]
#[case(json!({ "requests": [{ "id": "1", "method": "GET" }] }), "'url'")]
#[case(json!({ "requests": [get("1", "https://graph.microsoft.com/v1.0/me")] }), "relative")]
#[case(json!({ "requests": [{ "id": "1", "method": "POST", "url": "/me/events", "body": {} }] }), "Content-Type")]
#[case(json!({ "requests": [{ "id": "1", "method": "POST", "url": "/me/events", "headers": { "Content-Type": "application/json" } }] }), "body")]
#[case(json!({ "requests": [{ "id": "1", "method": "GET", "url": "/me", "headers": { "Prefer": 1 } }] }), "'headers'")]
#[case(json!({ "requests": [{ "id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"] }] }), "'2'")]
#[case(json!({ "requests": [{ "id": "1", "method": "GET", "url": "/me", "dependsOn": ["1"] }] }), "'1'")]
#[case(json!({ "requests": [
    { "id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"] },
    { "id": "2", "method": "GET", "url": "/me", "dependsOn": ["1"] },
] }), "by way of others")]
#[actix_web::test]
async fn a_malformed_batch_is_refused(#[case] body: Value, #[case] reason: &str) {
    let world = World::start().await;
    let reply = send(&world, &world.graph_token().await, &body).await;
    assert_eq!((reply.status, reply.json()["error"]["code"].as_str()), (400, Some("BadRequest")));
    let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(reason), "{message}");
}

/// A batch opens nothing that its bearer does not open, and is nothing that can be read.
#[actix_web::test]
async fn a_batch_needs_a_bearer_and_is_posted() {
    let world = World::start().await;
    let refused = send(&world, "rubbish", &json!({ "requests": [get("1", "/me")] })).await;
    assert_eq!((refused.status, refused.header("www-authenticate").is_empty()), (401, false));
    let read = world.get_as(&world.graph_token().await, "/v1.0/$batch").await;
    assert_eq!((read.status, read.header("allow")), (405, "POST"));
}

/// More than four at once for a mailbox are refused: a batch that did not hold back would fail where the real one works.
#[actix_web::test]
async fn four_items_of_a_batch_are_under_way_at_once() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let slow = json!({ "service": "graph", "path_prefix": "/me/messages", "delay_ms": 600_000 });
    world.post_json("/_sim/faults", slow).await;
    let items: Vec<Value> = (1..=20).map(|id| get(&id.to_string(), "/me/messages?$top=1")).collect();
    let (http, url) = (world.http.clone(), world.url("/v1.0/$batch"));
    let request = http.post(url).bearer_auth(&bearer).header("content-type", "application/json");
    let request = request.body(json!({ "requests": items }).to_string());
    let waiting = actix_web::rt::spawn(async move { drop(request.send().await) });
    let arrived = || async {
        let log = world.get("/_sim/requests").await.json();
        log.as_array().unwrap().iter().filter(|entry| entry["batch"] == true).count()
    };
    while arrived().await < 4 {}
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200);
    assert_eq!(arrived().await, 4);
    waiting.abort();
}
