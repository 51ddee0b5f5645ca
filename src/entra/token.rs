//! The steps of token validation, each a type that only the one before it can make. The order of the rules follows
//! Microsoft's description of token validation for multi-tenant APIs.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use connector_actors::identity::{ClientId, Principal, TenantId};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::claims::Claims;
use super::identity::Identity;
use super::jwks::{KeySet, SigningKey};
use super::jwt::MAX_TOKEN_BYTES;
use super::refusal::TokenRefusal;
use super::strict_json::parse_object;

/// The tenant of all personal Microsoft accounts.
const PERSONAL_ACCOUNTS: TenantId =
    TenantId::from_uuid(Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad));

/// Longer than any `kid` that Entra writes, and short enough to look up.
const MAX_KEY_ID_BYTES: usize = 256;

/// Header parameters that would let a token bring its own key, change what is signed, or wrap another token.
const REFUSED_PARAMETERS: [&str; 9] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "cty"];

/// What a token must say to be accepted here.
#[derive(Debug, Clone)]
pub struct Expectations {
    audience: String,
    required_scope: String,
    clock_skew: Duration,
}

impl Expectations {
    /// `client_id` is this service's own registration, `required_scope` the short name of the scope that it
    /// exposes, `clock_skew` how far Entra's clock may be from ours.
    pub fn new(client_id: ClientId, required_scope: impl Into<String>, clock_skew: Duration) -> Self {
        Self { audience: client_id.to_string(), required_scope: required_scope.into(), clock_skew }
    }

    /// True until `expires_at` and the allowance for skew have passed.
    pub fn is_current(&self, expires_at: Timestamp, now: Timestamp) -> bool {
        now < expires_at + self.clock_skew
    }
}

/// A token whose form is right and whose signature nobody has looked at.
pub struct UnverifiedToken<'t> {
    signed: &'t str,
    signature: &'t str,
    key_id: String,
    payload: Vec<u8>,
}

impl<'t> UnverifiedToken<'t> {
    /// Reads the form of a compact JWS (RFC 7515): three parts of strict base64url without padding, and a header
    /// that asks for RS256 by a named key and for nothing else. The payload is decoded but not parsed.
    pub fn read(token: &'t str) -> Result<Self, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::Malformed("it is too long"));
        }
        let [header, payload, signature] = three_parts(token)?;
        let signed = &token[..header.len() + 1 + payload.len()];
        let header = decode_part(header)?;
        let payload = decode_part(payload)?;
        decode_part(signature)?;
        let header = parse_object(&header)
            .map_err(|_| TokenRefusal::Malformed("its header is not a JSON object with unique keys"))?;
        let key_id = check_header(&header)?;
        Ok(Self { signed, signature, key_id, payload })
    }

    /// The `kid` of the key that the token says it is signed with.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether the token, were its signature good, would be taken: everything that can be said of it without its key. It
    /// costs somebody who makes up keys nothing to make up claims, too; but other services' tokens and those that are over
    /// are told apart here.
    pub fn could_be_good(&self, expectations: &Expectations, now: Timestamp) -> Result<(), TokenRefusal> {
        let claims = Claims::parse(&self.payload)?;
        check_tenant(&claims)?;
        check_expectations(&claims, expectations, now)
    }

    /// Checks the signature with the key of `keys` that the token names.
    pub fn signed_by(self, keys: &KeySet) -> Result<SignedToken<'_>, TokenRefusal> {
        let key = keys.get(&self.key_id).ok_or(TokenRefusal::UnknownKey)?;
        let signature_is_good = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            key.decoding_key(),
            Algorithm::RS256,
        );
        if !matches!(signature_is_good, Ok(true)) {
            return Err(TokenRefusal::BadSignature);
        }
        Ok(SignedToken { payload: self.payload, key })
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("UnverifiedToken").finish_non_exhaustive()
    }
}

/// A token that one of Entra's keys has signed, and whose claims nobody has looked at.
pub struct SignedToken<'k> {
    payload: Vec<u8>,
    key: &'k SigningKey,
}

impl SignedToken<'_> {
    /// Checks every claim, and says whom the token speaks for. Whether that client and that tenant may call at all is
    /// asked of policy.
    pub fn identity(&self, expectations: &Expectations, now: Timestamp) -> Result<Identity, TokenRefusal> {
        let claims = Claims::parse(&self.payload)?;
        check_issuer(&claims, self.key)?;
        check_tenant(&claims)?;
        check_expectations(&claims, expectations, now)?;
        Ok(Identity {
            principal: Principal { tenant: claims.tenant, user: claims.user, client: claims.client },
            account: claims.account,
            groups: claims.groups,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            token_id: claims.token_id,
            session_id: claims.session_id,
            handles_claims_challenges: claims.handles_claims_challenges,
        })
    }
}

impl fmt::Debug for SignedToken<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SignedToken").finish_non_exhaustive()
    }
}

fn three_parts(token: &str) -> Result<[&str; 3], TokenRefusal> {
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) => Ok([header, payload, signature]),
        _ => Err(TokenRefusal::Malformed("it must have three parts")),
    }
}

fn decode_part(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    if part.is_empty() {
        return Err(TokenRefusal::Malformed("a part is empty"));
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Malformed("a part is not base64url"))
}

fn check_header(header: &Map<String, Value>) -> Result<String, TokenRefusal> {
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(TokenRefusal::UnsupportedAlgorithm);
    }
    if REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
        return Err(TokenRefusal::Malformed("its header holds a parameter that is not accepted"));
    }
    if let Some(kind) = header.get("typ")
        && !kind.as_str().is_some_and(|kind| matches!(kind.to_ascii_lowercase().as_str(), "jwt" | "at+jwt"))
    {
        return Err(TokenRefusal::Malformed("typ must be JWT"));
    }
    match header.get("kid").and_then(Value::as_str) {
        Some(key_id) if (1..=MAX_KEY_ID_BYTES).contains(&key_id.len()) => Ok(key_id.to_owned()),
        _ => Err(TokenRefusal::Malformed("kid must be a short string")),
    }
}

/// The issuer must be the one that the key is published for: a key that serves one tenant must not vouch for another.
fn check_issuer(claims: &Claims, key: &SigningKey) -> Result<(), TokenRefusal> {
    if claims.issuer != key.issuer_for(&claims.tenant.to_string()) {
        return Err(TokenRefusal::WrongIssuer);
    }
    Ok(())
}

/// The issuer must name the token's own tenant, and that must be an organisation's.
fn check_tenant(claims: &Claims) -> Result<(), TokenRefusal> {
    if first_path_segment(&claims.issuer) != Some(claims.tenant.to_string().as_str()) {
        return Err(TokenRefusal::WrongIssuer);
    }
    if claims.tenant == PERSONAL_ACCOUNTS {
        return Err(TokenRefusal::PersonalAccount);
    }
    Ok(())
}

fn first_path_segment(url: &str) -> Option<&str> {
    let (_, after_scheme) = url.split_once("://")?;
    after_scheme.split('/').nth(1)
}

fn check_expectations(claims: &Claims, expected: &Expectations, now: Timestamp) -> Result<(), TokenRefusal> {
    if claims.audience != expected.audience {
        return Err(TokenRefusal::WrongAudience);
    }
    if !expected.is_current(claims.expires_at, now) {
        return Err(TokenRefusal::Expired);
    }
    let latest_start = now + expected.clock_skew;
    if claims.not_before > latest_start || claims.issued_at > latest_start {
        return Err(TokenRefusal::NotYetValid);
    }
    if !claims.scopes.split_ascii_whitespace().any(|scope| scope == expected.required_scope) {
        return Err(TokenRefusal::MissingScope);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
