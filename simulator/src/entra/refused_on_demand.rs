//! Refusals of the token endpoint by AADSTS number, for faults on demand.

mod numbers;

use serde_json::json;
use uuid::Uuid;

use super::challenge;
use super::error_body::ErrorBody;
use crate::message::Answer;
use numbers::NUMBERED;

/// The policy that challenges on demand name. No tenant has it, so that whoever meets the challenge meets no policy.
const POLICY: Uuid = Uuid::from_u128(0x5e1f_0000_0000_4000_8000_0000_0000_0001);

/// What Entra says where it refuses by one number.
struct Numbered {
    number: u32,
    /// The value of the OAuth parameter `error`.
    error: &'static str,
    suberror: Option<&'static str>,
    demand: Demand,
    text: &'static str,
}

/// What the `claims` of a refusal ask the next sign-in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    Nothing,
    /// A step of the sign-in, by the name of its authentication context.
    Step,
    /// That a policy is met.
    Policy,
}

impl Demand {
    fn claims(self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Step => {
                Some(json!({ "access_token": { "acrs": { "essential": true, "value": "c1" } } }).to_string())
            }
            Self::Policy => Some(challenge::of_policy(POLICY)),
        }
    }
}

impl Numbered {
    const fn plain(number: u32, error: &'static str, text: &'static str) -> Self {
        Self { number, error, suberror: None, demand: Demand::Nothing, text }
    }

    const fn with_suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    /// A step that the user can take at a sign-in.
    const fn demanding_step(self) -> Self {
        Self { suberror: Some("basic_action"), demand: Demand::Step, ..self }
    }

    /// A policy that the user can read about at a sign-in.
    const fn demanding_policy(self) -> Self {
        Self { suberror: Some("message_only"), demand: Demand::Policy, ..self }
    }

    fn status(&self) -> u16 {
        match (self.error, self.number) {
            // Faults of the registration's permissions share the error of a failed authentication.
            ("invalid_client", 65_005 | 650_000..=650_999) => 400,
            ("invalid_client", _) => 401,
            ("temporarily_unavailable", 90_055) => 429,
            ("temporarily_unavailable", _) => 503,
            ("server_error", _) => 500,
            _ => 400,
        }
    }
}

fn numbered(number: u32) -> Option<&'static Numbered> {
    NUMBERED.iter().find(|known| known.number == number)
}

/// Whether there is a refusal of that number.
pub(crate) fn is_refusal(number: u32) -> bool {
    numbered(number).is_some()
}

/// The refusal of that number, in Entra's own shape. Those that a person can lift by signing in again come with the
/// claims to ask for. Of a number that is not known nothing is said but the number.
pub(crate) fn refused(number: u32, base_url: &str, correlation: Uuid) -> Answer {
    let unknown = Numbered::plain(number, "invalid_grant", "The request was refused on demand.");
    let refusal = numbered(number).unwrap_or(&unknown);
    ErrorBody {
        status: refusal.status(),
        error: refusal.error,
        code: number,
        description: format!("AADSTS{number}: {}", refusal.text),
        suberror: refusal.suberror,
        claims: refusal.demand.claims().as_deref(),
    }
    .to_answer(base_url, correlation)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when of two entries for a number one is never looked at.
    #[test]
    fn a_number_stands_once() {
        assert!(NUMBERED.is_sorted_by(|one, next| one.number < next.number));
    }
}
