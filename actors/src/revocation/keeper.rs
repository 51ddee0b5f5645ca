//! The revocations of a process: decided one at a time, stored, then published.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use connector_observability::emit;
use connector_observability::event::{AccessRevoked, UncleanShutdown};
use thiserror::Error;

use super::KEPT;
use super::recent::RecentTokens;
use super::store::{LastShutdown, Revocation, RevocationStore, RevocationStoreError};
use super::subject::{Subject, TokenMarks};
use super::table::RevocationTable;
use crate::clock::{Clock, Timestamp};

/// Revocations that are kept at most.
const MAX_REVOCATIONS: usize = 100_000;

/// Why a revocation was not made, or not made to last.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RevokeError {
    /// It is in force all the same, in this process and until it ends.
    #[error("revoked, but not stored, so a restart would undo it: {0}")]
    NotStored(#[from] RevocationStoreError),
    #[error("there are {MAX_REVOCATIONS} revocations already; revoke a whole tenant instead")]
    TooMany,
}

/// Answers whether a token is revoked, and revokes.
#[derive(Debug)]
pub struct Revocations {
    published: ArcSwap<RevocationTable>,
    /// Oldest first. Held while a revocation is stored, so that one follows the other.
    kept: Mutex<Vec<Revocation>>,
    recent: Mutex<RecentTokens>,
    store: Arc<dyn RevocationStore>,
    clock: Arc<dyn Clock>,
}

impl Revocations {
    /// Takes up what `store` has kept. That it is in use is on disk when this returns, before any token can be noted.
    pub fn open(
        store: Arc<dyn RevocationStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RevocationStoreError> {
        let kept = store.load()?;
        let recent = recent_tokens(store.mark_in_use()?, clock.now());
        Ok(Self {
            published: ArcSwap::from_pointee(RevocationTable::of(&kept)),
            kept: Mutex::new(kept),
            recent: Mutex::new(recent),
            store,
            clock,
        })
    }

    /// Whether `token` is revoked: one atomic load, and look-ups where there are revocations.
    pub fn refuses(&self, token: TokenMarks<'_>) -> bool {
        self.published.load().refuses(token)
    }

    /// Puts down a token that was verified for the first time. To be told before [`Revocations::refuses`] is asked:
    /// then no revocation can pass between the two.
    pub fn note(&self, token: TokenMarks<'_>) {
        let now = self.clock.now();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).note(token, now);
    }

    /// Refuses the subject's tokens of before this moment, from now on. Blocks until that is stored; when it can't
    /// be, it is in force all the same. Calls in progress are the caller's to end.
    pub fn revoke(&self, subject: Subject) -> Result<Revocation, RevokeError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let forget_before = before(now);
        kept.retain(|revocation| revocation.at >= forget_before);
        if kept.len() >= MAX_REVOCATIONS {
            return Err(RevokeError::TooMany);
        }
        let revocation = self.decide(subject, now);
        let stored = self.store.record(&revocation, forget_before);
        kept.push(revocation.clone());
        self.published.store(Arc::new(RevocationTable::of(&*kept)));
        let tenant = revocation.subject.tenant().map(|tenant| *tenant.as_uuid());
        emit(AccessRevoked { scope: revocation.subject.kind(), tenant, stored: stored.is_ok() });
        stored?;
        Ok(revocation)
    }

    /// Leaves the tokens in use to the next process, and says how many that are. To be told when no call is admitted any more:
    /// a token that is noted later is not among them. Blocks until they are stored; when they can't be, the next process takes
    /// this end for a crash.
    pub fn shut_down(&self) -> Result<usize, RevocationStoreError> {
        let now = self.clock.now();
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner).snapshot(now);
        self.store.mark_clean(&recent)?;
        Ok(recent.tokens.len())
    }

    /// What is in force, newest first, `most` at most; and how many there are.
    pub fn list(&self, most: usize) -> (Vec<Revocation>, usize) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let forget_before = before(self.clock.now());
        let in_force = || kept.iter().rev().filter(|revocation| revocation.at >= forget_before);
        (in_force().take(most).cloned().collect(), in_force().count())
    }

    fn decide(&self, subject: Subject, now: Timestamp) -> Revocation {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = recent.of(&subject, now);
        Revocation { issued_before: recent.cutoff(now), at: now, tokens, subject }
    }
}

/// What a process that starts now knows of the tokens in use.
fn recent_tokens(last: LastShutdown, now: Timestamp) -> RecentTokens {
    match last {
        LastShutdown::Never => RecentTokens::default(),
        LastShutdown::Clean(snapshot) => RecentTokens::restored(&snapshot, now),
        LastShutdown::Unclean => {
            emit(UncleanShutdown);
            RecentTokens::after_crash(now)
        }
    }
}

/// Revocations made before this are forgotten.
fn before(now: Timestamp) -> Timestamp {
    let kept = u64::try_from(KEPT.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_unix_millis(now.unix_millis().saturating_sub(kept))
}
