use rstest::rstest;
use serde_json::json;

use super::support::{VERIFIER, World, pairs, with};

/// Each of these is a client mistake that Entra catches; one that passes here would be found in production.
#[rstest]
#[case("client_id", "", 900_144)]
#[case("client_id", "5b7c3b9e-0000-4000-8000-000000000000", 700_016)]
#[case("client_secret", "something", 700_025)]
#[case("grant_type", "", 900_144)]
#[case("grant_type", "password", 70_003)]
#[case("code", "", 900_144)]
#[case("code", "1.Aunknown", 70_000)]
#[case("redirect_uri", "http://127.0.0.1:52312/callback", 500_112)]
#[case("code_verifier", "", 50_148)]
#[case("code_verifier", "too-short", 50_148)]
#[case("code_verifier", "another-verifier-of-a-good-size-0123456789-0123", 501_481)]
#[case("resource", "http://127.0.0.1:8080/mcp/", 9_010_010)]
#[case("scope", "https://graph.microsoft.com/Mail.Read", 9_010_010)]
#[actix_web::test]
async fn a_wrong_redemption_is_refused_with_its_number(
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let redemption = world.redemption(&world.code().await);
    let reply = world.token(&world.tenant(), &with(redemption, field, changed)).await;
    assert_eq!(reply.aadsts(), code);
    assert_eq!(reply.status, if code == 700_025 { 401 } else { 400 });
    assert_eq!(reply.json()["error_codes"][0], code);
}

/// A stolen code that works a second time is what PKCE and single use are there against.
#[actix_web::test]
async fn a_code_is_redeemed_once() {
    let world = World::start().await;
    let redemption = world.redemption(&world.code().await);
    assert_eq!(world.token(&world.tenant(), &redemption).await.status, 200);
    let second = world.token(&world.tenant(), &redemption).await;
    assert_eq!((second.aadsts(), second.json()["error"].as_str()), (54_005, Some("invalid_grant")));
}

/// A code or refresh token is bound to its client and tenant.
#[actix_web::test]
async fn a_grant_is_refused_to_another_client_and_at_another_tenant() {
    let world = World::start().await;
    let (other_client, other_tenant) = {
        let directory = world.simulator.directory();
        (directory.clients[1].id.to_string(), directory.tenants[1].id.to_string())
    };
    let redemption = world.redemption(&world.code().await);
    let stolen = world.token(&world.tenant(), &with(redemption.clone(), "client_id", &other_client)).await;
    assert_eq!((stolen.aadsts(), stolen.json()["suberror"].as_str()), (70_000, Some("client_mismatch")));
    assert_eq!(world.token(&other_tenant, &redemption).await.aadsts(), 700_005);
    let tokens = world.token(&world.tenant(), &redemption).await.json();
    let refresh = pairs(&[
        ("client_id", &other_client),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    assert_eq!(world.token(&world.tenant(), &refresh).await.aadsts(), 70_000);
    let forged = with(with(refresh, "client_id", &world.client_id()), "refresh_token", "1.e30.AAAA");
    assert_eq!(world.token(&world.tenant(), &forged).await.aadsts(), 70_000);
}

/// A GET would put secrets into logs.
#[actix_web::test]
async fn the_token_endpoint_takes_post_alone() {
    let world = World::start().await;
    assert_eq!(
        world.get(&format!("/common/oauth2/v2.0/token?code_verifier={VERIFIER}")).await.aadsts(),
        900_561
    );
}

/// Support looks an error up by these fields; MSAL parses them.
#[actix_web::test]
async fn an_error_body_has_every_field_and_echoes_the_correlation_id() {
    let world = World::start().await;
    let correlation = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let request =
        world.http.post(world.url("/common/oauth2/v2.0/token")).header("client-request-id", correlation);
    let reply = world.send_form(request, &pairs(&[("client_id", "1")])).await;
    let body = reply.json();
    assert_eq!(body["correlation_id"], correlation);
    assert_eq!(reply.header("client-request-id"), correlation);
    assert_eq!(reply.header("x-ms-request-id"), body["trace_id"].as_str().unwrap());
    assert_eq!(reply.header("cache-control"), "no-store, no-cache");
    assert_eq!(
        (reply.status, &body["error"], &body["error_codes"]),
        (400, &json!("invalid_request"), &json!([900_144]))
    );
    for header in ["x-ms-ests-server", "p3p", "pragma"] {
        assert_ne!(reply.header(header), "", "{header}");
    }
    let description: Vec<&str> = body["error_description"].as_str().unwrap().split("\r\n").collect();
    assert_eq!(description.len(), 4);
    assert!(description[0].starts_with("AADSTS900144: "), "{description:?}");
    assert_eq!(description[1], format!("Trace ID: {}", body["trace_id"].as_str().unwrap()));
    assert_eq!(description[2], format!("Correlation ID: {correlation}"));
    let timestamp = body["timestamp"].as_str().unwrap();
    assert_eq!(description[3], format!("Timestamp: {timestamp}"));
    assert!(jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%SZ", timestamp).is_ok(), "{timestamp}");
    let of_field = pairs(&[("client_id", "1"), ("client-request-id", correlation)]);
    assert_eq!(
        world.token("common", &of_field).await.json()["correlation_id"],
        correlation,
        "as a field, too"
    );
    assert_eq!(body["error_uri"], format!("{}/error?code=900144", world.simulator.base_url()));
    assert_eq!(world.get("/error?code=900144").await.status, 200);
}
