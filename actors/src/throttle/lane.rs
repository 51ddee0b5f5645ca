//! What the gate knows of one key.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::gate::{GateReason, GateRefusal};
use crate::clock::Clock;

/// What a caller is told when all requests of a key stayed busy: nobody knows when one ends.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// The [`Clock`] port, as the rate limiters read it: nanoseconds since the gate was made.
#[derive(Debug, Clone)]
pub(super) struct GateClock {
    clock: Arc<dyn Clock>,
    origin: Instant,
}

impl GateClock {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let origin = clock.instant();
        Self { clock, origin }
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }
}

impl governor::clock::Clock for GateClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since_origin = self.instant().saturating_duration_since(self.origin);
        Nanos::new(nanoseconds(since_origin))
    }
}

type Rate = RateLimiter<NotKeyed, InMemoryState, GateClock, NoOpMiddleware<Nanos>>;

/// One key's concurrency, rate and enforced pause. Times are nanoseconds since the gate was made.
pub(super) struct Lane {
    clock: GateClock,
    slots: Arc<Semaphore>,
    capacity: usize,
    rate: Option<Rate>,
    not_before: AtomicU64,
    last_used: AtomicU64,
}

impl Lane {
    pub(super) fn new(clock: GateClock, capacity: NonZeroUsize, quota: Option<Quota>) -> Self {
        let capacity = capacity.get().min(Semaphore::MAX_PERMITS);
        let rate = quota.map(|quota| RateLimiter::direct_with_clock(quota, clock.clone()));
        let last_used = AtomicU64::new(clock.now().as_u64());
        Self {
            clock,
            slots: Arc::new(Semaphore::new(capacity)),
            capacity,
            rate,
            not_before: AtomicU64::new(0),
            last_used,
        }
    }

    /// A slot of the key, in order of arrival, at a time when Graph wants to hear of the key.
    pub(super) async fn pass(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, GateRefusal> {
        let now = self.clock.now();
        self.last_used.store(now.as_u64(), Ordering::Relaxed);
        // A pause that outlasts the caller is said at once, and not after waiting for a slot.
        if let Some(pause) = self.pause(now) {
            self.wake_time(pause, GateReason::RetryAfter, deadline)?;
        }

        let slot = self.slot(deadline).await?;
        while let Err((wait, reason)) = self.try_pass() {
            sleep_until(self.wake_time(wait, reason, deadline)?).await;
        }
        Ok(slot)
    }

    /// Lets nothing pass for this long from now; a longer pause that stands already stays.
    pub(super) fn close_for(&self, pause: Duration) {
        let until = self.clock.now().as_u64().saturating_add(nanoseconds(pause));
        self.not_before.fetch_max(until, Ordering::Relaxed);
    }

    /// Whether anything here still matters: a request under way, a pause, or a use not longer ago than `memory`.
    pub(super) fn is_worth_keeping(&self, memory: Duration) -> bool {
        let now = self.clock.now();
        let idle_since = self.last_used.load(Ordering::Relaxed).saturating_add(nanoseconds(memory));
        self.slots.available_permits() < self.capacity
            || self.pause(now).is_some()
            || idle_since > now.as_u64()
    }

    async fn slot(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, GateRefusal> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(slot);
        }
        let busy = GateRefusal { retry_after: BUSY_RETRY, reason: GateReason::Concurrency };
        match timeout_at(deadline, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            // The semaphore is never closed, so only the deadline ends the wait.
            Ok(Err(_)) | Err(_) => Err(busy),
        }
    }

    fn try_pass(&self) -> Result<(), (Duration, GateReason)> {
        if let Some(pause) = self.pause(self.clock.now()) {
            return Err((pause, GateReason::RetryAfter));
        }
        let Some(rate) = &self.rate else { return Ok(()) };
        rate.check().map_err(|until| (until.wait_time_from(self.clock.now()), GateReason::Rate))
    }

    fn pause(&self, now: Nanos) -> Option<Duration> {
        let left = self.not_before.load(Ordering::Relaxed).saturating_sub(now.as_u64());
        (left > 0).then(|| Duration::from_nanos(left))
    }

    /// When a wait is over, if that is inside the deadline.
    fn wake_time(
        &self,
        wait: Duration,
        reason: GateReason,
        deadline: Instant,
    ) -> Result<Instant, GateRefusal> {
        let wake = self.clock.instant() + wait;
        if wake > deadline {
            return Err(GateRefusal { retry_after: wait, reason });
        }
        Ok(wake)
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lane").field("slots", &self.slots).finish_non_exhaustive()
    }
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
