//! How many calls a user makes within a minute, where the tenant has a quota.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connector_actors::clock::Timestamp;
use connector_actors::identity::{ByIdentity, ObjectId, Principal, TenantId};

const MINUTE_MS: u64 = 60_000;

/// Users whose quota is full again are looked for when so many are remembered, and then at twice as many as are left.
const FIRST_SWEEP: usize = 4_096;

/// When each user's quota will be full again. Users of tenants without a quota have no entry, and their calls do not
/// come here.
#[derive(Debug)]
pub(crate) struct CallQuotas {
    full_at: ByIdentity<(TenantId, ObjectId), Timestamp>,
    sweep_at: AtomicUsize,
}

impl Default for CallQuotas {
    fn default() -> Self {
        Self { full_at: ByIdentity::default(), sweep_at: AtomicUsize::new(FIRST_SWEEP) }
    }
}

impl CallQuotas {
    /// Counts a call of the user, or says how long it takes until the next one. A whole minute's calls may come at
    /// once; after that they come back evenly.
    pub(super) fn count(
        &self,
        principal: &Principal,
        a_minute: NonZeroU32,
        now: Timestamp,
    ) -> Result<(), Duration> {
        self.sweep(now);
        let mut full_at = self.full_at.entry((principal.tenant, principal.user)).or_insert(now);
        *full_at = after_one_more(*full_at, a_minute, now)?;
        Ok(())
    }

    fn sweep(&self, now: Timestamp) {
        if self.full_at.len() < self.sweep_at.load(Ordering::Relaxed) {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        self.sweep_at.store(FIRST_SWEEP.max(self.full_at.len() * 2), Ordering::Relaxed);
    }
}

/// When a quota that will be full at `full_at` is full again after one more call: each call costs its part of the minute.
fn after_one_more(full_at: Timestamp, a_minute: NonZeroU32, now: Timestamp) -> Result<Timestamp, Duration> {
    let cost = Duration::from_millis(MINUTE_MS.div_ceil(u64::from(a_minute.get())));
    let next = full_at.max(now) + cost;
    let whole = now + Duration::from_millis(MINUTE_MS).max(cost);
    if next > whole { Err(whole.until(next)) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use connector_actors::identity::ClientId;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_900_000_000);

    fn somebody(user: u128, client: u128) -> Principal {
        Principal {
            tenant: TenantId::from_uuid(Uuid::from_u128(1)),
            user: ObjectId::from_uuid(Uuid::from_u128(user)),
            client: ClientId::from_uuid(Uuid::from_u128(client)),
        }
    }

    /// If this failed, a user would have more calls than the tenant allows, or a colleague fewer.
    #[test]
    fn a_user_has_so_many_calls_a_minute_through_all_clients() {
        let quotas = CallQuotas::default();
        let three = NonZeroU32::new(3).unwrap();
        for client in 0..3 {
            quotas.count(&somebody(1, client), three, NOW).unwrap();
        }
        assert_eq!(quotas.count(&somebody(1, 9), three, NOW), Err(Duration::from_secs(20)));
        quotas.count(&somebody(2, 1), three, NOW).unwrap();
        let later = NOW + Duration::from_secs(20);
        quotas.count(&somebody(1, 1), three, later).unwrap();
        assert_eq!(quotas.count(&somebody(1, 1), three, later), Err(Duration::from_secs(20)));
    }

    /// If this failed, every user who ever called would stay in memory.
    #[test]
    fn a_user_whose_quota_is_full_again_is_forgotten() {
        let quotas = CallQuotas::default();
        let one = NonZeroU32::MIN;
        for user in 0..FIRST_SWEEP {
            quotas.count(&somebody(user as u128, 1), one, NOW).unwrap();
        }
        quotas.count(&somebody(u128::MAX, 1), one, NOW + Duration::from_secs(60)).unwrap();
        assert_eq!(quotas.full_at.len(), 1);
    }
}
