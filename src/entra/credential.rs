//! How this service proves to Entra who it is: by a secret, a certificate that signs assertions, or a token of another
//! identity provider that its registration trusts.

mod der;
mod federated;
mod keeper;
mod managed_identity;
mod pem;
mod private_key;
mod source;
mod term;
mod validity;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use connector_actors::identity::ClientId;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::SecretString;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::outbound::ClientNotBuilt;
use super::private_file::{self, CredentialError, CredentialProblem, Secrecy};

pub use federated::FederatedToken;
pub(super) use keeper::{CredentialKeeper, Proof};
pub use managed_identity::ManagedIdentity;
pub use source::CredentialSource;

/// Why the adapter of the exchange can't be made.
#[derive(Debug, Error)]
pub enum ExchangeNotBuilt {
    #[error(transparent)]
    Client(#[from] ClientNotBuilt),
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// Life of a client assertion; Microsoft recommends five to ten minutes.
const ASSERTION_LIFE: Duration = Duration::from_secs(600);

/// The label of a certificate (RFC 7468 section 5).
const CERTIFICATE: &str = "CERTIFICATE";

/// This service's own credential. Shows nothing secret in its `Debug` form.
#[derive(Debug, Clone)]
pub enum ClientCredential {
    Secret(SecretString),
    Certificate(Certificate),
    Federated(FederatedToken),
}

impl ClientCredential {
    /// Reads a client secret. White space at the end, as editors leave it, is not part of the secret.
    pub fn from_secret_file(path: &Path) -> Result<Self, CredentialError> {
        let text = private_file::read(path, Secrecy::OwnerAndGroup)?;
        Ok(Self::Secret(SecretString::from(text.trim_ascii_end())))
    }

    /// Reads a certificate and the RSA private key that belongs to it, both in PEM form. Of a chain, the first
    /// certificate counts.
    pub fn from_certificate_files(certificate: &Path, private_key: &Path) -> Result<Self, CredentialError> {
        let certificate_pem = private_file::read(certificate, Secrecy::Public)?;
        let key_pem = private_file::read(private_key, Secrecy::OwnerAndGroup)?;
        let blame = |path: &Path| {
            let path = path.to_owned();
            move |problem| CredentialError { path, problem }
        };
        let (key, public_key) = private_key::read(&key_pem).map_err(blame(private_key))?;
        let der = certificate_of(&certificate_pem, &public_key).map_err(blame(certificate))?;
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
        let expires_at = validity::not_after(&der);
        Ok(Self::Certificate(Certificate { key: Arc::new(key), thumbprint, expires_at }))
    }
}

/// A certificate that is registered with Entra, and its private key.
#[derive(Clone)]
pub struct Certificate {
    key: Arc<EncodingKey>,
    thumbprint: String,
    expires_at: Option<Timestamp>,
}

/// The private key has become unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the client assertion could not be signed")]
pub(super) struct NotSigned;

impl Certificate {
    /// A `private_key_jwt` for one request to `token_endpoint`: PS256, with the certificate named by its SHA-256
    /// thumbprint (`x5t#S256`), as Microsoft describes certificate credentials.
    pub(super) fn client_assertion(
        &self,
        client_id: ClientId,
        token_endpoint: &str,
        now: Timestamp,
    ) -> Result<String, NotSigned> {
        let mut header = Header::new(Algorithm::PS256);
        header.x5t_s256 = Some(self.thumbprint.clone());
        let claims = AssertionClaims {
            aud: token_endpoint,
            iss: client_id,
            sub: client_id,
            jti: Uuid::new_v4(),
            nbf: now.unix_seconds(),
            iat: now.unix_seconds(),
            exp: (now + ASSERTION_LIFE).unix_seconds(),
        };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| NotSigned)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Certificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    aud: &'a str,
    iss: ClientId,
    sub: ClientId,
    jti: Uuid,
    nbf: u64,
    iat: u64,
    exp: u64,
}

/// The certificate in DER; it must belong to the key.
fn certificate_of(text: &str, public_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, CredentialProblem> {
    let (_, der) = pem::first_section(text, &[CERTIFICATE]).ok_or(CredentialProblem::NoCertificate)?;
    if !der.windows(public_key.len()).any(|window| window == public_key) {
        return Err(CredentialProblem::OtherKey);
    }
    Ok(der)
}

#[cfg(test)]
mod keeper_tests;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use tests::certificate_for_tests;
