//! Lines that are welcome, and not all of them needed.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// Lets so many lines through in a second and counts those that it keeps back, so that the next one can say how many it
/// stands for. What it keeps back was not wanted, and is no loss.
#[derive(Debug)]
pub(crate) struct Sample<C: Clock = MonotonicClock> {
    limit: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    kept_back: AtomicU64,
}

impl Sample {
    pub(crate) fn a_second(lines: NonZeroU32) -> Self {
        Self::by(lines, MonotonicClock)
    }
}

impl<C: Clock> Sample<C> {
    fn by(lines: NonZeroU32, clock: C) -> Self {
        let limit = RateLimiter::direct_with_clock(Quota::per_second(lines), clock);
        Self { limit, kept_back: AtomicU64::new(0) }
    }

    /// Whether a line is written now: then, how many were kept back since the last one.
    pub(crate) fn take(&self) -> Option<u64> {
        if self.limit.check().is_ok() {
            return Some(self.kept_back.swap(0, Ordering::Relaxed));
        }
        self.kept_back.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    /// A node under load would spend its time and its disk on saying that all is well, or nobody could count any more.
    #[test]
    fn of_many_lines_some_are_written_and_they_say_how_many_there_were() {
        let clock = FakeRelativeClock::default();
        let sample = Sample::by(NonZeroU32::new(3).unwrap(), clock.clone());
        let written = || (0..10).filter_map(|_| sample.take()).collect::<Vec<_>>();
        assert_eq!(written(), [0, 0, 0]);
        clock.advance(Duration::from_secs(1));
        assert_eq!(written(), [7, 0, 0]);
        clock.advance(Duration::from_secs(8));
        assert_eq!(sample.take(), Some(7));
    }
}
