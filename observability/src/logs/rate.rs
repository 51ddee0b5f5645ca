//! A line that is written again and again says nothing new, and fills a disk.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tracing::callsite::Identifier;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

use crate::window::Window;

/// How many lines of one kind may be written within one [`WINDOW`].
pub(super) const LINES_IN_A_WINDOW: u32 = 1_000;
/// The time in which lines are counted.
const WINDOW: Duration = Duration::from_secs(1);

/// Lets at most [`LINES_IN_A_WINDOW`] lines of one place in the code through in a second, and counts the others.
#[derive(Debug, Clone)]
pub(super) struct RateLimit {
    windows: Arc<RwLock<HashMap<Identifier, AtomicU64>>>,
    suppressed: Arc<AtomicU64>,
    seconds: fn() -> u32,
}

impl RateLimit {
    /// `seconds` is a clock that does not go back; where it begins is of no matter.
    pub(super) fn by(seconds: fn() -> u32) -> Self {
        Self { windows: Arc::default(), suppressed: Arc::default(), seconds }
    }

    /// Where the lines that were held back are counted.
    pub(super) fn suppressed(&self) -> Arc<AtomicU64> {
        self.suppressed.clone()
    }

    fn admits(&self, place: Identifier) -> bool {
        let window = (self.seconds)() / u32::try_from(WINDOW.as_secs()).unwrap_or(1);
        let windows = self.windows.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = windows.get(&place) {
            return self.account(counted, window);
        }
        drop(windows);
        // As many places as the code has: the map is bounded by the program itself.
        let mut windows = self.windows.write().unwrap_or_else(PoisonError::into_inner);
        let counted = windows.entry(place).or_default();
        self.account(counted, window)
    }

    fn account(&self, counted: &AtomicU64, window: u32) -> bool {
        let admitted = Window::count(counted, window) <= LINES_IN_A_WINDOW;
        if !admitted {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }
}

impl<S: Subscriber> Filter<S> for RateLimit {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        self.admits(event.metadata().callsite())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{Layer, Registry};

    use super::*;

    thread_local! {
        static NOW: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

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
        let limit = RateLimit::by(|| NOW.get());
        let suppressed = limit.suppressed();
        let subscriber = Registry::default().with(Lines(written.clone()).with_filter(limit));
        let seen = |act: &dyn Fn()| {
            written.store(0, Ordering::Relaxed);
            act();
            written.load(Ordering::Relaxed)
        };

        tracing::subscriber::with_default(subscriber, || {
            let flood = || (0..LINES_IN_A_WINDOW + 50).for_each(|_| tracing::info!("again"));
            assert_eq!(seen(&flood), u64::from(LINES_IN_A_WINDOW));
            assert_eq!(suppressed.load(Ordering::Relaxed), 50);
            assert_eq!(seen(&|| tracing::info!("another")), 1);
            NOW.set(1);
            assert_eq!(seen(&flood), u64::from(LINES_IN_A_WINDOW));
        });
    }
}
