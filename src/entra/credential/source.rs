//! Where this service's own credential comes from.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use connector_actors::clock::Timestamp;

use super::term::CredentialTerm;
use super::{ClientCredential, FederatedToken, ManagedIdentity};
use crate::entra::private_file::{self, CredentialError, Secrecy};

/// Where the credential comes from. What comes from a file is read again when the file changes.
#[derive(Debug, Clone)]
pub enum CredentialSource {
    /// One that never changes.
    Fixed(ClientCredential),
    /// A secret does not say when it ends; who has made it knows.
    SecretFile {
        path: PathBuf,
        expires_at: Option<Timestamp>,
    },
    CertificateFiles {
        certificate: PathBuf,
        private_key: PathBuf,
    },
    /// A token by which another identity provider says who this process is, such as the one that Kubernetes projects
    /// for a service account: Entra trusts it by a federated credential of the registration.
    FederatedTokenFile(PathBuf),
    /// The same, where the provider is Azure itself.
    ManagedIdentity(ManagedIdentity),
}

impl From<ClientCredential> for CredentialSource {
    fn from(credential: ClientCredential) -> Self {
        Self::Fixed(credential)
    }
}

/// A file's last change, as far as the system tells it. Kubernetes swaps a link: then the times differ, too.
pub(super) type Stamp = [Option<(SystemTime, u64)>; 2];

impl CredentialSource {
    /// Reads the credential. `None`: it is asked for when it is needed.
    pub(super) fn load(&self) -> Result<Option<ClientCredential>, CredentialError> {
        Ok(Some(match self {
            Self::Fixed(credential) => credential.clone(),
            Self::SecretFile { path, .. } => ClientCredential::from_secret_file(path)?,
            Self::CertificateFiles { certificate, private_key } => {
                ClientCredential::from_certificate_files(certificate, private_key)?
            }
            Self::FederatedTokenFile(path) => {
                // Kubernetes may have to open it to all in the container; nobody else is there.
                let token = private_file::read(path, Secrecy::Public)?;
                ClientCredential::Federated(FederatedToken::read(path, &token)?)
            }
            Self::ManagedIdentity(_) => return Ok(None),
        }))
    }

    /// Says what is wrong with the files, and until when what they hold is good: `None` where that is not known.
    pub fn check(&self) -> Result<Option<Timestamp>, CredentialError> {
        Ok(self.load()?.and_then(|credential| self.term(&credential)).map(|term| term.end))
    }

    /// When `credential`, which was loaded from here, ends, and when that becomes somebody's business.
    pub(super) fn term(&self, credential: &ClientCredential) -> Option<CredentialTerm> {
        match (self, credential) {
            (Self::SecretFile { expires_at, .. }, _) => expires_at.map(CredentialTerm::seen_to_by_a_person),
            (_, ClientCredential::Secret(_)) => None,
            (_, ClientCredential::Certificate(certificate)) => {
                certificate.expires_at.map(CredentialTerm::seen_to_by_a_person)
            }
            (_, ClientCredential::Federated(token)) => token.term(),
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        match self {
            Self::Fixed(_) | Self::ManagedIdentity(_) => [None, None],
            Self::SecretFile { path, .. } | Self::FederatedTokenFile(path) => [changed(path), None],
            Self::CertificateFiles { certificate, private_key } => {
                [changed(certificate), changed(private_key)]
            }
        }
    }

    /// One word for logs.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Fixed(ClientCredential::Secret(_)) | Self::SecretFile { .. } => "secret",
            Self::Fixed(ClientCredential::Certificate(_)) | Self::CertificateFiles { .. } => "certificate",
            Self::Fixed(ClientCredential::Federated(_)) | Self::FederatedTokenFile(_) => "federated_token",
            Self::ManagedIdentity(_) => "managed_identity",
        }
    }
}

fn changed(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
