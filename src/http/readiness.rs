//! Whether new calls are welcome: true until the service begins to stop, then false for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness {
    leaving: Arc<AtomicBool>,
    draining: Arc<AtomicBool>,
}

impl Readiness {
    /// What the probe says: whether new calls should come here.
    pub(crate) fn is_ready(&self) -> bool {
        !self.leaving.load(Ordering::Acquire)
    }

    /// Whether those that come all the same are taken.
    pub(crate) fn takes_calls(&self) -> bool {
        !self.draining.load(Ordering::Acquire)
    }

    /// Asks for no new calls, and takes them still: who sends them has to hear of it first.
    pub(crate) fn begin_leaving(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    pub(crate) fn begin_draining(&self) {
        self.begin_leaving();
        self.draining.store(true, Ordering::Release);
    }
}
