//! The port through which revocations outlive the process.

use std::fmt;

use thiserror::Error;

use super::subject::{Subject, TokenId};
use crate::clock::Timestamp;

/// One revocation, as it was decided and is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    pub subject: Subject,
    /// When it was made.
    pub at: Timestamp,
    /// Tokens of the subject whose `iat` lies before this are refused. Without meaning for a single token.
    pub issued_before: Timestamp,
    /// Tokens that are refused by name: those of the subject that `issued_before` would let pass, and had been used.
    pub tokens: Vec<TokenId>,
}

/// Why a revocation could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the revocations on disk: {0}")]
pub struct RevocationStoreError(pub String);

/// Port: keeps revocations. What [`RevocationStore::record`] has accepted must survive the end of the process, however
/// sudden. Calls may block for as long as a disk does.
pub trait RevocationStore: Send + Sync + fmt::Debug {
    /// All that is kept, oldest first.
    fn load(&self) -> Result<Vec<Revocation>, RevocationStoreError>;

    /// Keeps `revocation`, and lets go of those made before `forget_before`.
    fn record(&self, revocation: &Revocation, forget_before: Timestamp) -> Result<(), RevocationStoreError>;
}

/// Keeps nothing: for demos and tests, whose revocations end with the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct VolatileRevocations;

impl RevocationStore for VolatileRevocations {
    fn load(&self) -> Result<Vec<Revocation>, RevocationStoreError> {
        Ok(Vec::new())
    }

    fn record(&self, _: &Revocation, _: Timestamp) -> Result<(), RevocationStoreError> {
        Ok(())
    }
}
