//! How far the writer is behind the calls.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connector_actors::clock::Clock;
use tokio::time::Instant;

/// Kept by the writer: when the call ended whose record is the oldest of those that it has taken and not yet written.
#[derive(Debug)]
pub(super) struct Lag(LagReading);

/// The same, for whoever watches.
#[derive(Clone)]
pub(super) struct LagReading {
    clock: Arc<dyn Clock>,
    opened: Instant,
    /// In nanoseconds since the opening, and one more; 0: nothing waits.
    oldest: Arc<AtomicU64>,
}

impl Lag {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let opened = clock.instant();
        Self(LagReading { clock, opened, oldest: Arc::default() })
    }

    pub(super) fn reading(&self) -> LagReading {
        self.0.clone()
    }

    /// How long the oldest has waited by now.
    pub(super) fn now(&self) -> Duration {
        self.0.now()
    }

    /// The writer has taken the record of a call that `ended` then. Records come in the order of their calls.
    pub(super) fn begin(&self, ended: Instant) {
        if self.0.oldest.load(Ordering::Relaxed) == 0 {
            let nanos = ended.saturating_duration_since(self.0.opened).as_nanos();
            let nanos = u64::try_from(nanos).unwrap_or(u64::MAX).saturating_add(1);
            self.0.oldest.store(nanos, Ordering::Relaxed);
        }
    }

    /// Everything that was taken is written; gives how long the oldest of it has waited.
    pub(super) fn end(&self) -> Duration {
        let lag = self.0.now();
        self.0.oldest.store(0, Ordering::Relaxed);
        lag
    }
}

impl LagReading {
    /// How long the oldest has waited by now.
    pub(super) fn now(&self) -> Duration {
        match self.oldest.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            nanos => {
                let ended = self.opened + Duration::from_nanos(nanos - 1);
                self.clock.instant().saturating_duration_since(ended)
            }
        }
    }
}

impl fmt::Debug for LagReading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("LagReading").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use connector_actors::clock::SystemClock;
    use tokio::time::advance;

    use super::*;

    /// If this failed, a writer that hangs would look like one that has nothing to do, or the other way round.
    #[tokio::test(start_paused = true)]
    async fn the_oldest_record_that_is_not_written_counts() {
        let lag = Lag::new(Arc::new(SystemClock));
        let reading = lag.reading();
        advance(Duration::from_secs(5)).await;
        assert_eq!(reading.now(), Duration::ZERO, "nothing waits");

        lag.begin(SystemClock.instant());
        advance(Duration::from_secs(2)).await;
        lag.begin(SystemClock.instant());
        advance(Duration::from_secs(1)).await;
        assert_eq!(reading.now(), Duration::from_secs(3));
        assert_eq!(lag.end(), Duration::from_secs(3));
        assert_eq!(reading.now(), Duration::ZERO);
    }
}
