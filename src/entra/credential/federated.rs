//! A token of another identity provider, by which Entra knows this service.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::entra::private_file::{CredentialError, CredentialProblem};

/// The token, and until when it says it is good. Entra checks it; here it is only carried.
#[derive(Clone)]
pub struct FederatedToken {
    token: Arc<SecretString>,
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Expiry {
    exp: u64,
}

impl FederatedToken {
    pub(super) fn new(token: SecretString, expires_at: Option<Timestamp>) -> Self {
        Self { token: Arc::new(token), expires_at }
    }

    /// Reads what a file holds. White space round it is not part of the token.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, CredentialError> {
        let token = text.trim_ascii();
        let parts: Vec<&str> = token.split('.').collect();
        let is_compact = parts.len() == 3 && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_compact {
            return Err(CredentialError { path: path.to_owned(), problem: CredentialProblem::NoToken });
        }
        let claims = parts.get(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
        let expiry = claims.and_then(|claims| serde_json::from_slice::<Expiry>(&claims).ok());
        let expires_at = expiry.map(|expiry| Timestamp::from_unix_seconds(expiry.exp));
        Ok(Self::new(SecretString::from(token), expires_at))
    }

    pub(super) fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl fmt::Debug for FederatedToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FederatedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
