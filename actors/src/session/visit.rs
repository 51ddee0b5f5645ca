//! A call inside its session.

use std::sync::{Arc, OnceLock};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::error::SessionError;
use super::handle::{LeaseError, SessionHandle};
use super::machine::Rejection;
use crate::call::Call;
use crate::lease::Lease;
use crate::runtime::Actors;
use crate::tenant::RetryBudget;

/// A call's stay in its session. Holds the session permit until it is dropped, and keeps the session from idling.
#[derive(Debug)]
pub struct Visit {
    session: Arc<SessionHandle>,
    actors: Actors,
    _permit: OwnedSemaphorePermit,
}

impl Visit {
    pub(crate) fn new(session: Arc<SessionHandle>, actors: Actors, permit: OwnedSemaphorePermit) -> Self {
        Self { session, actors, _permit: permit }
    }

    /// A usable lease for the call's assertion. Warm, it is read from what the session has published; cold, the
    /// session wins one, in one exchange for all who wait, each no longer than its own deadline.
    pub async fn lease(&self, call: &Call<'_>) -> Result<Arc<Lease>, SessionError> {
        let clock = self.actors.clock();
        match self.session.lease(call, clock).await {
            Ok(lease) => Ok(lease),
            Err(LeaseError::Session(error)) => Err(error),
            Err(LeaseError::Gone) => or_ended(self.successor(call).await?.lease(call, clock).await),
        }
    }

    /// The lease to use after Graph has refused `rejected`: the session gives that very lease up and exchanges
    /// again, with `claims` (the challenge's JSON) where Graph asked for more. When `rejected` has been replaced
    /// already, it is the newer lease.
    pub async fn replace(
        &self,
        call: &Call<'_>,
        rejected: &Arc<Lease>,
        claims: Option<Arc<str>>,
    ) -> Result<Arc<Lease>, SessionError> {
        let rejection = || Some(Rejection { lease: Arc::clone(rejected), claims: claims.clone() });
        match self.session.obtain(call, rejection()).await {
            Ok(lease) => Ok(lease),
            Err(LeaseError::Session(error)) => Err(error),
            Err(LeaseError::Gone) => or_ended(self.successor(call).await?.obtain(call, rejection()).await),
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

    /// A setting of the user's that is asked for once a session: the time zone, by a name that whoever puts it in can
    /// read again. It holds no content, and is forgotten with the session.
    pub fn time_zone(&self) -> &OnceLock<Box<str>> {
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
