//! The published limits over HTTP. The engine's own tests hold the numbers; here are switches, shapes and places.

use m365_simulator::graph::MailboxKind;
use rstest::rstest;
use serde_json::{Value, json};

use super::batch;
use super::support::{Reply, World};

async fn throttle(world: &World, settings: Value) -> Value {
    let reply = world.post_json("/_sim/throttling", settings).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn until_refused(world: &World, bearer: &str, path: &str) -> (usize, Reply) {
    for passed in 0..100 {
        let reply = world.get_as(bearer, path).await;
        if reply.status == 429 {
            return (passed, reply);
        }
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    panic!("{path} is never refused");
}

/// A refusal in another service's shape would be read by the wrong part of a client. The windows are long, so that
/// none ends while the test runs.
#[rstest]
#[case("/v1.0/me/messages?$top=1", 0.001, 10, "TooManyRequests")]
#[case("/v1.0/me", 0.002, 7, "TooManyRequests")]
#[case("/v1.0/me/drive/root", 0.01, 12, "activityLimitReached")]
#[actix_web::test]
async fn a_refusal_has_the_shape_of_its_service(
    #[case] path: &str,
    #[case] scale: f64,
    #[case] passing: usize,
    #[case] code: &str,
) {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    throttle(&world, json!({ "scale": scale, "algorithm": "fixed_window" })).await;
    let (passed, refused) = until_refused(&world, &bearer, path).await;
    assert_eq!(passed, passing);
    let error = &refused.json()["error"];
    assert_eq!(error["code"], code);
    assert_eq!(error["innerError"]["request-id"], refused.header("request-id"));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    match code {
        "activityLimitReached" => {
            assert_eq!(error["innerError"]["code"], "throttledRequest");
            assert_eq!(error["innerError"]["innerError"]["code"], "quota");
            assert_eq!(refused.header("ratelimit-remaining"), "0");
        }
        _ => assert_eq!(error["innerError"]["status"], "429"),
    }
    if path == "/v1.0/me" {
        assert!(refused.header("x-ms-throttle-scope").ends_with(&world.tenant()));
    }
    let log = world.get("/_sim/requests?last=1").await.json();
    assert_eq!(log[0]["status"], 429, "a refusal is in the log");
}

/// Whoever switches nothing on must never meet a limit, and whoever switches off must be rid of it.
#[actix_web::test]
async fn throttling_is_off_until_it_is_switched_on_and_off_again_after() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    assert_eq!(world.get("/_sim/throttling").await.json()["enabled"], false);
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.header("x-ms-resource-unit"), "");
    let state = throttle(&world, json!({ "scale": 0.0001 })).await;
    assert_eq!((&state["enabled"], &state["scale"]), (&json!(true), &json!(0.0001)));
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.header("x-ms-resource-unit"), "1");
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 429);
    assert_eq!(world.get("/_sim/throttling").await.json()["refused"], 1);
    assert_eq!(world.delete("/_sim/throttling").await.status, 204);
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200);
}

/// What is not named must stay, or a change of the scale would change how is counted.
#[actix_web::test]
async fn settings_that_are_not_named_stay() {
    let world = World::start().await;
    let all = json!({
        "algorithm": "sliding_window",
        "algorithms": { "teams": "fixed_window" },
        "foreign": { "application": "same", "share": 0.5, "active_s": 10, "pause_s": 20 },
    });
    throttle(&world, all.clone()).await;
    let state = throttle(&world, json!({ "scale": 2 })).await;
    for field in ["algorithm", "algorithms", "foreign"] {
        assert_eq!(state[field], all[field], "{field}");
    }
    let off = throttle(&world, json!({ "enabled": false })).await;
    assert_eq!(off["enabled"], false);
}

/// A setting that is ignored is believed in.
#[rstest]
#[case(json!({ "scale": 0 }), "`scale` must be a number from 0.0001 to 1000")]
#[case(json!({ "algorithm": "leaky" }), "`algorithm` must be \"fixed_window\", \"sliding_window\" or \"token_bucket\"")]
#[case(json!({ "foreign": { "share": 1 } }), "`foreign.share` must be a number from 0 to below 1")]
#[case(json!({ "foreign": { "share": 0.5, "application": "ours" } }), "`foreign.application` must be \"another\" or \"same\"")]
#[case(json!({ "foreign": { "part": 0.5 } }), "`foreign.share` is missing")]
#[case(json!({ "foreign": { "share": 0.5, "part": 1 } }), "`foreign.part` is not a field of this request")]
#[case(json!({ "algorithms": { "mail": "token_bucket" } }), "`algorithms.mail` is not a field of this request")]
#[case(json!({ "algorithms": { "teams": 1 } }), "`algorithms.teams` must be \"fixed_window\", \"sliding_window\" or \"token_bucket\"")]
#[case(json!({ "scales": 1 }), "`scales` is not a field of this request")]
#[actix_web::test]
async fn a_wrong_setting_is_named(#[case] settings: Value, #[case] error: &str) {
    let world = World::start().await;
    let reply = world.post_json("/_sim/throttling", settings).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error)));
    assert_eq!(world.get("/_sim/throttling").await.json()["enabled"], false);
}

/// The fifth request at once for a mailbox is refused, by whatever name that is asked for, and nobody else's is.
#[actix_web::test]
async fn a_mailbox_that_is_slow_takes_four_requests_at_once() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    throttle(&world, json!({})).await;
    let slow = json!({ "service": "graph", "path_prefix": "/me/messages", "delay_ms": 60_000 });
    world.post_json("/_sim/faults", slow).await;
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let request = world.http.get(world.url("/v1.0/me/messages")).bearer_auth(&bearer);
            actix_web::rt::spawn(async move { drop(request.send().await) })
        })
        .collect();
    let by_name = format!("/v1.0/users/{}/mailFolders", world.upn());
    let refused = loop {
        let reply = world.get_as(&bearer, &by_name).await;
        if reply.status == 429 {
            break reply;
        }
    };
    let error = &refused.json()["error"];
    assert_eq!(error["code"], "ApplicationThrottled");
    assert_eq!(error["message"], "Application is over its MailboxConcurrency limit.");
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200, "the directory is another service");
    for request in waiting {
        request.abort();
    }
    // Clients that go away leave their places.
    while world.get_as(&bearer, &by_name).await.status == 429 {}
}

/// The view for exports reads the same mailbox: with an allowance of its own it would seem to take twice as much.
#[actix_web::test]
async fn the_view_for_exports_counts_for_the_mailbox_that_it_shows() {
    let world = World::start().await;
    let (tenant, user) = {
        let tenant = &world.simulator.directory().tenants[0];
        (tenant.id, tenant.users[0].id)
    };
    let scopes = ["Mail.Read", "MailboxFolder.Read"];
    let order = json!({ "tenant": tenant, "user": user, "kind": "graph", "scopes": scopes });
    let minted = world.post_json("/_sim/token", order).await.json();
    let bearer = minted["access_token"].as_str().unwrap();
    // One request of a mailbox.
    throttle(&world, json!({ "scale": 0.000_1 })).await;
    let folders = |kind| {
        let id = m365_simulator::graph::mailbox_id(tenant, user, kind).replace(':', "%3A");
        format!("/v1.0/admin/exchange/mailboxes/{id}/folders")
    };
    assert_eq!(world.get_as(bearer, "/v1.0/me/messages?$top=1").await.status, 200);
    assert_eq!(world.get_as(bearer, &folders(MailboxKind::Primary)).await.status, 429);
    assert_eq!(world.get_as(bearer, &folders(MailboxKind::Archive)).await.status, 200, "another mailbox");
}

/// Somebody who is turned away anyway must not use an allowance.
#[actix_web::test]
async fn a_request_without_a_good_bearer_is_not_counted() {
    let world = World::start().await;
    throttle(&world, json!({ "scale": 0.0001 })).await;
    for _ in 0..5 {
        assert_eq!(world.get_as("nonsense", "/v1.0/me").await.status, 401);
    }
    assert_eq!(world.get("/_sim/throttling").await.json()["meters"], 0);
}

/// A batch that counts as one request would let a client read twenty times as much as it may; one that counts beside
/// its items would stop a client too early.
#[actix_web::test]
async fn items_of_a_batch_are_counted_one_by_one_and_the_batch_is_not() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    // Ten requests of a mailbox in ten minutes.
    throttle(&world, json!({ "scale": 0.001, "algorithm": "fixed_window" })).await;
    let items: Vec<Value> = (1..=12)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/me/messages?$top=1&$select=id" }))
        .collect();
    let answer = batch::send(&world, &bearer, &json!({ "requests": items })).await;
    assert_eq!(answer.status, 200, "the batch itself is never throttled");
    let answer = answer.json();
    let responses = answer["responses"].as_array().unwrap();
    let refused: Vec<&Value> = responses.iter().filter(|response| response["status"] == 429).collect();
    assert_eq!((responses.len(), refused.len()), (12, 2));
    for response in refused {
        assert!(response["headers"]["Retry-After"].as_str().unwrap().parse::<u64>().unwrap() >= 1);
        assert_eq!(response["body"]["error"]["code"], "TooManyRequests");
    }
    assert_eq!(world.get_as(&bearer, "/v1.0/me/messages?$top=1").await.status, 429);
    let again = batch::send(&world, &bearer, &json!({ "requests": [items[0]] })).await;
    assert_eq!((again.status, &again.json()["responses"][0]["status"]), (200, &json!(429)));
}

/// Whoever is led to the file host has a name there too: bytes that count for nobody are bytes without end.
#[actix_web::test]
async fn files_are_given_out_until_the_bytes_of_an_hour_are_gone() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let sites = world.get_as(&bearer, "/v1.0/sites?search=Handbook").await.json();
    let site = sites["value"][0]["id"].as_str().unwrap();
    let path = format!("/v1.0/sites/{site}/drive/root:/Curious%20files/zip-bomb.docx");
    let item = world.get_as(&bearer, &path).await.json();
    let address = item["@microsoft.graph.downloadUrl"].as_str().unwrap_or_else(|| panic!("{item}"));
    let fetch = || async { Reply::read(world.http.get(address).send().await.unwrap()).await };
    assert_eq!(fetch().await.status, 200);
    // Ten of the user's 100,000 million bytes in an hour.
    throttle(&world, json!({ "scale": 0.000_1, "algorithm": "fixed_window" })).await;
    for _ in 0..10_000_000_u64.div_ceil(item["size"].as_u64().unwrap()) {
        assert_eq!(fetch().await.status, 200);
    }
    let refused = fetch().await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(world.get_as(&bearer, &path).await.status, 429, "Graph's own answers are bytes too");
    world.delete("/_sim/throttling").await;
    assert_eq!(fetch().await.status, 200);
}

/// One user's searches for people use what the whole organisation has, and no other search does.
#[actix_web::test]
async fn results_of_people_are_counted_for_the_organisation() {
    let world = World::start().await;
    let order = |place: usize| {
        let upn = &world.simulator.directory().tenants[0].users[place].upn;
        let scopes = ["People.Read", "Mail.Read"];
        json!({ "tenant": world.tenant(), "user": upn, "kind": "graph", "scopes": scopes })
    };
    let last = world.simulator.directory().tenants[0].users.len() - 1;
    let mut bearers = Vec::new();
    for place in [0, 1, last] {
        let minted = world.post_json("/_sim/token", order(place)).await.json();
        bearers.push(minted["access_token"].as_str().unwrap().to_owned());
    }
    throttle(&world, json!({ "scale": 0.000_1 })).await;
    let search = |bearer: &str, entity: &str| {
        let body = json!({ "requests": [{ "entityTypes": [entity], "query": { "queryString": "a" } }] });
        let request = world.http.post(world.url("/v1.0/search/query")).bearer_auth(bearer);
        request.header("content-type", "application/json").body(body.to_string()).send()
    };
    assert_eq!(search(&bearers[0], "person").await.unwrap().status(), 200);
    assert_eq!(search(&bearers[1], "person").await.unwrap().status(), 429, "of the same organisation");
    assert_eq!(search(&bearers[2], "message").await.unwrap().status(), 200, "no people");
}

/// What opens a sharing link has a limit of its own, which other files do not use.
#[actix_web::test]
async fn sharing_links_are_counted_besides() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    throttle(&world, json!({ "scale": 0.01, "algorithm": "fixed_window" })).await;
    for _ in 0..3 {
        let opened = world.get_as(&bearer, "/v1.0/shares/u!aHR0cHM6Ly9h/driveItem/content").await;
        assert_ne!(opened.status, 429, "{}", opened.text);
    }
    let refused = world.get_as(&bearer, "/v1.0/shares/u!aHR0cHM6Ly9h/driveItem/content").await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (429, &json!("activityLimitReached")));
    assert_eq!(refused.header("ratelimit-limit"), "", "that is another limit");
    assert_eq!(world.get_as(&bearer, "/v1.0/me/drive/root").await.status, 200);
}
