use rstest::rstest;
use serde_json::json;

use super::*;

const CHALLENGE: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

fn refusal(status: u16, body: &serde_json::Value) -> ExchangeError {
    classify(&Refused { status, retry_after: None, body: body.to_string().as_bytes() })
}

/// What the error is about, without its code.
fn class_of(error: &ExchangeError) -> &'static str {
    match error {
        ExchangeError::AssertionRejected(_) => "sign in",
        ExchangeError::InteractionRequired { claims: None, .. } => "step up",
        ExchangeError::InteractionRequired { claims: Some(_), .. } => "challenge",
        ExchangeError::ConsentRequired(Consent::User, _) => "consent",
        ExchangeError::ConsentRequired(Consent::Administrator, _) => "admin consent",
        ExchangeError::ConsentRequired(Consent::Installation, _) => "install",
        ExchangeError::Blocked(Block::Policy, _) => "policy",
        ExchangeError::Blocked(Block::Device, _) => "device",
        ExchangeError::Blocked(Block::Location, _) => "location",
        ExchangeError::Blocked(Block::TenantRestriction, _) => "tenant restriction",
        ExchangeError::Blocked(Block::Account, _) => "account",
        ExchangeError::Blocked(Block::Assignment, _) => "assignment",
        ExchangeError::Misconfigured(Misconfiguration::Registration, _) => "registration",
        ExchangeError::Misconfigured(Misconfiguration::Credential, _) => "credential",
        ExchangeError::Misconfigured(Misconfiguration::Tenant, _) => "tenant",
        ExchangeError::Misconfigured(Misconfiguration::Cloud, _) => "cloud",
        ExchangeError::Misconfigured(Misconfiguration::Request, _) => "request",
        ExchangeError::Throttled { by: ThrottledBy::LoopDetection, .. } => "loop",
        ExchangeError::Throttled { .. } => "throttled",
        ExchangeError::Unavailable(ExchangeFault::Lasting) => "lasting",
        ExchangeError::Unavailable(_) => "unavailable",
    }
}

/// If this failed, users would be told to do what does not help: to sign in again when their account is disabled,
/// or to call the administrator when a second factor is all that is missing. Every number that Microsoft lists for the
/// token endpoint and that an exchange can meet stands here, with the `error` that comes with it.
#[rstest]
#[case::not_consented("invalid_grant", &[65001], "consent")]
#[case::consent_declined("access_denied", &[65004], "consent")]
#[case::administrator_must_consent("consent_required", &[90094, 90095], "admin consent")]
#[case::not_installed("unauthorized_client", &[700_016, 700_011, 70001, 7_000_112, 1_000_031], "install")]
#[case::graph_disabled("invalid_resource", &[500_014], "install")]
#[case::second_factor("interaction_required", &[50076, 50074, 50078], "step up")]
#[case::second_factor_as_grant("invalid_grant", &[50076], "step up")]
#[case::enrolment("interaction_required", &[50079, 50072], "step up")]
#[case::external_challenge("interaction_required", &[50158], "step up")]
#[case::unknown_interaction("interaction_required", &[59999], "step up")]
#[case::no_session("login_required", &[50058], "sign in")]
#[case::device("interaction_required", &[53000, 53001, 53002], "device")]
#[case::device_and_platform("interaction_required", &[50005, 50097, 50129, 50131, 50155, 50187], "device")]
#[case::conditional_access("interaction_required", &[53003, 53004, 53010, 53011], "policy")]
#[case::conditional_access_denied("access_denied", &[53003], "policy")]
#[case::security_defaults("access_denied", &[530_032, 530_034, 530_035], "policy")]
#[case::sign_in_frequency("invalid_grant", &[70043], "sign in")]
#[case::assertion("invalid_grant", &[500_133, 50013], "sign in")]
#[case::not_a_jwt("invalid_request", &[50027], "sign in")]
#[case::grant_expired("invalid_grant", &[70000, 70008, 700_082, 700_084], "sign in")]
#[case::grant_revoked("invalid_grant", &[50173, 50089, 50132, 50133, 54005], "sign in")]
#[case::account("invalid_grant", &[50053, 50055, 50144, 50057], "account")]
#[case::not_in_tenant("interaction_required", &[50034, 51004, 50014, 50020, 16000, 16003, 90072], "account")]
#[case::not_assigned("invalid_grant", &[50105], "assignment")]
#[case::tenant_restrictions(
    "access_denied",
    &[500_021, 500_022, 50002, 500_212, 500_213, 500_208, 500_207],
    "tenant restriction"
)]
#[case::resources_misconfigured(
    "invalid_request",
    &[65005, 650_052, 650_054, 650_056, 650_057, 650_059, 90008],
    "registration"
)]
#[case::not_for_exchanges("invalid_request", &[7_000_114, 240_002], "registration")]
#[case::resource_missing("invalid_resource", &[500_011, 50001], "registration")]
#[case::wrong_endpoint("invalid_request", &[50194, 9_002_332, 90124, 90130, 9_001_023], "registration")]
#[case::redirects("invalid_request", &[50011, 70004, 900_971], "registration")]
#[case::tenant_not_found("invalid_request", &[90002, 90019, 50059, 50128], "tenant")]
#[case::wrong_cloud("invalid_request", &[90038, 51005], "cloud")]
#[case::secret("invalid_client", &[7_000_215, 7_000_222, 70002, 7_000_218], "credential")]
#[case::client_assertion("invalid_client", &[700_025, 700_027, 700_030, 50012, 50048], "credential")]
#[case::client_assertion_times("invalid_client", &[700_024, 700_021], "credential")]
#[case::client_assertion_audience("invalid_client", &[700_023], "credential")]
#[case::federated_credential("invalid_client", &[70021, 700_211, 700_212, 700_213, 7_000_272, 700_222, 700_223, 700_229], "credential")]
#[case::bad_scope("invalid_scope", &[70011, 28002, 28003, 700_022, 700_023, 901_002], "request")]
#[case::malformed("invalid_request", &[900_144, 90014, 90013, 90004, 9_002_313, 90100], "request")]
#[case::loop_detected("invalid_grant", &[50196], "loop")]
#[case::tenant_throttled("temporarily_unavailable", &[90055], "throttled")]
#[case::transient("server_error", &[90033, 90090, 90006, 90024, 50033, 50087, 90012], "unavailable")]
#[case::not_retryable("server_error", &[90036, 50000, 90092], "lasting")]
#[case::never_heard_of("teapot", &[1], "unavailable")]
#[case::secret_without_a_known_number("invalid_client", &[0], "credential")]
#[case::application_without_a_known_number("unauthorized_client", &[0], "registration")]
fn a_code_belongs_to_its_class(#[case] error: &str, #[case] codes: &[u32], #[case] expected: &str) {
    for code in codes {
        let refused = refusal(400, &json!({ "error": error, "error_codes": [code] }));
        assert_eq!(class_of(&refused), expected, "{refused:?}");
    }
}

/// If this failed, a number that Entra renames would change what a user is told.
#[rstest]
#[case::consent("invalid_grant", "consent_required", "consent")]
#[case::basic_action("invalid_grant", "basic_action", "step up")]
#[case::additional_action("invalid_grant", "additional_action", "step up")]
#[case::password_expired("invalid_grant", "user_password_expired", "step up")]
#[case::bad_token("invalid_grant", "bad_token", "sign in")]
#[case::token_expired("invalid_grant", "token_expired", "sign in")]
#[case::protection_policy("unauthorized_client", "protection_policy_required", "device")]
#[case::unknown("invalid_grant", "something_new", "sign in")]
fn a_suberror_tells_by_itself(#[case] error: &str, #[case] suberror: &str, #[case] expected: &str) {
    assert_eq!(class_of(&refusal(400, &json!({ "error": error, "suberror": suberror }))), expected);
}

/// If this failed, a user who is to set up a second factor would be told of some step, and one whose administrator must
/// consent be sent to consent alone: Entra sends a suberror with most of these.
#[rstest]
#[case::second_factor(&[50076, 50074, 50078], "basic_action", Step::SecondFactor)]
#[case::enrolment(&[50079, 50072], "basic_action", Step::Enrolment)]
#[case::enrolment_as_more(&[50079], "additional_action", Step::Enrolment)]
#[case::elsewhere(&[50158], "basic_action", Step::External)]
#[case::device_rule(&[50097, 50129], "basic_action", Step::Device)]
#[case::device(&[53000], "additional_action", Step::Device)]
#[case::password(&[50055, 50144, 0], "user_password_expired", Step::Password)]
#[case::password_by_number(&[50055], "basic_action", Step::Password)]
#[case::older_sign_in(&[50173], "basic_action", Step::Unnamed)]
#[case::unknown(&[0, 1], "interrupted_user", Step::Unnamed)]
fn the_number_tells_the_step_that_the_suberror_asks_for(
    #[case] codes: &[u32],
    #[case] suberror: &str,
    #[case] expected: Step,
    #[values("interaction_required", "invalid_grant")] error: &str,
) {
    for code in codes {
        let refused = refusal(400, &json!({ "error": error, "error_codes": [code], "suberror": suberror }));
        let step =
            ExchangeError::InteractionRequired { step: expected, code: AadstsCode(*code), claims: None };
        assert_eq!(refused, step);
    }
}

/// The same of consent, and of the suberrors that tell nothing about the class.
#[rstest]
#[case::consent(65001, "consent_required", "consent")]
#[case::admin_consent(90094, "consent_required", "admin consent")]
#[case::not_installed(700_016, "consent_required", "install")]
#[case::unknown_consent(1, "consent_required", "consent")]
#[case::message(53003, "message_only", "policy")]
#[case::message_of_a_device(53000, "message_only", "device")]
#[case::other_client(70000, "client_mismatch", "sign in")]
#[case::revoked(50173, "bad_token", "sign in")]
#[case::too_old(70043, "token_expired", "sign in")]
fn a_suberror_and_a_number_belong_together(
    #[case] code: u32,
    #[case] suberror: &str,
    #[case] expected: &str,
) {
    let body = json!({ "error": "invalid_grant", "error_codes": [code], "suberror": suberror });
    assert_eq!(class_of(&refusal(400, &body)), expected);
}

/// If this failed, a user could not satisfy Conditional Access, or a client would be sent an unusable challenge.
#[rstest]
#[case::challenge(50079, json!(CHALLENGE), "challenge")]
#[case::device_rule_with_challenge(50097, json!(CHALLENGE), "challenge")]
#[case::final_in_spite_of_it(53003, json!(CHALLENGE), "policy")]
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
    assert_eq!(class_of(&refused), expected);
    if let ExchangeError::InteractionRequired { claims: Some(passed_on), .. } = refused {
        assert_eq!(&*passed_on, CHALLENGE);
    }
}

/// If this failed, an overloaded Entra would be asked again at once, or an outage taken for the user's fault.
#[rstest]
#[case::too_many(429, Some(7), "", ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: Some(Duration::from_secs(7)) })]
#[case::too_many_without_a_time(429, None, "{}", ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: None })]
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
    ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: Some(Duration::from_secs(7)) }
)]
#[case::a_loop_is_detected(
    400,
    None,
    r#"{"error":"invalid_grant","error_codes":[50196]}"#,
    ExchangeError::Throttled { by: ThrottledBy::LoopDetection, retry_after: None }
)]
#[case::a_loop_is_detected_by_a_status_of_throttling(
    429,
    Some(7),
    r#"{"error":"invalid_grant","error_codes":[50196]}"#,
    ExchangeError::Throttled { by: ThrottledBy::LoopDetection, retry_after: Some(Duration::from_secs(7)) }
)]
#[case::a_failure_that_does_not_pass(
    500,
    None,
    r#"{"error":"server_error","error_codes":[90036]}"#,
    ExchangeError::Unavailable(ExchangeFault::Lasting)
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
    assert_eq!(refused, ExchangeError::Misconfigured(Misconfiguration::Credential, AadstsCode(7_000_222)));
    let odd = json!({ "error": "invalid_client", "error_codes": ["AADSTS1"], "suberror": 1, "claims": {} });
    assert_eq!(refusal(401, &odd), ExchangeError::Misconfigured(Misconfiguration::Credential, AadstsCode(0)));
    let without = refusal(401, &json!({ "error": "invalid_client" }));
    assert_eq!(without, ExchangeError::Misconfigured(Misconfiguration::Credential, AadstsCode(0)));
}
