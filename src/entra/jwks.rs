//! Entra's published signing keys (RFC 7517, with Entra's own `issuer` in each key).

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};
use thiserror::Error;

use super::strict_json::parse_object;

/// Where a key's issuer says "the tenant of the token".
const TENANT_PLACEHOLDER: &str = "{tenantid}";

/// 65537, the one public exponent that Entra uses.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Below this RSA is too weak (NIST SP 800-131A); above the maximum a signature costs too much to check.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Why a whole document is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JwksError {
    #[error("the key set is not a JSON object with unique keys")]
    NotJson,
    #[error("the key set has no list of keys")]
    NoList,
    /// A secret among public keys: whoever made this document did not know what it is for.
    #[error("the key set holds a secret key")]
    SecretKey,
    #[error("the key set holds no usable key")]
    NoUsableKey,
}

/// Why one key is left out. The others of its document stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyFlaw {
    NotRsa,
    NotForSignatures,
    OtherAlgorithm,
    NoKeyId,
    /// Two keys under one `kid`: neither can be trusted to be the one that is meant.
    DuplicateKeyId,
    NoIssuer,
    BadModulus,
    BadExponent,
}

/// A key that tokens may be signed with, and for whom.
pub(super) struct SigningKey {
    modulus: Vec<u8>,
    issuer: String,
    decoding_key: DecodingKey,
}

impl SigningKey {
    /// The issuer that a token of `tenant` must name to be signed with this key.
    pub(super) fn issuer_for(&self, tenant: &str) -> Cow<'_, str> {
        if self.issuer.contains(TENANT_PLACEHOLDER) {
            Cow::Owned(self.issuer.replace(TENANT_PLACEHOLDER, tenant))
        } else {
            Cow::Borrowed(&self.issuer)
        }
    }

    pub(super) fn decoding_key(&self) -> &DecodingKey {
        &self.decoding_key
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus == other.modulus && self.issuer == other.issuer
    }
}

impl Eq for SigningKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SigningKey").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// The usable keys of one document, by `kid`. Equal when they would accept the same tokens.
#[derive(Debug, PartialEq, Eq)]
pub struct KeySet {
    keys: HashMap<String, SigningKey>,
}

impl KeySet {
    /// Reads a JWKS document. A key that does not fit is left out; unknown members are fine.
    pub fn parse(document: &[u8]) -> Result<Self, JwksError> {
        let document = parse_object(document).map_err(|_| JwksError::NotJson)?;
        let listed = document.get("keys").and_then(Value::as_array).ok_or(JwksError::NoList)?;
        if listed.iter().any(is_secret) {
            return Err(JwksError::SecretKey);
        }
        let occurrences = occurrences(listed);
        let usable = listed.iter().filter_map(|jwk| read_key(jwk, &occurrences).ok());
        let keys: HashMap<_, _> = usable.collect();
        if keys.is_empty() {
            return Err(JwksError::NoUsableKey);
        }
        Ok(Self { keys })
    }

    pub(super) fn get(&self, key_id: &str) -> Option<&SigningKey> {
        self.keys.get(key_id)
    }

    /// How many usable keys there are; at least one.
    pub fn count(&self) -> usize {
        self.keys.len()
    }
}

/// Members of a JWK that nobody publishes (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A symmetric key, or a part of the private half of a pair.
fn is_secret(jwk: &Value) -> bool {
    jwk.get("kty").and_then(Value::as_str) == Some("oct")
        || SECRET_MEMBERS.iter().any(|member| jwk.get(member).is_some())
}

/// How many keys there are under each `kid`, usable or not.
fn occurrences(listed: &[Value]) -> HashMap<&str, usize> {
    let mut occurrences = HashMap::new();
    for key_id in listed.iter().filter_map(|jwk| jwk.get("kid")?.as_str()) {
        *occurrences.entry(key_id).or_default() += 1;
    }
    occurrences
}

fn read_key(jwk: &Value, occurrences: &HashMap<&str, usize>) -> Result<(String, SigningKey), KeyFlaw> {
    let jwk = jwk.as_object().ok_or(KeyFlaw::NotRsa)?;
    if text(jwk, "kty") != Some("RSA") {
        return Err(KeyFlaw::NotRsa);
    }
    check_purpose(jwk)?;
    let key_id = text(jwk, "kid").filter(|id| !id.is_empty()).ok_or(KeyFlaw::NoKeyId)?;
    if occurrences.get(key_id) != Some(&1) {
        return Err(KeyFlaw::DuplicateKeyId);
    }
    let issuer = text(jwk, "issuer").filter(|issuer| issuer.contains("://")).ok_or(KeyFlaw::NoIssuer)?;
    let modulus = read_modulus(jwk)?;
    let exponent = text(jwk, "e").and_then(|e| URL_SAFE_NO_PAD.decode(e).ok()).ok_or(KeyFlaw::BadExponent)?;
    if exponent != EXPONENT {
        return Err(KeyFlaw::BadExponent);
    }
    let decoding_key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
    Ok((key_id.to_owned(), SigningKey { modulus, issuer: issuer.to_owned(), decoding_key }))
}

/// `use`, `key_ops` and `alg` may be absent; what they say counts (RFC 7517 section 4).
fn check_purpose(jwk: &Map<String, Value>) -> Result<(), KeyFlaw> {
    if jwk.get("use").is_some_and(|purpose| purpose != "sig") {
        return Err(KeyFlaw::NotForSignatures);
    }
    if let Some(operations) = jwk.get("key_ops")
        && !operations.as_array().is_some_and(|all| all.iter().any(|operation| operation == "verify"))
    {
        return Err(KeyFlaw::NotForSignatures);
    }
    if jwk.get("alg").is_some_and(|algorithm| algorithm != "RS256") {
        return Err(KeyFlaw::OtherAlgorithm);
    }
    Ok(())
}

fn read_modulus(jwk: &Map<String, Value>) -> Result<Vec<u8>, KeyFlaw> {
    let modulus = text(jwk, "n").and_then(|n| URL_SAFE_NO_PAD.decode(n).ok()).ok_or(KeyFlaw::BadModulus)?;
    let (Some(first), Some(last)) = (modulus.first(), modulus.last()) else {
        return Err(KeyFlaw::BadModulus);
    };
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    let well_formed = *first != 0 && last % 2 == 1;
    if !well_formed || !MODULUS_BITS.contains(&bits) {
        return Err(KeyFlaw::BadModulus);
    }
    Ok(modulus)
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
