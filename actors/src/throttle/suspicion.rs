//! Which limit a refusal is about, where Graph doesn't say: one that many use is behind it where many are refused.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
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

/// What a refusal says about a limit that several use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It is one of the two again who were refused last: they have trouble of their own.
    Against,
    /// One alone.
    Nothing,
    /// One was refused about when another might come back.
    Weak,
    /// Two were told to come back at the same moment.
    Strong,
}

impl Evidence {
    pub(super) fn speaks_for_it(self) -> bool {
        matches!(self, Self::Weak | Self::Strong)
    }
}

/// Who was refused last of all who use a limit, and until when; and who before.
#[derive(Debug, Default)]
pub(super) struct Suspicion {
    last: AtomicU64,
    before: AtomicU32,
}

impl Suspicion {
    /// `party` has been refused, and told to come back at that time.
    pub(super) fn learn(&self, party: Party, back_at: Nanos, now: Nanos) -> Evidence {
        let tick = (back_at / TICK).min(u64::from(u32::MAX));
        let last = self.last.swap(tick << 32 | u64::from(party.0), Ordering::Relaxed);
        let [.., a, b, c, d] = last.to_be_bytes();
        let (told, other) = ((last >> 32) * TICK, u32::from_be_bytes([a, b, c, d]));
        if last == 0 {
            return Evidence::Nothing;
        }
        if other == party.0 || self.before.swap(other, Ordering::Relaxed) == party.0 {
            return Evidence::Against;
        }
        if back_at.abs_diff(told) <= SAME_MOMENT {
            return Evidence::Strong;
        }
        if now.abs_diff(told) <= STILL { Evidence::Weak } else { Evidence::Nothing }
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
    #[case::the_same_moment("ben", 12, 20, Evidence::Strong)]
    #[case::two_seconds_apart("ben", 12, 22, Evidence::Strong)]
    #[case::about_when_the_other_may_come_back("ben", 35, 60, Evidence::Weak)]
    #[case::long_after("ben", 36, 60, Evidence::Nothing)]
    #[case::long_before("ben", 4, 60, Evidence::Nothing)]
    #[case::oneself("ada", 12, 20, Evidence::Against)]
    fn two_who_are_refused_together_share_a_reason(
        #[case] who: &str,
        #[case] now: u64,
        #[case] back_at: u64,
        #[case] evidence: Evidence,
    ) {
        let suspicion = Suspicion::default();
        let learn = |who, now, back_at| suspicion.learn(Party::named(who), back_at * SECOND, now * SECOND);
        assert_eq!(learn("ada", 10, 20), Evidence::Nothing, "the first");
        assert_eq!(learn(who, now, back_at), evidence);
    }

    /// Two users with trouble of their own would stop their tenant again and again; or a limit that was found once never be
    /// found again.
    #[test]
    fn two_are_heard_once_until_somebody_else_is_refused() {
        let suspicion = Suspicion::default();
        let refused = |who, at| suspicion.learn(Party::named(who), (at + 10) * SECOND, at * SECOND);
        assert_eq!([refused("ada", 0), refused("ben", 0)], [Evidence::Nothing, Evidence::Strong]);
        for window in 1..4 {
            let again = [refused("ben", window * 10), refused("ada", window * 10)];
            assert_eq!(again, [Evidence::Against; 2], "the window {window}");
        }
        assert_eq!([refused("eve", 40), refused("ben", 40)], [Evidence::Weak, Evidence::Strong]);
    }
}
