//! What Entra's refusal of an exchange means.
//!
//! `error` and `suberror` are the contract; the AADSTS number may change without notice. It is looked at only
//! where `error` alone does not tell apart what the user or the administrator has to do: Entra answers
//! `invalid_grant` for a token that has expired, a permission nobody has consented to, and a disabled account.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::ports::{AadstsCode, ExchangeError, ExchangeFault};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A challenge goes into a header of the answer to the client.
const MAX_CLAIMS_BYTES: usize = 4 * 1024;

/// Not consented by user or administrator; or the application is not in the tenant yet, which consent mends.
const CONSENT: [u32; 7] = [65001, 65004, 90094, 90095, 700_016, 700_011, 70001];

/// Multi-factor sign-in, enrolment, or a challenge by a third party: the user can do it.
const STEP_UP: [u32; 6] = [50076, 50079, 50072, 50074, 50078, 50158];

/// Rules on devices and platforms: final, unless Entra sends a challenge along.
const STEP_UP_WITH_CHALLENGE: [u32; 6] = [50005, 50097, 50129, 50131, 50155, 50187];

/// Conditional Access says no.
const POLICY: [u32; 10] = [53000, 53001, 53002, 53003, 53004, 53010, 53011, 530_032, 530_034, 530_035];

/// The account is locked, disabled, expired or of another tenant, is not assigned to the application, or may not
/// cross into the tenant; or an administrator has switched the application or Graph off.
const SHUT_OUT: [u32; 22] = [
    50053, 50055, 50144, 50057, 50034, 51004, 50014, 50020, 16000, 16003, 90072, 50105, 500_021, 500_022,
    50002, 500_212, 500_213, 500_208, 500_207, 7_000_112, 1_000_031, 500_014,
];

/// The token that was sent along is no token for an exchange.
const BAD_ASSERTION: [u32; 1] = [50027];

/// "The same request too often" and "too many requests of this tenant": going on makes it last.
const THROTTLED: [u32; 2] = [50196, 90055];

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

    fn interaction(&self) -> ExchangeError {
        ExchangeError::InteractionRequired { code: self.code(), claims: self.challenge() }
    }
}

/// Turns a refusal into what the session can act on. The status speaks first: a server that is down asks nobody to
/// ask for less, although its body says `temporarily_unavailable` as a throttled answer's does.
pub(super) fn classify(refused: &Refused<'_>) -> ExchangeError {
    let throttled = ExchangeError::Throttled { retry_after: refused.retry_after };
    let server_error = ExchangeError::Unavailable(ExchangeFault::ServerError(refused.status));
    if refused.status == 429 {
        return throttled;
    }
    if refused.status >= FIRST_SERVER_ERROR || refused.status == REQUEST_TIMEOUT {
        return server_error;
    }
    let Ok(body) = serde_json::from_slice::<ErrorBody>(refused.body) else {
        return ExchangeError::Unavailable(ExchangeFault::Unintelligible);
    };
    let code = body.code();
    if THROTTLED.contains(&code.0) {
        return throttled;
    }
    if matches!(body.error.as_str(), "temporarily_unavailable" | "server_error") {
        return server_error;
    }
    by_suberror(&body, code).or_else(|| by_code(&body, code)).unwrap_or_else(|| by_error(&body, code))
}

/// The suberrors that Microsoft's libraries know.
fn by_suberror(body: &ErrorBody, code: AadstsCode) -> Option<ExchangeError> {
    match body.suberror.as_str()? {
        "consent_required" => Some(ExchangeError::ConsentRequired(code)),
        "basic_action"
        | "additional_action"
        | "user_password_expired"
        | "ui_not_allowed"
        | "interrupted_user" => Some(body.interaction()),
        "bad_token" | "token_expired" => Some(ExchangeError::AssertionRejected(code)),
        "protection_policy_required" => Some(ExchangeError::Blocked(code)),
        _ => None,
    }
}

fn by_code(body: &ErrorBody, code: AadstsCode) -> Option<ExchangeError> {
    let is_in = |class: &[u32]| class.contains(&code.0);
    if is_in(&CONSENT) {
        Some(ExchangeError::ConsentRequired(code))
    } else if is_in(&STEP_UP) || (is_in(&STEP_UP_WITH_CHALLENGE) && body.challenge().is_some()) {
        Some(body.interaction())
    } else if is_in(&POLICY) || is_in(&STEP_UP_WITH_CHALLENGE) || is_in(&SHUT_OUT) {
        Some(ExchangeError::Blocked(code))
    } else if is_in(&BAD_ASSERTION) {
        Some(ExchangeError::AssertionRejected(code))
    } else {
        None
    }
}

fn by_error(body: &ErrorBody, code: AadstsCode) -> ExchangeError {
    match body.error.as_str() {
        "interaction_required" | "login_required" | "ui_not_allowed" | "interrupted_user" => {
            body.interaction()
        }
        "consent_required" => ExchangeError::ConsentRequired(code),
        "invalid_grant" | "bad_token" => ExchangeError::AssertionRejected(code),
        "access_denied" => ExchangeError::Blocked(code),
        "invalid_client"
        | "unauthorized_client"
        | "invalid_request"
        | "invalid_scope"
        | "invalid_resource"
        | "unsupported_grant_type" => ExchangeError::Misconfigured(code),
        _ => ExchangeError::Unavailable(ExchangeFault::Unintelligible),
    }
}

#[cfg(test)]
mod tests;
