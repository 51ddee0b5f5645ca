//! A line that is written again and again says nothing new, and fills a disk.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use tracing::callsite::Identifier;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// How many lines of one place in the code may be written at once, and how many more in each second after that.
pub(super) const LINES_A_SECOND: NonZeroU32 = NonZeroU32::new(1_000).expect("a positive number");

/// One allowance a place: as many as the code has, so that it is bounded by the program itself.
type LimitOfEachPlace<C> =
    RateLimiter<Identifier, DashMapStateStore<Identifier>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Lets [`LINES_A_SECOND`] of one place in the code through, and counts the others.
#[derive(Debug)]
pub(super) struct RateLimit<C: Clock = MonotonicClock> {
    places: LimitOfEachPlace<C>,
    suppressed: Arc<AtomicU64>,
}

impl<C: Clock> RateLimit<C> {
    pub(super) fn by(clock: C) -> Self {
        let places = RateLimiter::dashmap_with_clock(Quota::per_second(LINES_A_SECOND), clock);
        Self { places, suppressed: Arc::default() }
    }

    /// Where the lines that were held back are counted.
    pub(super) fn suppressed(&self) -> Arc<AtomicU64> {
        self.suppressed.clone()
    }

    fn admits(&self, place: &Identifier) -> bool {
        let admitted = self.places.check_key(place).is_ok();
        if !admitted {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }
}

impl<S: Subscriber, C: Clock> Filter<S> for RateLimit<C> {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        self.admits(&event.metadata().callsite())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{Layer, Registry};

    use super::*;

    /// Counts what reaches the writer.
    struct Lines(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Lines {
        fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A fault that every call meets would otherwise fill the disk of the machine, and a rare line beside it be lost.
    #[test]
    fn a_line_that_floods_is_held_back_for_its_second_and_no_other_is() {
        let written = Arc::new(AtomicU64::new(0));
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::by(clock.clone());
        let suppressed = limit.suppressed();
        let subscriber = Registry::default().with(Lines(written.clone()).with_filter(limit));
        let seen = |act: &dyn Fn()| {
            written.store(0, Ordering::Relaxed);
            act();
            written.load(Ordering::Relaxed)
        };

        tracing::subscriber::with_default(subscriber, || {
            let flood = || (0..LINES_A_SECOND.get() + 50).for_each(|_| tracing::info!("again"));
            assert_eq!(seen(&flood), u64::from(LINES_A_SECOND.get()));
            assert_eq!(suppressed.load(Ordering::Relaxed), 50);
            assert_eq!(seen(&|| tracing::info!("another")), 1);
            clock.advance(Duration::from_secs(1));
            assert_eq!(seen(&flood), u64::from(LINES_A_SECOND.get()));
        });
    }
}
