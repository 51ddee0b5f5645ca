//! A call from its lease on: at the gate, at Graph, and over.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::super::books::{Broken, alike, hold};
use super::super::graph::{GraphAnswer, canary, refused_scope};
use super::super::sabotage::Sabotage;
use super::{ATTEMPTS, Call, Happening, Kept, Life, World};
use crate::claims::ClaimsChallenge;
use crate::clock::Clock;
use crate::lease::Lease;
use crate::session::{Rejection, Violation};
use crate::throttle::{
    Attempt, BreakerState, Entry, Gate, GatePermit, GateRequest, Outcome, ThrottleScope, ThrottleSignal,
    Workload,
};

impl World {
    pub(super) fn has_lease(&mut self, which: usize, lease: Arc<Lease>) -> Kept {
        let call = &mut self.calls[which];
        if call.is_over {
            return Ok(());
        }
        let is_own = lease.owner().principal == call.principal
            && lease.owner().assertion == call.assertion.hash()
            && lease.expose_token() == canary(&call.principal);
        hold(is_own, Broken::ForeignAnswer)?;
        hold(lease.is_usable(self.clock.now()), Broken::Session(Violation::UnusableLease))?;
        call.lease = Some(lease);
        self.enter_gate(which)
    }

    pub(super) fn enter_gate(&mut self, which: usize) -> Kept {
        let now = self.instant();
        let call = &mut self.calls[which];
        let goes_whole = self.sabotage == Some(Sabotage::BatchesGoWhole);
        call.together = if goes_whole { call.items.len() } else { self.gate.together(&call.items, now) };
        match self.ask_gate(which, now) {
            Entry::Passed(permit) => self.send(which, permit),
            Entry::Waiting(waiting) => {
                self.played.waits += 1;
                let is_closed = |(_, state)| state == BreakerState::Closed;
                let is_free = self.at_gate.is_empty() && self.gate.breaker_states().all(is_closed);
                let call = &mut self.calls[which];
                let has_asked = self.books.has_asked_lately(call.principal.tenant, now);
                hold(!is_free || has_asked, Broken::HeldUpForNothing)?;
                self.books.waits(which, call.part());
                call.waiting = Some(waiting);
                self.at_gate.push(which);
                self.try_gate(which)
            }
        }
    }

    fn ask_gate(&self, which: usize, now: Instant) -> Entry {
        let call = &self.calls[which];
        let (mut asked, mut deadline) = (call.part().to_vec(), call.deadline);
        if self.suffers(Sabotage::GateWaitsBeyondDeadline) {
            deadline += Duration::from_secs(10);
        }
        if self.suffers(Sabotage::GateGivesABatchOnePlace) {
            asked.sort_unstable_by_key(alike);
            asked.dedup_by_key(|item| alike(item));
        }
        if self.suffers(Sabotage::GateHearsOfAPartOfABatch) {
            let is_heard_of =
                |item: &GateRequest| !matches!(item.key.workload, Workload::Directory | Workload::SharePoint);
            let first = asked.first().copied();
            asked.retain(is_heard_of);
            asked = if asked.is_empty() { first.into_iter().collect() } else { asked };
        }
        if self.suffers(Sabotage::BatchesTakeATurnForEachItem)
            && let [first, _, ..] = asked[..]
        {
            drop(self.gate.enter(&first, deadline, now));
        }
        let is_alike = |waiting: &usize| self.calls[*waiting].part() == call.part();
        let (first, others) = (&asked[0], &asked[1..]);
        if self.suffers(Sabotage::GateLetsOvertake) && self.at_gate.iter().any(is_alike) {
            let knows_nobody = Gate::new(self.settings.throttle, Arc::clone(&self.clock) as Arc<dyn Clock>);
            return knows_nobody.enter_batch(first, others, deadline, now);
        }
        self.gate.enter_batch(first, others, deadline, now)
    }

    pub(super) fn try_gate(&mut self, which: usize) -> Kept {
        let now = self.instant();
        let Some(waiting) = &mut self.calls[which].waiting else { return Ok(()) };
        match waiting.attempt(now) {
            Attempt::Passed(permit) => {
                self.leave_gate(which);
                self.send(which, permit)
            }
            Attempt::Refused(mut refusal) => {
                if self.suffers(Sabotage::GateRefusesWithoutATime) {
                    refusal.retry_after = Duration::ZERO;
                }
                hold(!refusal.retry_after.is_zero(), Broken::DishonestRefusal)?;
                self.leave_gate(which);
                self.end(which);
                Ok(())
            }
            Attempt::Wait { until } => {
                hold(until <= self.calls[which].deadline, Broken::Overdue)?;
                hold(now < self.calls[which].deadline, Broken::Overdue)?;
                self.put_at(until, Happening::GateTurn(which));
                Ok(())
            }
        }
    }

    fn leave_gate(&mut self, which: usize) {
        self.calls[which].waiting = None;
        self.at_gate.retain(|waiting| *waiting != which);
    }

    /// Whoever has been rung tries again, and nobody else: a bell that is forgotten leaves somebody waiting.
    pub(super) fn answer_bells(&mut self) -> Kept {
        loop {
            let is_rung = |which: &usize| {
                let waiting = self.calls[*which].waiting.as_ref();
                waiting.is_some_and(|waiting| waiting.bell().notified().now_or_never().is_some())
            };
            let Some(rung) = self.at_gate.iter().copied().find(is_rung) else { return Ok(()) };
            self.try_gate(rung)?;
        }
    }

    fn send(&mut self, which: usize, permit: GatePermit) -> Kept {
        let now = self.instant();
        let call = &mut self.calls[which];
        let Some(session) = call.session.map(|session| &self.sessions[session]) else { return Ok(()) };
        hold(session.life != Life::Revoked, Broken::AskedAfterRevocation)?;
        hold(session.life != Life::Drained, Broken::AskedAfterDrain)?;
        let is_usable = call.lease.as_ref().is_some_and(|lease| {
            // Usable when the call began; its margin is longer than any call.
            self.clock.now() < lease.usable_until() + self.settings.lease.expiry_margin
        });
        hold(is_usable, Broken::AskedWithExpiredLease)?;
        self.books.request_begins(which, call.part(), now)?;
        call.permit = Some(permit);
        call.attempt += 1;
        let attempt = call.attempt;
        if attempt == 1 {
            session.handle.retries().note_request();
            self.books.asks_first(call.principal.tenant, now);
        }
        let takes = self.chance.millis(10, 4_000);
        self.put_after(takes, Happening::GraphAnswers { call: which, attempt });
        Ok(())
    }

    pub(super) fn graph_answers(&mut self, which: usize, attempt: u32) -> Kept {
        if !self.is_at(which, attempt) {
            return Ok(());
        }
        let Some(mut permit) = self.calls[which].permit.take() else { return Ok(()) };
        let answer = self.weather.answer(&mut self.chance);
        let failed = matches!(answer, GraphAnswer::Failed);
        permit.ended(if failed { Outcome::Failed } else { Outcome::Answered });
        self.books.request_ends(self.calls[which].part());
        drop(permit);
        // Of a batch, one item is refused, and all are asked again.
        let item = self.chance.pick(self.calls[which].part());
        match answer {
            GraphAnswer::Given => {
                self.played.answered += 1;
                self.go_on_with_the_rest(which)
            }
            GraphAnswer::Throttled(wait) => {
                let scope = refused_scope(&item, &mut self.chance);
                self.throttled(which, &item, wait, scope)
            }
            GraphAnswer::Crowded => {
                let wait = Duration::from_millis(500);
                self.throttled(which, &item, wait, ThrottleScope::Concurrency)
            }
            GraphAnswer::Failed => {
                self.played.faults += 1;
                self.again_after(which, Duration::from_millis(100))
            }
            GraphAnswer::LeaseRefused { with_claims } => self.lease_refused(which, with_claims),
        }
    }

    /// What has been answered is asked for no more.
    fn go_on_with_the_rest(&mut self, which: usize) -> Kept {
        let call = &mut self.calls[which];
        call.items.drain(..call.together);
        call.together = 0;
        if call.items.is_empty() {
            self.end(which);
            return Ok(());
        }
        self.enter_gate(which)
    }

    fn throttled(&mut self, which: usize, item: &GateRequest, wait: Duration, scope: ThrottleScope) -> Kept {
        self.played.throttled += 1;
        if !self.suffers(Sabotage::GateIgnoresThrottling) {
            let is_narrowed =
                self.suffers(Sabotage::GateKeepsOneTenantAway) && scope == ThrottleScope::Application;
            let heeded = if is_narrowed { ThrottleScope::Tenant } else { scope };
            self.gate.heed(item, ThrottleSignal::RetryAfter(wait), heeded, self.instant());
        }
        self.books.graph_wants_quiet(item, scope, self.instant() + wait);
        self.again_after(which, Duration::ZERO)
    }

    /// Once more, where the tenant and the whole may repeat one.
    fn again_after(&mut self, which: usize, pause: Duration) -> Kept {
        let Call { attempt, session, principal, .. } = self.calls[which];
        let Some(session) = session.filter(|_| attempt < ATTEMPTS) else {
            self.end(which);
            return Ok(());
        };
        let may_repeat = self.sessions[session].handle.retries().try_retry(self.clock.now());
        if !may_repeat && !self.suffers(Sabotage::RepeatsWithoutABudget) {
            self.played.not_repeated += 1;
            self.end(which);
            return Ok(());
        }
        self.books.repeats(principal.tenant, self.instant())?;
        let more = if self.suffers(Sabotage::CallsOutliveTheirLease) { 1_500 } else { 0 };
        self.put_after(pause + Duration::from_secs(more), Happening::TryAgain { call: which, attempt });
        Ok(())
    }

    fn lease_refused(&mut self, which: usize, with_claims: bool) -> Kept {
        let call = &mut self.calls[which];
        let Some(lease) = call.lease.take().filter(|_| !call.has_replaced) else {
            self.end(which);
            return Ok(());
        };
        call.has_replaced = true;
        let claims = with_claims.then(|| ClaimsChallenge::new("{}"));
        self.want_lease(which, Some(Rejection { lease, claims }))
    }

    /// The call is over, however it went: what it holds comes back.
    pub(super) fn end(&mut self, which: usize) {
        let leaks = self.suffers(Sabotage::LeaksPermit);
        let call = &mut self.calls[which];
        if std::mem::replace(&mut call.is_over, true) {
            return;
        }
        self.books.waits_no_more(which, call.part());
        self.books.leaves(which);
        drop(call.place.take());
        if let Some(permit) = call.permit.take() {
            self.books.request_ends(call.part());
            if leaks {
                std::mem::forget(permit);
            }
        }
        self.leave_gate(which);
    }
}
