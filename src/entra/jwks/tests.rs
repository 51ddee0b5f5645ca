use rstest::rstest;
use serde_json::json;

use super::*;
use crate::entra::testing::{FOREIGN_KEY, KEY, jwk, jwks};

fn encoded(bytes: &[u8]) -> Value {
    json!(URL_SAFE_NO_PAD.encode(bytes))
}

fn odd_number(bytes: usize, first: u8) -> Vec<u8> {
    let mut number = vec![0x55; bytes];
    number[0] = first;
    number
}

fn with(name: &str, value: Value) -> Value {
    let mut key = jwk(&KEY);
    match value {
        Value::Null => key.as_object_mut().unwrap().remove(name),
        value => key.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    key
}

/// If this failed, Entra's own key set would not be understood.
#[test]
fn published_keys_are_read() {
    let keys = KeySet::parse(jwks(&[&KEY, &FOREIGN_KEY]).as_bytes()).unwrap();
    assert_eq!(keys.count(), 2);
    assert_eq!(keys.get("key-1").unwrap().issuer_for("t"), "https://login.example/t/v2.0");
    assert!(keys.get("key-3").is_none());
}

/// If this failed, a key would count that is weak, meant for something else, or vouches for nobody.
#[rstest]
#[case::elliptic(with("kty", json!("EC")), KeyFlaw::NotRsa)]
#[case::no_kty(with("kty", json!(null)), KeyFlaw::NotRsa)]
#[case::not_an_object(json!("key"), KeyFlaw::NotRsa)]
#[case::encryption(with("use", json!("enc")), KeyFlaw::NotForSignatures)]
#[case::use_is_an_array(with("use", json!(["sig"])), KeyFlaw::NotForSignatures)]
#[case::signing_only(with("key_ops", json!(["sign"])), KeyFlaw::NotForSignatures)]
#[case::no_operations(with("key_ops", json!([])), KeyFlaw::NotForSignatures)]
#[case::key_ops_is_text(with("key_ops", json!("verify")), KeyFlaw::NotForSignatures)]
#[case::other_algorithm(with("alg", json!("RS512")), KeyFlaw::OtherAlgorithm)]
#[case::no_kid(with("kid", json!(null)), KeyFlaw::NoKeyId)]
#[case::empty_kid(with("kid", json!("")), KeyFlaw::NoKeyId)]
#[case::no_issuer(with("issuer", json!(null)), KeyFlaw::NoIssuer)]
#[case::issuer_is_no_address(with("issuer", json!("{tenantid}")), KeyFlaw::NoIssuer)]
#[case::no_modulus(with("n", json!(null)), KeyFlaw::BadModulus)]
#[case::empty_modulus(with("n", json!("")), KeyFlaw::BadModulus)]
#[case::modulus_not_base64(with("n", json!("a+b=")), KeyFlaw::BadModulus)]
#[case::modulus_of_2047_bits(with("n", encoded(&odd_number(256, 0x7f))), KeyFlaw::BadModulus)]
#[case::modulus_of_8193_bits(with("n", encoded(&odd_number(1025, 0x01))), KeyFlaw::BadModulus)]
#[case::modulus_with_leading_zero(with("n", encoded(&odd_number(257, 0x00))), KeyFlaw::BadModulus)]
#[case::even_modulus(with("n", encoded(&[0xfe; 256])), KeyFlaw::BadModulus)]
#[case::no_exponent(with("e", json!(null)), KeyFlaw::BadExponent)]
#[case::exponent_three(with("e", json!("Aw")), KeyFlaw::BadExponent)]
#[case::exponent_one(with("e", json!("AQ")), KeyFlaw::BadExponent)]
fn a_key_that_does_not_fit_is_left_out(#[case] key: Value, #[case] expected: KeyFlaw) {
    assert_eq!(read_key(&key, &occurrences(std::slice::from_ref(&key))).unwrap_err(), expected);
    let beside_a_good_one = json!({ "keys": [key, jwk(&FOREIGN_KEY)] }).to_string();
    assert_eq!(KeySet::parse(beside_a_good_one.as_bytes()).unwrap().count(), 1);
}

/// If this failed, good keys would be left out for members that say nothing against them.
#[rstest]
#[case::as_published(jwk(&KEY))]
#[case::no_use(with("use", json!(null)))]
#[case::for_verification(with("key_ops", json!(["verify"])))]
#[case::named_algorithm(with("alg", json!("RS256")))]
#[case::unknown_member(with("cloud_instance_name", json!({"a": [1]})))]
#[case::modulus_of_8192_bits(with("n", encoded(&odd_number(1024, 0x80))))]
#[case::modulus_of_2048_bits(with("n", encoded(&odd_number(256, 0x80))))]
fn a_key_that_fits_is_taken(#[case] key: Value) {
    assert_eq!(read_key(&key, &occurrences(std::slice::from_ref(&key))).unwrap().0, "key-1");
}

/// If this failed, which of two keys a `kid` means would depend on their order.
#[test]
fn two_keys_of_one_name_are_both_left_out() {
    let mut other = jwk(&FOREIGN_KEY);
    other["kid"] = json!("key-1");
    let mut third = jwk(&FOREIGN_KEY);
    third["kid"] = json!("key-3");
    let keys = json!({ "keys": [jwk(&KEY), other, third] }).to_string();
    let keys = KeySet::parse(keys.as_bytes()).unwrap();
    assert!(keys.get("key-1").is_none());
    assert_eq!(keys.count(), 1);
}

/// If this failed, a document that is not a public key set would replace a good one.
#[rstest]
#[case::html("<html>".to_owned(), JwksError::NotJson)]
#[case::twice(r#"{"keys":[],"keys":[]}"#.to_owned(), JwksError::NotJson)]
#[case::no_list("{}".to_owned(), JwksError::NoList)]
#[case::no_keys(r#"{"keys":[]}"#.to_owned(), JwksError::NoUsableKey)]
#[case::secret(json!({"keys": [jwk(&KEY), {"kty": "oct", "k": "c2VjcmV0"}]}).to_string(), JwksError::SecretKey)]
#[case::a_prime(json!({"keys": [with("p", json!("AQAB"))]}).to_string(), JwksError::SecretKey)]
#[case::secret_beside(json!({"keys": [jwk(&KEY), {"kty": "EC", "d": "AQAB"}]}).to_string(), JwksError::SecretKey)]
#[case::private_half(json!({"keys": [with("d", json!("AQAB"))]}).to_string(), JwksError::SecretKey)]
fn a_document_that_is_no_public_key_set_is_refused(#[case] document: String, #[case] expected: JwksError) {
    assert_eq!(KeySet::parse(document.as_bytes()).unwrap_err(), expected);
}

/// If this failed, every refresh would forget all identities, or a changed key would go unnoticed.
#[test]
fn key_sets_are_equal_when_they_accept_the_same_tokens() {
    let parse = |keys: &str| KeySet::parse(keys.as_bytes()).unwrap();
    assert_eq!(parse(&jwks(&[&KEY, &FOREIGN_KEY])).count(), 2);
    assert_eq!(parse(&jwks(&[&KEY, &FOREIGN_KEY])), parse(&jwks(&[&FOREIGN_KEY, &KEY])));
    assert_ne!(parse(&jwks(&[&KEY, &FOREIGN_KEY])), parse(&jwks(&[&KEY])));
    let other_issuer = json!({ "keys": [with("issuer", json!("https://login.example/fixed/v2.0"))] });
    assert_ne!(parse(&jwks(&[&KEY])), parse(&other_issuer.to_string()));
    let mut other_modulus = jwk(&FOREIGN_KEY);
    other_modulus["kid"] = json!("key-1");
    assert_ne!(parse(&jwks(&[&KEY])), parse(&json!({ "keys": [other_modulus] }).to_string()));
}
