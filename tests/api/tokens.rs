//! Who gets in: every wrong token is answered 401 with a challenge, several at once 400, and every unwelcome principal 403
//! without one.

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

/// The tenant that all personal accounts are in.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// If this failed, a token that Entra did not mean for this call would be taken. Each required claim is there without a value,
/// with one of another type, and with one that is another's; `{entra}` stands for Entra's address.
#[rstest]
#[case::version_one(json!({ "claims": { "ver": "1.0" } }), "must be of version 2.0")]
#[case::version_as_number(json!({ "claims": { "ver": 2.0 } }), "must be of version 2.0")]
#[case::no_version(json!({ "claims": { "ver": null } }), "must be of version 2.0")]
#[case::foreign_issuer(json!({ "claims": { "iss": "https://evil.example/v2.0" } }), "issued by somebody else")]
#[case::version_ones_issuer(json!({ "claims": { "iss": "https://sts.windows.net/11111111-1111-4111-8111-111111111111/" } }), "issued by somebody else")]
#[case::issuer_list(json!({ "claims": { "iss": ["{entra}"] } }), "iss must be a string")]
#[case::no_issuer(json!({ "claims": { "iss": null } }), "iss must be a string")]
#[case::another_issuers_key(json!({ "signed_with": "personal" }), "issued by somebody else")]
#[case::other_audience(json!({ "claims": { "aud": "00000003-0000-0000-c000-000000000000" } }), "for another audience")]
#[case::audience_list(json!({ "claims": { "aud": ["a", "b"] } }), "aud must be a string")]
#[case::no_audience(json!({ "claims": { "aud": null } }), "aud must be a string")]
#[case::other_tenants_issuer(json!({ "claims": { "tid": "11111111-1111-4111-8111-111111111111" } }), "issued by somebody else")]
#[case::tenant_no_guid(json!({ "claims": { "tid": "larkmoor.example" } }), "tid must be a GUID")]
#[case::tenant_as_number(json!({ "claims": { "tid": 1 } }), "tid must be a GUID")]
#[case::no_tenant(json!({ "claims": { "tid": null } }), "tid must be a GUID")]
#[case::no_user(json!({ "claims": { "oid": null } }), "oid must be a GUID")]
#[case::user_as_number(json!({ "claims": { "oid": 1 } }), "oid must be a GUID")]
#[case::user_no_guid(json!({ "claims": { "oid": "me" } }), "oid must be a GUID")]
#[case::no_client(json!({ "claims": { "azp": null } }), "azp must be a GUID")]
#[case::client_as_object(json!({ "claims": { "azp": {} } }), "azp must be a GUID")]
#[case::client_no_guid(json!({ "claims": { "azp": "client" } }), "azp must be a GUID")]
#[case::no_subject(json!({ "claims": { "sub": null } }), "sub must be a short string")]
#[case::subject_as_number(json!({ "claims": { "sub": 7 } }), "sub must be a short string")]
#[case::subject_list(json!({ "claims": { "sub": ["a"] } }), "sub must be a short string")]
#[case::empty_subject(json!({ "claims": { "sub": "" } }), "sub must be a short string")]
#[case::no_token_id(json!({ "claims": { "uti": null } }), "uti must be a short string")]
#[case::token_id_as_number(json!({ "claims": { "uti": 7 } }), "uti must be a short string")]
#[case::expired(json!({ "claims": { "exp": 1_700_000_000 } }), "has expired")]
#[case::expiry_as_text(json!({ "claims": { "exp": "4000000000" } }), "exp must be a time in whole seconds")]
#[case::no_expiry(json!({ "claims": { "exp": null } }), "exp must be a time in whole seconds")]
#[case::not_yet_valid(json!({ "claims": { "nbf": 4_000_000_000_u64 } }), "not valid yet")]
#[case::start_as_text(json!({ "claims": { "nbf": "0" } }), "nbf must be a time in whole seconds")]
#[case::no_start(json!({ "claims": { "nbf": null } }), "nbf must be a time in whole seconds")]
#[case::issued_later(json!({ "claims": { "iat": 4_000_000_000_u64 } }), "not valid yet")]
#[case::issued_as_fraction(json!({ "claims": { "iat": 1.5 } }), "iat must be a time in whole seconds")]
#[case::never_issued(json!({ "claims": { "iat": null } }), "iat must be a time in whole seconds")]
#[case::id_token(json!({ "kind": "id" }), "does not act for a user")]
#[case::no_scope(json!({ "claims": { "scp": null } }), "does not act for a user")]
#[case::blank_scope(json!({ "claims": { "scp": " " } }), "does not act for a user")]
#[case::scope_list(json!({ "claims": { "scp": ["access_as_user"] } }), "scp must be a string")]
#[case::application(json!({ "kind": "application" }), "does not act for a user")]
#[case::app_only(json!({ "claims": { "idtyp": "app" } }), "does not act for a user")]
#[case::kind_as_number(json!({ "claims": { "idtyp": 1 } }), "idtyp must be a string")]
#[case::personal_account(
    json!({ "signed_with": "personal", "claims": { "tid": PERSONAL, "iss": format!("{{entra}}/{PERSONAL}/v2.0") } }),
    "personal Microsoft accounts are not served"
)]
#[case::graphs_token(json!({ "kind": "graph" }), "must be of version 2.0")]
#[case::a_claim_twice(json!({ "claims_again": { "aud": "other" } }), "unique keys")]
#[actix_web::test]
async fn a_wrong_token_is_refused_with_a_challenge(#[case] wrong: Value, #[case] why: &str) {
    let world = World::start().await;
    world.publish_keys(json!({ "published": ["first", "second", "personal"] })).await;
    let wrong = wrong.to_string().replace("{entra}", world.stage.simulator_url());
    let token = world.token_with(&world.person(0, 0), serde_json::from_str(&wrong).unwrap()).await;
    let answer = send(world.modern(&token, "tools/list", list_tools())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
        "{challenge}"
    );
    assert!(challenge.contains(why), "{challenge}");
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

/// If this failed, it would be unclear which of two tokens a call belongs to, or a client would sign in again for what
/// a sign-in does not mend. `{token}` is a good one, as the first header's is.
#[rstest]
#[case::the_same_again(&["Bearer {token}"])]
#[case::a_worse_one(&["Bearer a.b.c"])]
#[case::of_another_scheme(&["Basic YTpi"])]
#[case::empty(&[""])]
#[case::twice_more(&["Bearer {token}", "Bearer {token}"])]
#[actix_web::test]
async fn a_second_authorization_header_is_a_bad_request(#[case] more: &[&str]) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let request = world.modern(&token, "tools/list", list_tools());
    let request = more
        .iter()
        .fold(request, |request, value| request.header("authorization", value.replace("{token}", &token)));
    let answer = send(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    let why = "the request has more than one Authorization header";
    assert_eq!(answer.json(), json!({ "error": "invalid_request", "error_description": why }));
    let challenge = answer.header("www-authenticate");
    let expected = format!(r#"error="invalid_request", error_description="{why}""#);
    assert!(challenge.contains("resource_metadata=") && challenge.ends_with(&expected), "{challenge}");
    assert_eq!(world.exchanges().await, 0);
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
