use rstest::rstest;
use serde_json::json;

use super::support::{Reply, World};

/// A connector that reads another issuer, or other endpoints, than it is then sent to cannot validate anything.
#[rstest]
#[case::tenant(None, None)]
#[case::common(Some("common"), Some("{tenantid}"))]
#[case::organizations(Some("organizations"), Some("{tenantid}"))]
#[actix_web::test]
async fn the_metadata_names_its_own_endpoints_and_issuer(
    #[case] segment: Option<&str>,
    #[case] issuer: Option<&str>,
) {
    let world = World::start().await;
    let (tenant, base) = (world.tenant(), world.simulator.base_url());
    let segment = segment.unwrap_or(&tenant);
    let reply = world.get(&format!("/{segment}/v2.0/.well-known/openid-configuration")).await;
    let document = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!(document["issuer"], format!("{base}/{}/v2.0", issuer.unwrap_or(&tenant)));
    assert_eq!(document["token_endpoint"], format!("{base}/{segment}/oauth2/v2.0/token"));
    assert_eq!(document["authorization_endpoint"], format!("{base}/{segment}/oauth2/v2.0/authorize"));
    assert_eq!(document["jwks_uri"], format!("{base}/{segment}/discovery/v2.0/keys"));
    assert!(document.get("code_challenge_methods_supported").is_none(), "the real one does not tell it");
    assert_eq!(world.get(&format!("/{segment}/discovery/v2.0/keys")).await.status, 200);
}

/// The metadata of tokens of version 1.0, whose issuer is another one: whoever validates those reads it.
#[rstest]
#[case("organizations", "https://sts.windows.net/{tenantid}/")]
#[case("larkmoor.example", "https://sts.windows.net/3afe5282-7c14-477b-ad23-6c8ebf522a04/")]
#[actix_web::test]
async fn the_metadata_of_version_one_names_its_own_issuer_and_keys(
    #[case] segment: &str,
    #[case] issuer: &str,
) {
    let world = World::start().await;
    let document = world.get(&format!("/{segment}/.well-known/openid-configuration")).await.json();
    assert_eq!(document["issuer"], issuer);
    let keys = document["jwks_uri"].as_str().unwrap().strip_prefix(world.simulator.base_url()).unwrap();
    assert_eq!(keys, format!("/{segment}/discovery/keys"));
    assert_eq!(world.get(keys).await.json()["keys"], json!(world.keys().await));
}

/// A domain is a tenant's other name: its issuer is the id's.
#[actix_web::test]
async fn a_domain_stands_for_its_tenant() {
    let world = World::start().await;
    let domain = &world.simulator.directory().tenants[0].domain;
    let document = world.get(&format!("/{domain}/v2.0/.well-known/openid-configuration")).await.json();
    let (base, tenant) = (world.simulator.base_url(), world.tenant());
    assert_eq!(document["issuer"], format!("{base}/{tenant}/v2.0"));
}

/// MSAL takes this refusal as "no such tenant"; another one would look like an outage.
#[rstest]
#[case("v2.0/.well-known/openid-configuration")]
#[case("discovery/v2.0/keys")]
#[actix_web::test]
async fn an_unknown_tenant_is_refused(#[case] path: &str) {
    let world = World::start().await;
    for tenant in ["nobody.example", "9c1b1a52-7e0f-4a0f-8f57-b4d0a4f0c2aa"] {
        let reply = world.get(&format!("/{tenant}/{path}")).await;
        assert_eq!((reply.status, reply.aadsts()), (400, 90_002));
        let body = reply.json();
        for field in ["error", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"] {
            assert!(body.get(field).is_some(), "{field} is missing");
        }
    }
}

/// A key set with one key, or without the issuer of each, would hide a validator that ignores either.
#[actix_web::test]
async fn a_tenant_publishes_two_keys_each_with_its_issuer_and_a_third_on_demand() {
    let world = World::start().await;
    assert_eq!(world.keys().await.len(), 2);
    world.post_json("/_sim/keys", json!({ "published": ["first", "second", "personal"] })).await;
    let keys = world.keys().await;
    let issuers = ["{tenantid}", "{tenantid}", "9188040d-6c67-4c5b-b112-36a304b66dad"];
    assert_eq!(keys.len(), issuers.len());
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    for (key, issuer) in keys.iter().zip(issuers) {
        assert_eq!(key["issuer"], format!("{}/{issuer}/v2.0", world.simulator.base_url()));
        assert_eq!((key["kty"].as_str(), key["kid"] == key["x5t"]), (Some("RSA"), true));
    }
}

/// A validator that takes any key of `common` for any issuer must meet the key that is for personal accounts alone.
#[rstest]
#[case("common", &["{tenantid}", "{tenantid}", "9188040d-6c67-4c5b-b112-36a304b66dad"])]
#[case("organizations", &["{tenantid}", "{tenantid}"])]
#[case("consumers", &["9188040d-6c67-4c5b-b112-36a304b66dad"])]
#[actix_web::test]
async fn the_key_of_personal_accounts_is_published_where_they_sign_in(
    #[case] segment: &str,
    #[case] issuers: &[&str],
) {
    let world = World::start().await;
    let path = format!("/{segment}/discovery/v2.0/keys");
    let keys = world.get(&path).await.json();
    let told: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["issuer"].clone()).collect();
    let base = world.simulator.base_url();
    assert_eq!(told, issuers.iter().map(|issuer| format!("{base}/{issuer}/v2.0")).collect::<Vec<_>>());
    world.post_json("/_sim/keys", json!({ "published": [] })).await;
    assert_eq!(world.get(&path).await.json()["keys"], json!([]));
}

/// MSAL asks this before it trusts an authority that it does not know.
#[actix_web::test]
async fn instance_discovery_names_this_host() {
    let world = World::start().await;
    let document = world.get("/common/discovery/instance?api-version=1.1").await.json();
    let host = world.simulator.address().to_string();
    let metadata = &document["metadata"][0];
    assert_eq!((&metadata["preferred_network"], &metadata["preferred_cache"]), (&json!(host), &json!(host)));
    assert_eq!(metadata["aliases"], json!([host]), "MSAL looks for tokens under every alias");
    assert_eq!(document["api-version"], "1.1");
    let discovered = document["tenant_discovery_endpoint"].as_str().unwrap();
    assert_eq!(discovered, world.url("/common/v2.0/.well-known/openid-configuration"));
    assert_eq!(Reply::read(world.http.get(discovered).send().await.unwrap()).await.status, 200);
}
