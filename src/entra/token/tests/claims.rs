//! The claims, one wrong at a time. Whatever is not said here of a claim, its absence and its wrong types included,
//! must not let a token in.

use rstest::rstest;
use serde_json::json;

use super::*;

/// The payload of a good token in which one claim is written as `raw`, well-formed or not.
fn payload_with(name: &str, raw: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims.to_string().replacen('{', &format!("{{\"{name}\":{raw},"), 1)
}

fn check_payload(payload: &str) -> Result<Identity, TokenRefusal> {
    check(&sign(&KEY, &header(&KEY).to_string(), payload))
}

/// If this failed, the tests below would refuse something else than they mean to.
#[test]
fn a_claim_that_is_written_anew_is_still_good() {
    assert!(check_payload(&payload_with("scp", "\"access_as_user\"")).is_ok());
}

/// If this failed, a claim that has the wrong JSON type would count as absent, as unlimited, or as what it looks like.
#[rstest]
fn a_claim_that_is_no_text_is_refused(
    #[values("ver", "iss", "aud", "tid", "oid", "azp", "scp", "uti", "sid", "idtyp", "sub")] name: &str,
    #[values("null", "true", "0", "-1", "1.5", "1e3", "[]", "{}", "[\"access_as_user\"]", "\"\"")] raw: &str,
) {
    let refused = check_payload(&payload_with(name, raw)).unwrap_err();
    let expected = match (name, raw) {
        ("ver", _) => matches!(refused, TokenRefusal::WrongVersion),
        ("scp" | "idtyp", "\"\"") => matches!(refused, TokenRefusal::NotDelegated),
        ("iss", "\"\"") => matches!(refused, TokenRefusal::WrongIssuer),
        ("aud", "\"\"") => matches!(refused, TokenRefusal::WrongAudience),
        _ => matches!(refused, TokenRefusal::Malformed(flaw) if flaw.starts_with(name)),
    };
    assert!(expected, "{name} as {raw}: {refused}");
}

/// If this failed, a token could live for ever by a time that is written so that nobody looks at it (CVE-2026-25537).
#[rstest]
fn a_time_that_is_no_whole_number_of_seconds_is_refused(
    #[values("exp", "nbf", "iat")] name: &str,
    #[values(
        "null",
        "true",
        "\"1900000000\"",
        "\"\"",
        "[]",
        "[1900000000]",
        "{}",
        "1900000000.0",
        "1900000000.5",
        "1.9e9",
        "-1",
        "-1900000000",
        "0",
        "-0",
        "253402300800",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999",
        "1e300"
    )]
    raw: &str,
) {
    let refused = check_payload(&payload_with(name, raw)).unwrap_err();
    assert!(matches!(refused, TokenRefusal::Malformed(flaw) if flaw.starts_with(name)), "{raw}: {refused}");
}

/// If this failed, numbers and texts that no JSON has would be read all the same.
#[rstest]
#[case::infinite("1e400")]
#[case::not_a_number("NaN")]
#[case::hexadecimal("0x7fffffff")]
#[case::leading_zero("01900003600")]
#[case::plus("+1900003600")]
#[case::single_quotes("'1900003600'")]
#[case::nothing("")]
#[case::half_a_surrogate("\"\\ud800\"")]
#[case::control_character("\"\u{1}\"")]
#[case::comment("1900003600/**/")]
fn a_payload_that_is_no_json_is_refused(#[case] raw: &str) {
    assert_eq!(
        check_payload(&payload_with("exp", raw)),
        Err(TokenRefusal::Malformed("its payload is not a JSON object with unique keys"))
    );
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
#[case::no_sub("sub", json!(null), TokenRefusal::Malformed("sub must be a short string"))]
#[case::sub_is_a_number("sub", json!(1), TokenRefusal::Malformed("sub must be a short string"))]
#[case::sub_is_an_array("sub", json!(["pairwise"]), TokenRefusal::Malformed("sub must be a short string"))]
#[case::empty_sub("sub", json!(""), TokenRefusal::Malformed("sub must be a short string"))]
#[case::long_sub("sub", json!("s".repeat(129)), TokenRefusal::Malformed("sub must be a short string"))]
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

/// If this failed, another API's token would be taken whose identifier differs from ours in its spelling alone.
#[rstest]
#[case::upper_case(|ours: &str| ours.to_uppercase(), Some(TokenRefusal::WrongAudience))]
#[case::beginning(|ours: &str| ours[..35].to_owned(), Some(TokenRefusal::WrongAudience))]
#[case::longer(|ours: &str| format!("{ours}0"), Some(TokenRefusal::WrongAudience))]
#[case::in_braces(|ours: &str| format!("{{{ours}}}"), Some(TokenRefusal::WrongAudience))]
#[case::without_hyphens(|ours: &str| ours.replace('-', ""), Some(TokenRefusal::WrongAudience))]
#[case::blank_before(|ours: &str| format!(" {ours}"), Some(TokenRefusal::WrongAudience))]
#[case::blank_after(|ours: &str| format!("{ours} "), Some(TokenRefusal::WrongAudience))]
#[case::nul_after(|ours: &str| format!("{ours}\0"), Some(TokenRefusal::WrongAudience))]
#[case::application_uri(|ours: &str| format!("api://{ours}"), Some(TokenRefusal::WrongAudience))]
#[case::two_in_one(|ours: &str| format!("{ours} other"), Some(TokenRefusal::WrongAudience))]
#[case::exactly(|ours: &str| ours.to_owned(), None)]
fn the_audience_must_be_ours_to_the_letter(
    #[case] spelling: fn(&str) -> String,
    #[case] expected: Option<TokenRefusal>,
) {
    let ours = ClientId::from_uuid(Uuid::from_u128(0xabcd_ef00_1122_4333_8444_5566_7788_99aa));
    let expectations = Expectations::new(ours, SCOPE, Duration::from_secs(60));
    let keys = KeySet::parse(jwks(&[&KEY]).as_bytes()).unwrap();
    let token = mint(&KEY, &claims_with("aud", json!(spelling(&ours.to_string()))));
    assert_eq!(verify(&token, &keys, &expectations, NOW).err(), expected);
}

/// If this failed, one tenant's token could name another tenant, or an issuer that only resembles Entra.
#[rstest]
#[case::another_tenant("https://login.example/00000000-0000-0000-0000-000000000012/v2.0")]
#[case::the_template("https://login.example/{tenantid}/v2.0")]
#[case::common("https://login.example/common/v2.0")]
#[case::version_one("https://sts.windows.net/00000000-0000-0000-0000-000000000011/")]
#[case::version_one_at_the_same_host("https://login.example/00000000-0000-0000-0000-000000000011/")]
#[case::slash_at_the_end("https://login.example/00000000-0000-0000-0000-000000000011/v2.0/")]
#[case::two_slashes("https://login.example//00000000-0000-0000-0000-000000000011/v2.0")]
#[case::query("https://login.example/00000000-0000-0000-0000-000000000011/v2.0?")]
#[case::plain_http("http://login.example/00000000-0000-0000-0000-000000000011/v2.0")]
#[case::other_case("https://LOGIN.example/00000000-0000-0000-0000-000000000011/v2.0")]
#[case::port("https://login.example:443/00000000-0000-0000-0000-000000000011/v2.0")]
#[case::user("https://login.example@evil.example/00000000-0000-0000-0000-000000000011/v2.0")]
#[case::longer_host("https://login.example.evil.example/00000000-0000-0000-0000-000000000011/v2.0")]
#[case::encoded("https://login.example/%30%30000000-0000-0000-0000-000000000011/v2.0")]
#[case::climbs("https://login.example/x/../00000000-0000-0000-0000-000000000011/v2.0")]
#[case::blank_after("https://login.example/00000000-0000-0000-0000-000000000011/v2.0 ")]
fn the_issuer_must_be_the_keys_for_the_tenant_to_the_letter(#[case] issuer: &str) {
    assert_eq!(check(&mint(&KEY, &claims_with("iss", json!(issuer)))), Err(TokenRefusal::WrongIssuer));
}

/// If this failed, personal accounts would be let in by the key that serves all tenants.
#[test]
fn a_personal_account_is_refused_although_the_key_may_sign_for_it() {
    let mut personal = claims();
    personal["tid"] = json!(PERSONAL_ACCOUNTS);
    personal["iss"] = json!(format!("https://login.example/{PERSONAL_ACCOUNTS}/v2.0"));
    assert_eq!(check(&mint(&KEY, &personal)), Err(TokenRefusal::PersonalAccount));
}

/// If this failed, a token that stands for no user, or is meant for the client itself, would open a user's data.
#[rstest]
#[case::id_token(json!({"scp": null, "azp": null, "nonce": "n", "preferred_username": "a@contoso.example"}))]
#[case::application(json!({"scp": null, "idtyp": "app", "roles": ["Mail.Read"]}))]
#[case::application_with_a_scope(json!({"idtyp": "app"}))]
#[case::application_unmarked(json!({"scp": null, "idtyp": null, "roles": ["Mail.Read"], "sub": USER}))]
#[case::roles_named_as_the_scope(json!({"scp": null, "roles": [SCOPE]}))]
#[case::device(json!({"idtyp": "device"}))]
fn a_token_without_a_user_is_refused(#[case] changes: Value) {
    let mut payload = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(payload.as_object_mut().unwrap().remove(name)),
            value => payload[name] = value.clone(),
        }
    }
    assert_eq!(check(&mint(&KEY, &payload)), Err(TokenRefusal::NotDelegated));
}

/// If this failed, a scope would count that only contains ours, or ours would be overlooked among others.
#[rstest]
#[case::alone("access_as_user", true)]
#[case::first("access_as_user other", true)]
#[case::last("other access_as_user", true)]
#[case::two_blanks("other  access_as_user ", true)]
#[case::contains_it("not_access_as_user", false)]
#[case::goes_on("access_as_user2", false)]
#[case::with_its_resource("api://x/access_as_user", false)]
#[case::separated_by_a_comma("other,access_as_user", false)]
fn our_scope_is_looked_for_as_a_whole_word(#[case] scp: &str, #[case] accepted: bool) {
    let checked = check(&mint(&KEY, &claims_with("scp", json!(scp))));
    assert_eq!(checked.err(), (!accepted).then_some(TokenRefusal::MissingScope));
}
