//! The claims of an access token that Entra issued for this API (version 2.0), with their JSON types.

use connector_actors::clock::Timestamp;
use connector_actors::identity::{AccountKind, ClientId, GroupId, GroupMembership, ObjectId, TenantId};
use serde_json::{Map, Value};

use super::refusal::TokenRefusal;
use super::strict_json::parse_object;

/// Identifiers of tokens and sessions are short; a long one would only fill the identity memory.
const MAX_ID_BYTES: usize = 128;

/// The year 10000: no time in a token lies beyond it.
const MAX_UNIX_SECONDS: u64 = 253_402_300_800;

/// Claims that have their right form. Whether they are acceptable is decided where the token is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub issuer: String,
    pub audience: String,
    pub tenant: TenantId,
    pub user: ObjectId,
    pub client: ClientId,
    pub account: AccountKind,
    pub groups: GroupMembership,
    /// `scp`: short names of this API's scopes, separated by spaces. Never empty.
    pub scopes: String,
    pub issued_at: Timestamp,
    pub not_before: Timestamp,
    pub expires_at: Timestamp,
    pub token_id: Box<str>,
    pub session_id: Option<Box<str>>,
    pub handles_claims_challenges: bool,
}

impl Claims {
    /// Reads a token's payload. Version and kind of token come first, so that a v1, application or ID token is
    /// refused for what it is and not for a claim that it happens to lack.
    pub(super) fn parse(payload: &[u8]) -> Result<Self, TokenRefusal> {
        let claims = parse_object(payload)
            .map_err(|_| TokenRefusal::Malformed("its payload is not a JSON object with unique keys"))?;
        if claims.get("ver").and_then(Value::as_str) != Some("2.0") {
            return Err(TokenRefusal::WrongVersion);
        }
        refuse_applications(&claims)?;
        // Who it is, is said by `oid`; an access token has a subject all the same (RFC 9068, section 2.2).
        required_identifier(&claims, "sub", "sub must be a short string")?;
        Ok(Self {
            scopes: delegated_scopes(&claims)?,
            issuer: text(&claims, "iss", "iss must be a string")?.to_owned(),
            audience: text(&claims, "aud", "aud must be a string")?.to_owned(),
            tenant: guid(&claims, "tid", "tid must be a GUID")?,
            user: guid(&claims, "oid", "oid must be a GUID")?,
            client: guid(&claims, "azp", "azp must be a GUID")?,
            account: account_kind(&claims)?,
            groups: groups(&claims)?,
            issued_at: time(&claims, "iat", "iat must be a time in whole seconds")?,
            not_before: time(&claims, "nbf", "nbf must be a time in whole seconds")?,
            expires_at: time(&claims, "exp", "exp must be a time in whole seconds")?,
            token_id: required_identifier(&claims, "uti", "uti must be a short string")?,
            session_id: identifier(&claims, "sid", "sid must be a short string")?,
            handles_claims_challenges: handles_claims_challenges(&claims)?,
        })
    }
}

/// `idtyp` is there when the registration asks for it; `app` marks a token without a user.
fn refuse_applications(claims: &Map<String, Value>) -> Result<(), TokenRefusal> {
    match claims.get("idtyp") {
        None => Ok(()),
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("user") => Ok(()),
        Some(Value::String(_)) => Err(TokenRefusal::NotDelegated),
        Some(_) => Err(TokenRefusal::Malformed("idtyp must be a string")),
    }
}

/// Application and ID tokens have no `scp`: its presence is what makes a token a delegated one.
fn delegated_scopes(claims: &Map<String, Value>) -> Result<String, TokenRefusal> {
    match claims.get("scp") {
        None => Err(TokenRefusal::NotDelegated),
        Some(Value::String(scopes)) if scopes.trim_ascii().is_empty() => Err(TokenRefusal::NotDelegated),
        Some(Value::String(scopes)) => Ok(scopes.clone()),
        Some(_) => Err(TokenRefusal::Malformed("scp must be a string")),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str, flaw: &'static str) -> Result<&'a str, TokenRefusal> {
    claims.get(name).and_then(Value::as_str).ok_or(TokenRefusal::Malformed(flaw))
}

fn guid<T: std::str::FromStr>(
    claims: &Map<String, Value>,
    name: &str,
    flaw: &'static str,
) -> Result<T, TokenRefusal> {
    text(claims, name, flaw)?.parse().map_err(|_| TokenRefusal::Malformed(flaw))
}

/// A JSON integer: a time written as a string or a fraction must not count as absent (CVE-2026-25537).
fn time(claims: &Map<String, Value>, name: &str, flaw: &'static str) -> Result<Timestamp, TokenRefusal> {
    match claims.get(name).and_then(Value::as_u64) {
        Some(seconds) if (1..MAX_UNIX_SECONDS).contains(&seconds) => {
            Ok(Timestamp::from_unix_seconds(seconds))
        }
        _ => Err(TokenRefusal::Malformed(flaw)),
    }
}

fn identifier(
    claims: &Map<String, Value>,
    name: &str,
    flaw: &'static str,
) -> Result<Option<Box<str>>, TokenRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(id)) if (1..=MAX_ID_BYTES).contains(&id.len()) => Ok(Some(id.as_str().into())),
        Some(_) => Err(TokenRefusal::Malformed(flaw)),
    }
}

fn required_identifier(
    claims: &Map<String, Value>,
    name: &str,
    flaw: &'static str,
) -> Result<Box<str>, TokenRefusal> {
    identifier(claims, name, flaw)?.ok_or(TokenRefusal::Malformed(flaw))
}

/// `acct`, an optional claim: 0 for a member of the tenant, 1 for a guest (Microsoft's reference of optional claims).
/// `idp` would only hint at it: members may sign in with an identity provider of their own, too.
fn account_kind(claims: &Map<String, Value>) -> Result<AccountKind, TokenRefusal> {
    let Some(account) = claims.get("acct") else { return Ok(AccountKind::Unstated) };
    match account.as_u64() {
        Some(0) => Ok(AccountKind::Member),
        Some(1) => Ok(AccountKind::Guest),
        _ => Err(TokenRefusal::Malformed("acct must be 0 or 1")),
    }
}

/// `groups`, an optional claim. A user of more than 200 groups has a token that names none, and whose `_claim_names` (or
/// `hasgroups`) says that there are some (Microsoft's reference of access token claims).
fn groups(claims: &Map<String, Value>) -> Result<GroupMembership, TokenRefusal> {
    const FLAW: TokenRefusal = TokenRefusal::Malformed("groups must be an array of ids");
    if let Some(groups) = claims.get("groups") {
        let ids = groups.as_array().ok_or(FLAW)?.iter();
        let ids: Option<Vec<GroupId>> = ids.map(|id| id.as_str()?.parse().ok()).collect();
        return ids.map(GroupMembership::stated).ok_or(FLAW);
    }
    let elsewhere = claims.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    let too_many = elsewhere || claims.get("hasgroups").is_some_and(|has| *has != Value::Bool(false));
    Ok(if too_many { GroupMembership::TooMany } else { GroupMembership::Unstated })
}

/// `cp1` in `xms_cc`, in any case, says that the client answers claims challenges.
fn handles_claims_challenges(claims: &Map<String, Value>) -> Result<bool, TokenRefusal> {
    const FLAW: TokenRefusal = TokenRefusal::Malformed("xms_cc must be an array of strings");
    let Some(capabilities) = claims.get("xms_cc") else { return Ok(false) };
    let mut found = false;
    for capability in capabilities.as_array().ok_or(FLAW)? {
        found |= capability.as_str().ok_or(FLAW)?.eq_ignore_ascii_case("cp1");
    }
    Ok(found)
}
