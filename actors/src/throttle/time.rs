//! Time as the gate counts it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::rate::{Nanos, nanos};
use crate::clock::Clock;

/// The gate counts from so long before it was made: by then, all is saved up that a limit can save up.
const BEFORE: Duration = Duration::from_secs(60 * 60);

/// The [`Clock`] port, counted from a while before the gate was made.
#[derive(Debug, Clone)]
pub(super) struct GateTime {
    clock: Arc<dyn Clock>,
    origin: Instant,
}

impl GateTime {
    /// Begins to count.
    pub(super) fn starting_with(clock: Arc<dyn Clock>) -> Self {
        Self { origin: clock.instant(), clock }
    }

    pub(super) fn instant_now(&self) -> Instant {
        self.clock.instant()
    }

    pub(super) fn now(&self) -> Nanos {
        self.nanos(self.clock.instant())
    }

    pub(super) fn nanos(&self, at: Instant) -> Nanos {
        nanos(at.saturating_duration_since(self.origin).saturating_add(BEFORE))
    }

    pub(super) fn instant(&self, at: Nanos) -> Instant {
        self.origin + Duration::from_nanos(at).saturating_sub(BEFORE)
    }
}
