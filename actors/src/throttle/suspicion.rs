//! Which limit a refusal is about, where Graph doesn't say: one that many use is behind it where many are refused.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::line::Asker;
use super::meter_key::MeterKey;
use super::rate::{Nanos, nanos};
use super::request::GateRequest;

/// Two who are told to come back so close to each other are refused by the same limit: times are told in whole seconds.
const SAME_MOMENT: Nanos = nanos(Duration::from_secs(2));
/// One who is refused so close to when another may come back may be refused by the same limit, which is still used up.
const STILL: Nanos = nanos(Duration::from_secs(15));

/// So long after the last one was to come back, nobody remembers who that was: no limit that several use counts for longer, but
/// a day's.
const REMEMBERED: Nanos = nanos(Duration::from_secs(300));

/// So many who were refused are known at most.
const KNOWN: usize = 4;

/// What a refusal says about a limit that several use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Others wait, and who is refused is one of the same few again: they have limits of their own.
    Against,
    /// It may be this limit or another.
    Nothing,
    /// One was refused about when another might come back; or nobody waits but those who are refused.
    Weak,
    /// Two were told to come back at the same moment.
    Strong,
}

impl Evidence {
    pub(super) fn speaks_for_it(self) -> bool {
        matches!(self, Self::Weak | Self::Strong)
    }
}

/// What a refusal says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Testimony {
    pub(super) evidence: Evidence,
    /// Whether it is about one of those who were refused last.
    pub(super) is_heard_again: bool,
    /// Who those are, with this one.
    pub(super) known: Known,
}

/// Some of those who use a limit; zero is nobody.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known([u32; KNOWN]);

impl Known {
    /// Whether `waiter`, who waits for the limit that `party` uses, is none of them. Of resources nobody knows for which one
    /// somebody waits.
    pub(super) fn lacks(&self, waiter: Asker, party: Party) -> bool {
        party.named_alike(waiter).is_some_and(|name| !self.0.contains(&name))
    }
}

/// Who was refused last of all who use a limit.
#[derive(Debug, Default)]
pub(super) struct Suspicion(Mutex<Refused>);

#[derive(Debug, Default)]
struct Refused {
    /// The last one first, and each once.
    known: Known,
    /// When the last one was to come back.
    told: Nanos,
}

impl Suspicion {
    /// `party` has been refused, and told to come back at that time.
    pub(super) fn learn(&self, party: Party, back_at: Nanos, now: Nanos) -> Testimony {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(refused.told) > REMEMBERED {
            *refused = Refused::default();
        }
        let evidence = match refused.known.0 {
            [last, ..] if last == 0 || last == party.name => Evidence::Nothing,
            _ if back_at.abs_diff(refused.told) <= SAME_MOMENT => Evidence::Strong,
            _ if now.abs_diff(refused.told) <= STILL => Evidence::Weak,
            _ => Evidence::Nothing,
        };
        let is_heard_again = refused.note(party, back_at);
        Testimony { evidence, is_heard_again, known: refused.known }
    }
}

impl Refused {
    /// Says whether it is known.
    fn note(&mut self, party: Party, back_at: Nanos) -> bool {
        let Known(names) = &mut self.known;
        let place = names.iter().position(|name| *name == party.name);
        names[..=place.unwrap_or(KNOWN - 1)].rotate_right(1);
        names[0] = party.name;
        self.told = back_at;
        place.is_some()
    }
}

/// One of those who use a limit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party {
    name: u32,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tenant,
    User,
    /// Of one user.
    Resource,
}

impl Party {
    /// For whom the request uses the limit `key`; `None` where nothing more specific could be meant than that.
    pub(super) fn of(request: &GateRequest, key: &MeterKey) -> Option<Self> {
        match key {
            MeterKey::App(..) => Some(Self::of_all_tenants(request)),
            MeterKey::Tenant(..) => Some(Self { name: name_of(request.user), kind: Kind::User }),
            MeterKey::User(..) | MeterKey::Subject(..) => {
                request.resource.map(|resource| Self { name: name_of(resource), kind: Kind::Resource })
            }
            MeterKey::Resource(..) | MeterKey::Lane(_) | MeterKey::ResourcePause(..) => None,
        }
    }

    /// Of a limit of the application, and of the one above every service.
    pub(super) fn of_all_tenants(request: &GateRequest) -> Self {
        Self { name: name_of(request.key.tenant), kind: Kind::Tenant }
    }

    /// What somebody who waits for the same limit is called there.
    fn named_alike(self, waiter: Asker) -> Option<u32> {
        match self.kind {
            Kind::Tenant => Some(name_of(waiter.tenant)),
            Kind::User => Some(name_of(waiter.user)),
            Kind::Resource => None,
        }
    }

    /// Whether it is this one who waits, as one of those who use the limit together.
    pub(super) fn is(self, waiter: Asker) -> bool {
        self.named_alike(waiter) == Some(self.name)
    }
}

fn name_of(name: impl Hash) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SECOND: Nanos = nanos(Duration::from_secs(1));

    fn told(suspicion: &Suspicion, who: &str, back_at: u64, now: u64) -> Testimony {
        let party = Party { name: name_of(who), kind: Kind::Resource };
        suspicion.learn(party, back_at * SECOND, now * SECOND)
    }

    /// One user whom another application slows down would slow the whole tenant down; or a tenant's limit never be found.
    #[rstest]
    #[case::the_same_moment("ben", 12, 20, Evidence::Strong)]
    #[case::two_seconds_apart("ben", 12, 22, Evidence::Strong)]
    #[case::about_when_the_other_may_come_back("ben", 35, 60, Evidence::Weak)]
    #[case::long_after("ben", 36, 60, Evidence::Nothing)]
    #[case::long_before("ben", 4, 60, Evidence::Nothing)]
    #[case::oneself("ada", 12, 20, Evidence::Nothing)]
    fn two_who_are_refused_together_share_a_reason(
        #[case] who: &str,
        #[case] now: u64,
        #[case] back_at: u64,
        #[case] evidence: Evidence,
    ) {
        let suspicion = Suspicion::default();
        assert_eq!(told(&suspicion, "ada", 20, 10).evidence, Evidence::Nothing, "the first");
        assert_eq!(told(&suspicion, who, back_at, now).evidence, evidence);
    }

    /// A few users with limits of their own would be taken for their tenant's limit again and again; or others for those few.
    #[test]
    fn the_last_few_are_known() {
        let suspicion = Suspicion::default();
        let are_known = |names: &[&str], at| {
            let is_known = |who: &&str| told(&suspicion, who, at + 10, at).is_heard_again;
            names.iter().map(is_known).collect::<Vec<_>>()
        };
        let few = ["ada", "ben", "cem", "dan"];
        assert_eq!(are_known(&few, 0), [false; 4]);
        for window in 1..4 {
            assert_eq!(are_known(&few, window * 10), [true; 4], "the window {window}");
        }
        assert_eq!(are_known(&["dan", "eve"], 40), [true, false]);
        assert_eq!(are_known(&["ada"], 40), [false], "she came first, and four have come since");
        assert_eq!(are_known(&["eve", "dan", "cem", "ben"], 40), [true, true, true, false]);
    }

    /// Who was refused in the morning would be no witness in the evening.
    #[test]
    fn after_five_minutes_nobody_is_known() {
        let suspicion = Suspicion::default();
        let (_, second) = (told(&suspicion, "ada", 20, 10), told(&suspicion, "ben", 20, 10));
        assert_eq!(second.evidence, Evidence::Strong);
        let alone = told(&suspicion, "ada", 330, 321);
        assert_eq!((alone.evidence, alone.is_heard_again), (Evidence::Nothing, false));
        let second = told(&suspicion, "ben", 330, 321);
        assert_eq!((second.evidence, second.is_heard_again), (Evidence::Strong, false));
        assert!(told(&suspicion, "ada", 640, 630).is_heard_again);
    }
}
