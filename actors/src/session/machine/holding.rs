//! What a session holds for one assertion: its lease, its exchange in flight, its last refusal.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::refusal::{LOOP_REST, Refusal, ends_the_lease};
use super::term::Term;
use super::{Effect, Generation, Rejection, Turn, over_budget};
use crate::assertion::{Assertion, AssertionHash};
use crate::claims::ClaimsChallenge;
use crate::clock::Timestamp;
use crate::exchange::Purpose;
use crate::identity::Principal;
use crate::lease::{Lease, LeaseOwner};
use crate::ports::{AadstsCode, ExchangeError, ExchangeFault, ExchangedToken, ThrottledBy};
use crate::session::budget::Budget;
use crate::session::published::Slot;
use crate::session::violation::Violation;

/// A renewal that failed is not tried again when less than this is left of the lease: the next caller asks.
const LAST_RETRY_BEFORE_END: Duration = Duration::from_secs(30);

pub(super) struct Holding<W> {
    assertion: Assertion,
    asked_at: Timestamp,
    budget: Budget,
    lease: Option<HeldLease>,
    refusal: Option<Refusal>,
    flight: Option<Flight<W>>,
}

struct HeldLease {
    slot: Arc<Slot>,
    renew_at: Timestamp,
    /// When its exchange began, and what that asked for.
    begun: Timestamp,
    claims: Option<ClaimsChallenge>,
}

impl HeldLease {
    fn meets(&self, claims: Option<&ClaimsChallenge>) -> bool {
        is_met(claims, self.claims.as_ref(), self.begun)
    }
}

/// Callers who want the same thing of Entra.
pub(super) struct Ask<W> {
    pub(super) claims: Option<ClaimsChallenge>,
    pub(super) correlation_id: Option<Uuid>,
    pub(super) waiters: Vec<W>,
}

impl<W> Ask<W> {
    fn refuse(self, error: &ExchangeError, turn: &mut Turn<W>) {
        for waiter in self.waiters {
            turn.answer(waiter, Err(error.clone()));
        }
    }
}

struct Flight<W> {
    generation: Generation,
    started: Timestamp,
    purpose: Purpose,
    /// Whether it was taken from the budgets: a renewal is not, even when a call comes to wait for it.
    is_budgeted: bool,
    claims: Option<ClaimsChallenge>,
    waiters: Vec<W>,
    /// Callers whose claims this exchange does not ask for: theirs follow it, one for each claims.
    next: VecDeque<Ask<W>>,
}

impl<W> Holding<W> {
    pub(super) fn new(assertion: Assertion, now: Timestamp) -> Self {
        let budget = Budget::default();
        Self { assertion, asked_at: now, budget, lease: None, refusal: None, flight: None }
    }

    pub(super) fn assertion_hash(&self) -> AssertionHash {
        self.assertion.hash()
    }

    pub(super) fn is_of(&self, assertion: AssertionHash) -> bool {
        self.assertion.hash() == assertion
    }

    pub(super) fn awaits(&self, generation: Generation) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.generation == generation)
    }

    /// Of the exchange in flight.
    pub(super) fn waiters(&self) -> &[W] {
        self.flight.as_ref().map_or(&[], |flight| &flight.waiters)
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.flight.is_some()
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    pub(super) fn remembers_refusal(&self, now: Timestamp) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.is_remembered(now))
    }

    pub(super) fn has_lease(&self) -> bool {
        self.lease.is_some()
    }

    /// With nothing else to hold, what its exchanges have used up is remembered.
    pub(super) fn is_worth_keeping(&self, now: Timestamp) -> bool {
        self.lease.is_some() || self.flight.is_some() || self.refusal.is_some() || !self.budget.is_whole(now)
    }

    pub(super) fn slot(&self) -> Option<&Arc<Slot>> {
        self.lease.as_ref().map(|held| &held.slot)
    }

    /// When a caller last asked for this assertion or read its lease.
    pub(super) fn used_at(&self) -> Timestamp {
        let read_at = self.slot().and_then(|slot| slot.last_used());
        read_at.map_or(self.asked_at, |read_at| read_at.max(self.asked_at))
    }

    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        let held = self.lease.as_ref()?;
        let end = held.slot.lease().usable_until();
        Some(if self.is_in_flight() { end } else { held.renew_at.min(end) })
    }

    pub(super) fn drop_what_is_over(&mut self, turn: &mut Turn<W>) {
        if self.slot().is_some_and(|slot| !slot.lease().is_usable(turn.now)) {
            self.drop_lease(turn);
        }
        self.refusal.take_if(|refusal| !refusal.is_remembered(turn.now));
    }

    /// The clock was set back: no time that was written down before means anything.
    pub(super) fn give_up_what_is_dated(&mut self, turn: &mut Turn<W>) {
        self.drop_lease(turn);
        self.refusal = None;
        self.budget = Budget::default();
        self.asked_at = turn.now;
        if let Some(flight) = &mut self.flight {
            flight.started = flight.started.min(turn.now);
        }
    }

    /// Whether the refused lease was won for a challenge, and satisfies the one that it is refused with: another exchange
    /// would bring no other token. The lease stays, for what does not ask for them.
    pub(super) fn has_met(&self, rejection: &Rejection) -> bool {
        let held = self.lease.as_ref().filter(|held| Arc::ptr_eq(held.slot.lease(), &rejection.lease));
        held.is_some_and(|held| rejection.claims.is_some() && held.meets(rejection.claims.as_ref()))
    }

    /// Lets go of the lease that Graph refused, unless it has been replaced already.
    pub(super) fn drop_rejected(&mut self, rejected: &Arc<Lease>, turn: &mut Turn<W>) {
        if self.slot().is_some_and(|slot| Arc::ptr_eq(slot.lease(), rejected)) {
            self.drop_lease(turn);
        }
    }

    /// Answers from what is held, joins the exchange in flight, or begins one. A lease that was won with other
    /// claims than the caller's is served on to those who ask for none.
    pub(super) fn ask(&mut self, ask: Ask<W>, turn: &mut Turn<W>) {
        self.asked_at = turn.now;
        if let Some(held) = self.lease.as_ref().filter(|held| held.meets(ask.claims.as_ref())) {
            let lease = held.slot.lend(turn.now);
            return ask.waiters.into_iter().for_each(|waiter| turn.answer(waiter, Ok(Arc::clone(&lease))));
        }
        if let Some(flight) = &mut self.flight {
            return flight.join(ask, turn);
        }
        if let Some(refusal) = &self.refusal {
            let error = refusal.answer(turn.now);
            return ask.refuse(&error, turn);
        }
        self.begin_within_budget(ask, VecDeque::new(), turn);
    }

    /// Renews the lease early, so that no call has to wait for it; but only for a user who still works.
    pub(super) fn renew_if_due(&mut self, turn: &mut Turn<W>) {
        let Some(held) = &mut self.lease else { return };
        if self.flight.is_some() || turn.now < held.renew_at {
            return;
        }
        held.renew_at = held.slot.lease().usable_until();
        if self.refusal.is_none() && held.slot.last_used().is_some() {
            // What the lease has met, its successor must meet as well, or Graph would ask for it anew.
            let claims = held.claims.clone();
            let renewal = Ask { claims, correlation_id: None, waiters: Vec::new() };
            self.begin(renewal, Purpose::Renewal, VecDeque::new(), turn);
        }
    }

    /// The exchange in flight is over. The caller has made sure that there is one.
    pub(super) fn exchange_ended(
        &mut self,
        outcome: Result<ExchangedToken, ExchangeError>,
        fraction: f64,
        turn: &mut Turn<W>,
    ) {
        let Some(flight) = self.flight.take() else { return };
        match outcome {
            Ok(token) => self.won(flight, token, fraction, turn),
            Err(error) => self.refused(flight, error, fraction, turn),
        }
    }

    /// Begins an exchange that calls have caused, when the user and the assertion may have one more.
    fn begin_within_budget(&mut self, ask: Ask<W>, next: VecDeque<Ask<W>>, turn: &mut Turn<W>) {
        let limits = turn.rules.exchanges;
        let of_user = turn.budget.wait(limits.per_user, turn.now);
        let of_assertion = self.budget.wait(limits.per_assertion, turn.now);
        if let Some(wait) = of_user.max(of_assertion) {
            let error = over_budget(wait);
            return std::iter::once(ask).chain(next).for_each(|ask| ask.refuse(&error, turn));
        }
        turn.budget.take(limits.per_user, turn.now);
        self.budget.take(limits.per_assertion, turn.now);
        self.begin(ask, Purpose::Call, next, turn);
    }

    fn begin(&mut self, ask: Ask<W>, purpose: Purpose, next: VecDeque<Ask<W>>, turn: &mut Turn<W>) {
        let generation = turn.next_generation();
        turn.effects.push(Effect::Exchange {
            generation,
            assertion: self.assertion.clone(),
            claims: ask.claims.as_ref().map(|claims| Arc::clone(claims.json())),
            purpose,
            correlation_id: ask.correlation_id,
        });
        let Ask { claims, waiters, .. } = ask;
        let is_budgeted = purpose == Purpose::Call;
        let started = turn.now;
        self.flight = Some(Flight { generation, started, purpose, is_budgeted, claims, waiters, next });
    }

    fn won(&mut self, mut flight: Flight<W>, token: ExchangedToken, fraction: f64, turn: &mut Turn<W>) {
        let expires_at = self.assertion.expires_at();
        let term = Term::of(&token, expires_at, flight.started, fraction, &turn.rules.lease);
        if term.usable_until <= turn.now {
            let error = if expires_at <= turn.now {
                ExchangeError::AssertionRejected(AadstsCode::default())
            } else {
                ExchangeError::Unavailable(ExchangeFault::Unintelligible)
            };
            return self.refused(flight, error, fraction, turn);
        }

        let owner = LeaseOwner { principal: turn.principal, assertion: self.assertion.hash() };
        let lease = Arc::new(Lease::new(owner, token.token, token.scopes, term.usable_until));
        let slot = Arc::new(Slot::new(Arc::clone(&lease)));
        self.refusal = None;
        turn.books.failures = 0;
        let (begun, claims) = (flight.started, flight.claims);
        self.lease = Some(HeldLease { slot, renew_at: term.renew_at, begun, claims });
        turn.republish = true;
        for waiter in flight.waiters {
            turn.answer(waiter, Ok(Arc::clone(&lease)));
        }
        if let Some(ask) = flight.next.pop_front() {
            self.begin_within_budget(ask, flight.next, turn);
        }
    }

    fn refused(&mut self, flight: Flight<W>, error: ExchangeError, fraction: f64, turn: &mut Turn<W>) {
        keep_books(&error, turn);
        if flight.is_budgeted && is_spared(&error) {
            turn.budget.give_back(turn.rules.exchanges.per_user, turn.now);
            self.budget.give_back(turn.rules.exchanges.per_assertion);
        }
        self.refusal = Refusal::of(&error, turn.now, turn.rules.refusal_memory)
            .or_else(|| Refusal::back_off(&error, turn.books.failures, fraction, turn.now));
        if ends_the_lease(&error) {
            self.drop_lease(turn);
        } else {
            self.put_off_renewal(fraction, turn.now);
        }

        let error = self.refusal.as_ref().map_or(error, |refusal| refusal.answer(turn.now));
        let deferred = flight.next.into_iter().flat_map(|ask| ask.waiters);
        for waiter in flight.waiters.into_iter().chain(deferred) {
            turn.answer(waiter, Err(error.clone()));
        }
    }

    /// Entra was no help: the lease is served on, and its renewal is tried again about half-way through what is left,
    /// by chance earlier or later, so that those who failed together do not come back together.
    fn put_off_renewal(&mut self, fraction: f64, now: Timestamp) {
        let Some(held) = &mut self.lease else { return };
        let end = held.slot.lease().usable_until();
        let left = now.until(end);
        let soonest = self.refusal.as_ref().map_or(now, Refusal::until);
        let share = 0.25 + fraction.clamp(0.0, 1.0) / 2.0;
        held.renew_at = if left < LAST_RETRY_BEFORE_END {
            end
        } else {
            (now + left.mul_f64(share)).max(soonest).min(end)
        };
    }

    fn drop_lease(&mut self, turn: &mut Turn<W>) {
        turn.republish |= self.lease.take().is_some();
    }

    pub(super) fn violation(
        &self,
        principal: Principal,
        exchanges_begun: u64,
        now: Timestamp,
    ) -> Option<Violation> {
        if let Some(held) = &self.lease {
            let lease = held.slot.lease();
            if !lease.is_usable(now) {
                return Some(Violation::UnusableLeaseHeld);
            }
            if lease.usable_until() > self.assertion.expires_at() {
                return Some(Violation::LeaseOutlivesAssertion);
            }
            let owner = LeaseOwner { principal, assertion: self.assertion.hash() };
            if *lease.owner() != owner || held.slot.assertion() != owner.assertion {
                return Some(Violation::ForeignLease);
            }
        }
        if let Some(flight) = &self.flight {
            if flight.generation.0 > exchanges_begun {
                return Some(Violation::UnknownGeneration);
            }
            if self.remembers_refusal(now) {
                return Some(Violation::RefusalAskedEntra);
            }
        }
        None
    }
}

impl<W> Flight<W> {
    /// Waits for this exchange when it asks for the same claims, and for a later one otherwise.
    fn join(&mut self, ask: Ask<W>, turn: &mut Turn<W>) {
        if self.purpose == Purpose::Renewal {
            self.purpose = Purpose::Call;
            turn.effects.push(Effect::Hasten(self.generation));
        }
        if is_met(ask.claims.as_ref(), self.claims.as_ref(), self.started) {
            return self.waiters.extend(ask.waiters);
        }
        match self.next.iter_mut().find(|next| next.claims == ask.claims) {
            Some(next) => next.waiters.extend(ask.waiters),
            None => self.next.push_back(ask),
        }
    }
}

/// What an exchange without a token means for the user's others.
fn keep_books<W>(error: &ExchangeError, turn: &mut Turn<W>) {
    match error {
        ExchangeError::Throttled { by: ThrottledBy::LoopDetection, .. } => {
            turn.budget.rest(turn.rules.exchanges.per_user, LOOP_REST, turn.now);
        }
        ExchangeError::Unavailable(_) => turn.books.failures = turn.books.failures.saturating_add(1),
        ExchangeError::Throttled { .. } => {}
        _ => turn.books.failures = 0,
    }
}

/// Whether Entra is spared by other means than budgets after this error: who comes later must not find them spent.
fn is_spared(error: &ExchangeError) -> bool {
    match error {
        ExchangeError::Throttled { by, .. } => *by != ThrottledBy::LoopDetection,
        ExchangeError::Unavailable(_) => true,
        _ => false,
    }
}

/// Whether a token that was asked for with these claims, from `begun` on, is what a caller with `wanted` claims waits for.
fn is_met(wanted: Option<&ClaimsChallenge>, asked_for: Option<&ClaimsChallenge>, begun: Timestamp) -> bool {
    wanted.is_none_or(|wanted| asked_for.is_some_and(|asked_for| wanted.is_met(asked_for, begun)))
}
