use rstest::rstest;
use serde_json::json;

use super::*;

const CHALLENGE: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

fn refusal(status: u16, body: &serde_json::Value) -> ExchangeError {
    classify(&Refused { status, retry_after: None, body: body.to_string().as_bytes() })
}

/// What the error is about, without its code.
fn class(error: &ExchangeError) -> &'static str {
    match error {
        ExchangeError::AssertionRejected(_) => "sign in",
        ExchangeError::InteractionRequired { claims: None, .. } => "step up",
        ExchangeError::InteractionRequired { claims: Some(_), .. } => "challenge",
        ExchangeError::ConsentRequired(_) => "consent",
        ExchangeError::Blocked(_) => "blocked",
        ExchangeError::Misconfigured(_) => "misconfigured",
        ExchangeError::Throttled { .. } => "throttled",
        ExchangeError::Unavailable(_) => "unavailable",
    }
}

/// If this failed, users would be told to do what does not help: to sign in again when their account is disabled,
/// or to call the administrator when a second factor is all that is missing.
#[rstest]
#[case::not_consented("invalid_grant", 65001, "consent")]
#[case::consent_declined("access_denied", 65004, "consent")]
#[case::administrator_must_consent("consent_required", 90094, "consent")]
#[case::not_installed("unauthorized_client", 700_016, "consent")]
#[case::second_factor("interaction_required", 50076, "step up")]
#[case::second_factor_as_grant("invalid_grant", 50076, "step up")]
#[case::enrolment("interaction_required", 50079, "step up")]
#[case::external_challenge("interaction_required", 50158, "step up")]
#[case::unknown_interaction("interaction_required", 59999, "step up")]
#[case::no_session("login_required", 50058, "step up")]
#[case::device_not_compliant("interaction_required", 53000, "blocked")]
#[case::conditional_access("interaction_required", 53003, "blocked")]
#[case::conditional_access_denied("access_denied", 53003, "blocked")]
#[case::security_defaults("access_denied", 530_035, "blocked")]
#[case::platform("interaction_required", 50005, "blocked")]
#[case::sign_in_frequency("invalid_grant", 70043, "sign in")]
#[case::assertion_expired("invalid_grant", 500_133, "sign in")]
#[case::assertion_invalid("invalid_grant", 50013, "sign in")]
#[case::not_a_jwt("invalid_request", 50027, "sign in")]
#[case::revoked("invalid_grant", 50173, "sign in")]
#[case::session_invalid("invalid_grant", 50133, "sign in")]
#[case::account_locked("invalid_grant", 50053, "blocked")]
#[case::account_disabled("invalid_grant", 50057, "blocked")]
#[case::password_expired("invalid_grant", 50055, "blocked")]
#[case::not_in_tenant("interaction_required", 50020, "blocked")]
#[case::not_assigned("invalid_grant", 50105, "blocked")]
#[case::application_disabled("unauthorized_client", 7_000_112, "blocked")]
#[case::graph_disabled("invalid_resource", 500_014, "blocked")]
#[case::tenant_restrictions("access_denied", 500_021, "blocked")]
#[case::not_for_exchanges("invalid_request", 7_000_114, "misconfigured")]
#[case::id_token_sent("invalid_request", 240_002, "misconfigured")]
#[case::resources_misconfigured("invalid_request", 650_057, "misconfigured")]
#[case::tenant_not_found("invalid_request", 90002, "misconfigured")]
#[case::wrong_cloud("invalid_request", 90038, "misconfigured")]
#[case::wrong_endpoint("invalid_request", 9_001_023, "misconfigured")]
#[case::bad_secret("invalid_client", 7_000_215, "misconfigured")]
#[case::expired_secret("invalid_client", 7_000_222, "misconfigured")]
#[case::bad_client_assertion("invalid_client", 700_027, "misconfigured")]
#[case::bad_scope("invalid_scope", 70011, "misconfigured")]
#[case::malformed("invalid_request", 900_144, "misconfigured")]
#[case::resource_missing("invalid_resource", 500_011, "misconfigured")]
#[case::loop_detected("invalid_grant", 50196, "throttled")]
#[case::tenant_throttled("temporarily_unavailable", 90055, "throttled")]
#[case::transient("server_error", 90033, "unavailable")]
#[case::not_retryable("server_error", 90036, "unavailable")]
#[case::never_heard_of("teapot", 1, "unavailable")]
fn a_code_belongs_to_its_class(#[case] error: &str, #[case] code: u32, #[case] expected: &str) {
    let refused = refusal(400, &json!({ "error": error, "error_codes": [code] }));
    assert_eq!(class(&refused), expected, "{refused:?}");
}

/// If this failed, a number that Entra renames would change what a user is told.
#[rstest]
#[case::consent("invalid_grant", "consent_required", "consent")]
#[case::basic_action("invalid_grant", "basic_action", "step up")]
#[case::additional_action("invalid_grant", "additional_action", "step up")]
#[case::password_expired("invalid_grant", "user_password_expired", "step up")]
#[case::bad_token("invalid_grant", "bad_token", "sign in")]
#[case::token_expired("invalid_grant", "token_expired", "sign in")]
#[case::protection_policy("unauthorized_client", "protection_policy_required", "blocked")]
#[case::unknown("invalid_grant", "something_new", "sign in")]
fn a_suberror_tells_by_itself(#[case] error: &str, #[case] suberror: &str, #[case] expected: &str) {
    assert_eq!(class(&refusal(400, &json!({ "error": error, "suberror": suberror }))), expected);
}

/// If this failed, a user could not satisfy Conditional Access, or a client would be sent an unusable challenge.
#[rstest]
#[case::challenge(50079, json!(CHALLENGE), "challenge")]
#[case::device_rule_with_challenge(50097, json!(CHALLENGE), "challenge")]
#[case::final_in_spite_of_it(53003, json!(CHALLENGE), "blocked")]
#[case::not_json(50079, json!("claims"), "step up")]
#[case::not_an_object(50079, json!("[]"), "step up")]
#[case::too_long(50079, json!(format!(r#"{{"a":"{}"}}"#, "a".repeat(4_096))), "step up")]
fn a_challenge_is_passed_on_where_it_helps(
    #[case] code: u32,
    #[case] claims: serde_json::Value,
    #[case] expected: &str,
) {
    let body = json!({ "error": "interaction_required", "error_codes": [code], "claims": claims });
    let refused = refusal(400, &body);
    assert_eq!(class(&refused), expected);
    if let ExchangeError::InteractionRequired { claims: Some(passed_on), .. } = refused {
        assert_eq!(&*passed_on, CHALLENGE);
    }
}

/// If this failed, an overloaded Entra would be asked again at once, or an outage taken for the user's fault.
#[rstest]
#[case::too_many(429, Some(7), "", ExchangeError::Throttled { retry_after: Some(Duration::from_secs(7)) })]
#[case::too_many_without_a_time(429, None, "{}", ExchangeError::Throttled { retry_after: None })]
#[case::unavailable_for_a_time(503, Some(7), "", ExchangeError::Unavailable(ExchangeFault::ServerError(503)))]
#[case::a_bad_gateway_says_temporarily(
    502,
    None,
    r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#,
    ExchangeError::Unavailable(ExchangeFault::ServerError(502))
)]
#[case::an_outage_says_temporarily(
    503,
    Some(7),
    r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#,
    ExchangeError::Unavailable(ExchangeFault::ServerError(503))
)]
#[case::a_gateway_timeout_says_temporarily(
    504,
    None,
    r#"{"error":"temporarily_unavailable"}"#,
    ExchangeError::Unavailable(ExchangeFault::ServerError(504))
)]
#[case::the_tenant_is_throttled(
    400,
    Some(7),
    r#"{"error":"temporarily_unavailable","error_codes":[90055]}"#,
    ExchangeError::Throttled { retry_after: Some(Duration::from_secs(7)) }
)]
#[case::a_loop_is_detected(
    400,
    None,
    r#"{"error":"invalid_grant","error_codes":[50196]}"#,
    ExchangeError::Throttled { retry_after: None }
)]
#[case::temporary_without_a_code(
    400,
    None,
    r#"{"error":"temporarily_unavailable"}"#,
    ExchangeError::Unavailable(ExchangeFault::ServerError(400))
)]
#[case::unavailable(503, None, "", ExchangeError::Unavailable(ExchangeFault::ServerError(503)))]
#[case::bad_gateway(502, Some(7), "<html>", ExchangeError::Unavailable(ExchangeFault::ServerError(502)))]
#[case::server_error_with_a_body(
    500,
    None,
    r#"{"error":"invalid_grant"}"#,
    ExchangeError::Unavailable(ExchangeFault::ServerError(500))
)]
#[case::redirect(302, None, "", ExchangeError::Unavailable(ExchangeFault::Unintelligible))]
#[case::rubbish(400, None, "<html>", ExchangeError::Unavailable(ExchangeFault::Unintelligible))]
#[case::no_error(400, None, "{}", ExchangeError::Unavailable(ExchangeFault::Unintelligible))]
fn without_a_readable_error_the_status_counts(
    #[case] status: u16,
    #[case] retry_after_s: Option<u64>,
    #[case] body: &str,
    #[case] expected: ExchangeError,
) {
    let retry_after = retry_after_s.map(Duration::from_secs);
    assert_eq!(classify(&Refused { status, retry_after, body: body.as_bytes() }), expected);
}

/// If this failed, the operator could not look the refusal up in Microsoft's list.
#[test]
fn the_number_is_kept_for_diagnosis() {
    let refused = refusal(401, &json!({ "error": "invalid_client", "error_codes": [7_000_222, 1] }));
    assert_eq!(refused, ExchangeError::Misconfigured(AadstsCode(7_000_222)));
    let odd = json!({ "error": "invalid_client", "error_codes": ["AADSTS1"], "suberror": 1, "claims": {} });
    assert_eq!(refusal(401, &odd), ExchangeError::Misconfigured(AadstsCode(0)));
    let without = refusal(401, &json!({ "error": "invalid_client" }));
    assert_eq!(without, ExchangeError::Misconfigured(AadstsCode(0)));
}
