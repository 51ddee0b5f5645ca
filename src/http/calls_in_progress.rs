//! How many calls are in progress, for the operators to see.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Clone, Default)]
pub(crate) struct CallsInProgress(Arc<AtomicUsize>);

/// One call that is in progress until this is dropped.
#[derive(Debug)]
pub(super) struct CountedCall(CallsInProgress);

impl CallsInProgress {
    pub(super) fn count(&self) -> CountedCall {
        self.0.fetch_add(1, Ordering::Relaxed);
        CountedCall(self.clone())
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for CountedCall {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
