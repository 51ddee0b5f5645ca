//! The port through which revocations outlive the process.

use std::fmt;

use thiserror::Error;

use super::subject::{Subject, TokenId};
use crate::clock::Timestamp;
use crate::identity::Principal;

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

/// A token in use, by what a revocation looks at. Nobody gets in with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentToken {
    pub principal: Principal,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `uti`.
    pub id: TokenId,
}

/// What [`RecentTokens`](super::RecentTokens) hold, as one process leaves it to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentSnapshot {
    /// By `iat`, the earliest first; as many as are remembered at most.
    pub tokens: Vec<RecentToken>,
    /// The latest `iat`, in whole seconds, of a token that was used and had to be forgotten before its time.
    pub forgotten: Option<Timestamp>,
}

/// How the process before this one left the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastShutdown {
    /// There was none: no process has used the store.
    Never,
    /// In order, with the tokens that were in use.
    Clean(RecentSnapshot),
    /// Otherwise, as by a crash: nothing tells which tokens were in use.
    Unclean,
}

/// Why a revocation could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the revocations on disk: {0}")]
pub struct RevocationStoreError(pub String);

/// Port: keeps revocations, and the tokens in use from one process to the next. What a call has written must survive the
/// end of the process and of the machine's power, however sudden. Calls may block for as long as a disk does.
pub trait RevocationStore: Send + Sync + fmt::Debug {
    /// All that is kept, oldest first.
    fn load(&self) -> Result<Vec<Revocation>, RevocationStoreError>;

    /// Keeps `revocation`, and lets go of those made before `forget_before`.
    fn record(&self, revocation: &Revocation, forget_before: Timestamp) -> Result<(), RevocationStoreError>;

    /// Marks the store as in use, and tells how its last use ended. Until [`RevocationStore::mark_clean`] every further
    /// process is told of an unclean end: the tokens that this gives are kept no longer.
    fn mark_in_use(&self) -> Result<LastShutdown, RevocationStoreError>;

    /// Keeps `recent` for the next process, and marks the store as left in order: both or neither.
    fn mark_clean(&self, recent: &RecentSnapshot) -> Result<(), RevocationStoreError>;
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

    fn mark_in_use(&self) -> Result<LastShutdown, RevocationStoreError> {
        Ok(LastShutdown::Never)
    }

    fn mark_clean(&self, _: &RecentSnapshot) -> Result<(), RevocationStoreError> {
        Ok(())
    }
}
