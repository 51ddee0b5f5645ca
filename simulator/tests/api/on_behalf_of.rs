use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::{Value, json};

use super::client_assertion::{ClientAssertion, with_client_assertion};
use super::support::{Pairs, World, pairs, token_part, verifies, with};

/// The exchange that every tool call rests on, by the plainest credential.
#[actix_web::test]
async fn an_assertion_is_exchanged_for_a_graph_token_that_no_published_key_verifies() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let reply = world.token(&world.tenant(), &with(exchange, "client_info", "1")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    let scopes: Vec<&str> = body["scope"].as_str().unwrap().split(' ').collect();
    assert!(scopes.contains(&"https://graph.microsoft.com/Mail.Read"));
    assert!(scopes.contains(&"https://graph.microsoft.com/.default"), "MSAL finds its cache by it");
    assert!((3_600..=5_400).contains(&body["expires_in"].as_i64().unwrap()));
    assert_eq!(body["expires_in"], body["ext_expires_in"]);
    assert!(body.get("refresh_token").is_none());
    let info = URL_SAFE_NO_PAD.decode(body["client_info"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&info).unwrap()["utid"], world.tenant());
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(token_part(token, 1)["aud"], "https://graph.microsoft.com");
    for key in world.keys().await {
        assert!(key["kid"] != token_part(token, 0)["kid"] && !verifies(token, &key));
    }
    assert_eq!(world.get_as(token, "/v1.0/me").await.status, 200);
}

/// The simulator's own origin stands for Graph, so that one setting points a connector here.
#[actix_web::test]
async fn the_simulators_origin_is_a_graph_resource() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let scope = format!("{}/.default offline_access", world.simulator.base_url());
    let body = world.token(&world.tenant(), &with(exchange.clone(), "scope", &scope)).await.json();
    assert!(body["refresh_token"].is_string());
    assert_eq!(world.get_as(body["access_token"].as_str().unwrap(), "/v1.0/me").await.status, 200);
    let refresh = with(with(exchange, "grant_type", "refresh_token"), "scope", "");
    let refresh = with(refresh, "refresh_token", body["refresh_token"].as_str().unwrap());
    let refreshed = world.token(&world.tenant(), &refresh).await.json();
    assert_eq!(refreshed["scope"], body["scope"]);
}

/// A credential that Entra takes and the simulator does not would keep its users from trying it here.
#[rstest]
#[case(Algorithm::PS256, "x5t#S256", "")]
#[case(Algorithm::RS256, "x5t", "")]
#[case::as_msal_for_python_writes_it(Algorithm::PS256, "x5t#S256", "=")]
#[actix_web::test]
async fn the_connector_authenticates_with_its_certificate(
    #[case] algorithm: Algorithm,
    #[case] thumbprint: &'static str,
    #[case] padding: &'static str,
) {
    let world = World::start().await;
    let assertion =
        ClientAssertion { algorithm, thumbprint, padding, ..ClientAssertion::of(&world) }.sign(&world);
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let reply = world.token(&world.tenant(), &with_client_assertion(exchange, &assertion)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(token_part(&token, 1)["appidacr"], "2");
}

/// HTTP Basic is the other place of a secret.
#[actix_web::test]
async fn the_connector_authenticates_with_http_basic() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let bare = with(with(exchange, "client_id", ""), "client_secret", "");
    let secret = world.simulator.connector_credentials().client_secret;
    let url = world.url(&format!("/{}/oauth2/v2.0/token", world.tenant()));
    let request = world.http.post(&url).basic_auth(world.connector_id(), Some(secret));
    assert_eq!(world.send_form(request, &bare).await.status, 200);
    let request = world.http.post(&url).basic_auth(world.connector_id(), Some("wrong"));
    let refused = world.send_form(request, &bare).await;
    assert_eq!((refused.status, refused.aadsts()), (401, 7_000_215));
}

/// A certificate check that lets one of these pass would hide a broken credential until production.
#[rstest]
#[case("aud", json!("https://elsewhere.example/token"), 700_023)]
#[case("sub", json!("5b7c3b9e-0000-4000-8000-000000000000"), 50_048)]
#[case("exp", json!(1_700_000_000), 700_024)]
#[case("exp", Value::Null, 700_024)]
#[case("nbf", json!(4_000_000_000_u64), 700_024)]
#[actix_web::test]
async fn a_wrong_client_assertion_is_refused(#[case] claim: &str, #[case] value: Value, #[case] code: u64) {
    let world = World::start().await;
    let mut assertion = ClientAssertion::of(&world);
    assertion.claims[claim] = value;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let exchange = with_client_assertion(exchange, &assertion.sign(&world));
    let reply = world.token(&world.tenant(), &exchange).await;
    assert_eq!((reply.status, reply.aadsts()), (401, code));
}

/// A signature or thumbprint that nobody checks is no credential.
#[actix_web::test]
async fn a_forged_client_assertion_is_refused() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let signed = ClientAssertion::of(&world).sign(&world);
    let other = {
        let mut assertion = ClientAssertion::of(&world);
        assertion.claims["jti"] = "2".into();
        assertion.sign(&world)
    };
    let forged = format!("{}.{}", signed.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    let confused = ClientAssertion { thumbprint: "x5t", ..ClientAssertion::of(&world) }.sign(&world);
    for assertion in [forged.as_str(), confused.as_str(), "rubbish"] {
        let request = with_client_assertion(exchange.clone(), assertion);
        assert_eq!(world.token(&world.tenant(), &request).await.aadsts(), 700_027, "{assertion}");
    }
}

/// Microsoft's own clients show one assertion until it expires; a client that must not can be found out.
#[actix_web::test]
async fn a_client_assertion_is_good_once_where_that_is_asked_for() {
    let world = World::start().await;
    let assertion = ClientAssertion::of(&world).sign(&world);
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let exchange = with_client_assertion(exchange, &assertion);
    for _ in 0..2 {
        assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200);
    }
    world.post_json("/_sim/registration", json!({ "single_use_assertions": true })).await;
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200);
    assert_eq!(world.token(&world.tenant(), &exchange).await.aadsts(), 700_027);
}

/// MSAL for Python writes its times with fractions of a second, which the standard allows.
#[actix_web::test]
async fn a_client_assertions_times_may_have_fractions() {
    let world = World::start().await;
    let mut assertion = ClientAssertion::of(&world);
    for (claim, after_s) in [("nbf", -1), ("exp", 600)] {
        let whole = jiff::Timestamp::now().as_second() + after_s;
        assertion.claims[claim] = serde_json::from_str(&format!("{whole}.25")).unwrap();
    }
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let exchange = with_client_assertion(exchange, &assertion.sign(&world));
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200);
}

/// The public cloud's own addresses are audiences that libraries write, wherever they send the assertion.
#[rstest]
#[case("https://login.microsoftonline.com", "v2.0")]
#[case("https://login.microsoftonline.com", "oauth2/v2.0/token")]
#[actix_web::test]
async fn a_client_assertion_may_name_the_public_cloud(#[case] origin: &str, #[case] path: &str) {
    let world = World::start().await;
    let mut assertion = ClientAssertion::of(&world);
    assertion.claims["aud"] = format!("{origin}/{}/{path}", world.tenant()).into();
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let reply = world.token(&world.tenant(), &with_client_assertion(exchange, &assertion.sign(&world))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// The assertion is the user's word; each of these is not one.
#[rstest]
#[case(json!({ "exp": 1_700_000_000 }), 500_133)]
#[case(json!({ "exp": null }), 500_133)]
#[case(json!({ "nbf": 4_000_000_000_u64 }), 500_133)]
#[case(json!({ "aud": "5b7c3b9e-0000-4000-8000-000000000000" }), 50_013)]
#[case(json!({ "idtyp": "app" }), 7_000_114)]
#[case(json!({ "scp": null }), 7_000_114)]
#[case(json!({ "iss": "https://login.microsoftonline.com/x/v2.0" }), 50_013)]
#[case(json!({ "tid": "5b7c3b9e-0000-4000-8000-000000000000" }), 50_013)]
#[case(json!({ "oid": "5b7c3b9e-0000-4000-8000-000000000000" }), 50_034)]
#[actix_web::test]
async fn a_wrong_assertion_is_refused_with_its_number(#[case] claims: Value, #[case] code: u64) {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(claims).await);
    let reply = world.token(&world.tenant(), &exchange).await;
    assert_eq!((reply.status, reply.aadsts()), (400, code));
}

/// Mistakes of the request itself, each with the number that an operator looks up.
#[rstest]
#[case("client_id", "", 900_144)]
#[case("client_secret", "", 7_000_218)]
#[case("client_secret", "wrong", 7_000_215)]
#[case("requested_token_use", "", 900_144)]
#[case("requested_token_use", "for_fun", 9_002_313)]
#[case("assertion", "", 900_144)]
#[case("assertion", "rubbish", 50_027)]
#[case("scope", "", 900_144)]
#[case("scope", "https://graph.microsoft.com/.default https://graph.microsoft.com/Mail.Read", 70_011)]
#[case("scope", "https://graph.microsoft.com/Mail.Send", 65_001)]
#[case("scope", "https://elsewhere.example/.default", 500_011)]
#[case("scope", "http://127.0.0.1:8080/mcp/.default https://graph.microsoft.com/Mail.Read", 700_022)]
#[actix_web::test]
async fn a_wrong_exchange_is_refused_with_its_number(
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    assert_eq!(world.token(&world.tenant(), &with(exchange, field, changed)).await.aadsts(), code);
}

/// A token signed by any other key than the published ones is a forgery, a Graph token included.
#[actix_web::test]
async fn a_forged_assertion_is_refused() {
    let world = World::start().await;
    let assertion = world.assertion(json!({})).await;
    let other = world.assertion(json!({})).await;
    let forged = format!("{}.{}", assertion.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    for assertion in [forged, world.graph_token().await] {
        assert_eq!(world.token(&world.tenant(), &world.exchange(&assertion)).await.aadsts(), 50_013);
    }
}

/// An exchange at the wrong tenant would be tenant mixing.
#[actix_web::test]
async fn the_exchange_belongs_to_the_tenants_own_endpoint() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let other = world.simulator.directory().tenants[1].id.to_string();
    assert_eq!(world.token(&other, &exchange).await.aadsts(), 50_013);
    assert_eq!(world.token("common", &exchange).await.aadsts(), 9_001_023);
}

/// Consent decides what the connector may read: none is refused, a part gives that part.
#[actix_web::test]
async fn consent_decides_the_scopes_of_the_graph_token() {
    use m365_simulator::directory::Consent;
    let world = World::start().await;
    let tenants = &world.simulator.directory().tenants;
    let people = tenants.iter().flat_map(|tenant| tenant.users.iter().map(move |user| (tenant, user)));
    for (tenant, user) in people.filter(|(_, user)| user.consent != Consent::Full) {
        let order = json!({ "tenant": tenant.id, "user": user.id });
        let assertion = world.post_json("/_sim/token", order).await.json();
        let exchange = world.exchange(assertion["access_token"].as_str().unwrap());
        let reply = world.token(&tenant.id.to_string(), &exchange).await;
        if user.consent == Consent::None {
            assert_eq!(reply.json()["suberror"], "consent_required");
            assert_eq!(reply.aadsts(), 65_001);
            continue;
        }
        let token = reply.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(token_part(&token, 1)["scp"], user.consent.scopes().join(" "));
    }
}

/// A public client has no business here.
#[actix_web::test]
async fn a_public_client_cannot_exchange() {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let public = with(with(exchange, "client_id", &world.client_id()), "client_secret", "");
    assert_eq!(world.token(&world.tenant(), &public).await.aadsts(), 7_000_218);
    let wrong_kind = pairs(&[("client_assertion", "x"), ("client_assertion_type", "saml")]);
    let request: Pairs = public.into_iter().chain(wrong_kind).collect();
    assert_eq!(world.token(&world.tenant(), &request).await.aadsts(), 9_002_313);
}
