use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::entra::testing::{
    FOREIGN_KEY, FakeEntra, KEY, ManualClock, claims, claims_with, expectations, mint,
};

const KEYS: &str = "/discovery/v2.0/keys";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn validator(entra: &FakeEntra, clock: &Arc<ManualClock>) -> TokenValidator {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let keys = KeyRingSettings { remembered_identities: 2, ..KeyRingSettings::default() };
    TokenValidator::start(&entra.cloud(), expectations(), keys, Handle::current(), clock).unwrap()
}

/// If this failed, a cold start under load would fetch the keys again and again.
#[tokio::test]
async fn many_cold_tokens_share_one_fetch_of_the_keys() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    let tokens: Vec<_> =
        (0..100).map(|number| mint(&KEY, &claims_with("uti", json!(format!("uti-{number}"))))).collect();
    let verified = join_all(tokens.iter().map(|token| validator.verify(token))).await;
    for (number, verified) in verified.into_iter().enumerate() {
        assert_eq!(&*verified.unwrap().identity.token_id, format!("uti-{number}"));
    }
    assert_eq!(entra.asked(KEYS).len(), 1);
}

/// If this failed, every call would pay for a signature check.
#[tokio::test]
async fn a_token_seen_before_is_remembered() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    let token = mint(&KEY, &claims());
    let first = validator.verify(&token).await.unwrap();
    let second = validator.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first.identity, &second.identity));
    assert_eq!(first.hash, AssertionHash::of(&token));
}

/// If this failed, a remembered token would be good for ever.
#[tokio::test]
async fn a_remembered_token_expires() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    let token = mint(&KEY, &claims());
    validator.verify(&token).await.unwrap();
    clock.advance(Duration::from_secs(3_659));
    assert!(validator.verify(&token).await.is_ok());
    clock.advance(Duration::from_secs(1));
    assert_eq!(validator.verify(&token).await.unwrap_err(), TokenRefusal::Expired);
}

/// If this failed, tokens signed with a key that Entra has withdrawn would live on in the memory.
#[tokio::test]
async fn a_withdrawn_key_takes_its_remembered_tokens_along() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    let token = mint(&KEY, &claims());
    validator.verify(&token).await.unwrap();
    entra.publish(&[&FOREIGN_KEY]);
    validator.verify(&mint(&FOREIGN_KEY, &claims())).await.unwrap();
    assert_eq!(validator.verify(&token).await.unwrap_err(), TokenRefusal::UnknownKey);
}

/// If this failed, tokens beyond the memory's bound would be refused instead of merely not remembered.
#[tokio::test]
async fn a_full_memory_still_verifies() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    for number in 0..4 {
        let token = mint(&KEY, &claims_with("uti", json!(format!("uti-{number}"))));
        validator.verify(&token).await.unwrap();
        validator.verify(&token).await.unwrap();
    }
}

/// If this failed, tokens that are nobody's here would have Entra asked for keys, or be told to come back for nothing.
#[rstest]
#[case::another_audience("aud", json!("00000003-0000-0000-c000-000000000000"), TokenRefusal::WrongAudience)]
#[case::version_one("ver", json!("1.0"), TokenRefusal::WrongVersion)]
#[case::application("idtyp", json!("app"), TokenRefusal::NotDelegated)]
#[case::another_tenants_issuer("tid", json!("99999999-0000-0000-0000-000000000000"), TokenRefusal::WrongIssuer)]
#[case::personal_account("tid", json!(PERSONAL), TokenRefusal::PersonalAccount)]
#[case::expired("exp", json!(1), TokenRefusal::Expired)]
#[case::not_yet_valid("nbf", json!(4_000_000_000_u64), TokenRefusal::NotYetValid)]
#[case::another_scope("scp", json!("other"), TokenRefusal::MissingScope)]
#[case::no_user("oid", json!(null), TokenRefusal::Malformed("oid must be a GUID"))]
#[tokio::test]
async fn a_token_that_would_be_refused_with_any_key_has_none_fetched(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] expected: TokenRefusal,
) {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    validator.verify(&mint(&KEY, &claims())).await.unwrap();
    let mut wrong = claims_with(claim, value);
    if wrong["tid"] == PERSONAL {
        wrong["iss"] = json!(format!("https://login.example/{PERSONAL}/v2.0"));
    }
    assert_eq!(validator.verify(&mint(&FOREIGN_KEY, &wrong)).await.unwrap_err(), expected);
    assert_eq!(entra.asked(KEYS).len(), 1, "asked for keys");
    // It is not the claims alone by which a token gets in.
    let only_its_key = validator.verify(&mint(&FOREIGN_KEY, &claims())).await.unwrap_err();
    assert_eq!(only_its_key, TokenRefusal::UnknownKey);
    assert_eq!(entra.asked(KEYS).len(), 2);
}

/// If this failed, a refused token could be remembered as good.
#[tokio::test]
async fn a_refused_token_stays_refused() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let validator = validator(&entra, &clock);
    let token = mint(&KEY, &claims_with("aud", json!("other")));
    for _ in 0..2 {
        assert_eq!(validator.verify(&token).await.unwrap_err(), TokenRefusal::WrongAudience);
    }
    let at_the_cap = "a".repeat(MAX_TOKEN_BYTES);
    let refused = validator.verify(&at_the_cap).await.unwrap_err();
    assert_eq!(refused, TokenRefusal::Malformed("it must have three parts"));
    let too_long = "a".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(validator.verify(&too_long).await.unwrap_err(), TokenRefusal::Malformed("it is too long"));
}
