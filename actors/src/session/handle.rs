//! What the rest of the process holds of a session.

use std::sync::{Arc, OnceLock};

use actix::Recipient;
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError, oneshot};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use super::error::SessionError;
use super::lease_wait::LeaseWait;
use super::machine::Rejection;
use super::obtain::{Obtain, Waiter};
use super::published::Published;
use super::time_zone::TimeZoneMemory;
use super::user_budget::UserBudget;
use crate::call::Call;
use crate::clock::{Clock, Timestamp};
use crate::lease::Lease;
use crate::permits::Permits;
use crate::retry_budget::RetryBudget;

/// A session as its visitors see it: permits, published leases, and a way to ask for one.
#[derive(Debug)]
pub(crate) struct SessionHandle {
    owner: Recipient<Obtain>,
    published: Published,
    permits: Permits,
    cancel: CancellationToken,
    retries: Arc<RetryBudget>,
    time_zone: TimeZoneMemory,
    ending: OnceLock<Ending>,
}

/// What its tenant grants a session.
#[derive(Debug)]
pub(crate) struct SessionTerms {
    /// How many calls may be in the session at once.
    pub(crate) capacity: usize,
    /// A child of the tenant's, which is a child of the process's.
    pub(crate) cancel: CancellationToken,
    /// The tenant's.
    pub(crate) retries: Arc<RetryBudget>,
    /// The user's.
    pub(crate) exchanges: Arc<UserBudget>,
}

/// Why this one session has been ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Idle,
    Revoked,
}

/// Why a caller got no permit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EntryError {
    /// The session is over; there may be a new one.
    Closed,
    DeadlineExceeded,
}

/// Why a caller got no lease.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LeaseError {
    Session(SessionError),
    /// The session ended without an answer.
    Gone,
}

impl SessionHandle {
    /// `owner` wins the leases.
    pub(super) fn new(owner: Recipient<Obtain>, terms: SessionTerms) -> Self {
        Self {
            owner,
            published: Published::default(),
            permits: Permits::new(terms.capacity),
            cancel: terms.cancel,
            retries: terms.retries,
            time_zone: TimeZoneMemory::default(),
            ending: OnceLock::new(),
        }
    }

    pub(crate) fn published(&self) -> &Published {
        &self.published
    }

    /// How many leases are usable, and how many have lapsed.
    pub(crate) fn count_leases(&self, now: Timestamp) -> (usize, usize) {
        self.published.count(now)
    }

    /// The tenant's.
    pub(crate) fn retries(&self) -> &RetryBudget {
        &self.retries
    }

    /// A child of the tenant's, which is a child of the process's.
    pub(crate) fn cancellation(&self) -> &CancellationToken {
        &self.cancel
    }

    /// What is known of the user's own time zone.
    pub(crate) fn time_zone(&self) -> &TimeZoneMemory {
        &self.time_zone
    }

    /// A permit, if one is free at once.
    pub(crate) fn try_enter(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        if self.cancel.is_cancelled() {
            return Err(TryAcquireError::Closed);
        }
        self.permits.try_take()
    }

    /// A permit, in order of arrival, inside the call's deadline.
    pub(crate) async fn enter(&self, call: &Call<'_>) -> Result<OwnedSemaphorePermit, EntryError> {
        match timeout_at(call.deadline, self.permits.take()).await {
            Ok(Ok(permit)) if self.is_open() => Ok(permit),
            Ok(_ended) => Err(EntryError::Closed),
            Err(_elapsed) => Err(EntryError::DeadlineExceeded),
        }
    }

    /// Lets so many calls in at once from now on. Must be called inside a tokio runtime.
    pub(super) fn resize(&self, capacity: usize) {
        self.permits.resize(capacity);
    }

    /// Calls that are in the session now.
    pub(crate) fn visits(&self) -> usize {
        self.permits.in_use()
    }

    /// Looks at the cancellation too: the session's actor hears of it only some time after it.
    pub(crate) fn is_open(&self) -> bool {
        !self.permits.is_closed() && !self.cancel.is_cancelled()
    }

    /// Closes the session to new calls, unless a call is in it. Nobody may enter while this runs.
    pub(crate) fn close_if_empty(&self) -> bool {
        let is_empty = self.visits() == 0;
        if is_empty {
            self.permits.close();
        }
        is_empty
    }

    /// Ends this one session and the calls in it, at once: its leases are gone when this returns.
    pub(crate) fn revoke(&self) {
        self.end(Ending::Revoked);
        self.close();
    }

    /// Ends the session, which has been closed and has no call in it.
    pub(crate) fn end_idle(&self) {
        self.end(Ending::Idle);
    }

    /// The first reason stands.
    fn end(&self, ending: Ending) {
        self.ending.get_or_init(|| ending);
        self.cancel.cancel();
    }

    /// `None` while the session lives, and when it ends with its tenant or its process.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.ending.get().copied()
    }

    /// The end: no call enters any more, and no lease is served.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.published.clear();
    }

    /// The published lease for the call's assertion; `None` when there is none, or the session has ended.
    pub(crate) fn published_lease(&self, call: &Call<'_>, clock: &dyn Clock) -> Option<Arc<Lease>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let lease = self.published.lease(call.token.hash(), clock.now())?;
        debug_assert_eq!(lease.owner().principal, call.principal, "a lease of somebody else");
        Some(lease)
    }

    /// Asks the session, and waits until the call's deadline; the exchange goes on for others all the same.
    pub(crate) async fn obtain(
        &self,
        call: &Call<'_>,
        rejected: Option<Rejection>,
        wait: &LeaseWait,
    ) -> Result<Arc<Lease>, LeaseError> {
        self.refuse_when_ended()?;
        let (reply, answer) = oneshot::channel();
        self.owner.do_send(Obtain {
            assertion: call.token.to_assertion(),
            rejected,
            correlation_id: call.correlation_id,
            waiter: Waiter { reply, wait: wait.clone() },
        });
        match timeout_at(call.deadline, answer).await {
            Ok(Ok(answer)) => {
                // A session that was ended while the answer was under way serves nobody any more.
                self.refuse_when_ended()?;
                answer.map_err(|error| LeaseError::Session(error.into()))
            }
            Ok(Err(_dropped)) => Err(LeaseError::Gone),
            Err(_elapsed) => Err(LeaseError::Session(SessionError::DeadlineExceeded)),
        }
    }

    fn refuse_when_ended(&self) -> Result<(), LeaseError> {
        if self.cancel.is_cancelled() {
            return Err(LeaseError::Session(SessionError::Ended));
        }
        Ok(())
    }
}
