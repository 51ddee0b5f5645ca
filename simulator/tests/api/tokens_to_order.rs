//! Every wrong token that a validator must refuse can be had, and is wrong in the one way that was asked for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{World, token_part, verifies};

async fn minted(world: &World, more: Value) -> String {
    let mut order = json!({ "tenant": world.tenant(), "user": world.upn() });
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = world.post_json("/_sim/token", order).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// The text of a part, as it was before it was encoded.
fn text(token: &str, part: usize) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(part).unwrap()).unwrap()).unwrap()
}

async fn public_key(world: &World, name: &str) -> Value {
    let document = world.get("/_sim/keys").await.json();
    let keys = document["keys"].as_array().unwrap().clone();
    keys.into_iter().find(|key| key["name"] == name).unwrap()["jwk"].clone()
}

/// A claim that cannot be set to a wrong value or type cannot be shown to be checked.
#[rstest]
#[case::audience("aud", json!("00000003-0000-0000-c000-000000000000"))]
#[case::issuer("iss", json!("https://evil.example/v2.0"))]
#[case::tenant("tid", json!("9188040d-6c67-4c5b-b112-36a304b66dad"))]
#[case::version("ver", json!("1.0"))]
#[case::scope("scp", json!("access_as_user more"))]
#[case::kind("idtyp", json!("app"))]
#[case::expiry_as_text("exp", json!("4000000000"))]
#[case::expiry_as_fraction("exp", json!(4_000_000_000.5))]
#[case::expiry_before_1970("exp", json!(-1))]
#[case::start_in_the_future("nbf", json!(4_000_000_000_u64))]
#[case::issued_as_list("iat", json!([1]))]
#[actix_web::test]
async fn a_claim_can_be_anything(#[case] claim: &str, #[case] value: Value) {
    let world = World::start().await;
    let token = minted(&world, json!({ "claims": { claim: value } })).await;
    assert_eq!(token_part(&token, 1)[claim], value);
    assert!(verifies(&token, &world.keys().await[0]), "nothing else is wrong with it");
}

/// The same for a claim that is missing.
#[rstest]
#[actix_web::test]
async fn a_claim_can_be_missing(
    #[values("aud", "iss", "tid", "oid", "azp", "uti", "scp", "ver", "exp", "nbf", "iat")] claim: &str,
) {
    let world = World::start().await;
    let token = minted(&world, json!({ "claims": { claim: null } })).await;
    assert!(token_part(&token, 1).get(claim).is_none());
}

/// Two values under one name are read differently by different parsers; one of them would be checked, the other used.
#[actix_web::test]
async fn a_member_can_be_written_twice() {
    let world = World::start().await;
    let order = json!({ "claims_again": { "aud": "other", "x": null }, "header_again": { "alg": "none" } });
    let token = minted(&world, order).await;
    assert_eq!(text(&token, 1).matches("\"aud\":").count(), 2);
    assert!(text(&token, 1).ends_with(",\"aud\":\"other\",\"x\":null}"), "{}", text(&token, 1));
    assert!(text(&token, 0).ends_with(",\"alg\":\"none\"}"), "{}", text(&token, 0));
    assert!(verifies(&token, &world.keys().await[0]));
    let alone = json!({ "claims": { "exp": null }, "claims_again": { "exp": null } });
    assert_eq!(text(&minted(&world, alone).await, 1).matches("\"exp\":null").count(), 1);
}

/// A payload that is no object, or no JSON, must be refused before anything of it is believed.
#[rstest]
#[case("[]")]
#[case("not JSON")]
#[case("{\"exp\":1e400}")]
#[actix_web::test]
async fn a_payload_can_be_any_text(#[case] payload: &str) {
    let world = World::start().await;
    let token = minted(&world, json!({ "payload": payload })).await;
    assert_eq!(text(&token, 1), payload);
    assert!(verifies(&token, &world.keys().await[0]));
}

/// What a header says of the key is the attacker's word.
#[rstest]
#[case("crit", json!(["exp"]))]
#[case("jku", json!("https://evil.example/keys"))]
#[case("jwk", json!({ "kty": "RSA" }))]
#[case("x5u", json!("https://evil.example/certificate"))]
#[case("kid", json!("unknown"))]
#[case("typ", json!("at+jwt"))]
#[actix_web::test]
async fn a_header_can_be_anything(#[case] name: &str, #[case] value: Value) {
    let world = World::start().await;
    let token = minted(&world, json!({ "header": { name: value } })).await;
    assert_eq!(token_part(&token, 0)[name], value);
    assert!(verifies(&token, &world.keys().await[0]));
    let without = minted(&world, json!({ "header": { "kid": null } })).await;
    assert!(token_part(&without, 0).get("kid").is_none());
}

/// A good signature by a wrong key, or a wrong way to sign, is what a forger brings.
#[rstest]
#[case("second")]
#[case("personal")]
#[case("graph")]
#[actix_web::test]
async fn a_token_is_signed_by_the_key_that_is_named(#[case] name: &str) {
    let world = World::start().await;
    let key = public_key(&world, name).await;
    let token = minted(&world, json!({ "signed_with": name })).await;
    assert_eq!(token_part(&token, 0)["kid"], key["kid"]);
    assert!(verifies(&token, &key));
    assert!(!verifies(&token, &world.keys().await[0]));
}

/// The two classic ways round a signature.
#[actix_web::test]
async fn a_token_is_unsigned_or_signed_with_what_is_public() {
    let world = World::start().await;
    let unsigned = minted(&world, json!({ "signed_with": "none" })).await;
    assert_eq!(token_part(&unsigned, 0)["alg"], "none");
    assert!(unsigned.ends_with('.'));
    let keyed = minted(&world, json!({ "signed_with": "hs256" })).await;
    assert_eq!(token_part(&keyed, 0)["alg"], "HS256");
    let certificate = world.keys().await[0]["x5c"][0].as_str().unwrap().to_owned();
    let secret = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    let secret = jsonwebtoken::DecodingKey::from_secret(secret.as_bytes());
    let (signed, signature) = keyed.rsplit_once('.').unwrap();
    let is_right =
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &secret, Algorithm::HS256).unwrap();
    assert!(is_right, "the certificate of the key set is the secret");
}

/// An algorithm that only the header names would be refused for its signature, and prove nothing of the algorithm.
#[rstest]
#[case("RS512", Algorithm::RS512)]
#[case("PS256", Algorithm::PS256)]
#[actix_web::test]
async fn another_algorithm_is_really_used(#[case] name: &str, #[case] algorithm: Algorithm) {
    let world = World::start().await;
    let token = minted(&world, json!({ "header": { "alg": name } })).await;
    let key = world.keys().await[0].clone();
    let component = |name: &str| key[name].as_str().unwrap().to_owned();
    let key = jsonwebtoken::DecodingKey::from_rsa_components(&component("n"), &component("e")).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm).unwrap());
}

/// Tokens of the right issuer that are not for the connector's door.
#[actix_web::test]
async fn other_kinds_of_token_can_be_had() {
    let world = World::start().await;
    let id = token_part(&minted(&world, json!({ "kind": "id" })).await, 1);
    assert_eq!((id["aud"].as_str(), id.get("scp")), (Some(&*world.client_id()), None));
    let application = token_part(&minted(&world, json!({ "kind": "application" })).await, 1);
    assert_eq!(application["aud"], world.connector_id());
    assert_eq!((application["idtyp"].as_str(), application.get("scp")), (Some("app"), None));
    assert_eq!((&application["oid"], application.get("name")), (&application["sub"], None));
    assert!(application["roles"].is_array());
    let graph = minted(&world, json!({ "kind": "graph" })).await;
    assert_eq!(token_part(&graph, 1)["ver"], "1.0");
    assert_eq!(world.get_as(&graph, "/v1.0/me").await.status, 200, "Graph itself takes it");
}

/// Entra refuses to exchange what a work tenant's key did not sign.
#[actix_web::test]
async fn an_assertion_signed_with_another_issuers_key_is_not_exchanged() {
    let world = World::start().await;
    world.post_json("/_sim/keys", json!({ "published": ["first", "second", "personal"] })).await;
    let assertion = minted(&world, json!({ "signed_with": "personal" })).await;
    assert_eq!(world.token(&world.tenant(), &world.exchange(&assertion)).await.aadsts(), 50_013);
}
