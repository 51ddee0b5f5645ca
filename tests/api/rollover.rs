//! Entra changes the keys that it signs with, while others send tokens with keys that they made up.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::clock::SystemClock;
use futures_util::future::join_all;
use m365_connector::entra::{Cloud, Expectations, KeyRingSettings, TokenRefusal, TokenValidator};
use reqwest::StatusCode;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::world::{Answer, World, send};

/// A token that nobody can tell from a good one but by its key.
async fn forged(world: &World, key_id: usize) -> String {
    let unpublished = json!({ "signed_with": "graph", "header": { "kid": format!("made-up-{key_id}") } });
    world.token_with(&world.person(0, 0), unpublished).await
}

async fn ping(world: &World, token: &str) -> Answer {
    send(world.modern(token, "tools/list", json!({}))).await
}

async fn start_without_the_second_key() -> World {
    without_the_second_key(World::start().await).await
}

async fn without_the_second_key(world: World) -> World {
    world.publish_keys(json!({ "published": ["first"] })).await;
    // The connector may have seen the second key at its start: whoever names an unknown one has it look again.
    let unknown = forged(&world, 99).await;
    assert_eq!(ping(&world, &unknown).await.status, StatusCode::UNAUTHORIZED);
    let token = world.token(&world.person(0, 0)).await;
    assert_eq!(ping(&world, &token).await.status, StatusCode::OK);
    world
}

async fn roll_over(world: &World) {
    world.publish_keys(json!({ "active": "second", "published": ["second", "first"] })).await;
}

/// If this failed, whoever sends forged tokens would decide when those who have signed in since a rollover are let in.
#[actix_web::test]
async fn made_up_keys_do_not_keep_out_those_who_have_a_new_one() {
    let world = start_without_the_second_key().await;
    // One after the other, so that each has keys fetched for itself: more often than may be at once.
    for key_id in 0..7 {
        let answer = ping(&world, &forged(&world, key_id).await).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
        assert!(answer.header("www-authenticate").contains("signed with an unknown key"), "{answer:?}");
    }
    let forged: Vec<_> = join_all((7..20).map(|key_id| forged(&world, key_id))).await;
    let fetched = world.key_fetches().await;
    roll_over(&world).await;
    let newcomer = world.token(&world.person(0, 1)).await;
    let crowd = join_all(forged.iter().map(|token| ping(&world, token)));
    let (crowd, newcomer) = tokio::join!(crowd, ping(&world, &newcomer));
    assert_eq!(newcomer.status, StatusCode::OK, "{}", newcomer.text);
    assert!(crowd.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED), "{crowd:?}");
    assert!(world.key_fetches().await <= fetched + 2, "all of them share a fetch or two");
}

/// If this failed, other services' tokens that are sent here by mistake would have Entra asked for keys.
#[actix_web::test]
async fn a_token_that_is_for_others_has_no_key_fetched() {
    let world = start_without_the_second_key().await;
    let fetched = world.key_fetches().await;
    for (claim, wrong) in [("aud", json!("other")), ("exp", json!(1_700_000_000)), ("scp", json!(null))] {
        let token = json!({ "signed_with": "graph", "claims": { claim: wrong } });
        let token = world.token_with(&world.person(0, 0), token).await;
        assert_eq!(ping(&world, &token).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.key_fetches().await, fetched);
}

/// If this failed, a client whose token has a new key would be sent to sign in again while it is Entra that is away, or
/// be told to come back at a time at which nothing is known.
#[actix_web::test]
async fn while_entra_gives_no_keys_a_client_is_told_when_to_come_back() {
    let world = start_without_the_second_key().await;
    roll_over(&world).await;
    world.fault(json!({ "service": "entra", "path_prefix": "/discovery/v2.0/keys", "status": 503 })).await;
    let newcomer = world.token(&world.person(0, 1)).await;
    let answer = ping(&world, &newcomer).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"], "keys_unavailable");
    assert_eq!((answer.header("retry-after"), answer.header("www-authenticate")), ("1", ""));
}

/// If this failed, a call whose key Entra is slow to give would last longer than its deadline, or be told to sign in again.
#[actix_web::test]
async fn while_entra_is_silent_about_its_keys_a_call_keeps_its_deadline() {
    let prompt = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(1)).await;
    let world = without_the_second_key(prompt).await;
    roll_over(&world).await;
    let silence = json!({ "service": "entra", "path_prefix": "/discovery/v2.0/keys", "delay_ms": 10_000 });
    world.fault(silence).await;
    let newcomer = world.token(&world.person(0, 1)).await;
    let answered = timeout(Duration::from_secs(4), ping(&world, &newcomer)).await;
    let answer = answered.expect("the answer comes before the fetch of the keys is given up");
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"], "keys_unavailable");
    assert_eq!((answer.header("retry-after"), answer.header("www-authenticate")), ("1", ""));
}

/// Where discovery leads once the keys have moved: an address at which the simulator has its keys, too.
const MOVED: &str = "/organizations/discovery/v2.0/keys";
const FORMER: &str = "/common/discovery/v2.0/keys";

/// A gate of its own before the same Entra, which looks the address of the keys up with every fetch.
fn gate_that_looks_up_each_time(world: &World) -> TokenValidator {
    let entra = world.stage.simulator_url();
    let cloud = Cloud::custom(entra, "http://127.0.0.1:1/v1.0", Some("https://graph.microsoft.com"));
    let connector = &world.stage.simulator.directory().connector;
    let client_id = connector.client_id.to_string().parse().unwrap();
    let expectations = Expectations::new(client_id, connector.scope, Duration::from_secs(60));
    let keys = KeyRingSettings { address_good_for: Duration::ZERO, ..KeyRingSettings::default() };
    TokenValidator::start(&cloud.unwrap(), expectations, keys, Handle::current(), Arc::new(SystemClock))
        .unwrap()
}

/// If this failed, an address that Entra has left, and that goes on giving the keys of before, would keep out everybody
/// who has signed in since.
#[actix_web::test]
async fn keys_that_have_moved_are_found_while_the_former_address_gives_the_old_ones() {
    let world = World::start().await;
    world.publish_keys(json!({ "published": ["first"] })).await;
    let gate = gate_that_looks_up_each_time(&world);
    gate.verify(&world.token(&world.person(0, 0)).await).await.unwrap();
    let old_keys = send(world.http.get(format!("{}{FORMER}", world.stage.simulator_url()))).await.text;
    world.fault(json!({ "service": "entra", "path_prefix": FORMER, "status": 200, "body": old_keys })).await;
    roll_over(&world).await;
    let newcomer = world.token(&world.person(0, 1)).await;
    assert_eq!(gate.verify(&newcomer).await.unwrap_err(), TokenRefusal::UnknownKey);
    let moved = json!({ "jwks_uri": format!("{}{MOVED}", world.stage.simulator_url()) });
    let discovery = "/common/v2.0/.well-known/openid-configuration";
    world.fault(json!({ "service": "entra", "path_prefix": discovery, "status": 200, "body": moved })).await;
    gate.verify(&newcomer).await.unwrap();
    let requests = world.requests().await;
    assert_eq!(requests.iter().filter(|request| request["path"] == MOVED).count(), 1);
}
