//! From the first refusal to a token: what a client finds, and where it leads.

use m365_connector::{TenantIssuer, TenantSource};
use m365_demo::SignIn;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

/// All that a client is told of the resource, at every address.
pub(crate) fn resource_of(world: &World, issuer: &str) -> Value {
    json!({
        // Entra compares it character for character.
        "resource": world.url(),
        "authorization_servers": [issuer],
        "scopes_supported": [format!("{}/access_as_user", world.url())],
        "bearer_methods_supported": ["header"],
        "resource_name": "Microsoft 365 connector",
    })
}

/// All that a façade says, with a sign-in and the keys at these places of Entra. Nobody registers here.
pub(crate) fn facade_of(world: &World, issuer: &str, sign_in: &str, keys: &str) -> Value {
    let entra = world.stage.simulator_url();
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{entra}/{sign_in}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{entra}/{sign_in}/oauth2/v2.0/token"),
        "jwks_uri": format!("{entra}/{keys}/discovery/v2.0/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        // The API's own alone: `offline_access` is the client's to ask for.
        "scopes_supported": [format!("{}/access_as_user", world.url())],
    })
}

/// If this failed, clients could not find the sign-in, or would refuse what they find.
#[rstest]
#[case::for_the_path("/.well-known/oauth-protected-resource/mcp")]
#[case::for_the_root("/.well-known/oauth-protected-resource")]
#[actix_web::test]
async fn the_resource_describes_itself_at_both_places(#[case] path: &str) {
    let world = World::start().await;
    let origin = world.url().trim_end_matches("/mcp");
    let answer = send(world.http.get(format!("{origin}{path}"))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), resource_of(&world, origin));
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
}

/// If this failed, clients that insist on S256 or on an exact issuer would refuse to sign in.
#[actix_web::test]
async fn the_facade_names_entras_endpoints_and_s256() {
    let world = World::start().await;
    let origin = world.url().trim_end_matches("/mcp");
    let answer = send(world.http.get(format!("{origin}/.well-known/oauth-authorization-server"))).await;
    assert_eq!(answer.json(), facade_of(&world, origin, "organizations", "common"));
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
}

/// If this failed, a service for one tenant alone would send its clients by way of a façade that it does not need, or
/// nowhere.
#[actix_web::test]
async fn a_service_for_one_tenant_names_that_tenants_own_issuer() {
    let mut tenant = None;
    let world = World::start_with(|settings| {
        let TenantSource::Fixed(policies) = &settings.tenants else { panic!("{:?}", settings.tenants) };
        tenant = Some(policies[0].id);
        settings.entra.issuer_tenant = tenant;
        settings.entra.tenant_issuer = TenantIssuer::Entra;
    })
    .await;
    let issuer = format!("{}/{}/v2.0", world.stage.simulator_url(), tenant.unwrap());
    let origin = world.url().trim_end_matches("/mcp");
    let at = |path: &str| world.http.get(format!("{origin}/.well-known/{path}"));
    let resource = send(at("oauth-protected-resource/mcp")).await.json();
    assert_eq!(resource, resource_of(&world, &issuer));
    let facade = send(at("oauth-authorization-server")).await;
    assert_eq!(facade.status, StatusCode::NOT_FOUND, "{}", facade.text);
}

/// If this failed, no person could use the connector: the whole way from refusal to answer.
#[actix_web::test]
async fn a_person_signs_in_with_pkce_and_calls() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let client = world.stage.simulator.directory().clients[0].id.to_string();
    let sign_in = SignIn::discover(&world.http, world.url()).await.unwrap();
    let token = sign_in.sign_in(&world.http, &client, &person.upn).await.unwrap();
    let me = world.call(&token, "get_me", json!({})).await;
    assert!(me.to_string().contains(&person.upn), "{me}");

    let inbound = world.requests().await.into_iter().filter(|request| request["service"] == "graph");
    for request in inbound {
        assert!(!request.to_string().contains(&token), "the user's own token must never reach Graph");
    }
}
