//! Every decision of a session, as a pure state machine: no clock, no randomness, no actor.
//!
//! The session serves up to [`MAX_ASSERTIONS`] assertions of one principal, each with its own lease, its own
//! exchange and its own memory of refusals. [`SessionMachine::step`] takes an event and says what to do.

mod holding;
#[cfg(test)]
mod properties;
mod refusal;
mod term;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use self::holding::{Ask, Holding};
use super::published::{MAX_ASSERTIONS, Snapshot};
use crate::assertion::Assertion;
use crate::clock::Timestamp;
use crate::lease::Lease;
use crate::ports::{AadstsCode, ExchangeError, ExchangedToken};
use crate::settings::{ActorSettings, LeaseSettings};

/// What a caller is told to wait when every assertion of the session is being exchanged already.
const CROWDED_RETRY: Duration = Duration::from_secs(1);

/// The settings that a session decides by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    lease: LeaseSettings,
    refusal_memory: Duration,
    idle: Duration,
}

impl From<&ActorSettings> for Rules {
    fn from(settings: &ActorSettings) -> Self {
        Self { lease: settings.lease, refusal_memory: settings.refusal_memory, idle: settings.session_idle }
    }
}

/// Names one exchange of one session. A completion whose generation is not in flight changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// A lease that Graph refused, and what Graph wants instead.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) lease: Arc<Lease>,
    /// The claims JSON of the challenge, when there was one.
    pub(crate) claims: Option<Arc<str>>,
}

/// What can happen to a session. `W` is how a waiting caller is answered.
pub(crate) enum Event<W> {
    /// A caller found no usable lease published, or had the published one refused.
    Wanted { assertion: Assertion, rejected: Option<Rejection>, correlation_id: Uuid, waiter: W },
    /// An exchange came back. `fraction` in `0.0..1.0` places the renewal.
    ExchangeEnded { generation: Generation, outcome: Result<ExchangedToken, ExchangeError>, fraction: f64 },
    /// The time of [`SessionMachine::next_wake`] has come; `visits` calls are in the session.
    Woken { visits: usize },
}

/// What a session wants done.
pub(crate) enum Effect<W> {
    /// Always the first effect of a step, so that whoever is answered finds the new state published.
    Publish(Snapshot),
    Exchange {
        generation: Generation,
        assertion: Assertion,
        claims: Option<Arc<str>>,
        /// Of the call that asked; `None` for a renewal, which no call asked for.
        correlation_id: Option<Uuid>,
    },
    Answer {
        waiter: W,
        answer: Result<Arc<Lease>, ExchangeError>,
    },
    /// Nobody has used the session for long: its owner may end it.
    AskToEnd,
}

/// One step under way: what it may look at, and what it has decided so far.
struct Turn<W> {
    now: Timestamp,
    rules: Rules,
    exchanges_begun: u64,
    republish: bool,
    effects: Vec<Effect<W>>,
}

impl<W> Turn<W> {
    fn answer(&mut self, waiter: W, answer: Result<Arc<Lease>, ExchangeError>) {
        self.effects.push(Effect::Answer { waiter, answer });
    }

    fn next_generation(&mut self) -> Generation {
        self.exchanges_begun += 1;
        Generation(self.exchanges_begun)
    }
}

/// The state of one session.
pub(crate) struct SessionMachine<W> {
    rules: Rules,
    holdings: Vec<Holding<W>>,
    exchanges_begun: u64,
    active_at: Timestamp,
}

impl<W> SessionMachine<W> {
    pub(crate) fn new(rules: Rules, now: Timestamp) -> Self {
        Self { rules, holdings: Vec::new(), exchanges_begun: 0, active_at: now }
    }

    /// Takes in an event and says what to do, in that order.
    pub(crate) fn step(&mut self, event: Event<W>, now: Timestamp) -> Vec<Effect<W>> {
        let mut turn = Turn {
            now,
            rules: self.rules,
            exchanges_begun: self.exchanges_begun,
            republish: false,
            effects: Vec::new(),
        };

        self.note_use();
        self.drop_what_is_over(&mut turn);
        match event {
            Event::Wanted { assertion, rejected, correlation_id, waiter } => {
                self.wanted(assertion, rejected, correlation_id, waiter, &mut turn);
            }
            Event::ExchangeEnded { generation, outcome, fraction } => {
                let holding = self.holdings.iter_mut().find(|holding| holding.awaits(generation));
                if let Some(holding) = holding {
                    holding.exchange_ended(outcome, fraction, &mut turn);
                }
            }
            Event::Woken { visits } => self.woken(visits, &mut turn),
        }

        self.exchanges_begun = turn.exchanges_begun;
        if turn.republish {
            turn.effects.insert(0, Effect::Publish(self.snapshot()));
        }
        debug_assert_eq!(self.violation(now), None);
        turn.effects
    }

    /// When [`Event::Woken`] is due: the next renewal, the next end of a lease, or the end of idling.
    pub(crate) fn next_wake(&self) -> Timestamp {
        let idle_at = self.active_at + self.rules.idle;
        self.holdings.iter().filter_map(Holding::next_wake).fold(idle_at, Timestamp::min)
    }

    fn wanted(
        &mut self,
        assertion: Assertion,
        rejected: Option<Rejection>,
        correlation_id: Uuid,
        waiter: W,
        turn: &mut Turn<W>,
    ) {
        self.active_at = turn.now;
        if assertion.expires_at() <= turn.now {
            return turn.answer(waiter, Err(ExchangeError::AssertionRejected(AadstsCode::default())));
        }
        let Some(holding) = self.find_or_admit(assertion, turn) else {
            let crowded = ExchangeError::Throttled { retry_after: Some(CROWDED_RETRY) };
            return turn.answer(waiter, Err(crowded));
        };

        let mut claims = None;
        if let Some(rejection) = rejected {
            holding.drop_rejected(&rejection.lease, turn);
            claims = rejection.claims;
        }
        holding.ask(Ask { claims, correlation_id: Some(correlation_id), waiters: vec![waiter] }, turn);
    }

    fn woken(&mut self, visits: usize, turn: &mut Turn<W>) {
        for holding in &mut self.holdings {
            holding.renew_if_due(turn);
        }
        if visits > 0 || self.holdings.iter().any(Holding::is_in_flight) {
            self.active_at = turn.now;
            return;
        }
        if turn.now < self.active_at + self.rules.idle {
            return;
        }
        // The owner may decline, for a call may have come in meanwhile: asked again after another idle span.
        self.active_at = turn.now;
        turn.effects.push(Effect::AskToEnd);
    }

    /// The holding of an assertion, made when it is new. `None` when there are as many as there may be and none
    /// can make room, because all are in flight.
    fn find_or_admit(&mut self, assertion: Assertion, turn: &mut Turn<W>) -> Option<&mut Holding<W>> {
        if let Some(known) = self.holdings.iter().position(|holding| holding.is_of(assertion.hash())) {
            return self.holdings.get_mut(known);
        }
        if self.holdings.len() >= MAX_ASSERTIONS {
            let (oldest, _) = self
                .holdings
                .iter()
                .enumerate()
                .filter(|(_, holding)| !holding.is_in_flight())
                .min_by_key(|(_, holding)| holding.used_at())?;
            turn.republish |= self.holdings.swap_remove(oldest).has_lease();
        }
        self.holdings.reserve_exact(1);
        self.holdings.push(Holding::new(assertion, turn.now));
        self.holdings.last_mut()
    }

    /// Reads of published leases happen without the machine; they keep the session from idling all the same.
    fn note_use(&mut self) {
        let used_at = self.holdings.iter().map(Holding::used_at).max();
        self.active_at = used_at.map_or(self.active_at, |used_at| used_at.max(self.active_at));
    }

    /// Lets go of what can't be used any more: tokens do not outlive their use.
    fn drop_what_is_over(&mut self, turn: &mut Turn<W>) {
        for holding in &mut self.holdings {
            holding.drop_what_is_over(turn);
        }
        self.holdings.retain(Holding::is_worth_keeping);
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (place, holding) in snapshot.iter_mut().zip(&self.holdings) {
            *place = holding.slot().cloned();
        }
        snapshot
    }

    /// The first broken rule of the machine, in words; `None` at all times.
    pub(crate) fn violation(&self, now: Timestamp) -> Option<&'static str> {
        if self.holdings.len() > MAX_ASSERTIONS {
            return Some("more assertions than may be held");
        }
        for (index, holding) in self.holdings.iter().enumerate() {
            if self.holdings.iter().skip(index + 1).any(|other| holding.is_of(other.assertion_hash())) {
                return Some("an assertion is held twice");
            }
            if let Some(violation) = holding.violation(self.exchanges_begun, now) {
                return Some(violation);
            }
        }
        None
    }
}
