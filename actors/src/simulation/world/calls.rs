//! A call from its lease on: at the gate, on its way to Graph, and over.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::super::books::{Broken, alike, hold};
use super::super::graph::canary;
use super::super::sabotage::Sabotage;
use super::happenings::Happening;
use super::{Kept, Life, World};
use crate::clock::Clock;
use crate::lease::Lease;
use crate::session::Violation;
use crate::testing::tenant;
use crate::throttle::{
    Attempt, BreakerState, Entry, Gate, GatePermit, GateReason, GateRequest, RequestClass, ResourceHash,
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
            asked.dedup_by(|item, other| {
                item.key.workload == Workload::Outlook && alike(item) == alike(other)
            });
        }
        for item in &mut asked {
            self.misjudge(item);
        }
        if self.suffers(Sabotage::GateHearsOfAPartOfABatch) {
            let is_missed = |item: &&mut GateRequest| {
                matches!(item.key.workload, Workload::Directory | Workload::SharePoint)
            };
            asked.iter_mut().skip(1).filter(is_missed).for_each(|item| item.key.tenant = tenant(99));
        }
        if self.suffers(Sabotage::BatchesTakeATurnForEachItem)
            && let [first, _, ..] = asked[..]
        {
            drop(self.gate.enter(&first, deadline, now));
        }
        let is_alike = |waiting: &usize| self.calls[*waiting].part() == call.part();
        let (first, others) = (&asked[0], &asked[1..]);
        if self.suffers(Sabotage::GateLetsOvertake) && self.at_gate.iter().any(is_alike) {
            return self.knows_nobody().enter_batch(first, others, deadline, now);
        }
        self.gate.enter_batch(first, others, deadline, now)
    }

    fn knows_nobody(&self) -> Gate {
        Gate::new(self.settings.throttle, Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    /// Whether a call goes on that a breaker alone is in the way of.
    fn passes_a_breaker(&self, which: usize) -> bool {
        let is_asked = |workload| self.calls[which].part().iter().any(|item| item.key.workload == workload);
        let is_in = |wanted| {
            self.gate.breaker_states().any(|(workload, state)| is_asked(workload) && state == wanted)
        };
        self.suffers(Sabotage::BreakersLetAllPass) && is_in(BreakerState::Open)
            || self.suffers(Sabotage::ProbesAreNotCounted)
                && is_in(BreakerState::HalfOpen)
                && !is_in(BreakerState::Open)
    }

    /// Has an item counted as what it is not.
    pub(super) fn misjudge(&self, item: &mut GateRequest) {
        let is_search = item.class == RequestClass::Search;
        let is_link = item.class == RequestClass::SharingLink;
        let is_chat = matches!(item.class, RequestClass::Teams(_));
        if is_search && self.suffers(Sabotage::SearchesCountAsMail) {
            item.class = RequestClass::Mailbox;
        }
        if is_link && self.suffers(Sabotage::LinksCountAsFiles) {
            item.class = RequestClass::SharePoint;
        }
        if is_chat && self.suffers(Sabotage::ChatsAreEachUsersOwn) {
            let user = item.user.as_uuid().as_u128();
            item.resource = item.resource.map(|chat| ResourceHash::of(&format!("{chat:?}{user}")));
        }
    }

    pub(super) fn try_gate(&mut self, which: usize) -> Kept {
        let now = self.instant();
        let Some(waiting) = &mut self.calls[which].waiting else { return Ok(()) };
        match waiting.attempt(now) {
            Attempt::Passed(permit) => {
                self.leave_gate(which);
                self.send(which, permit)
            }
            Attempt::Refused(refusal)
                if refusal.reason == GateReason::Breaker && self.passes_a_breaker(which) =>
            {
                self.leave_gate(which);
                match self.knows_nobody().enter(&self.calls[which].items[0], now, now) {
                    Entry::Passed(permit) => self.send(which, permit),
                    Entry::Waiting(_) => Ok(()),
                }
            }
            Attempt::Refused(mut refusal) => {
                self.played.left_alone += u64::from(refusal.reason == GateReason::Breaker);
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
        let is_refused = self.tokens.refuse(&call.token, &call.principal);
        hold(session.life != Life::Revoked && !is_refused, Broken::AskedAfterRevocation)?;
        hold(session.life != Life::Drained, Broken::AskedAfterDrain)?;
        let is_usable = call.lease.as_ref().is_some_and(|lease| {
            // Usable when the call began; its margin is longer than any call.
            self.clock.now() < lease.usable_until() + self.settings.lease.expiry_margin
        });
        hold(is_usable, Broken::AskedWithExpiredLease)?;
        self.books.admitted.asks(&call.principal)?;
        self.books.request_begins(which, call.part(), now)?;
        call.permit = Some(permit);
        call.attempt += 1;
        let attempt = call.attempt;
        if attempt == 1 {
            session.handle.retries().note_request();
            self.books.asks_first(call.principal.tenant, now);
        }
        let takes = self.weather.takes(&mut self.chance);
        self.put_after(takes, Happening::GraphAnswers { call: which, attempt });
        Ok(())
    }

    /// The call is over, however it went: what it holds comes back.
    pub(super) fn end(&mut self, which: usize) {
        let (leaks, now) = (self.suffers(Sabotage::LeaksPermit), self.instant());
        let keeps_place = self.suffers(Sabotage::CallsKeepTheirPlace);
        let call = &mut self.calls[which];
        if std::mem::replace(&mut call.is_over, true) {
            return;
        }
        self.books.waits_no_more(which, call.part());
        self.books.leaves(which);
        self.is_unsettled = true;
        drop(call.place.take());
        if let Some(places) = call.places.take().filter(|_| keeps_place) {
            std::mem::forget(places.tenant);
        }
        if let Some(permit) = call.permit.take() {
            self.books.request_ends(call.part());
            self.books.breakers.is_given_up(which, call.principal.tenant, now);
            if leaks {
                std::mem::forget(permit);
            }
        }
        self.leave_gate(which);
    }
}
