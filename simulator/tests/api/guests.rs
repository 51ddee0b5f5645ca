//! A person of one tenant who is a guest of another: two users, told apart by the tenant's endpoint.

use serde_json::Value;

use super::support::{World, token_part, value, with};

const MAIL: &str = "jeanluc.beranger@larkmoor.example";

/// The claims of the access token that somebody receives who signs in with that name at that endpoint.
async fn claims(world: &World, segment: &str, user: &str) -> Value {
    let returned = world.authorize(segment, &with(world.authorization(), "user", user)).await.redirected();
    let tokens = world.token(segment, &world.redemption(&value(&returned, "code"))).await.json();
    token_part(tokens["access_token"].as_str().unwrap(), 1)
}

/// A guest who is taken for a member, or for the person at home, reads what is not theirs.
#[actix_web::test]
async fn a_guest_is_another_user_than_the_same_person_at_home() {
    let world = World::start().await;
    let (home, host) = {
        let tenants = &world.simulator.directory().tenants;
        (tenants[0].clone(), tenants[1].clone())
    };
    let guest = claims(&world, &host.domain, MAIL).await;
    assert_eq!((guest["tid"].as_str(), guest["acct"].as_u64()), (Some(&*host.id.to_string()), Some(1)));
    assert_eq!(guest["idp"], format!("https://sts.windows.net/{}/", home.id));
    assert_eq!(
        (&guest["oid"], &guest["preferred_username"]),
        (&host.users[12].id.to_string().into(), &MAIL.into())
    );
    for segment in ["organizations", &home.domain] {
        let member = claims(&world, segment, MAIL).await;
        assert_eq!((member["tid"].as_str(), member["acct"].as_u64()), (Some(&*home.id.to_string()), Some(0)));
        assert_eq!((member["oid"].as_str(), member.get("idp")), (Some(&*home.users[8].id.to_string()), None));
    }
}

/// The guest's own principal name holds `#` and must survive the way through the page and the token endpoint.
#[actix_web::test]
async fn a_guest_can_be_chosen_by_principal_name_and_exchanged() {
    let world = World::start().await;
    let host = world.simulator.directory().tenants[1].clone();
    let upn = &host.users[12].upn;
    assert_eq!(claims(&world, "organizations", upn).await["acct"], 1);
    let order = serde_json::json!({ "tenant": host.domain, "user": upn });
    let assertion = world.post_json("/_sim/token", order).await.json()["access_token"].clone();
    let exchanged = world.token(&host.domain, &world.exchange(assertion.as_str().unwrap())).await.json();
    let graph = exchanged["access_token"].as_str().unwrap();
    assert_eq!(
        (&token_part(graph, 1)["acct"], &token_part(graph, 1)["upn"]),
        (&1.into(), &upn.as_str().into())
    );
    assert_eq!(world.get_as(graph, "/v1.0/me").await.json()["userPrincipalName"], upn.as_str());
}
