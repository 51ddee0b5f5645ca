//! The identities of tokens that have been found good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connector_actors::assertion::AssertionHash;
use connector_actors::clock::Timestamp;
use connector_actors::identity::ByIdentity;

use super::identity::Identity;

/// Looking through a full memory costs milliseconds: it is not done for every token that comes.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// Remembers identities by the hash of their token, up to a bound. When it is full, expired ones leave first; when
/// all of them are alive it remembers no more, and the tokens that come cost a signature check each time.
///
/// The bound may be passed by as many entries as there are threads that remember at the same moment.
#[derive(Debug)]
pub(super) struct IdentityMemory {
    capacity: usize,
    identities: ByIdentity<AssertionHash, Arc<Identity>>,
    next_sweep: AtomicU64,
}

impl IdentityMemory {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, identities: ByIdentity::default(), next_sweep: AtomicU64::new(0) }
    }

    /// Whoever asks must still look at the times: an identity stays after its token has expired.
    pub(super) fn recall(&self, hash: &AssertionHash) -> Option<Arc<Identity>> {
        self.identities.get(hash).map(|found| Arc::clone(&found))
    }

    pub(super) fn remember(&self, hash: AssertionHash, identity: &Arc<Identity>, now: Timestamp) {
        if self.identities.len() >= self.capacity {
            self.sweep(now);
        }
        if self.identities.len() < self.capacity {
            self.identities.insert(hash, Arc::clone(identity));
        }
    }

    fn sweep(&self, now: Timestamp) {
        let due = self.next_sweep.load(Ordering::Relaxed);
        let next = (now + SWEEP_PAUSE).unix_millis();
        let is_mine = now.unix_millis() >= due
            && self.next_sweep.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_mine {
            self.identities.retain(|_, identity| identity.expires_at > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::testing::identity_expiring_at;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const LATER: Timestamp = Timestamp::from_unix_seconds(2_000);

    fn remember(memory: &IdentityMemory, token: &str, expires_at: Timestamp, now: Timestamp) -> bool {
        let hash = AssertionHash::of(token);
        memory.remember(hash, &Arc::new(identity_expiring_at(expires_at)), now);
        memory.recall(&hash).is_some()
    }

    /// If this failed, a stream of fresh tokens would grow the memory without bound.
    #[test]
    fn a_memory_full_of_live_identities_remembers_no_more() {
        let memory = IdentityMemory::new(2);
        assert!(remember(&memory, "a", LATER, NOW));
        assert!(remember(&memory, "b", LATER, NOW));
        assert!(!remember(&memory, "c", LATER, NOW));
        assert!(memory.recall(&AssertionHash::of("a")).is_some());
    }

    /// If this failed, a memory that was full once would be of no use ever after.
    #[test]
    fn expired_identities_leave_when_room_is_needed() {
        let memory = IdentityMemory::new(2);
        assert!(remember(&memory, "short", NOW + Duration::from_secs(1), NOW));
        assert!(remember(&memory, "long", LATER, NOW));
        assert!(remember(&memory, "new", LATER, NOW + Duration::from_secs(1)));
        assert!(memory.recall(&AssertionHash::of("short")).is_none());
        assert!(memory.recall(&AssertionHash::of("long")).is_some());
    }

    /// If this failed, a full memory would be searched whole for every token that comes.
    #[test]
    fn a_full_memory_is_swept_once_a_second_at_most() {
        let memory = IdentityMemory::new(1);
        let half_a_second = Duration::from_millis(500);
        assert!(remember(&memory, "short", NOW + half_a_second, NOW));
        assert!(!remember(&memory, "too soon", LATER, NOW + half_a_second / 2));
        assert!(!remember(&memory, "still too soon", LATER, NOW + half_a_second));
        assert!(remember(&memory, "in time", LATER, NOW + half_a_second * 3));
    }
}
