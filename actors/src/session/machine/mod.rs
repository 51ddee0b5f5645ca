//! Every decision of a session, as a pure state machine: no clock, no randomness, no actor.
//!
//! The session serves up to [`MAX_ASSERTIONS`] assertions of one principal, each with its own lease, its own
//! exchange and its own memory of refusals. [`SessionMachine::step`] takes an event and says what to do.

#[cfg(test)]
mod bench;
mod holding;
#[cfg(test)]
mod properties;
mod refusal;
#[cfg(test)]
mod spared;
mod term;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use self::holding::{Ask, Holding};
use super::published::{MAX_ASSERTIONS, Snapshot};
use super::user_budget::UserBudget;
use super::violation::Violation;
use crate::assertion::Assertion;
use crate::claims::ClaimsChallenge;
use crate::clock::{CLOCK_TOLERANCE, Timestamp};
use crate::exchange::Purpose;
use crate::identity::Principal;
use crate::lease::Lease;
use crate::ports::{AadstsCode, Block, ExchangeError, ExchangedToken, ThrottledBy};
use crate::settings::{ActorSettings, ExchangeLimits, LeaseSettings};

/// What a caller is told to wait when every assertion of the session is being exchanged already.
const CROWDED_RETRY: Duration = Duration::from_secs(1);

/// The settings that a session decides by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    lease: LeaseSettings,
    exchanges: ExchangeLimits,
    refusal_memory: Duration,
    idle: Duration,
}

impl From<&ActorSettings> for Rules {
    fn from(settings: &ActorSettings) -> Self {
        Self {
            lease: settings.lease,
            exchanges: settings.exchanges,
            refusal_memory: settings.refusal_memory,
            idle: settings.session_idle,
        }
    }
}

/// Names one exchange of one session. A completion whose generation is not in flight changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Generation(u64);

#[cfg(test)]
impl Generation {
    /// One that no machine has given out.
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }
}

/// A lease that Graph refused, and what Graph wants instead.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) lease: Arc<Lease>,
    /// `None` when it just refused.
    pub(crate) claims: Option<ClaimsChallenge>,
}

/// What can happen to a session. `W` is how a waiting caller is answered.
pub(crate) enum Event<W> {
    /// A caller found no usable lease published, or had the published one refused.
    Wanted { assertion: Assertion, rejected: Option<Rejection>, correlation_id: Uuid, waiter: W },
    /// An exchange came back. `fraction` in `0.0..1.0` places the renewal, or the next attempt.
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
        purpose: Purpose,
        /// Of the call that asked; `None` for a renewal, which no call asked for.
        correlation_id: Option<Uuid>,
    },
    /// A call waits now for what began as a renewal.
    Hasten(Generation),
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
    principal: Principal,
    budget: Arc<UserBudget>,
    books: Books,
    republish: bool,
    effects: Vec<Effect<W>>,
}

impl<W> Turn<W> {
    fn answer(&mut self, waiter: W, answer: Result<Arc<Lease>, ExchangeError>) {
        self.effects.push(Effect::Answer { waiter, answer });
    }

    fn next_generation(&mut self) -> Generation {
        self.books.exchanges_begun += 1;
        Generation(self.books.exchanges_begun)
    }
}

/// What a session counts over all its assertions.
#[derive(Debug, Clone, Copy, Default)]
struct Books {
    exchanges_begun: u64,
    /// Exchanges that Entra did not answer, without one in between that it did.
    failures: u32,
}

/// The state of one session.
pub(crate) struct SessionMachine<W> {
    rules: Rules,
    principal: Principal,
    budget: Arc<UserBudget>,
    holdings: Vec<Holding<W>>,
    books: Books,
    active_at: Timestamp,
    /// The latest time that a step was taken at.
    latest: Timestamp,
}

impl<W> SessionMachine<W> {
    /// `budget` is that of all of the user's sessions.
    pub(crate) fn new(principal: Principal, rules: Rules, budget: Arc<UserBudget>, now: Timestamp) -> Self {
        let (holdings, books) = (Vec::new(), Books::default());
        Self { rules, principal, budget, holdings, books, active_at: now, latest: now }
    }

    /// Takes in an event and says what to do, in that order.
    pub(crate) fn step(&mut self, event: Event<W>, now: Timestamp) -> Vec<Effect<W>> {
        let mut turn = Turn {
            now,
            rules: self.rules,
            principal: self.principal,
            budget: Arc::clone(&self.budget),
            books: self.books,
            republish: false,
            effects: Vec::new(),
        };

        self.heed_clock(&mut turn);
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

        self.books = turn.books;
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

    /// Those who wait for this exchange, in the order in which they came: the first has caused it, unless it began as a
    /// renewal.
    pub(crate) fn waiting_for(&self, generation: Generation) -> &[W] {
        let holding = self.holdings.iter().find(|holding| holding.awaits(generation));
        holding.map_or(&[], Holding::waiters)
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
        let holding = match self.find_or_admit(assertion, turn) {
            Ok(holding) => holding,
            Err(wait) => return turn.answer(waiter, Err(over_budget(wait))),
        };

        let mut claims = None;
        if let Some(rejection) = rejected {
            if holding.has_met(&rejection) {
                let location = ExchangeError::Blocked(Block::Location, AadstsCode::default());
                return turn.answer(waiter, Err(location));
            }
            holding.drop_rejected(&rejection.lease, turn);
            claims = rejection.claims;
        }
        holding.ask(Ask { claims, correlation_id: Some(correlation_id), waiters: vec![waiter] }, turn);
    }

    fn woken(&mut self, visits: usize, turn: &mut Turn<W>) {
        for holding in &mut self.holdings {
            holding.renew_if_due(turn);
        }
        let is_needed = self.holdings.iter().any(|holding| holding.is_in_flight() || holding.is_refused());
        if visits > 0 || is_needed {
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

    /// The holding of an assertion, made when it is new. Otherwise how long to wait: for a budget that is spent, so
    /// that a client with ever new assertions pushes out nobody's lease, or because none of as many holdings as there
    /// may be can make room, for all are in flight.
    fn find_or_admit(
        &mut self,
        assertion: Assertion,
        turn: &mut Turn<W>,
    ) -> Result<&mut Holding<W>, Duration> {
        let known = self.holdings.iter().position(|holding| holding.is_of(assertion.hash()));
        let place = if let Some(known) = known {
            known
        } else {
            if let Some(wait) = turn.budget.wait(turn.rules.exchanges.per_user, turn.now) {
                return Err(wait);
            }
            if self.holdings.len() >= MAX_ASSERTIONS {
                let oldest = self.oldest_at_rest().ok_or(CROWDED_RETRY)?;
                turn.republish |= self.holdings.swap_remove(oldest).has_lease();
            }
            self.holdings.reserve_exact(1);
            self.holdings.push(Holding::new(assertion, turn.now));
            self.holdings.len() - 1
        };
        self.holdings.get_mut(place).ok_or(CROWDED_RETRY)
    }

    fn oldest_at_rest(&self) -> Option<usize> {
        let at_rest = self.holdings.iter().enumerate().filter(|(_, holding)| !holding.is_in_flight());
        at_rest.min_by_key(|(_, holding)| holding.used_at()).map(|(place, _)| place)
    }

    /// A clock that was set back would let leases live on, and refusals and budgets last: all are given up, the user's
    /// budget by itself.
    fn heed_clock(&mut self, turn: &mut Turn<W>) {
        if turn.now + CLOCK_TOLERANCE < self.latest {
            for holding in &mut self.holdings {
                holding.give_up_what_is_dated(turn);
            }
            self.active_at = turn.now;
            self.latest = turn.now;
        }
        self.latest = self.latest.max(turn.now);
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
        self.holdings.retain(|holding| holding.is_worth_keeping(turn.now));
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (place, holding) in snapshot.iter_mut().zip(&self.holdings) {
            *place = holding.slot().cloned();
        }
        snapshot
    }

    /// Whether this exchange is in flight.
    #[cfg(test)]
    pub(crate) fn awaits(&self, generation: Generation) -> bool {
        self.holdings.iter().any(|holding| holding.awaits(generation))
    }

    /// The assertions whose refusal answers at this time: what the witness asks.
    #[cfg(any(test, debug_assertions))]
    pub(crate) fn refused(&self, now: Timestamp) -> impl Iterator<Item = crate::assertion::AssertionHash> {
        self.holdings
            .iter()
            .filter(move |holding| holding.remembers_refusal(now))
            .map(Holding::assertion_hash)
    }

    /// The first broken rule of the machine's own state; `None` at all times.
    pub(crate) fn violation(&self, now: Timestamp) -> Option<Violation> {
        if self.holdings.len() > MAX_ASSERTIONS {
            return Some(Violation::TooManyAssertions);
        }
        for (index, holding) in self.holdings.iter().enumerate() {
            if self.holdings.iter().skip(index + 1).any(|other| holding.is_of(other.assertion_hash())) {
                return Some(Violation::AssertionHeldTwice);
            }
            if let Some(violation) = holding.violation(self.principal, self.books.exchanges_begun, now) {
                return Some(violation);
            }
        }
        None
    }
}

fn over_budget(wait: Duration) -> ExchangeError {
    ExchangeError::Throttled { by: ThrottledBy::Budget, retry_after: Some(wait) }
}
