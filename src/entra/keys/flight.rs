//! Fetches of the key set: one at a time, shared by all who wait for it, and when it is worth coming back for its answer.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::Instant;

use super::KeyRingSettings;
use crate::entra::key_source::KeyFetchFault;
use crate::entra::refetch_budget::RefetchBudget;

/// After a fetch that failed, none begins on behalf of a token for this long.
pub(super) const REST_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// One fetch that any number of callers wait for. It goes on when they all go away.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    begins: Instant,
    landed: Shared<BoxFuture<'static, Result<(), KeyFetchFault>>>,
    task: AbortHandle,
}

impl Flight {
    pub(super) fn begins(&self) -> Instant {
        self.begins
    }

    pub(super) async fn landed(&self) -> Result<(), KeyFetchFault> {
        self.landed.clone().await
    }
}

/// What is known of fetches: the one that is under way or about to begin, how the last one went, and how soon another
/// one may begin.
#[derive(Debug)]
pub(super) struct FlightDeck {
    pub(super) budget: RefetchBudget,
    flight: Option<Flight>,
    succeeded_at: Option<Instant>,
    /// When the last fetch failed; `None` when it succeeded.
    failed_at: Option<Instant>,
    /// How long the last fetch that succeeded took.
    takes: Duration,
    takes_at_most: Duration,
}

impl FlightDeck {
    pub(super) fn new(settings: &KeyRingSettings) -> Self {
        let takes_at_most = settings.fetch_timeout * 2;
        Self {
            budget: RefetchBudget::new(settings.refetch_burst, settings.refetch_interval),
            flight: None,
            succeeded_at: None,
            failed_at: None,
            takes: takes_at_most,
            takes_at_most,
        }
    }

    /// The fetch that is under way, or about to begin.
    pub(super) fn running(&self) -> Option<Flight> {
        self.flight.as_ref().filter(|flight| !flight.task.is_finished()).cloned()
    }

    /// Whether a fetch has failed just now.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.failed_at.is_some_and(|failed_at| now < failed_at + REST_AFTER_FAILURE)
    }

    pub(super) fn take_off(
        &mut self,
        begins: Instant,
        task: JoinHandle<Result<(), KeyFetchFault>>,
    ) -> Flight {
        let abort = task.abort_handle();
        let landed = async move { task.await.unwrap_or(Err(KeyFetchFault::Unreachable)) }.boxed().shared();
        let flight = Flight { begins, landed, task: abort };
        self.flight = Some(flight.clone());
        flight
    }

    pub(super) fn succeeded(&mut self, now: Instant) {
        if let Some(flight) = &self.flight {
            self.takes = now.saturating_duration_since(flight.begins);
        }
        self.succeeded_at = Some(now);
        self.failed_at = None;
    }

    pub(super) fn failed(&mut self, now: Instant) {
        self.failed_at = Some(now);
    }

    pub(super) fn succeeded_at(&self) -> Option<Instant> {
        self.succeeded_at
    }

    /// How long until whoever comes now and wants a key is told more: until a fetch has ended that begins no sooner than
    /// this, or until one may begin. A fetch is expected to take as long as the last one did; one that has taken longer,
    /// as long again.
    pub(super) fn settled_in(&self, now: Instant) -> Duration {
        let settled_at = match self.running() {
            Some(flight) => {
                let so_far = now.saturating_duration_since(flight.begins);
                let lands = flight.begins + self.takes.max(so_far * 2).min(self.takes_at_most);
                if flight.begins >= now { lands } else { self.budget.next(lands) + self.takes }
            }
            None => self.failed_at.map_or(now, |failed_at| failed_at + REST_AFTER_FAILURE),
        };
        settled_at.saturating_duration_since(now)
    }
}
