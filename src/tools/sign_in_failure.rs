//! What to say when Entra gives no token: which rule it is, who can do something about it, and how.
//!
//! Each class of refusal has a code of its own, which is stable. Entra's number stands in the text for whoever looks it
//! up; nothing hangs on it.

use std::time::Duration;

use connector_actors::ports::{
    AadstsCode, Block, Consent, ExchangeError, ExchangeFault, Misconfiguration, Step, ThrottledBy,
};

use super::error::{ADMINISTRATOR, Challenge, ErrorCode, NOBODY, OPERATOR, ToolError, USER};
use super::help::HelpLink;
use super::throttled::{DEFAULT_WAIT, throttled};

const RECONNECT: &str = "Reconnect the connector and sign in with Microsoft.";

pub(super) fn exchange(error: ExchangeError) -> ToolError {
    match error {
        ExchangeError::AssertionRejected(code) => {
            sign_in_again(format!("Microsoft Entra ID no longer accepts the sign-in{}.", number(code)))
        }
        ExchangeError::InteractionRequired { step, code, claims } => interaction(step, code, claims),
        ExchangeError::ConsentRequired(consent, code) => consent_required(consent, code),
        ExchangeError::Blocked(block, code) => blocked(block, code),
        ExchangeError::Misconfigured(what, code) => misconfigured(what, code),
        ExchangeError::Throttled { by, retry_after } => spared(by, retry_after.unwrap_or(DEFAULT_WAIT)),
        ExchangeError::Unavailable(ExchangeFault::Lasting) => ToolError::new(
            ErrorCode::SignInServiceFailed,
            "The sign-in service failed.",
            "Microsoft Entra ID had an error of its own that does not pass by itself.",
            OPERATOR,
            "Tell the operator the correlation ID; they can take it to Microsoft's support.",
        ),
        ExchangeError::Unavailable(_) => ToolError::new(
            ErrorCode::Unavailable,
            "The sign-in service could not be reached.",
            "Microsoft Entra ID did not give a usable answer.",
            NOBODY,
            "Try the same call again in half a minute.",
        )
        .retry_after(DEFAULT_WAIT.as_secs()),
    }
}

pub(super) fn sign_in_again(why: impl Into<std::borrow::Cow<'static, str>>) -> ToolError {
    ToolError::new(ErrorCode::SignInRequired, "The user has to sign in again.", why, USER, RECONNECT)
        .challenge(Challenge::SignIn)
}

/// Graph asks for the same proof again that it has been given: no sign-in ends that.
pub(super) fn blocked_by_location() -> ToolError {
    ToolError::new(
        ErrorCode::BlockedByLocationPolicy,
        "The organisation's location policy blocks access.",
        "Microsoft 365 asks for the same proof again after it was given: a Conditional Access location policy is \
         enforced on the connector's own network address.",
        ADMINISTRATOR,
        "Ask the administrator to add the connector's outgoing addresses, which its operator knows, to the trusted \
         locations of the policy; signing in again changes nothing.",
    )
}

fn interaction(step: Step, code: AadstsCode, claims: Option<std::sync::Arc<str>>) -> ToolError {
    let (why, sentence) = match step {
        Step::SecondFactor => (
            "Conditional Access wants multifactor authentication",
            "Conditional Access asks for multifactor authentication",
        ),
        Step::Enrolment => (
            "Conditional Access wants the user to set up multifactor authentication first",
            "Conditional Access asks to set up multifactor authentication first",
        ),
        Step::External => (
            "Conditional Access wants a check by another provider, such as terms of use or a third party's second factor",
            "Conditional Access asks for a check by another provider",
        ),
        Step::Device => (
            "Conditional Access wants the user's device to prove itself",
            "Conditional Access asks the device to prove itself",
        ),
        Step::Unnamed => (
            "Conditional Access wants a further step of the sign-in",
            "Conditional Access asks for a further step of the sign-in, such as multifactor authentication",
        ),
    };
    let error = ToolError::new(
        ErrorCode::InteractionRequired,
        "The organisation asks for another step at sign-in.",
        format!("{why}{}.", number(code)),
        USER,
        "Reconnect the connector, sign in with Microsoft and complete the step that is asked for.",
    )
    .link(HelpLink::SecurityInfo);
    let sentence = format!(
        "{sentence}{}. The signed-in user can do it: sign in again and complete the step.",
        number(code)
    );
    error.challenge(
        claims.map_or(Challenge::SignIn, |claims| Challenge::Claims { claims, sentence: sentence.into() }),
    )
}

fn consent_required(consent: Consent, code: AadstsCode) -> ToolError {
    let error = match consent {
        Consent::User => ToolError::new(
            ErrorCode::ConsentRequired,
            "The app's permissions have not been consented to.",
            format!("Microsoft Entra ID gives no access until somebody consents{}.", number(code)),
            ADMINISTRATOR,
            "An administrator grants admin consent to the connector (see the link); the user then tries again.",
        ),
        Consent::Administrator => ToolError::new(
            ErrorCode::AdminConsentRequired,
            "The app's permissions need an administrator's consent.",
            format!("The organisation lets administrators alone consent{}.", number(code)),
            ADMINISTRATOR,
            "Ask an administrator to grant admin consent (see the link); the user then tries again.",
        ),
        Consent::Installation => ToolError::new(
            ErrorCode::NotInstalled,
            "The app is not set up in the organisation.",
            format!(
                "The connector, or a service that it reads, is unknown or switched off in the organisation's \
                 directory{}.",
                number(code)
            ),
            ADMINISTRATOR,
            "An administrator grants admin consent (see the link), which sets the app up, or switches it on again \
             under Enterprise applications.",
        ),
    };
    error.link(HelpLink::AdminConsent)
}

fn blocked(block: Block, code: AadstsCode) -> ToolError {
    let (error_code, what, why, how) = match block {
        Block::Location => return blocked_by_location(),
        Block::Policy => (
            ErrorCode::BlockedByPolicy,
            "The organisation's policy blocks access.",
            "Conditional Access refuses this user or app, and signing in again changes nothing",
            "Ask the administrator, with the code, which Conditional Access policy applies.",
        ),
        Block::Device => (
            ErrorCode::BlockedByDevicePolicy,
            "The organisation's device policy blocks access.",
            "Conditional Access lets in managed or compliant devices, or approved apps, alone",
            "Use a device that the organisation manages; or ask the administrator, with the code, whether the policy \
             can exclude the connector.",
        ),
        Block::TenantRestriction => (
            ErrorCode::BlockedByTenantRestriction,
            "The organisation does not allow access across tenants.",
            "Tenant restrictions or cross-tenant access settings keep this account out",
            "Sign in with an account of the organisation itself; or ask the administrator, with the code, about the \
             cross-tenant access settings.",
        ),
        Block::Account => (
            ErrorCode::AccountBlocked,
            "The account can't sign in.",
            "The account is locked, disabled, has an expired password, or is none of this organisation's",
            "Check that it is the right account; otherwise ask the administrator, with the code, to unlock it.",
        ),
        Block::Assignment => (
            ErrorCode::NotAssigned,
            "The user is not assigned to the app.",
            "The organisation lets assigned users and groups alone use the connector",
            "Ask the administrator to assign the user, or a group of theirs, to the app under Enterprise applications.",
        ),
    };
    ToolError::new(error_code, what, format!("{why}{}.", number(code)), ADMINISTRATOR, how)
}

fn misconfigured(what: Misconfiguration, code: AadstsCode) -> ToolError {
    let (error_code, why, how) = match what {
        Misconfiguration::Registration => (
            ErrorCode::Misconfigured,
            "Microsoft Entra ID refuses the connector's own registration",
            "Tell the operator the code; trying again does not help.",
        ),
        Misconfiguration::Credential => (
            ErrorCode::CredentialRefused,
            "Microsoft Entra ID refuses the connector's own credential: it has expired, or is another",
            "Tell the operator the code: the credential must be renewed; trying again does not help.",
        ),
        Misconfiguration::Tenant => (
            ErrorCode::TenantNotFound,
            "Microsoft Entra ID does not know the organisation's directory",
            "Tell the operator the code: the tenant was deleted, or lies in another cloud.",
        ),
        Misconfiguration::Cloud => (
            ErrorCode::WrongCloud,
            "The organisation lies in another Microsoft cloud than the connector",
            "Tell the operator the code: the organisation needs a connector in its own cloud.",
        ),
        Misconfiguration::Request => (
            ErrorCode::RequestRefused,
            "Microsoft Entra ID does not accept the connector's request: a fault of the connector",
            "Tell the operator the code and the correlation ID; trying again does not help.",
        ),
    };
    ToolError::new(
        error_code,
        "The connector is not set up correctly.",
        format!("{why}{}.", number(code)),
        OPERATOR,
        how,
    )
}

fn spared(by: ThrottledBy, wait: Duration) -> ToolError {
    match by {
        ThrottledBy::Entra => throttled("Microsoft Entra ID", wait),
        ThrottledBy::LoopDetection => throttled("Microsoft Entra ID", wait).because(
            ErrorCode::SignInLoop,
            "The same sign-in was used for too many requests in a short time; Microsoft Entra ID takes that for a loop.",
        ),
        ThrottledBy::Budget => throttled("The connector", wait).because(
            ErrorCode::Throttled,
            "The client asks for new access to Microsoft 365 too often; it should keep its access token until it ends.",
        ),
        ThrottledBy::Queue => throttled("The connector", wait).because(
            ErrorCode::Throttled,
            "More sign-ins are waiting than Microsoft Entra ID takes at once.",
        ),
    }
}

/// Entra's number in brackets, where there is one.
fn number(code: AadstsCode) -> String {
    if code == AadstsCode::default() { String::new() } else { format!(" ({code})") }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rstest::rstest;

    use super::super::error::{ActionableError, MODEL};
    use super::*;

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
    #[case::location(
        ExchangeError::Blocked(Block::Location, CODE),
        "blocked_by_location_policy",
        ADMINISTRATOR
    )]
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
    #[case::tenant(
        ExchangeError::Misconfigured(Misconfiguration::Tenant, CODE),
        "tenant_not_found",
        OPERATOR
    )]
    #[case::cloud(ExchangeError::Misconfigured(Misconfiguration::Cloud, CODE), "wrong_cloud", OPERATOR)]
    #[case::request(
        ExchangeError::Misconfigured(Misconfiguration::Request, CODE),
        "request_refused",
        OPERATOR
    )]
    #[case::throttled(throttled_by(ThrottledBy::Entra), "throttled", MODEL)]
    #[case::in_a_loop(throttled_by(ThrottledBy::LoopDetection), "sign_in_loop", MODEL)]
    #[case::budget(throttled_by(ThrottledBy::Budget), "throttled", MODEL)]
    #[case::queue(throttled_by(ThrottledBy::Queue), "throttled", MODEL)]
    #[case::down(ExchangeError::Unavailable(ExchangeFault::TimedOut), "unavailable", NOBODY)]
    #[case::failed(ExchangeError::Unavailable(ExchangeFault::Lasting), "sign_in_service_failed", OPERATOR)]
    fn every_class_ends_in_its_own_code(#[case] error: ExchangeError, #[case] code: &str, #[case] who: &str) {
        let error = actionable(error);
        assert_eq!((error.code.as_str(), error.who), (code, who));
        let parts = [&error.what, &error.why, &error.how];
        assert!(parts.iter().all(|part| part.ends_with('.')), "{error:?}");
        assert_eq!(parts.iter().collect::<HashSet<_>>().len(), 3, "{error:?}");
    }

    /// If this failed, a person would search for where to consent, or where to set up the second factor.
    #[rstest]
    #[case::consent(ExchangeError::ConsentRequired(Consent::User, CODE), HelpLink::AdminConsent)]
    #[case::installation(ExchangeError::ConsentRequired(Consent::Installation, CODE), HelpLink::AdminConsent)]
    #[case::enrolment(step(Step::Enrolment), HelpLink::SecurityInfo)]
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
    #[case::unnamed(Step::Unnamed, "further step")]
    fn a_challenge_says_what_it_is_for_and_its_claims_reach_no_text(#[case] step: Step, #[case] named: &str) {
        let claims = r#"{"access_token":{}}"#;
        let error =
            actionable(ExchangeError::InteractionRequired { step, code: CODE, claims: Some(claims.into()) });
        let Some(Challenge::Claims { claims: passed_on, sentence }) = &error.challenge else {
            panic!("{error:?}")
        };
        assert_eq!(&**passed_on, claims);
        assert!(sentence.contains(named) && sentence.contains("AADSTS50000"), "{sentence}");
        // RFC 6750 section 3: what error_description may hold.
        assert!(sentence.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'));
        let texts = [&error.what, &error.why, &error.how];
        assert!(texts.iter().all(|text| !text.contains("access_token")), "{texts:?}");
    }
}
