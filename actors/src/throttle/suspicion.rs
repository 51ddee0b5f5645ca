//! Which limit a refusal is about, where Graph doesn't say: one that many use is behind it where many are refused.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::meter_key::MeterKey;
use super::rate::{Nanos, nanos};
use super::request::GateRequest;

/// Two who are told to come back so close to each other are refused by the same limit: times are told in whole seconds.
const SAME_MOMENT: Nanos = nanos(Duration::from_secs(2));
/// One who is refused so close to when another may come back may be refused by the same limit, which is still used up.
const STILL: Nanos = nanos(Duration::from_secs(15));
/// How finely a time is remembered: in 32 bits, for thirteen years.
const TICK: Nanos = nanos(Duration::from_millis(100));

/// How much speaks for a limit that several use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// One of them was refused about when another might come back.
    Weak,
    /// Two of them were told to come back at the same moment.
    Strong,
}

/// Who was refused last of all who use a limit, and until when.
#[derive(Debug, Default)]
pub(super) struct Suspicion(AtomicU64);

impl Suspicion {
    /// `party` has been refused, and told to come back at that time.
    pub(super) fn learn(&self, party: Party, back_at: Nanos, now: Nanos) -> Option<Evidence> {
        let tick = (back_at / TICK).min(u64::from(u32::MAX));
        let last = self.0.swap(tick << 32 | u64::from(party.0), Ordering::Relaxed);
        let (other, told) = (last & u64::from(u32::MAX), last >> 32);
        if last == 0 || other == u64::from(party.0) {
            return None;
        }
        let told = told * TICK;
        if back_at.abs_diff(told) <= SAME_MOMENT {
            return Some(Evidence::Strong);
        }
        (now.abs_diff(told) <= STILL).then_some(Evidence::Weak)
    }
}

/// One of those who use a limit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party(u32);

impl Party {
    /// For whom the request uses the limit `key`; `None` where nothing more specific could be meant than that.
    pub(super) fn of(request: &GateRequest, key: &MeterKey) -> Option<Self> {
        match key {
            MeterKey::App(..) => Some(Self::of_all_tenants(request)),
            MeterKey::Tenant(..) => Some(Self::named(request.user)),
            MeterKey::User(..) | MeterKey::Subject(..) => request.resource.map(Self::named),
            MeterKey::Resource(..) | MeterKey::Lane(_) | MeterKey::ResourcePause(..) => None,
        }
    }

    /// Of a limit of the application, and of the one above every service.
    pub(super) fn of_all_tenants(request: &GateRequest) -> Self {
        Self::named(request.key.tenant)
    }

    fn named(name: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
        Self(u32::from_be_bytes([a, b, c, d]))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SECOND: Nanos = nanos(Duration::from_secs(1));

    /// One user whom another application slows down would slow the whole tenant down; or a tenant's limit never be found.
    #[rstest]
    #[case::the_same_moment("ben", 12, 20, Some(Evidence::Strong))]
    #[case::two_seconds_apart("ben", 12, 22, Some(Evidence::Strong))]
    #[case::about_when_the_other_may_come_back("ben", 35, 60, Some(Evidence::Weak))]
    #[case::long_after("ben", 36, 60, None)]
    #[case::long_before("ben", 4, 60, None)]
    #[case::oneself("ada", 12, 20, None)]
    fn two_who_are_refused_together_share_a_reason(
        #[case] who: &str,
        #[case] now: u64,
        #[case] back_at: u64,
        #[case] evidence: Option<Evidence>,
    ) {
        let suspicion = Suspicion::default();
        let learn = |who, now, back_at| suspicion.learn(Party::named(who), back_at * SECOND, now * SECOND);
        assert_eq!(learn("ada", 10, 20), None, "the first");
        assert_eq!(learn(who, now, back_at), evidence);
    }
}
