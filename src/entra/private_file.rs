//! Files that hold credentials.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// Secrets, keys and certificate chains are a few kilobytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A credential that cannot be used. Names the file and the problem, never what the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.display())]
pub struct CredentialError {
    pub path: PathBuf,
    pub problem: CredentialProblem,
}

/// What is wrong with a credential's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CredentialProblem {
    #[error("cannot be read ({0})")]
    Unreadable(io::ErrorKind),
    #[error("must not be open to others, nor writable by its group (chmod 600 or 640)")]
    OpenToOthers,
    #[error("is larger than 64 KiB")]
    TooLarge,
    #[error("is empty")]
    Empty,
    #[error("is not text")]
    NotText,
    #[error("holds no PEM certificate")]
    NoCertificate,
    #[error("holds no usable RSA private key in PEM form")]
    NoPrivateKey,
    #[error("holds an RSA key of less than 2048 bits")]
    WeakKey,
    #[error("does not belong to the private key")]
    OtherKey,
    #[error("holds no token (a JWT in compact form)")]
    NoToken,
}

/// Who may look into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Its owner, and its group: Kubernetes gives secrets to a process that is not root by way of the group (`fsGroup`).
    OwnerAndGroup,
    Public,
}

pub(super) fn read(path: &Path, secrecy: Secrecy) -> Result<Zeroizing<String>, CredentialError> {
    read_text(path, secrecy).map_err(|problem| CredentialError { path: path.to_owned(), problem })
}

fn read_text(path: &Path, secrecy: Secrecy) -> Result<Zeroizing<String>, CredentialProblem> {
    let unreadable = |error: io::Error| CredentialProblem::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if secrecy == Secrecy::OwnerAndGroup && is_open_to_others(&metadata) {
        return Err(CredentialProblem::OpenToOthers);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(CredentialProblem::TooLarge);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_FILE_BYTES).unwrap_or_default()));
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim_ascii().is_empty() => Err(CredentialProblem::Empty),
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(CredentialProblem::NotText),
    }
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o027 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}
