use connector_actors::identity::{AccountKind, GroupMembership};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::entra::jwt::verify;
use crate::entra::testing::{
    AUDIENCE, CLIENT, FOREIGN_KEY, KEY, NOW, SCOPE, TENANT, USER, claims, claims_with, expectations, header,
    identity_expiring_at, jwk, jwks, mint, sign,
};

mod claims;
mod form;
mod properties;

/// The way of a token through the validator, without memory and network.
fn check(token: &str) -> Result<Identity, TokenRefusal> {
    check_with(token, &jwks(&[&KEY]))
}

/// Also holds what is said of a token before its key is known against what is said afterwards.
fn check_with(token: &str, keys: &str) -> Result<Identity, TokenRefusal> {
    let checked = verify(token, &KeySet::parse(keys.as_bytes()).unwrap(), &expectations(), NOW);
    let before = UnverifiedToken::read(token).and_then(|token| token.could_be_good(&expectations(), NOW));
    assert!(before.is_ok() || checked.is_err(), "refused before its key was looked for: {before:?}");
    checked
}

/// If this failed, nobody would get in, or as somebody else.
#[test]
fn a_good_token_speaks_for_its_user() {
    assert_eq!(check(&mint(&KEY, &claims())), Ok(identity_expiring_at(NOW + Duration::from_secs(3_600))));
}

/// If this failed, an optional claim that a registration does not ask for would shut its users out.
#[rstest]
#[case::sid("sid")]
#[case::idtyp("idtyp")]
#[case::xms_cc("xms_cc")]
fn an_optional_claim_may_be_absent(#[case] name: &str) {
    let identity = check(&mint(&KEY, &claims_with(name, json!(null)))).unwrap();
    assert_eq!(identity.principal, Principal { tenant: TENANT, user: USER, client: CLIENT });
    assert_eq!(identity.session_id.is_none(), name == "sid");
    assert_eq!(identity.handles_claims_challenges, name != "xms_cc");
}

/// If this failed, a client that answers claims challenges would never be sent one, or one that doesn't would be lost in it.
#[rstest]
#[case::alone(json!(["cp1"]), true)]
#[case::in_capitals(json!(["CP1"]), true)]
#[case::first(json!(["cp1", "other"]), true)]
#[case::last(json!(["other", "cp1"]), true)]
#[case::another(json!(["other"]), false)]
#[case::longer(json!(["cp10"]), false)]
#[case::none(json!([]), false)]
fn a_client_says_that_it_answers_claims_challenges(#[case] capabilities: Value, #[case] expected: bool) {
    let identity = check(&mint(&KEY, &claims_with("xms_cc", capabilities))).unwrap();
    assert_eq!(identity.handles_claims_challenges, expected);
}

/// If this failed, a user would be taken for an application by the case of a letter.
#[rstest]
#[case::small("user")]
#[case::capitalised("User")]
#[case::in_capitals("USER")]
fn a_token_of_a_user_may_say_so_in_any_case(#[case] kind: &str) {
    assert!(check(&mint(&KEY, &claims_with("idtyp", json!(kind)))).is_ok());
}

/// If this failed, a guest would be taken for a member, or a token that says nothing would be believed to say something.
#[rstest]
#[case::member(json!(0), AccountKind::Member)]
#[case::guest(json!(1), AccountKind::Guest)]
#[case::unstated(json!(null), AccountKind::Unstated)]
fn a_token_says_whether_its_user_is_a_guest(#[case] acct: Value, #[case] expected: AccountKind) {
    assert_eq!(check(&mint(&KEY, &claims_with("acct", acct))).unwrap().account, expected);
}

/// If this failed, a user would pass for a member of a group, or for one of no group because the token names none.
#[rstest]
#[case::unstated("groups", json!(null), GroupMembership::Unstated)]
#[case::none("groups", json!([]), GroupMembership::stated([]))]
#[case::some("groups", json!([GROUP, GROUP]), GroupMembership::stated([GROUP.parse().unwrap()]))]
#[case::overage("_claim_names", json!({ "groups": "src1" }), GroupMembership::TooMany)]
#[case::overage_in_short("hasgroups", json!(true), GroupMembership::TooMany)]
#[case::other_names("_claim_names", json!({ "roles": "src1" }), GroupMembership::Unstated)]
fn a_token_says_of_which_groups_its_user_is(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] expected: GroupMembership,
) {
    assert_eq!(check(&mint(&KEY, &claims_with(claim, value))).unwrap().groups, expected);
}

/// If this failed, a claim of another form would count as one that names no group.
#[rstest]
#[case::text(json!(GROUP))]
#[case::names(json!(["Engineers"]))]
#[case::numbers(json!([1]))]
fn groups_of_another_form_are_refused(#[case] value: Value) {
    let refusal = check(&mint(&KEY, &claims_with("groups", value))).unwrap_err();
    assert_eq!(refusal, TokenRefusal::Malformed("groups must be an array of ids"));
}

const GROUP: &str = "55555555-5555-4555-8555-555555555555";

/// If this failed, a token signed with a stranger's key would get in.
#[test]
fn a_signature_by_another_key_is_refused() {
    let forged = sign(&FOREIGN_KEY, &header(&KEY).to_string(), &claims().to_string());
    assert_eq!(check(&forged), Err(TokenRefusal::BadSignature));
    assert_eq!(check(&mint(&FOREIGN_KEY, &claims())), Err(TokenRefusal::UnknownKey));
}

/// If this failed, a key published for one tenant could sign for any other, and personal accounts would get in.
#[test]
fn a_key_signs_for_its_own_issuer_alone() {
    let personal = PERSONAL_ACCOUNTS.to_string();
    let mut key = jwk(&KEY);
    key["issuer"] = json!(format!("https://login.example/{personal}/v2.0"));
    let keys = json!({ "keys": [key] }).to_string();
    assert_eq!(check_with(&mint(&KEY, &claims()), &keys), Err(TokenRefusal::WrongIssuer));
    let mut foreign_issuer = claims();
    foreign_issuer["iss"] = json!(format!("https://login.example/{personal}/v2.0"));
    assert_eq!(check_with(&mint(&KEY, &foreign_issuer), &keys), Err(TokenRefusal::WrongIssuer));
    let mut personal_account = foreign_issuer;
    personal_account["tid"] = json!(personal);
    assert_eq!(check_with(&mint(&KEY, &personal_account), &keys), Err(TokenRefusal::PersonalAccount));
}

/// If this failed, a refusal could break the header it is sent in.
#[test]
fn a_refusal_can_stand_in_a_header() {
    let all = [
        TokenRefusal::Missing,
        TokenRefusal::RepeatedHeader,
        TokenRefusal::NotBearer,
        TokenRefusal::Malformed("it is too long"),
        TokenRefusal::UnsupportedAlgorithm,
        TokenRefusal::UnknownKey,
        TokenRefusal::BadSignature,
        TokenRefusal::WrongVersion,
        TokenRefusal::WrongIssuer,
        TokenRefusal::PersonalAccount,
        TokenRefusal::WrongAudience,
        TokenRefusal::NotDelegated,
        TokenRefusal::Expired,
        TokenRefusal::NotYetValid,
        TokenRefusal::MissingScope,
        TokenRefusal::KeysUnavailable(Duration::ZERO),
    ];
    for refusal in all {
        let text = refusal.to_string();
        assert!(
            text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')),
            "{text}"
        );
    }
}
