//! Long-lived tokens that end at once: revocation, and the claims challenge by which Graph says so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Pairs, Reply, World, token_part, value, with};

const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;

/// The tokens of an interactive sign-in of the first user.
async fn sign_in(world: &World) -> Value {
    world.token(&world.tenant(), &world.redemption(&world.code().await)).await.json()
}

fn exchange(world: &World, tokens: &Value, claims: &str) -> Pairs {
    with(world.exchange(tokens["access_token"].as_str().unwrap()), "claims", claims)
}

async fn graph(world: &World, tokens: &Value, claims: &str) -> String {
    let reply = world.token(&world.tenant(), &exchange(world, tokens, claims)).await;
    reply.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

async fn revoke(world: &World, cause: &str) {
    let path = format!("/_sim/users/{}/revocations", world.upn());
    let reply = world.post_json(&path, json!({ "cause": cause })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// The claims that a 401 of Graph demands, read as Microsoft's clients read them.
fn challenge(reply: &Reply) -> String {
    let header = reply.header("www-authenticate");
    assert_eq!(reply.status, 401, "{}", reply.text);
    assert!(header.starts_with("Bearer realm=\"\", authorization_uri=\""), "{header}");
    assert!(header.contains("error=\"insufficient_claims\""), "{header}");
    let claims = header.split_once("claims=\"").unwrap().1.split('"').next().unwrap();
    String::from_utf8(STANDARD.decode(claims).unwrap()).unwrap()
}

/// A client that handles challenges is given a long-lived token; one that does not never is.
#[actix_web::test]
async fn only_who_handles_challenges_gets_a_long_lived_token() {
    let world = World::start().await;
    let tokens = sign_in(&world).await;
    let long = world.token(&world.tenant(), &exchange(&world, &tokens, CP1)).await.json();
    let lifetime = long["expires_in"].as_i64().unwrap();
    assert!((72_000..=100_800).contains(&lifetime));
    assert_eq!(long["refresh_in"], lifetime / 2);
    assert_eq!(token_part(long["access_token"].as_str().unwrap(), 1)["xms_cc"], json!(["cp1"]));
    let short = world.token(&world.tenant(), &exchange(&world, &tokens, "")).await.json();
    assert!(short["expires_in"].as_i64().unwrap() <= 5_400 && short.get("refresh_in").is_none());
}

/// The whole way: challenged by Graph, refused by the exchange, good again after a new sign-in and not before.
#[actix_web::test]
async fn a_revoked_session_is_challenged_until_the_user_signs_in_again() {
    let world = World::start().await;
    let before = sign_in(&world).await;
    let token = graph(&world, &before, CP1).await;
    assert_eq!(world.get_as(&token, "/v1.0/me").await.status, 200);
    revoke(&world, "sessions_revoked").await;
    let challenged = world.get_as(&token, "/v1.0/me").await;
    assert_eq!(challenged.json()["error"]["code"], "InvalidAuthenticationToken");
    let claims = challenge(&challenged);
    let not_before = &serde_json::from_str::<Value>(&claims).unwrap()["access_token"]["nbf"];
    assert_eq!(not_before["essential"], true);
    assert!(not_before["value"].as_str().unwrap().parse::<i64>().is_ok());
    let refused = world.token(&world.tenant(), &exchange(&world, &before, &claims)).await;
    assert_eq!((refused.aadsts(), &refused.json()["error"]), (50_173, &json!("interaction_required")));
    assert!(refused.json()["claims"].as_str().unwrap().contains("nbf"));
    let again = graph(&world, &sign_in(&world).await, &claims).await;
    assert_eq!(world.get_as(&again, "/v1.0/me").await.status, 200);
}

/// Whoever does not handle challenges keeps a token until it expires: that is why theirs are short.
#[actix_web::test]
async fn a_short_token_outlives_the_revocation() {
    let world = World::start().await;
    let token = graph(&world, &sign_in(&world).await, "").await;
    revoke(&world, "sessions_revoked").await;
    assert_eq!(world.get_as(&token, "/v1.0/me").await.status, 200);
}

/// Access ends at once for whoever is disabled, and for whoever moves to a place that is not trusted.
#[rstest]
#[case("/_sim/users/maja.lindqvist@larkmoor.example", json!({ "enabled": false }))]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "trusted_addresses": ["192.0.2.1"] }))]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "block": true }))]
#[actix_web::test]
async fn access_ends_at_once(#[case] path: &str, #[case] change: Value) {
    let world = World::start().await;
    let token = graph(&world, &sign_in(&world).await, CP1).await;
    assert_eq!(world.post_json(path, change).await.status, 200);
    challenge(&world.get_as(&token, "/v1.0/me").await);
}

/// Which refresh tokens a cause ends is Microsoft's table; the connector's outlive a new password.
#[rstest]
#[case("password_changed", Some(50_173), None)]
#[case("password_expired", None, None)]
#[case("password_reset_in_admin_center", Some(50_173), Some(50_173))]
#[case("sessions_revoked", Some(50_173), Some(50_173))]
#[case("signed_out", None, None)]
#[actix_web::test]
async fn a_cause_ends_the_refresh_tokens_of_the_table(
    #[case] cause: &str,
    #[case] public: Option<u64>,
    #[case] confidential: Option<u64>,
) {
    let world = World::start().await;
    let tokens = sign_in(&world).await;
    let scope = "https://graph.microsoft.com/.default offline_access";
    let exchange = with(exchange(&world, &tokens, ""), "scope", scope);
    let exchanged = world.token(&world.tenant(), &exchange).await.json();
    revoke(&world, cause).await;
    let refresh = |form: Pairs, tokens: &Value| {
        let form = with(form, "grant_type", "refresh_token");
        with(form, "refresh_token", tokens["refresh_token"].as_str().unwrap())
    };
    let client = vec![("client_id".to_owned(), world.client_id())];
    for (form, expected) in
        [(refresh(client, &tokens), public), (refresh(exchange, &exchanged), confidential)]
    {
        let reply = world.token(&world.tenant(), &form).await;
        match expected {
            None => assert_eq!(reply.status, 200, "{}", reply.text),
            Some(code) => {
                assert_eq!((reply.aadsts(), &reply.json()["error"]), (code, &json!("invalid_grant")));
            }
        }
    }
    let returned = world.authorize(&world.tenant(), &world.authorization()).await.redirected();
    assert!(!value(&returned, "code").is_empty(), "a new sign-in is always possible");
}

/// A challenge that only a real revocation brings about can't be aimed at one address, nor at a part of the requests.
#[actix_web::test]
async fn a_challenge_is_ordered_for_a_route_and_answered_by_a_new_token() {
    let world = World::start().await;
    let tokens = sign_in(&world).await;
    let token = graph(&world, &tokens, CP1).await;
    let order = json!({ "service": "graph", "route": "/me/messages", "user": world.upn(), "access_ended": true, "times": 1 });
    assert_eq!(world.post_json("/_sim/faults", order).await.status, 200);
    assert_eq!(world.get_as(&token, "/v1.0/me").await.status, 200, "another route");
    let challenged = world.get_as(&token, "/v1.0/me/messages").await;
    assert_eq!(challenged.json()["error"]["code"], "InvalidAuthenticationToken");
    let claims: Value = serde_json::from_str(&challenge(&challenged)).unwrap();
    let not_before = &claims["access_token"]["nbf"];
    assert_eq!(not_before["essential"], true);
    assert!(not_before["value"].as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
    let again = graph(&world, &tokens, &claims.to_string()).await;
    assert_eq!(world.get_as(&again, "/v1.0/me/messages").await.status, 200, "nothing was revoked");
}

/// Where nobody is challenged by Graph, such an order would be believed in.
#[rstest]
#[case(json!({ "service": "entra", "access_ended": true }), "`access_ended` must be left out: only Graph challenges so")]
#[case(json!({ "service": "files", "access_ended": true }), "`access_ended` must be left out: only Graph challenges so")]
#[case(json!({ "service": "graph", "access_ended": true, "status": 401 }), "`status` must be left out: `access_ended` is 401")]
#[case(json!({ "service": "graph", "access_ended": "yes" }), "`access_ended` must be true or false")]
#[actix_web::test]
async fn a_wrong_order_of_a_challenge_is_named(#[case] order: Value, #[case] message: &str) {
    let world = World::start().await;
    let reply = world.post_json("/_sim/faults", order).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(message)));
}
