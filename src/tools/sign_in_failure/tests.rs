use std::collections::HashSet;

use rstest::rstest;

use super::*;
use crate::tools::error::{ActionableError, MODEL};

const CODE: AadstsCode = AadstsCode(50_000);

fn actionable(error: ExchangeError) -> ActionableError {
    match exchange(error) {
        ToolError::Actionable(error) => *error,
        ToolError::Internal(error) => panic!("{error}"),
    }
}

fn throttled_by(by: ThrottledBy) -> ExchangeError {
    ExchangeError::Throttled { by, retry_after: Some(Duration::from_millis(2_500)) }
}

fn step(step: Step) -> ExchangeError {
    ExchangeError::InteractionRequired { step, code: CODE, claims: None }
}

/// If this failed, clients that branch on codes would break, or a person be sent to somebody who can't help.
#[rstest]
#[case::sign_in(ExchangeError::AssertionRejected(CODE), "sign_in_required", USER)]
#[case::second_factor(step(Step::SecondFactor), "interaction_required", USER)]
#[case::consent(ExchangeError::ConsentRequired(Consent::User, CODE), "consent_required", ADMINISTRATOR)]
#[case::admin_consent(
    ExchangeError::ConsentRequired(Consent::Administrator, CODE),
    "admin_consent_required",
    ADMINISTRATOR
)]
#[case::installation(
    ExchangeError::ConsentRequired(Consent::Installation, CODE),
    "not_installed",
    ADMINISTRATOR
)]
#[case::policy(ExchangeError::Blocked(Block::Policy, CODE), "blocked_by_policy", ADMINISTRATOR)]
#[case::device(ExchangeError::Blocked(Block::Device, CODE), "blocked_by_device_policy", ADMINISTRATOR)]
#[case::location(ExchangeError::Blocked(Block::Location, CODE), "blocked_by_location_policy", ADMINISTRATOR)]
#[case::tenants(
    ExchangeError::Blocked(Block::TenantRestriction, CODE),
    "blocked_by_tenant_restriction",
    ADMINISTRATOR
)]
#[case::account(ExchangeError::Blocked(Block::Account, CODE), "account_blocked", ADMINISTRATOR)]
#[case::assignment(ExchangeError::Blocked(Block::Assignment, CODE), "not_assigned", ADMINISTRATOR)]
#[case::registration(
    ExchangeError::Misconfigured(Misconfiguration::Registration, CODE),
    "misconfigured",
    OPERATOR
)]
#[case::credential(
    ExchangeError::Misconfigured(Misconfiguration::Credential, CODE),
    "credential_refused",
    OPERATOR
)]
#[case::tenant(ExchangeError::Misconfigured(Misconfiguration::Tenant, CODE), "tenant_not_found", OPERATOR)]
#[case::cloud(ExchangeError::Misconfigured(Misconfiguration::Cloud, CODE), "wrong_cloud", OPERATOR)]
#[case::request(ExchangeError::Misconfigured(Misconfiguration::Request, CODE), "request_refused", OPERATOR)]
#[case::throttled(throttled_by(ThrottledBy::Entra), "throttled", NOBODY)]
#[case::in_a_loop(throttled_by(ThrottledBy::LoopDetection), "sign_in_loop", MODEL)]
#[case::budget(throttled_by(ThrottledBy::Budget), "throttled", MODEL)]
#[case::queue(throttled_by(ThrottledBy::Queue), "throttled", NOBODY)]
#[case::down(ExchangeError::Unavailable(ExchangeFault::TimedOut), "unavailable", NOBODY)]
#[case::failed(ExchangeError::Unavailable(ExchangeFault::Lasting), "sign_in_service_failed", OPERATOR)]
fn every_class_ends_in_its_own_code(#[case] error: ExchangeError, #[case] code: &str, #[case] who: &str) {
    let error = actionable(error);
    assert_eq!((error.code.as_str(), error.who), (code, who));
    let parts = [&error.what, &error.reason, &error.how];
    assert!(parts.iter().all(|part| part.ends_with('.')), "{error:?}");
    assert_eq!(parts.iter().collect::<HashSet<_>>().len(), 3, "{error:?}");
}

/// If this failed, a person would search for where to consent, where to set up the second factor or enrol the device, or
/// be sent to a page that has nothing to do with it.
#[rstest]
#[case::consent(ExchangeError::ConsentRequired(Consent::User, CODE), HelpLink::AdminConsent)]
#[case::installation(ExchangeError::ConsentRequired(Consent::Installation, CODE), HelpLink::AdminConsent)]
#[case::second_factor(step(Step::SecondFactor), HelpLink::SecurityInfo)]
#[case::enrolment(step(Step::Enrolment), HelpLink::SecurityInfo)]
#[case::external(step(Step::External), HelpLink::TermsOfUse)]
#[case::device_step(step(Step::Device), HelpLink::Devices)]
#[case::password(step(Step::Password), HelpLink::PasswordReset)]
#[case::policy(ExchangeError::Blocked(Block::Policy, CODE), HelpLink::AdminCentre)]
#[case::location(ExchangeError::Blocked(Block::Location, CODE), HelpLink::AdminCentre)]
#[case::device(ExchangeError::Blocked(Block::Device, CODE), HelpLink::Devices)]
#[case::account(ExchangeError::Blocked(Block::Account, CODE), HelpLink::AdminCentre)]
#[case::assignment(ExchangeError::Blocked(Block::Assignment, CODE), HelpLink::AdminCentre)]
fn a_link_leads_to_where_it_can_be_mended(#[case] error: ExchangeError, #[case] link: HelpLink) {
    assert_eq!(actionable(error).link, Some(link));
}

/// If this failed, a client would come back too early, or never learn when.
#[rstest]
#[case(ThrottledBy::Entra)]
#[case(ThrottledBy::LoopDetection)]
#[case(ThrottledBy::Budget)]
#[case(ThrottledBy::Queue)]
fn who_is_throttled_learns_for_how_long(#[case] by: ThrottledBy) {
    let error = actionable(throttled_by(by));
    assert_eq!(error.retry_after_s, Some(3));
    assert!(error.how.contains("3 s"));
}

/// If this failed, a client that understands claims challenges could not complete one, or could not say what for;
/// or the header that carries the sentence would break.
#[rstest]
#[case::second_factor(Step::SecondFactor, "multifactor authentication")]
#[case::enrolment(Step::Enrolment, "set up multifactor")]
#[case::external(Step::External, "another provider")]
#[case::device(Step::Device, "device")]
#[case::password(Step::Password, "password")]
#[case::unnamed(Step::Unnamed, "further step")]
fn a_challenge_says_what_it_is_for_and_its_claims_reach_no_text(#[case] step: Step, #[case] named: &str) {
    let claims = r#"{"access_token":{}}"#;
    let error =
        actionable(ExchangeError::InteractionRequired { step, code: CODE, claims: Some(claims.into()) });
    let Some(Challenge::Claims { claims: passed_on, sentence, link }) = &error.challenge else {
        panic!("{error:?}")
    };
    assert_eq!(&**passed_on, claims);
    assert_eq!(Some(*link), error.link);
    assert!(sentence.contains(named) && sentence.contains("AADSTS50000"), "{sentence}");
    assert!(is_for_a_header(sentence), "{sentence}");
    let texts = [&error.what, &error.reason, &error.how];
    assert!(texts.iter().all(|text| !text.contains("access_token")), "{texts:?}");
}

/// If this failed, a further sign-in that brings up no step would be all that a user is offered, or a sign-in that has
/// ended be an error that no client acts on.
#[test]
fn a_sign_in_is_asked_for_where_it_helps() {
    assert_eq!(actionable(step(Step::External)).challenge, None);
    let Some(Challenge::SignIn { sentence }) = actionable(ExchangeError::AssertionRejected(CODE)).challenge
    else {
        panic!("no challenge")
    };
    assert!(sentence.contains("AADSTS50000") && sentence.contains("signed-in user"), "{sentence}");
    assert!(is_for_a_header(&sentence), "{sentence}");
}

/// RFC 6750 section 3: what `error_description` may hold.
fn is_for_a_header(sentence: &str) -> bool {
    sentence.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\')
}
