//! Signing keys over time: rolled over, withdrawn, out of reach.

use serde_json::{Value, json};

use super::support::{Reply, World, token_part};

async fn change(world: &World, state: Value) -> Value {
    let reply = world.post_json("/_sim/keys", state).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn key_id(world: &World) -> Value {
    token_part(&world.assertion(json!({})).await, 0)["kid"].clone()
}

async fn published(world: &World) -> Vec<Value> {
    world.keys().await.iter().map(|key| key["kid"].clone()).collect()
}

/// A connector that keeps its keys for ever must be seen to fail.
#[actix_web::test]
async fn the_next_key_signs_after_a_rollover_and_the_old_one_stays_published() {
    let world = World::start().await;
    let (before, keys) = (key_id(&world).await, published(&world).await);
    change(&world, json!({ "active": "second" })).await;
    assert_eq!(before, keys[0]);
    assert_eq!(key_id(&world).await, keys[1]);
    assert_eq!(published(&world).await, keys);
    let assertion = world.assertion(json!({})).await;
    assert_eq!(world.token(&world.tenant(), &world.exchange(&assertion)).await.status, 200);
}

/// An emergency removal: what the withdrawn key signed is worth nothing any more, here or at the connector.
#[actix_web::test]
async fn a_withdrawn_key_is_neither_published_nor_good_for_an_exchange() {
    let world = World::start().await;
    let (assertion, keys) = (world.assertion(json!({})).await, published(&world).await);
    change(&world, json!({ "active": "second", "published": ["second"] })).await;
    assert_eq!(published(&world).await, keys[1..]);
    assert_eq!(world.token(&world.tenant(), &world.exchange(&assertion)).await.aadsts(), 50_013);
}

/// A key may appear without notice, and a set may be empty; afterwards everything is as it was.
#[actix_web::test]
async fn any_state_can_be_made_and_undone() {
    let world = World::start().await;
    let (start, keys) = (world.get("/_sim/keys").await.json(), published(&world).await);
    assert_eq!((&start["active"], &start["published"]), (&json!("first"), &json!(["first", "second"])));
    change(&world, json!({ "published": ["first", "second", "personal"] })).await;
    assert_eq!(published(&world).await[..2], keys);
    change(&world, json!({ "published": ["first"] })).await;
    assert_eq!(published(&world).await, keys[..1]);
    let changed = change(&world, json!({ "published": [] })).await;
    assert_eq!((&changed["active"], published(&world).await.len()), (&json!("first"), 0));
    assert_eq!(world.delete("/_sim/keys").await.status, 204);
    assert_eq!(world.get("/_sim/keys").await.json(), start);
    assert_eq!(published(&world).await, keys);
}

/// The key of Graph's tokens is shown, for forgeries that bring their own key, but has no issuer and is in no key set.
#[actix_web::test]
async fn the_unpublished_key_is_shown_to_testers_alone() {
    let world = World::start().await;
    let shown = world.get("/_sim/keys").await.json();
    let graph = shown["keys"].as_array().unwrap().iter().find(|key| key["name"] == "graph").unwrap();
    assert!(graph["jwk"]["n"].is_string() && graph["jwk"].get("issuer").is_none());
    assert!(!published(&world).await.contains(&graph["jwk"]["kid"]));
}

/// The keys' endpoint fails alone, so that a test is about nothing else.
#[actix_web::test]
async fn the_key_set_can_be_put_out_of_reach() {
    let world = World::start().await;
    let prefix = "/discovery/v2.0/keys";
    let order = json!({ "service": "entra", "path_prefix": prefix, "status": 503, "times": 1 });
    world.post_json("/_sim/faults", order).await;
    let failed: Reply = world.get(&format!("/common{prefix}")).await;
    assert_eq!((failed.status, failed.aadsts()), (503, 90_033));
    assert_eq!(world.get("/common/v2.0/.well-known/openid-configuration").await.status, 200);
    assert_eq!(world.get(&format!("/common{prefix}")).await.status, 200);
}
