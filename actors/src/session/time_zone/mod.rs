//! The user's own time zone, as a session remembers it: one call at a time asks for it, and for some time nobody does
//! where the last one learnt nothing.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::clock::Clock;

/// A service that has failed one call is likely to fail the next one too, which would wait for it in vain.
const REST_AFTER_A_FAILURE: Duration = Duration::from_secs(60);
/// A mailbox that tells no zone, or is refused, may do so soon: it is new, or its user has only begun to set it up.
const REST_WITHOUT_A_ZONE: Duration = Duration::from_secs(600);
/// For how many times as long nobody waits again: a minute where the whole three seconds were waited that a call has for
/// it. A call that had less time has learnt less.
const REST_PER_WAIT: u32 = 20;

/// What a session knows of its user's time zone: a name that whoever puts it in can read again. It holds no content, and is
/// forgotten with the session.
#[derive(Debug, Default)]
pub struct TimeZoneMemory {
    /// For good: reading it is one atomic load.
    known: OnceLock<Box<str>>,
    inquiry: Mutex<Inquiry>,
    /// Wakes those who wait for the call that asks.
    ended: Notify,
}

/// What a call does that needs the zone.
#[derive(Debug)]
pub enum TimeZoneTurn<'m> {
    /// It takes this one.
    Known(&'m str),
    /// It asks, and nobody else does as long as it holds this.
    Ask(TimeZoneInquiry<'m>),
    /// It goes without: somebody has asked in vain a short while ago.
    Rest,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeZoneAnswer {
    Told(Box<str>),
    /// There is an answer, and no zone in it, or none that is understood; or it is a refusal.
    NotTold,
    /// The service failed or said nothing intelligible, and may well answer a little later.
    Failed,
    /// There was no answer within this time.
    Late {
        waited: Duration,
    },
}

/// The right to ask. Dropped without an answer, somebody who waits for it has it.
pub struct TimeZoneInquiry<'m> {
    memory: &'m TimeZoneMemory,
    ending: Ending,
}

/// Whether anybody asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Inquiry {
    #[default]
    Due,
    Underway,
    /// Asked in vain.
    NotBefore(Instant),
    Answered,
}

/// What becomes of a call that wants to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Granted,
    Waits,
    Rests,
    Answered,
}

/// How an inquiry ends.
#[derive(Debug, Default)]
enum Ending {
    /// Nothing is learnt from it.
    #[default]
    GivenUp,
    InVain {
        not_before: Instant,
    },
    Told(Box<str>),
}

impl TimeZoneMemory {
    /// The zone, once somebody has learnt it. Takes no lock and allocates nothing.
    pub fn known(&self) -> Option<&str> {
        self.known.get().map(|name| &**name)
    }

    /// Waits for a call that is asking, as long as that one asks: the caller bounds it. Where this is dropped, nobody is
    /// held up.
    pub async fn turn(&self, clock: &dyn Clock) -> TimeZoneTurn<'_> {
        loop {
            // Before the look: it hears of an inquiry that ends between the two.
            let ended = self.ended.notified();
            if let Some(name) = self.known() {
                return TimeZoneTurn::Known(name);
            }
            let entry = self.inquiry().enter(clock.instant());
            match entry {
                Entry::Granted => {
                    return TimeZoneTurn::Ask(TimeZoneInquiry { memory: self, ending: Ending::GivenUp });
                }
                Entry::Rests => return TimeZoneTurn::Rest,
                Entry::Waits => ended.await,
                // Between the look and here.
                Entry::Answered => {}
            }
        }
    }

    fn end(&self, ending: Ending) {
        let next = Inquiry::after(&ending);
        if let Ending::Told(name) = ending {
            // One inquiry alone is answered: nothing is there yet.
            self.known.get_or_init(|| name);
        }
        *self.inquiry() = next;
        self.ended.notify_waiters();
    }

    fn inquiry(&self) -> MutexGuard<'_, Inquiry> {
        self.inquiry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'m> TimeZoneInquiry<'m> {
    /// Ends it, for those who wait too. The zone, where there is one.
    pub fn answered(mut self, answer: TimeZoneAnswer, now: Instant) -> Option<&'m str> {
        let memory = self.memory;
        self.ending = answer.ending(now);
        drop(self);
        memory.known()
    }
}

impl Drop for TimeZoneInquiry<'_> {
    fn drop(&mut self) {
        self.memory.end(std::mem::take(&mut self.ending));
    }
}

impl fmt::Debug for TimeZoneInquiry<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TimeZoneInquiry").finish_non_exhaustive()
    }
}

impl TimeZoneAnswer {
    fn ending(self, now: Instant) -> Ending {
        let rest = match self {
            Self::Told(name) => return Ending::Told(name),
            Self::NotTold => REST_WITHOUT_A_ZONE,
            Self::Failed => REST_AFTER_A_FAILURE,
            Self::Late { waited } => waited.saturating_mul(REST_PER_WAIT).min(REST_AFTER_A_FAILURE),
        };
        Ending::InVain { not_before: now + rest }
    }
}

impl Inquiry {
    fn enter(&mut self, now: Instant) -> Entry {
        match *self {
            Self::Answered => Entry::Answered,
            Self::Underway => Entry::Waits,
            Self::NotBefore(until) if now < until => Entry::Rests,
            Self::Due | Self::NotBefore(_) => {
                *self = Self::Underway;
                Entry::Granted
            }
        }
    }

    fn after(ending: &Ending) -> Self {
        match ending {
            Ending::GivenUp => Self::Due,
            Ending::InVain { not_before } => Self::NotBefore(*not_before),
            Ending::Told(_) => Self::Answered,
        }
    }
}
