//! Many callers of one cold user.

use futures_util::future::join_all;
use serde_json::json;

use crate::world::World;

/// If this failed, a user who comes back with many questions at once would make Entra throttle everyone.
#[actix_web::test]
async fn a_hundred_callers_of_one_cold_user_make_one_exchange() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(json!({ "service": "entra", "path_prefix": "/", "delay_ms": 300 })).await;
    let calls = (0..100).map(|_| world.call(&token, "outlook_email_search", json!({ "limit": 10 })));
    let answers = join_all(calls).await;
    for answer in answers {
        assert_eq!(answer["structuredContent"]["items"].as_array().map(Vec::len), Some(10), "{answer}");
    }
    assert_eq!(world.exchanges().await, 1);
}

/// The same with as many as one process may have connections, both ends of each; for a thousand the actors' own test stands.
#[actix_web::test]
async fn four_hundred_callers_of_one_cold_user_make_one_exchange() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(json!({ "service": "entra", "path_prefix": "/", "delay_ms": 300 })).await;
    let answers = join_all((0..400).map(|_| world.call(&token, "get_me", json!({})))).await;
    let served =
        answers.iter().filter(|answer| answer["structuredContent"]["displayName"].is_string()).count();
    assert_eq!((served, world.exchanges().await), (400, 1));
}

/// If this failed, the exchange would be repeated although its lease is still good.
#[actix_web::test]
async fn a_warm_user_needs_no_exchange_and_one_request() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "outlook_email_search", json!({ "limit": 1 })).await;
    world.forget_requests().await;
    for _ in 0..5 {
        let result = world.call(&token, "outlook_email_search", json!({ "limit": 10 })).await;
        assert_eq!(result["structuredContent"]["items"].as_array().unwrap().len(), 10);
    }
    assert_eq!((world.exchanges().await, world.graph_requests().await), (0, 5));
}

/// If this failed, the second device of a user would push the first one out.
#[actix_web::test]
async fn two_tokens_of_one_user_are_served_side_by_side() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let (laptop, phone) = (world.token(&person).await, world.token(&person).await);
    assert_ne!(laptop, phone);
    for _ in 0..3 {
        world.call(&laptop, "get_me", json!({})).await;
        world.call(&phone, "get_me", json!({})).await;
    }
    assert_eq!(world.exchanges().await, 2);
}
