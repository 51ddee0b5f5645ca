use connector_actors::identity::AccountKind;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::entra::jwks::KeySet;
use crate::entra::testing::{
    AUDIENCE, CLIENT, FOREIGN_KEY, KEY, NOW, SCOPE, TENANT, USER, claims, claims_with, expectations, header,
    identity_expiring_at, jwk, jwks, mint, sign,
};

/// The way of a token through the validator, without memory and network.
fn check(token: &str) -> Result<Identity, TokenRefusal> {
    check_with(token, &jwks(&[&KEY]))
}

fn check_with(token: &str, keys: &str) -> Result<Identity, TokenRefusal> {
    let keys = KeySet::parse(keys.as_bytes()).unwrap();
    let unverified = inspect(token)?;
    let key = keys.get(unverified.key_id()).ok_or(TokenRefusal::UnknownKey)?;
    verify(&unverified, key, &expectations(), NOW)
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
#[case::sub("sub")]
fn an_optional_claim_may_be_absent(#[case] name: &str) {
    let identity = check(&mint(&KEY, &claims_with(name, json!(null)))).unwrap();
    assert_eq!(identity.principal, Principal { tenant: TENANT, user: USER, client: CLIENT });
    assert_eq!(identity.session_id.is_none(), name == "sid");
    assert_eq!(identity.handles_claims_challenges, name != "xms_cc");
}

/// If this failed, a guest would be taken for a member, or a token that says nothing would be believed to say something.
#[rstest]
#[case::member(json!(0), AccountKind::Member)]
#[case::guest(json!(1), AccountKind::Guest)]
#[case::unstated(json!(null), AccountKind::Unstated)]
fn a_token_says_whether_its_user_is_a_guest(#[case] acct: Value, #[case] expected: AccountKind) {
    assert_eq!(check(&mint(&KEY, &claims_with("acct", acct))).unwrap().account, expected);
}

/// If this failed, a token would get in by a claim that it lacks, or that has a type nobody looks at.
#[rstest]
#[case::no_exp("exp", json!(null), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_is_text("exp", json!("1900003600"), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_is_a_fraction("exp", json!(1_900_003_600.5), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_is_negative("exp", json!(-1), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_is_zero("exp", json!(0), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_is_huge("exp", json!(u64::MAX), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::exp_in_the_year_10000("exp", json!(253_402_300_800_u64), TokenRefusal::Malformed("exp must be a time in whole seconds"))]
#[case::nbf_is_text("nbf", json!("0"), TokenRefusal::Malformed("nbf must be a time in whole seconds"))]
#[case::no_nbf("nbf", json!(null), TokenRefusal::Malformed("nbf must be a time in whole seconds"))]
#[case::iat_is_an_array("iat", json!([1]), TokenRefusal::Malformed("iat must be a time in whole seconds"))]
#[case::no_iat("iat", json!(null), TokenRefusal::Malformed("iat must be a time in whole seconds"))]
#[case::version_one("ver", json!("1.0"), TokenRefusal::WrongVersion)]
#[case::version_is_a_number("ver", json!(2.0), TokenRefusal::WrongVersion)]
#[case::no_version("ver", json!(null), TokenRefusal::WrongVersion)]
#[case::application("idtyp", json!("app"), TokenRefusal::NotDelegated)]
#[case::application_shouted("idtyp", json!("APP"), TokenRefusal::NotDelegated)]
#[case::idtyp_is_a_number("idtyp", json!(1), TokenRefusal::Malformed("idtyp must be a string"))]
#[case::no_scp("scp", json!(null), TokenRefusal::NotDelegated)]
#[case::empty_scp("scp", json!(" "), TokenRefusal::NotDelegated)]
#[case::scp_is_an_array("scp", json!([SCOPE]), TokenRefusal::Malformed("scp must be a string"))]
#[case::other_scope("scp", json!("access_as_users other"), TokenRefusal::MissingScope)]
#[case::scope_in_other_case("scp", json!("Access_As_User"), TokenRefusal::MissingScope)]
#[case::no_aud("aud", json!(null), TokenRefusal::Malformed("aud must be a string"))]
#[case::aud_is_an_array("aud", json!([AUDIENCE]), TokenRefusal::Malformed("aud must be a string"))]
#[case::aud_is_graph("aud", json!("https://graph.microsoft.com"), TokenRefusal::WrongAudience)]
#[case::aud_is_a_uri("aud", json!(format!("api://{AUDIENCE}")), TokenRefusal::WrongAudience)]
#[case::aud_goes_on("aud", json!(format!("{AUDIENCE}/")), TokenRefusal::WrongAudience)]
#[case::no_tid("tid", json!(null), TokenRefusal::Malformed("tid must be a GUID"))]
#[case::tid_is_a_name("tid", json!("contoso.example"), TokenRefusal::Malformed("tid must be a GUID"))]
#[case::tid_of_another("tid", json!("99999999-0000-0000-0000-000000000000"), TokenRefusal::WrongIssuer)]
#[case::oid_is_no_guid("oid", json!("me"), TokenRefusal::Malformed("oid must be a GUID"))]
#[case::no_oid("oid", json!(null), TokenRefusal::Malformed("oid must be a GUID"))]
#[case::azp_is_no_guid("azp", json!("{33}"), TokenRefusal::Malformed("azp must be a GUID"))]
#[case::no_azp("azp", json!(null), TokenRefusal::Malformed("azp must be a GUID"))]
#[case::no_uti("uti", json!(null), TokenRefusal::Malformed("uti must be a short string"))]
#[case::empty_uti("uti", json!(""), TokenRefusal::Malformed("uti must be a short string"))]
#[case::long_uti("uti", json!("u".repeat(129)), TokenRefusal::Malformed("uti must be a short string"))]
#[case::sid_is_a_number("sid", json!(1), TokenRefusal::Malformed("sid must be a short string"))]
#[case::xms_cc_is_text("xms_cc", json!("cp1"), TokenRefusal::Malformed("xms_cc must be an array of strings"))]
#[case::xms_cc_of_numbers("xms_cc", json!([1]), TokenRefusal::Malformed("xms_cc must be an array of strings"))]
#[case::acct_is_neither("acct", json!(2), TokenRefusal::Malformed("acct must be 0 or 1"))]
#[case::acct_is_text("acct", json!("1"), TokenRefusal::Malformed("acct must be 0 or 1"))]
#[case::acct_is_a_truth_value("acct", json!(true), TokenRefusal::Malformed("acct must be 0 or 1"))]
#[case::acct_is_a_fraction("acct", json!(0.0), TokenRefusal::Malformed("acct must be 0 or 1"))]
#[case::acct_is_negative("acct", json!(-1), TokenRefusal::Malformed("acct must be 0 or 1"))]
#[case::no_iss("iss", json!(null), TokenRefusal::Malformed("iss must be a string"))]
#[case::template_as_issuer("iss", json!("https://login.example/{tenantid}/v2.0"), TokenRefusal::WrongIssuer)]
#[case::v1_issuer("iss", json!(format!("https://sts.windows.net/{TENANT}/")), TokenRefusal::WrongIssuer)]
#[case::issuer_goes_on("iss", json!(format!("https://login.example/{TENANT}/v2.0/")), TokenRefusal::WrongIssuer)]
#[case::other_authority("iss", json!(format!("https://evil.example/{TENANT}/v2.0")), TokenRefusal::WrongIssuer)]
fn a_token_with_one_wrong_claim_is_refused(
    #[case] name: &str,
    #[case] value: Value,
    #[case] expected: TokenRefusal,
) {
    assert_eq!(check(&mint(&KEY, &claims_with(name, value))), Err(expected));
}

/// If this failed, the allowance for skew would be off by more than a second, or used in the wrong direction.
#[rstest]
#[case::expired_within_skew("exp", -59, None)]
#[case::expired("exp", -60, Some(TokenRefusal::Expired))]
#[case::starts_within_skew("nbf", 60, None)]
#[case::starts_later("nbf", 61, Some(TokenRefusal::NotYetValid))]
#[case::issued_within_skew("iat", 60, None)]
#[case::issued_later("iat", 61, Some(TokenRefusal::NotYetValid))]
fn times_are_taken_with_a_minute_of_skew(
    #[case] name: &str,
    #[case] offset: i64,
    #[case] expected: Option<TokenRefusal>,
) {
    let time = NOW.unix_seconds().checked_add_signed(offset).unwrap();
    assert_eq!(check(&mint(&KEY, &claims_with(name, json!(time)))).err(), expected);
}

/// If this failed, a token could choose how, and by which key, it is checked.
#[rstest]
#[case::none(json!({"alg": "none", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::symmetric(json!({"alg": "HS256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::stronger(json!({"alg": "RS512", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::pss(json!({"alg": "PS256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::other_case(json!({"alg": "rs256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::no_alg(json!({"kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::no_kid(json!({"alg": "RS256"}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::empty_kid(json!({"alg": "RS256", "kid": ""}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::kid_is_a_number(json!({"alg": "RS256", "kid": 1}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::kid_is_a_path(json!({"alg": "RS256", "kid": "../../key-1"}), TokenRefusal::UnknownKey)]
#[case::other_typ(json!({"alg": "RS256", "kid": "key-1", "typ": "JWE"}), TokenRefusal::Malformed("typ must be JWT"))]
#[case::typ_is_a_number(json!({"alg": "RS256", "kid": "key-1", "typ": 1}), TokenRefusal::Malformed("typ must be JWT"))]
fn a_token_with_a_wrong_header_is_refused(#[case] header: Value, #[case] expected: TokenRefusal) {
    let token = sign(&KEY, &header.to_string(), &claims().to_string());
    assert_eq!(check(&token), Err(expected));
}

/// If this failed, a token could bring its own key, or extensions that this service does not know.
#[rstest]
#[case::crit("crit", json!(["exp"]))]
#[case::empty_crit("crit", json!([]))]
#[case::jku("jku", json!("https://evil.example/keys"))]
#[case::jwk("jwk", jwk(&FOREIGN_KEY))]
#[case::x5u("x5u", json!("https://evil.example/cert"))]
#[case::x5c("x5c", json!(["MIID"]))]
#[case::unencoded("b64", json!(false))]
#[case::compressed("zip", json!("DEF"))]
#[case::encrypted("enc", json!("A256GCM"))]
#[case::nested("cty", json!("JWT"))]
fn a_header_parameter_that_changes_the_rules_is_refused(#[case] name: &str, #[case] value: Value) {
    let mut header = header(&KEY);
    header[name] = value;
    let token = sign(&KEY, &header.to_string(), &claims().to_string());
    assert_eq!(
        check(&token),
        Err(TokenRefusal::Malformed("its header holds a parameter that is not accepted"))
    );
}

/// If this failed, two readers of one token could see two different things.
#[test]
fn a_key_that_occurs_twice_is_refused() {
    let good = claims().to_string();
    let twice_in_header = sign(&KEY, r#"{"alg":"RS256","kid":"key-1","kid":"key-1"}"#, &good);
    assert_eq!(
        check(&twice_in_header),
        Err(TokenRefusal::Malformed("its header is not a JSON object with unique keys"))
    );
    let twice_in_payload = good.replacen('{', r#"{"tid":"x","#, 1);
    assert_eq!(
        check(&sign(&KEY, &header(&KEY).to_string(), &twice_in_payload)),
        Err(TokenRefusal::Malformed("its payload is not a JSON object with unique keys"))
    );
}

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

/// If this failed, malformed tokens would be decoded leniently, and one token could be written in many ways.
#[rstest]
#[case::nothing("", TokenRefusal::Malformed("it must have three parts"))]
#[case::one_part("a", TokenRefusal::Malformed("it must have three parts"))]
#[case::two_parts("a.b", TokenRefusal::Malformed("it must have three parts"))]
#[case::five_parts("a.b.c.d.e", TokenRefusal::Malformed("it must have three parts"))]
#[case::empty_parts("..", TokenRefusal::Malformed("a part is empty"))]
#[case::not_base64("a*.b.c", TokenRefusal::Malformed("a part is not base64url"))]
fn a_malformed_token_is_refused(#[case] token: &str, #[case] expected: TokenRefusal) {
    assert_eq!(inspect(token).unwrap_err(), expected);
}

/// If this failed, padding, the standard alphabet, an unsigned token or an oversized one would be let through.
#[test]
fn a_good_token_written_otherwise_is_refused() {
    let token = mint(&KEY, &claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(check(&format!("{signed}.")), Err(TokenRefusal::Malformed("a part is empty")));
    assert_eq!(check(&format!("{token}==")), Err(TokenRefusal::Malformed("a part is not base64url")));
    assert_eq!(check(&format!("{token}A")), Err(TokenRefusal::BadSignature));
    let too_long = "a".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(check(&too_long), Err(TokenRefusal::Malformed("it is too long")));
    let not_json = sign(&KEY, "[]", &claims().to_string());
    assert_eq!(
        check(&not_json),
        Err(TokenRefusal::Malformed("its header is not a JSON object with unique keys"))
    );
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
        TokenRefusal::KeysUnavailable,
    ];
    for refusal in all {
        let text = refusal.to_string();
        assert!(
            text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')),
            "{text}"
        );
    }
}

proptest! {
    /// If this failed, a crafted header could end the thread that reads it.
    #[test]
    fn inspecting_never_panics(text in ".*", parts in prop::array::uniform3("[A-Za-z0-9_-]{0,40}")) {
        prop_assert!(inspect(&text).is_err() || text.matches('.').count() == 2);
        let joined = parts.join(".");
        if let Ok(token) = inspect(&joined) {
            prop_assert!(!token.key_id().is_empty());
        }
    }

    /// If this failed, a payload could end the thread that reads it, or pass without its claims.
    #[test]
    fn reading_claims_never_panics(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Claims::parse(&payload).is_err());
    }

    /// If this failed, some part of a token would not be covered by its signature or by the strict decoding.
    #[test]
    fn a_token_with_any_character_changed_is_refused(place in any::<prop::sample::Index>(), other in any::<char>()) {
        let token = mint(&KEY, &claims());
        let at = place.index(token.len());
        prop_assume!(!token[at..].starts_with(other));
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert!(check(&changed).is_err());
    }

    /// As above, with the characters that base64url is made of, which get further.
    #[test]
    fn a_token_with_a_likely_character_changed_is_refused(
        place in any::<prop::sample::Index>(),
        other in "[A-Za-z0-9_.=+/-]",
    ) {
        let token = mint(&KEY, &claims());
        let at = place.index(token.len());
        prop_assume!(!token[at..].starts_with(&other));
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert!(check(&changed).is_err());
    }
}
