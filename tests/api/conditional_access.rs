//! Conditional Access in both directions: what Entra and Graph ask of the user reaches the client in the form that it
//! understands, and nobody is asked twice for what was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use m365_connector::ClaimsCapability;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::public_cloud;
use crate::running::Running;
use crate::world::{Person, World, send};

const CHALLENGE: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

const OTHER: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c7"}}}"#;

/// Who can do something about a refusal.
pub(crate) const USER: &str = "the signed-in user";
pub(crate) const ADMINISTRATOR: &str = "the organisation's Microsoft 365 administrator";

/// Graph's fault: a claims challenge, `times` times, or for ever.
fn challenge(status: u16, times: Option<u64>) -> Value {
    challenge_for(CHALLENGE, status, times)
}

fn challenge_for(claims: &str, status: u16, times: Option<u64>) -> Value {
    let header = format!(
        r#"Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", error="insufficient_claims", claims="{}""#,
        STANDARD.encode(claims)
    );
    let mut fault =
        json!({ "service": "graph", "status": status, "headers": { "www-authenticate": header } });
    if let Some(times) = times {
        fault["times"] = json!(times);
    }
    fault
}

/// Entra's refusal of that number, with the suberror and the claims that it sends along.
pub(crate) fn refusal(number: u32) -> Value {
    json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "aadsts": number })
}

/// Entra's refusal of that number, where it asks for a step by these claims.
fn step(number: u32, claims: &str) -> Value {
    let refusal = json!({
        "error": "interaction_required", "suberror": "basic_action", "error_codes": [number],
        "error_description": format!("AADSTS{number}"), "claims": claims,
    });
    json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 400, "body": refusal })
}

/// The claims that a challenge of the connector's asks for.
fn claims_in(challenge: &str) -> Value {
    let (_, encoded) = challenge.split_once(r#"claims=""#).unwrap();
    let (encoded, _) = encoded.split_once('"').unwrap();
    serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap()
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

pub(crate) fn error(result: &Value) -> &Value {
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

/// If this failed, a client would be sent the claims of Graph's, which the sign-in that it has was already exchanged with, and
/// sign its user in again and again for what opens nothing; or none, and never learn what is asked for.
#[rstest]
#[actix_web::test]
async fn what_entra_asks_for_after_a_challenge_of_graph_is_what_the_client_is_asked_for(
    #[values(401, 403)] status: u16,
) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_with(&person, json!({ "claims": { "xms_cc": ["cp1"] } })).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(challenge(status, None)).await;
    world.fault(step(50076, OTHER)).await;
    let (graphs, entras): (Value, Value) =
        (serde_json::from_str(CHALLENGE).unwrap(), serde_json::from_str(OTHER).unwrap());
    let call = |token: &str| world.modern(token, "tools/call", json!({ "name": "get_me", "arguments": {} }));
    for time in ["as Entra says it", "as it is remembered"] {
        let answer = send(call(&token)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{time}: {}", answer.text);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(r#"error="insufficient_claims""#), "{time}: {challenge}");
        let why = "asks for multifactor authentication (AADSTS50076). The signed-in user can do it";
        assert!(challenge.contains(why), "{time}: {challenge}");
        assert_eq!(claims_in(challenge), entras, "{time}");
    }
    assert_eq!(claims_asked_for(&world).await, [None, Some(graphs)], "Entra is asked once");

    // Whoever signs in with those claims has met them.
    world.clear_faults().await;
    let met = json!({ "claims": { "xms_cc": ["cp1"], "acrs": ["c7"] } });
    let met = world.token_with(&person, met).await;
    let answer = send(call(&met)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_ne!(answer.json()["result"]["isError"], true, "{}", answer.text);
}

/// If this failed, a client that can't handle a challenge would be sent one because it was Graph that asked first, or its user
/// be told of what Graph said, not of what is to do.
#[rstest]
#[actix_web::test]
async fn without_the_capability_what_entra_asks_for_after_a_challenge_of_graph_is_an_error_of_the_tool(
    #[values(401, 403)] status: u16,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(challenge(status, None)).await;
    world.fault(step(50079, OTHER)).await;
    let result = world.call(&token, "get_me", json!({})).await;
    assert_eq!(error(&result)["code"], "interaction_required", "{result}");
    assert_eq!(error(&result)["who"], USER);
    let why = error(&result)["why"].as_str().unwrap();
    assert!(why.contains("set up multifactor authentication first (AADSTS50079)"), "{why}");
    assert!(!result.to_string().contains("acrs"), "claims are no text for people");
}

/// If this failed, what a user can satisfy would be called final: another challenge than the one that was met, or the
/// first one after Graph has just refused a token.
#[rstest]
#[case::after_a_refusal(json!({ "service": "graph", "status": 401, "times": 1 }), None)]
#[case::after_another(challenge(401, Some(1)), Some(CHALLENGE))]
#[actix_web::test]
async fn a_challenge_that_was_not_met_yet_reaches_entra(
    #[case] earlier: Value,
    #[case] claims: Option<&str>,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    // Of several faults that would strike, the one that was set first does.
    world.fault(earlier).await;
    world.fault(challenge_for(OTHER, 401, Some(1))).await;
    let result = world.call(&token, "get_me", json!({})).await;
    assert_ne!(result["isError"], true, "{result}");
    let parsed = |claims: &str| serde_json::from_str(claims).unwrap();
    assert_eq!(claims_asked_for(&world).await, [None, claims.map(parsed), Some(parsed(OTHER))]);
}

/// If this failed, Graph could drive the connector to exchange without end, by asking for something else each time.
#[actix_web::test]
async fn challenges_without_end_are_given_up() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for value in 0..6 {
        let claims = format!(r#"{{"access_token":{{"acrs":{{"value":"c{value}"}}}}}}"#);
        world.fault(challenge_for(&claims, 401, Some(1))).await;
    }
    let answer = send(world.modern(&token, "tools/call", json!({ "name": "get_me", "arguments": {} }))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    assert_eq!(world.exchanges().await, 4);
}

/// If this failed, a client would keep a sign-in that has ended, or its user not learn why it is gone and whom to ask.
#[rstest]
#[case::assertion(&[50013, 500_133, 50027])]
#[case::revoked(&[50173, 50132, 50133, 50089, 54005])]
#[case::expired(&[70000, 70008, 70043, 700_082, 700_084])]
#[case::not_signed_in(&[50058])]
#[actix_web::test]
async fn a_sign_in_that_has_ended_is_asked_for_anew_with_the_reason(#[case] numbers: &[u32]) {
    let world = World::start().await;
    for (user, number) in numbers.iter().enumerate() {
        let token = world.token(&world.person(0, user)).await;
        world.fault(refusal(*number)).await;
        let call = json!({ "name": "get_me", "arguments": {} });
        let answer = send(world.modern(&token, "tools/call", call)).await;
        world.clear_faults().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{number}: {}", answer.text);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
        assert!(
            challenge.contains(&format!("AADSTS{number}")) && challenge.contains("Support ID: "),
            "{challenge}"
        );
        assert_eq!(answer.json()["error"], "sign_in_expired");
    }
}

/// If this failed, a step that no sign-in brings up by itself would be asked for by a bare 401, and the client sign in for
/// ever: without claims its user has to be told.
#[rstest]
#[case::external(50158, "interaction_required", USER)]
#[case::several_accounts(16000, "account_blocked", ADMINISTRATOR)]
#[actix_web::test]
async fn without_claims_a_step_is_an_error_of_the_tool_for_every_client(
    #[case] number: u32,
    #[case] code: &str,
    #[case] who: &str,
    #[values(json!({}), json!({ "claims": { "xms_cc": ["cp1"] } }))] client: Value,
) {
    let world = World::start().await;
    let token = world.token_with(&world.person(0, 0), client).await;
    world.fault(refusal(number)).await;
    let result = world.call(&token, "get_me", json!({})).await;
    let error = error(&result);
    assert_eq!((&error["code"], &error["who"]), (&json!(code), &json!(who)));
    assert!(error["why"].as_str().unwrap().contains(&format!("AADSTS{number}")), "{error}");
    assert!(error["how"].is_string() && error["correlation_id"].is_string(), "{error}");
}

/// If this failed, a client that can't handle a challenge would be sent one, and its user see nothing at all.
#[actix_web::test]
async fn without_the_capability_a_challenge_is_an_error_of_the_tool() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(refusal(50079)).await;
    let result = world.call(&token, "get_me", json!({})).await;
    assert_eq!(error(&result)["code"], "interaction_required");
    assert!(error(&result)["why"].as_str().unwrap().contains("set up multifactor authentication"));
    assert!(!result.to_string().contains("acrs"), "claims are no text for people");
}

/// If this failed, an administrator would have to search for the place to consent at.
#[actix_web::test]
async fn missing_consent_links_to_the_tenants_own_consent_page() {
    let world = World::start().await;
    let person: Person = world.person(0, 0);
    let token = world.token(&person).await;
    world.fault(refusal(90094)).await;
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

/// Of a link: the tenant of whoever is refused, and the connector's own registration.
fn of(running: &Running, link: &str) -> String {
    let directory = running.simulator.directory();
    link.replace("{tenant}", &directory.tenants[0].id.to_string())
        .replace("{client}", &directory.connector.client_id.to_string())
}

/// If this failed, a person would be told what to do and not where, or be sent to a page where nothing of it can be done:
/// clients that handle challenges show the sentence in the header, the others the error of the tool.
#[rstest]
#[case::second_factor(50076, "https://mysignins.microsoft.com/security-info")]
#[case::enrolment(50079, "https://mysignins.microsoft.com/security-info")]
#[case::terms_of_use(50158, "https://myaccount.microsoft.com/termsofuse/myacceptances?tenantId={tenant}")]
#[case::device(50097, "https://portal.manage.microsoft.com")]
#[case::password(50055, "https://passwordreset.microsoftonline.com")]
#[case::a_step_without_a_name(59999, "https://mysignins.microsoft.com/security-info")]
#[actix_web::test]
async fn a_step_is_asked_for_with_a_link_to_where_it_is_taken(#[case] number: u32, #[case] link: &str) {
    let running = public_cloud::start(&format!("step-{number}")).await;
    let caller = running.caller();
    caller.control("faults", step(number, CHALLENGE)).await;
    let link = of(&running, link);

    let capable = running.token_with(json!({ "xms_cc": ["cp1"] })).await;
    let answer = send(caller.request(&capable, &json!({ "name": "get_me", "arguments": {} }))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let challenge = answer.header("www-authenticate");
    let sentence = format!("sign in again and complete the step. See {link} for help. Support ID: ");
    assert!(
        challenge.contains(r#"error="insufficient_claims""#) && challenge.contains(&sentence),
        "{challenge}"
    );
    let described = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(described.contains(&sentence), "{described}");

    let told = caller.call(&running.token().await, "get_me", json!({})).await;
    assert_eq!(error(&told["result"])["link"], link, "{told}");
    assert!(told["result"]["content"][0]["text"].as_str().unwrap().contains(&link), "{told}");
    running.stop().await;
}

/// If this failed, an administrator would be sent to another cloud's pages, or to nobody's.
#[rstest]
#[case::policy(53003, "https://entra.microsoft.com")]
#[case::device(53000, "https://portal.manage.microsoft.com")]
#[case::consent(90094, "https://login.microsoftonline.com/{tenant}/adminconsent?client_id={client}")]
#[actix_web::test]
async fn what_no_sign_in_mends_has_a_link_to_where_it_is_mended(#[case] number: u32, #[case] link: &str) {
    let running = public_cloud::start(&format!("mended-{number}")).await;
    running.caller().control("faults", refusal(number)).await;
    let link = of(&running, link);
    for claims in [json!({}), json!({ "xms_cc": ["cp1"] })] {
        let token = running.token_with(claims).await;
        let told = running.caller().call(&token, "get_me", json!({})).await;
        assert_eq!(error(&told["result"])["link"], link, "{told}");
    }
    running.stop().await;
}
