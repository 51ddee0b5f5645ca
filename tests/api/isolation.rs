//! Nobody reads what is not theirs.

use serde_json::json;

use crate::world::World;

/// If this failed, two tenants whose users share an object id would share a session: the worst that can happen.
#[actix_web::test]
async fn two_tenants_with_the_same_object_id_never_mix() {
    let world = World::start().await;
    let (ours, theirs) = (world.person(0, 1), world.person(1, 1));
    assert_eq!(ours.id, theirs.id, "the simulator gives these two the same object id on purpose");
    assert_ne!(ours.tenant, theirs.tenant);
    let (our_token, their_token) = (world.token(&ours).await, world.token(&theirs).await);

    for _ in 0..3 {
        let (mine, other) = tokio::join!(
            world.call(&our_token, "get_me", json!({})),
            world.call(&their_token, "get_me", json!({})),
        );
        assert!(mine.to_string().contains(&ours.upn) && !mine.to_string().contains(&theirs.upn), "{mine}");
        assert!(other.to_string().contains(&theirs.upn) && !other.to_string().contains(&ours.upn), "{other}");
    }
    assert_eq!(world.exchanges().await, 2, "one lease each");

    let hits = world.call(&our_token, "outlook_email_search", json!({ "limit": 5 })).await;
    let uri = hits["structuredContent"]["items"][0]["uri"].as_str().unwrap().to_owned();
    let foreign = world.call(&their_token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(foreign["isError"], true, "another tenant's message was read: {foreign}");
}

/// If this failed, a cursor could carry one user into another one's results.
#[actix_web::test]
async fn a_cursor_opens_nothing_for_another_user() {
    let world = World::start().await;
    let (ana, other) = (world.person(0, 0), world.person(0, 2));
    let (token, other_token) = (world.token(&ana).await, world.token(&other).await);
    let first = world.call(&token, "outlook_email_search", json!({ "limit": 3 })).await;
    let cursor = first["structuredContent"]["nextCursor"].as_str().unwrap().to_owned();
    let stolen =
        world.call(&other_token, "outlook_email_search", json!({ "limit": 3, "cursor": cursor })).await;
    assert_eq!(stolen["isError"], true, "{stolen}");
    let own = world.call(&token, "outlook_email_search", json!({ "limit": 3, "cursor": cursor })).await;
    assert!(own["structuredContent"]["items"].is_array(), "{own}");
}
