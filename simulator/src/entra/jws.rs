//! JSON Web Signatures in compact form (RFC 7515), with every header and claim in the caller's hand.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A parsed token, whose signature nobody has looked at yet.
pub(crate) struct Jws<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// `None` when the token is not three parts of base64url with JSON objects in the first two.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self { header: object(header)?, claims: object(claims)?, signed, signature })
    }

    pub(crate) fn is_signed_by(&self, key: &DecodingKey, algorithm: Algorithm) -> bool {
        crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm).unwrap_or(false)
    }

    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A NumericDate claim, in whole seconds since 1970. It may have a fraction (RFC 7519, section 2), as those of
    /// MSAL for Python do; that is cut off.
    pub(crate) fn seconds(&self, claim: &str) -> Option<i64> {
        let number = self.claims.get(claim)?.as_number()?;
        number.as_i64().or_else(|| {
            let text = number.to_string();
            let (whole, fraction) = text.split_once('.')?;
            fraction.bytes().all(|digit| digit.is_ascii_digit()).then(|| whole.parse().ok())?
        })
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Signs `claims` with RS256, the only algorithm that Entra signs with.
pub(crate) fn sign(
    header: &Value,
    claims: &Map<String, Value>,
    key: &EncodingKey,
) -> Result<String, Refusal> {
    let claims = serde_json::to_string(claims).map_err(|_| Refusal::CannotSign)?;
    assemble(&header.to_string(), &claims, |signed| sign_bytes(signed, key, Algorithm::RS256))
}

/// The signature of `signed`, in base64url.
pub(crate) fn sign_bytes(signed: &[u8], key: &EncodingKey, algorithm: Algorithm) -> Result<String, Refusal> {
    crypto::sign(signed, key, algorithm).map_err(|_| Refusal::CannotSign)
}

/// A token of any header and payload, with what `signature` makes of the two.
pub(crate) fn assemble(
    header: &str,
    payload: &str,
    signature: impl FnOnce(&[u8]) -> Result<String, Refusal>,
) -> Result<String, Refusal> {
    let mut token = URL_SAFE_NO_PAD.encode(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = signature(token.as_bytes())?;
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}
