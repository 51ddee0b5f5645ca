//! Who gets in: every wrong token is answered 401 with a challenge, every unwelcome principal 403 without one.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

fn list_tools() -> Value {
    json!({})
}

/// If this failed, a client could not find its sign-in from the first refusal.
#[actix_web::test]
async fn a_call_without_a_token_is_told_where_to_sign_in() {
    let world = World::start().await;
    let answer = send(world.post().body("{}")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.header("www-authenticate");
    let metadata = world.url().replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    assert!(challenge.starts_with(&format!("Bearer resource_metadata=\"{metadata}\"")), "{challenge}");
    assert!(challenge.contains(&format!("scope=\"{}/access_as_user\"", world.url())), "{challenge}");
    assert!(!challenge.contains("error="), "no token is no error: {challenge}");
}

/// If this failed, a token that Entra did not mean for this call would be taken.
#[rstest]
#[case::expired(json!({ "claims": { "exp": 1_700_000_000 } }))]
#[case::not_yet_valid(json!({ "claims": { "nbf": 4_000_000_000_u64 } }))]
#[case::other_audience(json!({ "claims": { "aud": "00000003-0000-0000-c000-000000000000" } }))]
#[case::audience_list(json!({ "claims": { "aud": ["a", "b"] } }))]
#[case::foreign_issuer(json!({ "claims": { "iss": "https://evil.example/v2.0" } }))]
#[case::other_tenants_issuer(json!({ "claims": { "tid": "11111111-1111-4111-8111-111111111111" } }))]
#[case::no_tenant(json!({ "claims": { "tid": null } }))]
#[case::no_user(json!({ "claims": { "oid": null } }))]
#[case::user_no_guid(json!({ "claims": { "oid": "me" } }))]
#[case::no_client(json!({ "claims": { "azp": null } }))]
#[case::expiry_as_text(json!({ "claims": { "exp": "4000000000" } }))]
#[case::no_expiry(json!({ "claims": { "exp": null } }))]
#[case::version_one(json!({ "claims": { "ver": "1.0" } }))]
#[case::app_only(json!({ "claims": { "idtyp": "app" } }))]
#[case::id_token(json!({ "claims": { "scp": null } }))]
#[case::personal_account(json!({ "claims": { "tid": "9188040d-6c67-4c5b-b112-36a304b66dad" } }))]
#[actix_web::test]
async fn a_wrong_token_is_refused_with_a_challenge(#[case] wrong: Value) {
    let world = World::start().await;
    let token = world.token_with(&world.person(0, 0), wrong).await;
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
        "{challenge}"
    );
    assert_eq!(world.exchanges().await, 0, "a refused token must never reach Entra");
}

/// If this failed, anybody could write a token.
#[rstest]
#[case::changed_payload(with_changed_payload)]
#[case::no_signature(|token: &str| format!("{}.", token.rsplit_once('.').unwrap().0))]
#[case::unsigned(|token: &str| format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap()))]
#[case::two_parts(|token: &str| token.rsplit_once('.').unwrap().0.to_owned())]
#[case::padded(|token: &str| format!("{token}="))]
#[case::four_parts(|token: &str| format!("{token}.e30"))]
#[case::two_in_one_header(|token: &str| format!("{token}, Bearer {token}"))]
#[case::beyond_the_cap(|token: &str| format!("{token}{}", "A".repeat(16 * 1024)))]
#[case::gibberish(|_: &str| "gibberish".to_owned())]
#[actix_web::test]
async fn a_forged_token_is_refused(#[case] forge: fn(&str) -> String) {
    let world = World::start().await;
    let token = forge(&world.token(&world.person(0, 0)).await);
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
}

fn with_changed_payload(token: &str) -> String {
    let (head, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let changed = if payload[10..].starts_with('A') { "B" } else { "A" };
    format!("{head}.{}{changed}{}.{signature}", &payload[..10], &payload[11..])
}

/// If this failed, tokens would end up in the logs of every proxy on the way.
#[actix_web::test]
async fn a_token_in_the_query_is_never_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let address = format!("{}?access_token={token}", world.url());
    let request = world.http.post(address).header("content-type", "application/json").header("accept", "*/*");
    assert_eq!(send(request.body("{}")).await.status, StatusCode::UNAUTHORIZED);
}

/// If this failed, it would be unclear which of two tokens a call belongs to.
#[actix_web::test]
async fn two_authorization_headers_are_refused() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let request =
        world.modern(&token, "tools/list", list_tools()).header("authorization", format!("Bearer {token}"));
    assert_eq!(send(request).await.status, StatusCode::UNAUTHORIZED);
}

/// If this failed, a token without our scope would open the API, or its client would not learn what is missing.
#[actix_web::test]
async fn a_token_without_our_scope_is_told_which_one_is_missing() {
    let world = World::start().await;
    let token = world.token_with(&world.person(0, 0), json!({ "claims": { "scp": "something_else" } })).await;
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\"") && challenge.contains("access_as_user"),
        "{challenge}"
    );
}

/// If this failed, a client would sign in again and again for something that signing in does not change.
#[rstest]
#[case::unknown_client(json!({ "claims": { "azp": "22222222-2222-4222-8222-222222222222" } }), "client_not_allowed")]
#[actix_web::test]
async fn a_valid_token_that_policy_refuses_is_forbidden(#[case] more: Value, #[case] code: &str) {
    let world = World::start().await;
    let token = world.token_with(&world.person(0, 0), more).await;
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["error"], code);
    assert_eq!(answer.header("www-authenticate"), "");
}

/// If this failed, a tenant that never signed up would be served.
#[actix_web::test]
async fn a_tenant_that_is_not_served_is_forbidden() {
    let world = World::start_with(|settings| {
        settings.tenants = m365_connector::TenantSource::Fixed(Vec::new());
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::FORBIDDEN, Some("tenant_unknown"))
    );
}
