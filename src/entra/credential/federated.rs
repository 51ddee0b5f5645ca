//! A token of another identity provider, by which Entra knows this service.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::pem;
use super::term::CredentialTerm;
use crate::entra::private_file::{CredentialError, CredentialProblem};

/// The token, and until when it says it is good. Entra checks it; here it is only carried.
#[derive(Clone)]
pub struct FederatedToken {
    token: Arc<SecretString>,
    expires_at: Option<Timestamp>,
    life: Duration,
}

/// Of a token that does not say when it was written: what Kubernetes writes unless it is told otherwise.
const USUAL_LIFE: Duration = Duration::from_secs(3_600);

#[derive(Deserialize)]
struct Times {
    exp: u64,
    iat: Option<u64>,
}

impl FederatedToken {
    pub(super) fn new(token: SecretString, expires_at: Option<Timestamp>) -> Self {
        Self { token: Arc::new(token), expires_at, life: USUAL_LIFE }
    }

    /// Reads what a file holds. White space round it is not part of the token.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, CredentialError> {
        let token = text.trim_ascii();
        let parts: Vec<&str> = token.split('.').collect();
        let is_compact = parts.len() == 3 && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_compact {
            return Err(CredentialError { path: path.to_owned(), problem: CredentialProblem::NoToken });
        }
        let claims = parts.get(1).and_then(|claims| pem::decoded(&URL_SAFE_NO_PAD, claims.as_bytes()));
        let times = claims.and_then(|claims| serde_json::from_slice::<Times>(&claims).ok());
        let expires_at = times.as_ref().map(|times| Timestamp::from_unix_seconds(times.exp));
        let life = times.and_then(|Times { exp, iat }| Some(Duration::from_secs(exp.checked_sub(iat?)?)));
        let token = Self::new(SecretString::from(token), expires_at);
        Ok(Self { life: life.unwrap_or(USUAL_LIFE), ..token })
    }

    pub(super) fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    pub(super) fn term(&self) -> Option<CredentialTerm> {
        self.expires_at.map(|end| CredentialTerm::seen_to_by_itself(end, self.life))
    }
}

impl fmt::Debug for FederatedToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FederatedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
