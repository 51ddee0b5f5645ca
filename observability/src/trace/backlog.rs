//! What waits for the collector, and what never reached it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How many spans may wait or be under way: some 8 MB.
pub(super) const BACKLOG_SPANS: usize = 4_096;

/// What never reached the collector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Loss {
    /// Calls that found the backlog full.
    pub(crate) calls: u64,
    /// Spans that the collector did not take.
    pub(crate) spans: u64,
}

/// Counts spans from a call's end until they are exported. The processor's own queue would tear a call apart
/// where it is full; this turns away a whole call before.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    spans: AtomicUsize,
    dropped_calls: AtomicU64,
    lost_spans: AtomicU64,
}

impl Backlog {
    pub(super) fn admit(&self, spans: usize) -> bool {
        let waiting = self.spans.fetch_add(spans, Ordering::Relaxed);
        if waiting + spans <= BACKLOG_SPANS {
            return true;
        }
        self.spans.fetch_sub(spans, Ordering::Relaxed);
        self.dropped_calls.fetch_add(1, Ordering::Relaxed);
        false
    }

    /// Room that was admitted and is not needed.
    pub(super) fn give_back(&self, spans: usize) {
        self.spans.fetch_sub(spans, Ordering::Relaxed);
    }

    pub(super) fn loss(&self) -> Loss {
        Loss {
            calls: self.dropped_calls.load(Ordering::Relaxed),
            spans: self.lost_spans.load(Ordering::Relaxed),
        }
    }

    /// Spans that wait or are under way.
    pub(super) fn waiting(&self) -> usize {
        self.spans.load(Ordering::Relaxed)
    }

    pub(super) fn exported(&self, spans: usize) {
        self.spans.fetch_sub(spans, Ordering::Relaxed);
    }

    pub(super) fn lost(&self, spans: usize) {
        self.spans.fetch_sub(spans, Ordering::Relaxed);
        self.lost_spans.fetch_add(spans as u64, Ordering::Relaxed);
    }
}
