//! Refresh tokens: they carry their grant under a MAC, so that none has to be stored and a rotated one stays
//! good, as in Entra.

use std::io;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::opaque;
use super::refusal::Refusal;
use super::scopes::AskedScopes;
use crate::directory::Platform;

/// Ninety days without use end a refresh token.
const LIFETIME_S: i64 = 90 * 24 * 3_600;
/// Those of a single-page application end a day after its sign-in, whatever happens to them.
pub(crate) const SINGLE_PAGE_LIFETIME_S: i64 = 24 * 3_600;

/// What a refresh token stands for. It is bound to the client and the user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshGrant {
    pub(crate) client: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) user: Uuid,
    pub(crate) session: Uuid,
    /// What was asked for first, and is meant when a refresh asks for nothing.
    pub(crate) scopes: AskedScopes,
    /// When a single-page application has to sign in again; no use puts it off.
    pub(crate) fixed_until: Option<i64>,
    pub(crate) handles_challenges: bool,
}

impl RefreshGrant {
    /// What the token was issued to.
    pub(crate) fn platform(&self) -> Platform {
        if self.fixed_until.is_some() { Platform::SinglePage } else { Platform::Native }
    }
}

#[derive(Serialize, Deserialize)]
struct Carried {
    grant: RefreshGrant,
    issued_at: i64,
    /// Makes every token another one.
    id: String,
}

/// Makes and reads the refresh tokens of this process; another process's are refused.
pub(crate) struct RefreshTokens {
    key: Key,
}

impl RefreshTokens {
    pub(crate) fn new() -> io::Result<Self> {
        let key = Key::generate(HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| io::Error::other("no randomness for the refresh token key"))?;
        Ok(Self { key })
    }

    pub(crate) fn issue(&self, grant: RefreshGrant, now: i64) -> Result<String, Refusal> {
        let carried = serde_json::to_vec(&Carried { grant, issued_at: now, id: opaque::token_id() })
            .map_err(|_| Refusal::CannotSign)?;
        let body = URL_SAFE_NO_PAD.encode(carried);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, body.as_bytes()));
        Ok(format!("1.{body}.{tag}"))
    }

    pub(crate) fn open(&self, token: &str, now: i64) -> Result<RefreshGrant, Refusal> {
        let carried = self.read(token).ok_or(Refusal::InvalidGrant)?;
        if carried.grant.fixed_until.is_some_and(|until| until <= now) {
            return Err(Refusal::SinglePageTokenExpired);
        }
        if carried.issued_at + LIFETIME_S <= now {
            return Err(Refusal::RefreshTokenExpired);
        }
        Ok(carried.grant)
    }

    /// What a token stands for, expired or not.
    pub(crate) fn read_grant(&self, token: &str) -> Option<RefreshGrant> {
        self.read(token).map(|carried| carried.grant)
    }

    fn read(&self, token: &str) -> Option<Carried> {
        let (body, tag) = token.strip_prefix("1.")?.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.key, body.as_bytes(), &tag).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }
}
