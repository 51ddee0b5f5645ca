//! What the warm path reads: the leases of one session, as the session last published them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::assertion::AssertionHash;
use crate::clock::Timestamp;
use crate::lease::Lease;

/// How many assertions a session serves at once: one a device, so that two devices of a user do not thrash.
pub(crate) const MAX_ASSERTIONS: usize = 8;

/// Uses of a lease within this many milliseconds are noted once, so that readers do not fight over a cache line.
const USE_RESOLUTION_MILLIS: u64 = 1_000;

/// A published lease, and when it was last read.
#[derive(Debug)]
pub(crate) struct Slot {
    lease: Arc<Lease>,
    /// Unix milliseconds; 0 while nobody has read the lease since it was won.
    last_used: AtomicU64,
}

impl Slot {
    pub(crate) fn new(lease: Arc<Lease>) -> Self {
        Self { lease, last_used: AtomicU64::new(0) }
    }

    pub(crate) fn assertion(&self) -> AssertionHash {
        self.lease.owner().assertion
    }

    pub(crate) fn lease(&self) -> &Arc<Lease> {
        &self.lease
    }

    /// When the lease was last read, within a second; `None` when never since it was won.
    pub(crate) fn last_used(&self) -> Option<Timestamp> {
        match self.last_used.load(Ordering::Relaxed) {
            0 => None,
            millis => Some(Timestamp::from_unix_millis(millis)),
        }
    }

    /// The lease, and a note that it was used.
    pub(crate) fn lend(&self, now: Timestamp) -> Arc<Lease> {
        let now = now.unix_millis();
        if now.saturating_sub(self.last_used.load(Ordering::Relaxed)) >= USE_RESOLUTION_MILLIS {
            self.last_used.store(now, Ordering::Relaxed);
        }
        Arc::clone(&self.lease)
    }
}

/// All leases of one session at one moment.
pub(crate) type Snapshot = [Option<Arc<Slot>>; MAX_ASSERTIONS];

/// The session's current snapshot. The session writes it; a reader takes no lock and allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Published(ArcSwap<Snapshot>);

impl Published {
    /// The lease that was won with this assertion, when it is usable.
    pub(crate) fn lease(&self, assertion: AssertionHash, now: Timestamp) -> Option<Arc<Lease>> {
        let snapshot = self.0.load();
        let slot = snapshot.iter().flatten().find(|slot| slot.assertion() == assertion)?;
        slot.lease.is_usable(now).then(|| slot.lend(now))
    }

    /// How many leases are usable, and how many have lapsed.
    pub(crate) fn count(&self, now: Timestamp) -> (usize, usize) {
        let snapshot = self.0.load();
        let published = snapshot.iter().flatten().count();
        let usable = snapshot.iter().flatten().filter(|slot| slot.lease.is_usable(now)).count();
        (usable, published - usable)
    }

    pub(crate) fn publish(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }

    pub(crate) fn clear(&self) {
        self.publish(Snapshot::default());
    }
}
