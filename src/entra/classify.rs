//! What Entra's refusal of an exchange means.
//!
//! `error` and `suberror` are the contract; the AADSTS number may change without notice. It is looked at only
//! where `error` alone does not tell apart what the user or the administrator has to do: Entra answers
//! `invalid_grant` for a token that has expired, a permission nobody has consented to, and a disabled account. A
//! `suberror` fixes what kind of refusal it is; within that the number still tells which step, or whose consent.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::ports::{
    AadstsCode, Block, Consent, ExchangeError, ExchangeFault, Misconfiguration, Step, ThrottledBy,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::aadsts::{Class, class};

/// A challenge goes into a header of the answer to the client.
const MAX_CLAIMS_BYTES: usize = 4 * 1024;

/// From here on the fault is Entra's, whatever its body says of it.
const FIRST_SERVER_ERROR: u16 = 500;

/// Entra got tired of waiting: nobody's registration is at fault.
const REQUEST_TIMEOUT: u16 = 408;

/// An answer of the token endpoint with a status other than 200.
pub(super) struct Refused<'a> {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: &'a [u8],
}

/// `error` alone must be there. The others are looked at when they have their usual form.
#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    #[serde(default)]
    suberror: Value,
    #[serde(default)]
    error_codes: Value,
    #[serde(default)]
    claims: Value,
}

impl ErrorBody {
    fn code(&self) -> AadstsCode {
        let number =
            self.error_codes.get(0).and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
        AadstsCode(number.unwrap_or_default())
    }

    /// `claims` is a text that holds a JSON object; it is passed on as it came.
    fn challenge(&self) -> Option<Arc<str>> {
        let claims = self.claims.as_str().filter(|claims| claims.len() <= MAX_CLAIMS_BYTES)?;
        serde_json::from_str::<Map<String, Value>>(claims).is_ok().then(|| claims.into())
    }

    fn interaction(&self, step: Step) -> ExchangeError {
        ExchangeError::InteractionRequired { step, code: self.code(), claims: self.challenge() }
    }
}

/// Turns a refusal into what the session can act on. The status speaks first: a server that is down asks nobody to
/// ask for less, although its body says `temporarily_unavailable` as a throttled answer's does. A number only adds which
/// limit was met, and that a failure does not pass.
pub(super) fn classify(refused: &Refused<'_>) -> ExchangeError {
    let throttled = |by| ExchangeError::Throttled { by, retry_after: refused.retry_after };
    let server_error = ExchangeError::Unavailable(ExchangeFault::ServerError(refused.status));
    let body = serde_json::from_slice::<ErrorBody>(refused.body).ok();
    let class = body.as_ref().and_then(|body| class(body.code().0));
    if refused.status == 429 {
        let is_loop = class == Some(Class::Loop);
        return throttled(if is_loop { ThrottledBy::LoopDetection } else { ThrottledBy::Entra });
    }
    if class == Some(Class::Lasting) {
        return ExchangeError::Unavailable(ExchangeFault::Lasting);
    }
    if refused.status >= FIRST_SERVER_ERROR || refused.status == REQUEST_TIMEOUT {
        return server_error;
    }
    let Some(body) = body else {
        return ExchangeError::Unavailable(ExchangeFault::Unintelligible);
    };
    let code = body.code();
    match class {
        Some(Class::Loop) => return throttled(ThrottledBy::LoopDetection),
        Some(Class::TenantThrottled) => return throttled(ThrottledBy::Entra),
        Some(Class::Passing) => return server_error,
        _ => {}
    }
    if matches!(body.error.as_str(), "temporarily_unavailable" | "server_error") {
        return server_error;
    }
    by_suberror(&body, class, code)
        .or_else(|| class.and_then(|class| by_class(&body, class, code)))
        .unwrap_or_else(|| by_error(&body, code))
}

/// The suberrors that Microsoft's libraries know.
fn by_suberror(body: &ErrorBody, class: Option<Class>, code: AadstsCode) -> Option<ExchangeError> {
    match body.suberror.as_str()? {
        "consent_required" => Some(ExchangeError::ConsentRequired(consent(class), code)),
        "user_password_expired" => Some(body.interaction(Step::Password)),
        "basic_action" | "additional_action" | "ui_not_allowed" | "interrupted_user" => {
            Some(body.interaction(step(class)))
        }
        "bad_token" | "token_expired" => Some(ExchangeError::AssertionRejected(code)),
        "protection_policy_required" => Some(ExchangeError::Blocked(Block::Device, code)),
        _ => None,
    }
}

/// Which step is asked for where it is known that one is.
fn step(class: Option<Class>) -> Step {
    match class {
        Some(Class::Step(step)) => step,
        Some(Class::DeviceRule | Class::Block(Block::Device)) => Step::Device,
        Some(Class::PasswordExpired) => Step::Password,
        _ => Step::Unnamed,
    }
}

/// Whose consent is missing where it is known that one is.
fn consent(class: Option<Class>) -> Consent {
    match class {
        Some(Class::Consent(consent)) => consent,
        _ => Consent::User,
    }
}

fn by_class(body: &ErrorBody, class: Class, code: AadstsCode) -> Option<ExchangeError> {
    Some(match class {
        Class::Consent(consent) => ExchangeError::ConsentRequired(consent, code),
        Class::Step(step) => body.interaction(step),
        Class::DeviceRule if body.challenge().is_some() => body.interaction(Step::Device),
        Class::DeviceRule => ExchangeError::Blocked(Block::Device, code),
        Class::PasswordExpired => ExchangeError::Blocked(Block::Account, code),
        Class::SignIn => ExchangeError::AssertionRejected(code),
        Class::Block(block) => ExchangeError::Blocked(block, code),
        // Two refusals have the number 700023: a scope without a resource, and an assertion for another audience.
        Class::Misconfiguration(Misconfiguration::Request) if body.error == "invalid_client" => {
            ExchangeError::Misconfigured(Misconfiguration::Credential, code)
        }
        Class::Misconfiguration(what) => ExchangeError::Misconfigured(what, code),
        Class::Loop | Class::TenantThrottled | Class::Passing | Class::Lasting => return None,
    })
}

fn by_error(body: &ErrorBody, code: AadstsCode) -> ExchangeError {
    let misconfigured = |what| ExchangeError::Misconfigured(what, code);
    match body.error.as_str() {
        "interaction_required" | "ui_not_allowed" | "interrupted_user" => body.interaction(Step::Unnamed),
        "consent_required" => ExchangeError::ConsentRequired(Consent::User, code),
        "invalid_grant" | "bad_token" | "login_required" => ExchangeError::AssertionRejected(code),
        "access_denied" => ExchangeError::Blocked(Block::Policy, code),
        "invalid_client" => misconfigured(Misconfiguration::Credential),
        "unauthorized_client" | "invalid_resource" => misconfigured(Misconfiguration::Registration),
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => {
            misconfigured(Misconfiguration::Request)
        }
        _ => ExchangeError::Unavailable(ExchangeFault::Unintelligible),
    }
}

#[cfg(test)]
mod tests;
