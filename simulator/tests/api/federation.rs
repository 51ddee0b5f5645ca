//! The connector without a secret of its own: another issuer's assertion, and the managed identity that has one.

use reqwest::RequestBuilder;
use rstest::rstest;
use serde_json::{Value, json};

use super::client_assertion::with_client_assertion;
use super::support::{Reply, World, token_part};

const METADATA: &str =
    "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange";
const APP_SERVICE: &str = "/msi/token?api-version=2019-08-01&resource=api%3A%2F%2FAzureADTokenExchange";

async fn identity_token(request: RequestBuilder) -> String {
    let reply: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(reply["token_type"], "Bearer", "{reply}");
    assert!(reply["expires_on"].as_str().unwrap().parse::<i64>().is_ok(), "numbers are text here");
    reply["access_token"].as_str().unwrap().to_owned()
}

async fn exchange(world: &World, client_assertion: &str) -> Reply {
    let exchange = world.exchange(&world.assertion(json!({})).await);
    world.token(&world.tenant(), &with_client_assertion(exchange, client_assertion)).await
}

/// The credential that a hosted product should have; a simulator without it keeps it untried until production.
#[actix_web::test]
async fn a_managed_identitys_token_authenticates_the_connector() {
    let world = World::start().await;
    let metadata = world.http.get(world.url(METADATA)).header("Metadata", "true");
    let shown = world.get("/_sim/federated-credentials").await.json();
    let secret = shown["managed_identity"]["identity_header"].as_str().unwrap();
    let app_service = world.http.get(world.url(APP_SERVICE)).header("X-IDENTITY-HEADER", secret);
    for request in [metadata, app_service] {
        let reply = exchange(&world, &identity_token(request).await).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}

/// Without its header the metadata service answers whoever can make a server fetch an address.
#[rstest]
#[case(METADATA, 400)]
#[case(APP_SERVICE, 401)]
#[actix_web::test]
async fn a_managed_identity_answers_only_to_its_header(#[case] path: &str, #[case] status: u16) {
    let world = World::start().await;
    assert_eq!(world.get(path).await.status, status);
}

/// Issuer, subject and audience are compared letter by letter; one that passes by its shape lets a stranger in.
#[rstest]
#[case(json!({}), None)]
#[case(json!({ "iss": "https://token.actions.example/" }), Some(700_211))]
#[case(json!({ "aud": "api://azureadtokenexchange" }), Some(700_212))]
#[case(json!({ "sub": "Repo:larkmoor/connector" }), Some(700_213))]
#[case(json!({ "scp": "access_as_user" }), Some(700_229))]
#[case(json!({ "exp": 1_700_000_000 }), Some(700_024))]
#[actix_web::test]
async fn an_assertion_must_be_that_of_a_registered_credential(
    #[case] changed: Value,
    #[case] code: Option<u64>,
) {
    let world = World::start().await;
    let (issuer, subject) = ("https://token.actions.example", "repo:larkmoor/connector");
    let audience = "api://AzureADTokenExchange";
    let credential = json!({ "issuer": issuer, "subject": subject, "audience": audience });
    let shown = world.post_json("/_sim/federated-credentials", credential.clone()).await.json();
    assert_eq!(shown["credentials"][1], credential);
    let mut claims = json!({ "iss": issuer, "sub": subject, "aud": audience, "scp": null });
    claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    let reply = exchange(&world, &world.assertion(claims).await).await;
    match code {
        None => assert_eq!(reply.status, 200, "{}", reply.text),
        Some(code) => assert_eq!((reply.status, reply.aadsts()), (401, code)),
    }
    assert_eq!(world.delete("/_sim/federated-credentials").await.status, 204);
    let left = world.get("/_sim/federated-credentials").await.json();
    assert_eq!(left["credentials"].as_array().unwrap().len(), 1);
}

/// Another issuer signs by keys of its own: with those of the simulator alone, a workload's real assertion is never tried.
#[rstest]
#[case::right(json!({}), "graph", None)]
#[case::another_issuer(json!({ "iss": "https://issuer.example" }), "graph", Some(700_211))]
#[case::another_audience(json!({ "aud": "api://elsewhere" }), "graph", Some(700_212))]
#[case::another_subject(json!({ "sub": "system:serviceaccount:notes:other" }), "graph", Some(700_213))]
#[case::a_key_of_somebody_else(json!({}), "first", Some(7_000_272))]
#[case::nobodys_signature(json!({}), "none", Some(700_027))]
#[case::too_old(json!({ "exp": 1_700_000_000 }), "graph", Some(700_024))]
#[actix_web::test]
async fn a_workload_proves_an_application_by_its_own_issuer(
    #[case] changed: Value,
    #[case] signed_with: &str,
    #[case] code: Option<u64>,
) {
    let world = World::start().await;
    let keys = world.get("/_sim/keys").await.json();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["name"] == "graph").unwrap();
    let key = &key["jwk"];
    let (issuer, subject) = ("https://oidc.cluster.example/", "system:serviceaccount:notes:archive");
    let credential = json!({ "issuer": issuer, "subject": subject, "jwks": { "keys": [key] } });
    let order = json!({ "name": "Archive", "federated_credential": credential });
    let application = world.post_json("/_sim/applications", order).await.json();
    let shown = &application["federated_credential"];
    assert_eq!(shown["keys"], json!([key["kid"]]), "{application}");
    let mut claims = json!({ "iss": issuer, "sub": subject, "aud": shown["audience"], "scp": null });
    claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    let order = json!({
        "tenant": world.tenant(), "user": world.upn(), "claims": claims, "signed_with": signed_with,
        "header": if signed_with == "none" { json!({ "alg": "RS256", "kid": key["kid"] }) } else { json!({}) },
    });
    let assertion = world.post_json("/_sim/token", order).await.json();
    let form = super::support::pairs(&[
        ("client_id", application["id"].as_str().unwrap()),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ]);
    let form = with_client_assertion(form, assertion["access_token"].as_str().unwrap());
    let reply = world.token(&world.tenant(), &form).await;
    match code {
        None => assert_eq!(token_part(reply.json()["access_token"].as_str().unwrap(), 1)["appidacr"], "2"),
        Some(code) => assert_eq!((reply.status, reply.aadsts()), (401, code)),
    }
}

/// A credential that is ignored for a misspelt field would be looked for in Entra.
#[actix_web::test]
async fn a_wrong_credential_is_refused_by_its_field() {
    let world = World::start().await;
    let body = json!({ "issuer": "https://a.example", "subject": "b", "audience": "c", "name": "d" });
    let reply = world.post_json("/_sim/federated-credentials", body).await;
    assert_eq!(
        (reply.status, reply.json()["error"].as_str()),
        (400, Some("`name` is not a field of this request"))
    );
}
