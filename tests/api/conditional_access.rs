//! Conditional Access in both directions: what Entra and Graph ask of the user reaches the client in the form that it
//! understands, and nobody is asked twice for what was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use m365_connector::ClaimsCapability;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Person, World, send};

const CHALLENGE: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

/// Graph's fault: a claims challenge, `times` times, or for ever.
fn challenge(status: u16, times: Option<u64>) -> Value {
    let header = format!(
        r#"Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", error="insufficient_claims", claims="{}""#,
        STANDARD.encode(CHALLENGE)
    );
    let mut fault =
        json!({ "service": "graph", "status": status, "headers": { "www-authenticate": header } });
    if let Some(times) = times {
        fault["times"] = json!(times);
    }
    fault
}

fn refusal(code: u32, claims: Option<&str>) -> Value {
    let mut body = json!({ "error": "interaction_required", "error_codes": [code] });
    if let Some(claims) = claims {
        body["claims"] = json!(claims);
    }
    json!({
        "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 400, "body": body.to_string(),
    })
}

async fn claims_asked_for(world: &World) -> Vec<Option<Value>> {
    let exchanges = world
        .requests()
        .await
        .into_iter()
        .filter(|request| request["form"]["requested_token_use"] == "on_behalf_of");
    exchanges
        .map(|request| request["form"]["claims"].as_str().map(|claims| serde_json::from_str(claims).unwrap()))
        .collect()
}

fn error(result: &Value) -> &Value {
    &result["_meta"]["m365-connector/error"]
}

/// If this failed, a user whose session Microsoft has only just re-evaluated would have to sign in again.
#[rstest]
#[case::unauthorized(401)]
#[case::forbidden(403)]
#[actix_web::test]
async fn a_challenge_of_graph_is_met_by_one_exchange_with_its_claims(#[case] status: u16) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(challenge(status, Some(1))).await;
    let result = world.call(&token, "get_me", json!({})).await;

    assert_ne!(result["isError"], true, "{result}");
    let claims: Value = serde_json::from_str(CHALLENGE).unwrap();
    assert_eq!(claims_asked_for(&world).await, [None, Some(claims)]);
}

/// If this failed, a location policy would make every call ask Entra anew, and the user sign in for nothing.
#[actix_web::test]
async fn the_same_challenge_on_a_token_that_met_it_is_final() {
    let world = World::start().await;
    let token = world.token_with(&world.person(0, 0), json!({ "claims": { "xms_cc": ["cp1"] } })).await;
    world.fault(challenge(401, None)).await;
    for _ in 0..4 {
        let result = world.call(&token, "get_me", json!({})).await;
        assert_eq!(error(&result)["code"], "blocked_by_location_policy", "{result}");
        assert!(error(&result)["who"].as_str().unwrap().contains("administrator"));
    }
    assert_eq!(world.exchanges().await, 2);
}

/// If this failed, a client that can't handle a challenge would be sent one, and its user see nothing at all.
#[actix_web::test]
async fn without_the_capability_a_challenge_is_an_error_of_the_tool() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(refusal(50079, Some(CHALLENGE))).await;
    let result = world.call(&token, "get_me", json!({})).await;
    assert_eq!(error(&result)["code"], "interaction_required");
    assert!(error(&result)["why"].as_str().unwrap().contains("set up multifactor authentication"));
    assert!(!result.to_string().contains("1604106651"), "claims are no text for people");
}

/// If this failed, an administrator would have to search for the place to consent at.
#[actix_web::test]
async fn missing_consent_links_to_the_tenants_own_consent_page() {
    let world = World::start().await;
    let person: Person = world.person(0, 0);
    let token = world.token(&person).await;
    world.fault(refusal(90094, None)).await;
    let result = world.call(&token, "get_me", json!({})).await;
    let client_id = world.stage.simulator.directory().connector.client_id;
    let link =
        format!("{}/{}/adminconsent?client_id={client_id}", world.stage.simulator_url(), person.tenant);
    assert_eq!(error(&result)["code"], "admin_consent_required");
    assert_eq!(error(&result)["link"], link);
    assert!(result["content"][0]["text"].as_str().unwrap().contains(&link));
}

/// If this failed, a tenant could not choose continuous access evaluation, or would get it with its neighbour's choice.
#[actix_web::test]
async fn the_capability_is_declared_for_the_tenants_that_want_it() {
    let directory = World::start().await;
    let wanted = directory.person(0, 0).tenant.parse().unwrap();
    let world = World::start_with(|settings| {
        settings.entra.capability = ClaimsCapability::DeclaredFor([wanted].into());
    })
    .await;
    for tenant in [0, 1] {
        let token = world.token(&world.person(tenant, 0)).await;
        let answer =
            send(world.modern(&token, "tools/call", json!({ "name": "get_me", "arguments": {} }))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let declared = json!({ "access_token": { "xms_cc": { "values": ["cp1"] } } });
    assert_eq!(claims_asked_for(&world).await, [Some(declared), None]);
}
