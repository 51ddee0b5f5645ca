//! Entra or Graph is down, slow, resetting or answers rubbish: the call ends in time with an error that says what
//! and what next, and the service goes on.

use std::time::Duration;

use futures_util::future::join_all;
use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::running::Running;
use crate::world::World;

/// If this failed, trouble at Microsoft would hang a call, crash the service, or be explained badly.
#[rstest]
#[case::graph_is_down(json!({ "service": "graph", "status": 503 }))]
#[case::graph_fails(json!({ "service": "graph", "status": 500 }))]
#[case::graph_is_slow(json!({ "service": "graph", "delay_ms": 10_000 }))]
#[case::graph_resets(json!({ "service": "graph", "reset": true }))]
#[case::graph_talks_rubbish(json!({ "service": "graph", "body": "<html>oops" }))]
#[case::graph_throttles(json!({ "service": "graph", "status": 429, "headers": { "retry-after": "600" } }))]
#[case::graph_throttles_unreadably(json!({ "service": "graph", "status": 429, "headers": { "retry-after": "soon" } }))]
#[case::entra_is_down(json!({ "service": "entra", "path_prefix": "/", "status": 503 }))]
#[case::entra_is_slow(json!({ "service": "entra", "delay_ms": 10_000 }))]
#[case::entra_resets(json!({ "service": "entra", "reset": true }))]
#[case::entra_talks_rubbish(json!({ "service": "entra", "body": "\u{0}\u{1}" }))]
#[case::entra_throttles(json!({ "service": "entra", "status": 429, "headers": { "retry-after": "30" } }))]
#[actix_web::test]
async fn trouble_at_microsoft_ends_in_an_error_that_helps(#[case] fault: Value) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(2)).await;
    let (warm, cold) = (world.token(&world.person(0, 0)).await, world.token(&world.person(0, 2)).await);
    world.call(&warm, "get_me", json!({})).await;
    world.fault(fault.clone()).await;

    let token = if fault["service"] == "graph" { &warm } else { &cold };
    let ended = tokio::time::timeout(Duration::from_secs(4), world.call(token, "get_me", json!({}))).await;
    let result = ended.expect("the call ends inside its deadline");
    assert_eq!(result["isError"], true, "{result}");
    let error = &result["_meta"]["m365-connector/error"];
    for part in ["code", "what", "why", "who", "how", "correlation_id"] {
        assert!(error[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {result}");
    }

    world.clear_faults().await;
    let untouched = world.token(&world.person(1, 0)).await;
    let after = world.call(&untouched, "get_me", json!({})).await;
    assert_ne!(after["isError"], true, "the service goes on for everyone else: {after}");
}

/// If this failed, each step of a call would have a deadline of its own: one that is slow everywhere would last for minutes.
#[actix_web::test]
async fn one_deadline_holds_for_the_exchange_the_pause_of_a_limit_and_every_page() {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(4)).await;
    let person = world.person(0, 0);
    let chat = world.chat(&world.token(&person).await, "Lunch").await;
    let client = json!({ "claims": { "azp": world.stage.simulator.directory().clients[1].id } });
    let of_a_new_session = world.token_with(&person, client).await;
    let (exchanges, requests) = (world.exchanges().await, world.requests().await.len());

    let id = chat["uri"].as_str().unwrap().strip_prefix("teams:///chats/").unwrap();
    let link = |page: usize| format!("{}/v1.0/chats/{id}/members?page={page}", world.stage.simulator_url());
    let first = json!({ "id": id, "members": [], "members@odata.nextLink": link(1) });
    let page = |page: usize| {
        let body = json!({ "value": [{ "displayName": "Late Comer" }], "@odata.nextLink": link(page + 1) });
        json!({ "service": "graph", "route": "/chats/{id}/members", "delay_ms": 500, "times": 1, "body": body })
    };
    let retry_after = json!({ "retry-after": "1" });
    let throttled = json!({
        "service": "graph", "route": "/chats/{id}", "status": 429, "headers": retry_after, "times": 1,
    });
    let faults = [
        json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "delay_ms": 600 }),
        throttled,
        json!({ "service": "graph", "route": "/chats/{id}", "body": first }),
    ];
    for fault in faults.into_iter().chain((1..20).map(page)) {
        world.fault(fault).await;
    }
    let read = world.answer(&of_a_new_session, "read_resource", json!({ "uri": chat["uri"] }));
    let read =
        tokio::time::timeout(Duration::from_secs(6), read).await.expect("the call outlasts its deadline");
    assert!(read["notes"].to_string().contains("more members"), "{read}");
    assert_eq!(world.exchanges().await, exchanges + 1);
    let asked = world.requests().await.split_off(requests);
    let of =
        |end: &str| asked.iter().filter(|request| request["path"].as_str().unwrap().ends_with(end)).count();
    assert_eq!(of(id), 2, "the second attempt after the pause: {asked:?}");
    assert!(of("/members") >= 2, "several pages: {asked:?}");
}

/// If this failed, an outage of Entra would be answered with twice the exchanges, past the rate that is set and what a tenant
/// may repeat.
#[actix_web::test]
async fn while_entra_is_down_few_exchanges_are_repeated() {
    let world = World::start().await;
    // Each in a session of its own, for whoever fails again and again stays away for a while.
    let directory = world.stage.simulator.directory();
    let mut tokens = Vec::new();
    for user in 0..directory.tenants[0].users.len() {
        for client in directory.clients.iter().take(3) {
            let client = json!({ "claims": { "azp": client.id } });
            tokens.push(world.token_with(&world.person(0, user), client).await);
        }
    }
    let began = Instant::now();
    world.fault(json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 503 })).await;
    let refused = join_all(tokens.iter().map(|token| world.call(token, "get_me", json!({})))).await;
    for result in refused {
        assert_eq!(result["_meta"]["m365-connector/error"]["code"], "unavailable", "{result}");
    }
    let calls = tokens.len();
    let repeated = world.exchanges().await - calls;
    // A fifth, the floor of ten, and what the floor earns in the seconds that the test takes.
    let earned = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    assert!(repeated > 0 && repeated <= calls / 5 + 10 + earned, "{repeated} repeated of {calls}");
}

/// If this failed, a hiccup of Graph would reach the user.
#[rstest]
#[case::one_server_error(json!({ "service": "graph", "status": 503, "times": 1 }))]
#[case::one_internal_error(json!({ "service": "graph", "status": 500, "times": 1 }))]
#[case::one_bad_gateway(json!({ "service": "graph", "status": 502, "times": 1 }))]
#[case::two_gateway_timeouts(json!({ "service": "graph", "status": 504, "times": 2 }))]
#[case::one_timeout(json!({ "service": "graph", "status": 408, "times": 1 }))]
#[case::one_conflict(json!({ "service": "graph", "status": 409, "times": 1 }))]
#[case::one_wrong_server(json!({ "service": "graph", "status": 421, "times": 1 }))]
#[case::one_reset(json!({ "service": "graph", "reset": true, "times": 1 }))]
#[case::a_short_throttle(json!({ "service": "graph", "status": 429, "headers": { "retry-after": "0.2" }, "times": 1 }))]
#[actix_web::test]
async fn a_passing_fault_is_ridden_out(#[case] fault: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(fault).await;
    let result = world.call(&token, "get_me", json!({})).await;
    assert_ne!(result["isError"], true, "{result}");
}

/// If this failed, a caller would be blamed for what is not of their making, or a sick Graph be hammered.
#[rstest]
#[case::timeout(408, "unavailable", 3)]
#[case::conflict(409, "unavailable", 3)]
#[case::wrong_server(421, "unavailable", 3)]
#[case::locked(423, "locked", 1)]
#[case::internal_error(500, "unavailable", 2)]
#[case::not_implemented(501, "unavailable", 1)]
#[case::gateway_timeout(504, "unavailable", 3)]
#[case::bad_request(400, "unsupported_query", 1)]
#[actix_web::test]
async fn a_lasting_fault_has_its_own_code_and_number_of_attempts(
    #[case] status: u16,
    #[case] code: &str,
    #[case] attempts: usize,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(json!({ "service": "graph", "status": status })).await;
    let result = world.call(&token, "outlook_email_search", json!({ "timeZone": "UTC" })).await;
    let error = &result["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], code, "{result}");
    assert_eq!(error["retry_after_s"].is_u64(), code == "unavailable", "{result}");
    assert_eq!(world.graph_requests().await, attempts);
}

/// If this failed, the first call of a user would be told that this user asks too much, when a service is short of capacity
/// or somebody else has asked.
#[rstest]
#[case::graph_wants_to_be_left_alone(json!({ "service": "graph", "status": 503, "headers": { "retry-after": "60" } }), "unavailable")]
#[case::graph_limits(json!({ "service": "graph", "status": 429, "headers": { "retry-after": "60" } }), "throttled")]
#[case::entra_limits(json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 429, "headers": { "retry-after": "60" }, "times": 1 }), "throttled")]
#[actix_web::test]
async fn who_has_not_asked_too_much_is_not_told_so(#[case] fault: Value, #[case] code: &str) {
    let world = World::start().await;
    let (first, bystander) = (world.token(&world.person(0, 0)).await, world.token(&world.person(0, 2)).await);
    world.fault(fault).await;
    for token in [first, bystander] {
        let result = world.call(&token, "outlook_email_search", json!({})).await;
        let error = &result["_meta"]["m365-connector/error"];
        assert_eq!(error["code"], code, "{result}");
        assert!(error["retry_after_s"].as_u64().is_some_and(|wait| (55..=61).contains(&wait)), "{result}");
        assert_eq!(error["who"], "nobody in particular; it usually passes", "{result}");
        assert!(!error["what"].as_str().unwrap().contains("this user"), "{result}");
    }
}

/// If this failed, one user's throttling would slow others down.
#[actix_web::test]
async fn one_users_throttling_is_their_own() {
    let world = World::start().await;
    let (noisy, quiet) = (world.person(0, 0), world.person(0, 2));
    let (noisy_token, quiet_token) = (world.token(&noisy).await, world.token(&quiet).await);
    let fault =
        json!({ "service": "graph", "user": noisy.id, "status": 429, "headers": { "retry-after": "300" } });
    world.fault(fault).await;
    let throttled = world.call(&noisy_token, "outlook_email_search", json!({})).await;
    assert!(
        throttled["_meta"]["m365-connector/error"]["retry_after_s"].as_u64().unwrap() > 200,
        "{throttled}"
    );
    let before = world.graph_requests().await;
    let again = world.call(&noisy_token, "outlook_email_search", json!({})).await;
    assert_eq!(again["isError"], true);
    assert_eq!(world.graph_requests().await, before, "throttling is remembered, not tried again");
    let other = world.call(&quiet_token, "outlook_email_search", json!({})).await;
    assert_ne!(other["isError"], true, "{other}");
}

/// If this failed, a hiccup of Entra's would cost a user who has just come the call.
#[rstest]
#[case::one_unavailable(json!({ "service": "entra", "path_prefix": "/", "status": 503, "times": 1 }))]
#[case::one_bad_gateway(json!({ "service": "entra", "path_prefix": "/", "status": 502, "times": 1 }))]
#[case::one_reset(json!({ "service": "entra", "reset": true, "times": 1 }))]
#[actix_web::test]
async fn a_passing_fault_of_entras_is_ridden_out(#[case] fault: Value) {
    let world = World::start().await;
    let (warm, cold) = (world.token(&world.person(0, 0)).await, world.token(&world.person(0, 2)).await);
    world.call(&warm, "get_me", json!({})).await;
    world.fault(fault).await;
    let result = world.call(&cold, "get_me", json!({})).await;
    assert_ne!(result["isError"], true, "{result}");
}

/// If this failed, users would be told to ask for less while it is Entra that is down.
#[rstest]
#[case::unavailable(503)]
#[case::bad_gateway(502)]
#[case::gateway_timeout(504)]
#[actix_web::test]
async fn an_entra_that_is_down_is_unavailable_and_does_not_throttle(#[case] status: u16) {
    let world = World::start().await;
    let (warm, cold) = (world.token(&world.person(0, 0)).await, world.token(&world.person(0, 2)).await);
    world.call(&warm, "get_me", json!({})).await;
    world.fault(json!({ "service": "entra", "path_prefix": "/", "status": status })).await;
    let result = world.call(&cold, "get_me", json!({})).await;
    assert_eq!(result["_meta"]["m365-connector/error"]["code"], "unavailable", "{result}");
}

/// If this failed, a service that is down would be asked on by batches; or one that refuses be taken for down.
#[rstest]
#[case::down(500, true)]
#[case::refusing(403, false)]
#[actix_web::test]
async fn a_service_that_fails_in_the_items_of_batches_is_left_alone(
    #[case] status: u16,
    #[case] is_left_alone: bool,
) {
    let world = World::offering(Catalogue::OPEN_AI, |_| {}).await;
    world.fault(json!({ "service": "graph", "path_prefix": "/search/query", "status": status })).await;
    for tenant in 0..3 {
        for user in [0, 2, 11] {
            let token = world.token(&world.person(tenant, user)).await;
            for _ in 0..2 {
                world.call(&token, "search", json!({ "query": "report" })).await;
            }
        }
    }
    let asked = asked_for(&world, "/search/query").await;
    assert!(asked >= 20, "{asked} requests are too few to judge by");

    world.forget_requests().await;
    let token = world.token(&world.person(0, 0)).await;
    let result = world.call(&token, "search", json!({ "query": "report" })).await;
    assert_eq!(asked_for(&world, "/search/query").await == 0, is_left_alone, "{result}");
}

/// How many requests have asked for this, the items of batches among them: of a limit that is in use, not all go together.
async fn asked_for(world: &World, path: &str) -> usize {
    let is_one = |request: &&Value| request["path"].as_str().is_some_and(|asked| asked.contains(path));
    world.requests().await.iter().filter(is_one).count()
}

/// If this failed, operators would look for what is wrong with the connector while Graph is down.
#[actix_web::test]
async fn a_service_that_is_left_alone_is_shown_to_the_operators() {
    let running = Running::start("left-alone", "").await;
    let (caller, token) = (running.caller(), &running.token().await);
    caller.control("faults", json!({ "service": "graph", "path_prefix": "/me", "status": 500 })).await;
    join_all((0..30).map(|_| caller.call(token, "get_me", json!({})))).await;

    let metrics = running.metrics().await;
    for line in [
        r#"connector_gate_breakers{graph_workload="directory",server_address="127.0.0.1",state="open"} 1"#,
        r#"connector_gate_breakers{graph_workload="directory",server_address="127.0.0.1",state="closed"} 0"#,
        r#"connector_gate_breakers{graph_workload="outlook",server_address="127.0.0.1",state="closed"} 1"#,
        r#"connector_gate_breakers{graph_workload="outlook",server_address="127.0.0.1",state="open"} 0"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    running.stop().await;
}
