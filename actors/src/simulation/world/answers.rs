//! What Graph answers, and what comes of it for the call and for those after it.

use std::time::Duration;

use super::super::graph::{GraphAnswer, refused_scope};
use super::super::sabotage::Sabotage;
use super::happenings::Happening;
use super::{ATTEMPTS, Call, Kept, World};
use crate::claims::ClaimsChallenge;
use crate::clock::Clock;
use crate::session::Rejection;
use crate::throttle::{
    GatePermit, GateRequest, Learn, Learned, Outcome, ThrottleScope, ThrottleSignal, Workload,
};

/// What a refusal that names no time means at the very least.
const SHORTEST_BACK_OFF: Duration = Duration::from_millis(250);

impl World {
    pub(super) fn graph_answers(&mut self, which: usize, attempt: u32) -> Kept {
        if !self.is_at(which, attempt) {
            return Ok(());
        }
        let Some(mut permit) = self.calls[which].permit.take() else { return Ok(()) };
        let millis = self.millis();
        // Of a batch, one item is refused, and all are asked again.
        let (item, answer) = self.weather.answer(self.calls[which].part(), millis, &mut self.chance);
        self.hear(which, &mut permit, item.key.workload, answer);
        self.books.request_ends(self.calls[which].part());
        drop(permit);
        self.books.breakers.agree(self.gate.breaker_states(), self.instant())?;
        match answer {
            GraphAnswer::Given => {
                self.played.answered += 1;
                self.go_on_with_the_rest(which)
            }
            GraphAnswer::Denied => {
                self.played.denied += 1;
                self.go_on_with_the_rest(which)
            }
            GraphAnswer::Throttled(wait) => {
                let scope = refused_scope(&item, &mut self.chance);
                self.throttled(which, &item, wait, scope)
            }
            GraphAnswer::Crowded => {
                let wait = Some(Duration::from_millis(500));
                self.throttled(which, &item, wait, ThrottleScope::Concurrency)
            }
            GraphAnswer::Failed => {
                self.played.faults += 1;
                self.again_after(which, Duration::from_millis(100))
            }
            GraphAnswer::LeaseRefused { with_claims } => self.lease_refused(which, with_claims),
        }
    }

    /// The gate hears what the answer says of the services that were asked: of a batch, often of each item.
    fn hear(&mut self, which: usize, permit: &mut GatePermit, failing: Workload, answer: GraphAnswer) {
        let (now, call) = (self.clock.instant(), &self.calls[which]);
        let is_whole = call.part().len() == 1 || self.chance.happens(30);
        let has_failed = matches!(answer, GraphAnswer::Failed);
        let outcomes = |workload: Workload| -> Vec<Outcome> {
            let has_failed = has_failed && (is_whole || workload == failing);
            let outcome = if has_failed { Outcome::Failed } else { Outcome::Answered };
            let items = call.part().iter().filter(|item| item.key.workload == workload).count();
            vec![outcome; if is_whole { 1 } else { items }]
        };
        self.books.breakers.ends(which, call.principal.tenant, outcomes, now);
        let is_misheard = match answer {
            GraphAnswer::Failed => self.suffers(Sabotage::FailuresCountAsAnswers),
            GraphAnswer::Denied => self.suffers(Sabotage::DenialsCountAsFailures),
            _ => false,
        };
        for workload in Workload::ALL {
            let mut heard = outcomes(workload);
            if is_misheard {
                let other = if has_failed { Outcome::Answered } else { Outcome::Failed };
                heard.fill(other);
            }
            permit.items_ended(workload, &heard);
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

    /// The gate closes at once for the shortest time that a refusal can mean, and the throttle actor hears of it soon.
    fn throttled(
        &mut self,
        which: usize,
        item: &GateRequest,
        wait: Option<Duration>,
        scope: ThrottleScope,
    ) -> Kept {
        self.played.throttled += 1;
        let signal = wait.map_or(ThrottleSignal::Unspecified, ThrottleSignal::RetryAfter);
        if !self.suffers(Sabotage::GateIgnoresThrottling) {
            let is_narrowed =
                self.suffers(Sabotage::GateKeepsOneTenantAway) && scope == ThrottleScope::Application;
            let heeded = if is_narrowed { ThrottleScope::Tenant } else { scope };
            let mut request = *item;
            self.misjudge(&mut request);
            self.gate.heed(&request, signal, heeded, self.instant());
            self.send_soon(Happening::Learns(self.refusals.len()));
            self.refusals.push(Learn { request, signal, scope: heeded });
        }
        let least = wait.unwrap_or(SHORTEST_BACK_OFF);
        self.books.graph_wants_quiet(item, scope, self.instant() + least);
        self.again_after(which, Duration::ZERO)
    }

    /// The throttle actor hears of a refusal.
    pub(super) fn learns(&mut self, which: usize) -> Kept {
        let (now, fraction) = (self.instant(), self.chance.fraction());
        let learn @ Learn { request, signal, scope } = self.refusals[which];
        if signal != ThrottleSignal::Unspecified {
            self.learned.learn(&learn, &self.gate, now, fraction);
            return Ok(());
        }
        self.played.backed_off += 1;
        let owed = self.books.backs_off(&request, scope, fraction, now);
        if self.suffers(Sabotage::BackOffsAreNotHeard) {
            return Ok(());
        }
        if self.suffers(Sabotage::BackOffsNeverGrow) {
            self.learned = Learned::default();
        }
        // A clock that stands still forgives nothing.
        let heard = if self.suffers(Sabotage::BackOffsAreNeverForgiven) { self.clock.origin } else { now };
        let pause = self.learned.learn(&learn, &self.gate, heard, fraction);
        owed.is_kept_by(pause)
    }

    /// Once more, where the tenant and the whole may repeat one.
    fn again_after(&mut self, which: usize, pause: Duration) -> Kept {
        let Call { attempt, session, principal, .. } = self.calls[which];
        let Some(session) = session.filter(|_| attempt < ATTEMPTS) else {
            self.end(which);
            return Ok(());
        };
        let retries = self.sessions[session].handle.retries();
        let may_repeat = !self.suffers(Sabotage::RepeatsNothing) && retries.try_retry(self.clock.now());
        if !may_repeat && !self.suffers(Sabotage::RepeatsWithoutABudget) {
            self.books.does_not_repeat(principal.tenant)?;
            self.played.not_repeated += 1;
            self.end(which);
            return Ok(());
        }
        self.books.repeats(principal.tenant, self.instant())?;
        let more = if self.suffers(Sabotage::CallsOutliveTheirLease) { 600 } else { 0 };
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
}
