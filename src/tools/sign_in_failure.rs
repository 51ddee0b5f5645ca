//! What to say when Entra gives no token: which rule it is, who can do something about it, and how.
//!
//! Each class of refusal has a code of its own, which is stable. Entra's number stands in the text for whoever looks it
//! up; nothing hangs on it.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::ports::{
    AadstsCode, Block, Consent, ExchangeError, ExchangeFault, Misconfiguration, Step, ThrottledBy,
};

use super::error::{ADMINISTRATOR, About, Challenge, ErrorCode, MODEL, NOBODY, OPERATOR, ToolError, USER};
use super::help::HelpLink;
use super::throttled::{DEFAULT_WAIT, throttled};

pub(super) fn exchange(error: ExchangeError) -> ToolError {
    match error {
        ExchangeError::AssertionRejected(code) => {
            sign_in_again(format!("Microsoft Entra ID no longer accepts the sign-in{}", number(code)))
        }
        ExchangeError::InteractionRequired { step, code, claims } => interaction(step, code, claims),
        ExchangeError::ConsentRequired(consent, code) => consent_required(consent, code),
        ExchangeError::Blocked(block, code) => blocked(block, code),
        ExchangeError::Misconfigured(what, code) => misconfigured(what, code),
        ExchangeError::Throttled { by, retry_after } => spared(by, retry_after.unwrap_or(DEFAULT_WAIT)),
        ExchangeError::Unavailable(ExchangeFault::Lasting) => ToolError::new(
            ErrorCode::SignInServiceFailed,
            About::NoArgument,
            "The sign-in service failed.",
            "Microsoft Entra ID had an error of its own that does not pass by itself.",
            OPERATOR,
            "Tell the operator the correlation ID; they can take it to Microsoft's support.",
        ),
        ExchangeError::Unavailable(_) => ToolError::new(
            ErrorCode::Unavailable,
            About::NoArgument,
            "The sign-in service could not be reached.",
            "Microsoft Entra ID did not give a usable answer.",
            NOBODY,
            "Try the same call again in half a minute.",
        )
        .retry_after(DEFAULT_WAIT.as_secs()),
    }
}

/// `why` is a clause that a header can hold, too.
pub(super) fn sign_in_again(why: impl Into<String>) -> ToolError {
    let why = why.into();
    let sentence = format!("{why}. The signed-in user can do something about it: sign in again.");
    ToolError::new(
        ErrorCode::SignInRequired,
        About::NoArgument,
        "The user has to sign in again.",
        format!("{why}."),
        USER,
        "Reconnect the connector and sign in with Microsoft.",
    )
    .challenge(Challenge::SignIn { sentence: sentence.into() })
}

/// What a step of the sign-in is called, and how and where it is taken.
struct StepHelp {
    why: &'static str,
    how: &'static str,
    link: HelpLink,
}

fn step_help(step: Step) -> StepHelp {
    match step {
        Step::SecondFactor => StepHelp {
            why: "Conditional Access asks for multifactor authentication",
            how: "Reconnect the connector and sign in with Microsoft with a second factor; the link shows which ones are \
                  set up.",
            link: HelpLink::SecurityInfo,
        },
        Step::Enrolment => StepHelp {
            why: "Conditional Access asks to set up multifactor authentication first",
            how: "Set up multifactor authentication (see the link), then reconnect the connector and sign in with \
                  Microsoft.",
            link: HelpLink::SecurityInfo,
        },
        Step::External => StepHelp {
            why: "Conditional Access asks for a check by another provider, such as terms of use or a third party's \
                  second factor",
            how: "Reconnect the connector, sign in with Microsoft and complete the check; the link shows which terms of \
                  use have been accepted.",
            link: HelpLink::TermsOfUse,
        },
        Step::Device => StepHelp {
            why: "Conditional Access asks the user's device to prove itself",
            how: "Sign in again from a device that the organisation manages; the link shows how to enrol one, and what \
                  is wrong with it.",
            link: HelpLink::Devices,
        },
        Step::Password => StepHelp {
            why: "The account's password has expired",
            how: "Choose a new password at sign-in or at the link, then reconnect the connector.",
            link: HelpLink::PasswordReset,
        },
        Step::Unnamed => StepHelp {
            why: "Conditional Access asks for a further step of the sign-in, such as multifactor authentication",
            how: "Reconnect the connector, sign in with Microsoft and complete the step that is asked for.",
            link: HelpLink::SecurityInfo,
        },
    }
}

/// With claims a client can ask for the step by itself. Without them another sign-in need not bring it up: the user has to
/// be told.
fn interaction(step: Step, code: AadstsCode, claims: Option<Arc<str>>) -> ToolError {
    let StepHelp { why, how, link } = step_help(step);
    let why = format!("{why}{}.", number(code));
    let sentence = format!("{why} The signed-in user can do it: sign in again and complete the step.");
    let what = "The organisation asks for another step at sign-in.";
    let error =
        ToolError::new(ErrorCode::InteractionRequired, About::NoArgument, what, why, USER, how).link(link);
    match claims {
        Some(claims) => error.challenge(Challenge::Claims { claims, sentence: sentence.into(), link }),
        None => error,
    }
}

fn consent_required(consent: Consent, code: AadstsCode) -> ToolError {
    let error = match consent {
        Consent::User => ToolError::new(
            ErrorCode::ConsentRequired,
            About::NoArgument,
            "The app's permissions have not been consented to.",
            format!("Microsoft Entra ID gives no access until somebody consents{}.", number(code)),
            ADMINISTRATOR,
            "An administrator grants admin consent to the connector (see the link); the user then tries again.",
        ),
        Consent::Administrator => ToolError::new(
            ErrorCode::AdminConsentRequired,
            About::NoArgument,
            "The app's permissions need an administrator's consent.",
            format!("The organisation lets administrators alone consent{}.", number(code)),
            ADMINISTRATOR,
            "Ask an administrator to grant admin consent (see the link); the user then tries again.",
        ),
        Consent::Installation => ToolError::new(
            ErrorCode::NotInstalled,
            About::NoArgument,
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
        Block::Policy => (
            ErrorCode::BlockedByPolicy,
            "The organisation's policy blocks access.",
            "Conditional Access refuses this user or app, and signing in again changes nothing",
            "Ask the administrator, with the code and the correlation id, under which the sign-in logs list this attempt, \
             which Conditional Access policy applies.",
        ),
        Block::Device => (
            ErrorCode::BlockedByDevicePolicy,
            "The organisation's device policy blocks access.",
            "Conditional Access lets in managed or compliant devices, or approved apps, alone",
            "Use a device that the organisation manages (see the link); or ask the administrator, with the code and the \
             correlation id, whether the policy can exclude the connector.",
        ),
        Block::Location => (
            ErrorCode::BlockedByLocationPolicy,
            "The organisation's location policy blocks access.",
            "Microsoft 365 asks for the same proof again after it was given: a Conditional Access location policy is \
             enforced on the connector's own network address",
            "Ask the administrator to add the connector's outgoing addresses, which its operator knows, to the trusted \
             locations of the policy; signing in again changes nothing.",
        ),
        Block::TenantRestriction => (
            ErrorCode::BlockedByTenantRestriction,
            "The organisation does not allow access across tenants.",
            "Tenant restrictions or cross-tenant access settings keep this account out",
            "Sign in with an account of the organisation itself; or ask the administrator, with the code and the \
             correlation id, about the cross-tenant access settings.",
        ),
        Block::Account => (
            ErrorCode::AccountBlocked,
            "The account can't sign in.",
            "The account is locked, disabled, has an expired password, or is none of this organisation's",
            "Check that it is the right account; otherwise ask the administrator, with the code and the correlation id, \
             to unlock it.",
        ),
        Block::Assignment => (
            ErrorCode::NotAssigned,
            "The user is not assigned to the app.",
            "The organisation lets assigned users and groups alone use the connector",
            "Ask the administrator to assign the user, or a group of theirs, to the app under Enterprise applications.",
        ),
    };
    let link = if block == Block::Device { HelpLink::Devices } else { HelpLink::AdminCentre };
    ToolError::new(error_code, About::NoArgument, what, format!("{why}{}.", number(code)), ADMINISTRATOR, how)
        .link(link)
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
        About::NoArgument,
        "The connector is not set up correctly.",
        format!("{why}{}.", number(code)),
        OPERATOR,
        how,
    )
}

fn spared(by: ThrottledBy, wait: Duration) -> ToolError {
    match by {
        ThrottledBy::Entra => throttled("Microsoft Entra ID", NOBODY, wait),
        ThrottledBy::LoopDetection => throttled("Microsoft Entra ID", MODEL, wait).because(
            ErrorCode::SignInLoop,
            "The same sign-in was used for too many requests in a short time; Microsoft Entra ID takes that for a loop.",
        ),
        ThrottledBy::Budget => throttled("The connector", MODEL, wait).because(
            ErrorCode::Throttled,
            "The client asks for new access to Microsoft 365 too often; it should keep its access token until it ends.",
        ),
        ThrottledBy::Queue => throttled("The connector", NOBODY, wait).because(
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
mod tests;
