//! Proof Key for Code Exchange (RFC 7636).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refusal::Refusal;
use crate::message::Fields;

/// What an authorization request demands of whoever redeems its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodeChallenge {
    /// The verifier itself.
    Plain(String),
    /// SHA-256 of the verifier, in base64url.
    S256(String),
}

impl CodeChallenge {
    /// As the request has it; nothing where it has none. Without a method the challenge is `plain` (section 4.3).
    pub(crate) fn parse(fields: &Fields) -> Result<Option<Self>, Refusal> {
        let Some(challenge) = fields.get("code_challenge") else { return Ok(None) };
        match fields.get("code_challenge_method").unwrap_or("plain") {
            "plain" if is_verifier(challenge) => Ok(Some(Self::Plain(challenge.to_owned()))),
            "S256" if is_digest(challenge) => Ok(Some(Self::S256(challenge.to_owned()))),
            "plain" | "S256" => Err(Refusal::ChallengeSize),
            other => Err(Refusal::ChallengeMethod(other.to_owned())),
        }
    }

    /// Whether that is the verifier which the challenge was made of.
    pub(crate) fn check(&self, verifier: Option<&str>) -> Result<(), Refusal> {
        let verifier = verifier.filter(|verifier| is_verifier(verifier)).ok_or(Refusal::VerifierSize)?;
        let is_met = match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::S256(challenge) => {
                URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == *challenge
            }
        };
        if is_met { Ok(()) } else { Err(Refusal::VerifierMismatch) }
    }
}

/// 43 to 128 unreserved characters (section 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-._~".contains(&letter))
}

/// 32 bytes in base64url.
fn is_digest(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'))
}
