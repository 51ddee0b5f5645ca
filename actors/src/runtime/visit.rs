//! A call inside its session.

use std::sync::Arc;

use connector_observability::SessionEntry;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::Actors;
use crate::call::Call;
use crate::claims::ClaimsChallenge;
use crate::lease::Lease;
use crate::retry_budget::RetryBudget;
use crate::session::{LeaseError, LeaseWait, Rejection, SessionError, SessionHandle, TimeZoneMemory};

/// A call's stay in its session. Holds the session permit until it is dropped, and keeps the session from idling.
#[derive(Debug)]
pub struct Visit {
    session: Arc<SessionHandle>,
    entry: SessionEntry,
    actors: Actors,
    _permit: OwnedSemaphorePermit,
}

impl Visit {
    pub(super) fn new(
        session: Arc<SessionHandle>,
        entry: SessionEntry,
        actors: Actors,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { session, entry, actors, _permit: permit }
    }

    /// How the call came in.
    pub fn entry(&self) -> SessionEntry {
        self.entry
    }

    /// What the session has published for the call's assertion, when it is usable: nobody is asked for it.
    pub fn published_lease(&self, call: &Call<'_>) -> Option<Arc<Lease>> {
        self.session.published_lease(call, self.actors.clock())
    }

    /// A usable lease for the call's assertion. Warm, it is read from what the session has published; cold, the
    /// session wins one, in one exchange for all who wait, each no longer than its own deadline.
    pub async fn lease(&self, call: &Call<'_>, wait: &LeaseWait) -> Result<Arc<Lease>, SessionError> {
        if let Some(lease) = self.published_lease(call) {
            return Ok(lease);
        }
        match self.session.obtain(call, None, wait).await {
            Ok(lease) => Ok(lease),
            Err(LeaseError::Session(error)) => Err(error),
            Err(LeaseError::Gone) => or_ended(self.successor(call).await?.obtain(call, None, wait).await),
        }
    }

    /// The lease to use after Graph has refused `rejected`: the session gives that very lease up and exchanges
    /// again, with `claims` where Graph asked for more. When `rejected` has been replaced
    /// already, it is the newer lease.
    pub async fn replace(
        &self,
        call: &Call<'_>,
        rejected: &Arc<Lease>,
        claims: Option<ClaimsChallenge>,
        wait: &LeaseWait,
    ) -> Result<Arc<Lease>, SessionError> {
        let rejection = || Some(Rejection { lease: Arc::clone(rejected), claims: claims.clone() });
        match self.session.obtain(call, rejection(), wait).await {
            Ok(lease) => Ok(lease),
            Err(LeaseError::Session(error)) => Err(error),
            Err(LeaseError::Gone) => {
                or_ended(self.successor(call).await?.obtain(call, rejection(), wait).await)
            }
        }
    }

    /// What the tenant may still repeat: to be told of each first request, and asked before each repeated one.
    pub fn retries(&self) -> &RetryBudget {
        self.session.retries()
    }

    /// Fires when the session's tenant or the process is ended: then nobody may have the answer.
    pub fn cancellation(&self) -> &CancellationToken {
        self.session.cancellation()
    }

    /// A setting of the user's that one call of the session asks for, and all of them are told.
    pub fn time_zone(&self) -> &TimeZoneMemory {
        self.session.time_zone()
    }

    /// The session that took the place of one that crashed. Asked once: nothing had been done for the call yet.
    async fn successor(&self, call: &Call<'_>) -> Result<Arc<SessionHandle>, SessionError> {
        if self.session.cancellation().is_cancelled() {
            return Err(SessionError::Ended);
        }
        self.actors.open_session(call).await
    }
}

fn or_ended(answer: Result<Arc<Lease>, LeaseError>) -> Result<Arc<Lease>, SessionError> {
    answer.map_err(|error| match error {
        LeaseError::Session(error) => error,
        LeaseError::Gone => SessionError::Ended,
    })
}
