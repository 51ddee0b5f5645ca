//! The gate in front of Graph: what is known of Graph's limits, published for every request to look at.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::lane::{GateClock, Lane};
use super::signal::{GateKey, ThrottleSignal};
use crate::clock::Clock;
use crate::settings::ThrottleSettings;

/// Holds requests back that Graph would refuse. One look into a map when nothing stands in the way.
#[derive(Debug)]
pub struct Gate {
    lanes: DashMap<GateKey, Arc<Lane>>,
    clock: GateClock,
    settings: ThrottleSettings,
}

/// Counts one request to Graph against its key's concurrency until it is dropped: hold it until the answer's
/// body has been read.
#[derive(Debug)]
#[must_use = "the request is counted only while its permit is held"]
pub struct GatePermit {
    _slot: OwnedSemaphorePermit,
}

/// A request must not be sent inside its deadline.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[error("held back for {} ms: {reason}", .retry_after.as_millis())]
pub struct GateRefusal {
    /// When it is worth trying again, counted from now.
    pub retry_after: Duration,
    pub reason: GateReason,
}

/// What holds a request back.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum GateReason {
    #[error("Graph asked to be left alone")]
    RetryAfter,
    #[error("as many requests as allowed are under way")]
    Concurrency,
    #[error("the rate limit is used up")]
    Rate,
}

impl GateReason {
    /// One word for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry_after",
            Self::Concurrency => "concurrency",
            Self::Rate => "rate",
        }
    }
}

impl Gate {
    pub(crate) fn new(settings: ThrottleSettings, clock: Arc<dyn Clock>) -> Self {
        Self { lanes: DashMap::new(), clock: GateClock::new(clock), settings }
    }

    /// Lets one request of `key` pass: at once when nothing stands in the way, after a wait when that ends before
    /// `deadline`, and not at all otherwise. Requests of one key pass in the order in which they came.
    pub async fn pass(&self, key: GateKey, deadline: Instant) -> Result<GatePermit, GateRefusal> {
        let slot = self.lane(key).pass(deadline).await?;
        Ok(GatePermit { _slot: slot })
    }

    /// Closes the gate for `key` for the shortest time that the signal can mean.
    pub(crate) fn heed(&self, key: GateKey, signal: ThrottleSignal) {
        self.close_for(key, signal.least_pause());
    }

    pub(crate) fn close_for(&self, key: GateKey, pause: Duration) {
        self.lane(key).close_for(pause);
    }

    /// Forgets the keys that nobody uses, so that memory follows the users who work and not those who ever came.
    pub(crate) fn forget_idle(&self) {
        let memory = self.settings.forget_after;
        self.lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || lane.is_worth_keeping(memory));
    }

    pub(crate) fn keys(&self) -> usize {
        self.lanes.len()
    }

    fn lane(&self, key: GateKey) -> Arc<Lane> {
        if let Some(lane) = self.lanes.get(&key) {
            return Arc::clone(&lane);
        }
        Arc::clone(&self.lanes.entry(key).or_insert_with(|| Arc::new(self.new_lane(key))))
    }

    fn new_lane(&self, key: GateKey) -> Lane {
        let quota =
            key.workload.published_rate().and_then(|rate| rate.quota(self.settings.limit_share_percent));
        Lane::new(self.clock.clone(), key.workload.concurrency(&self.settings), quota)
    }
}
