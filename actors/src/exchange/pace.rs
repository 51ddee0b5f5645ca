//! The pace of exchanges, as a pure machine: no clock, no randomness, no actor.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::fair_queue::{FairQueue, Ticket, Waiting};
use super::quiet::QuietTenants;
use super::{Purpose, Refused, Verdict};
use crate::identity::TenantId;
use crate::ports::ThrottledBy;

/// What may go at once, as a part of what may go in a second: Entra sees a stream and no bursts, and a user who comes
/// alone never waits.
const BURSTS_PER_SECOND: u32 = 10;

const SECOND: Duration = Duration::from_secs(1);

/// A call that would wait longer for its turn is told so instead: it has a deadline, and an exchange takes time too.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// A decision about somebody who asked.
#[derive(Debug)]
pub(crate) struct Told<W> {
    pub(crate) waiter: W,
    pub(crate) verdict: Verdict,
}

/// Who may exchange now, who waits, and who is refused. In no second more exchanges begin than the set rate, and in no
/// `span` more than `burst`.
#[derive(Debug)]
pub(crate) struct Pace<W> {
    per_second: NonZeroU32,
    /// The same, to count with.
    in_a_second: usize,
    burst: usize,
    span: Duration,
    /// When the latest exchanges began, those of a second at most.
    begun: VecDeque<Instant>,
    calls: FairQueue<W>,
    renewals: FairQueue<W>,
    quiet: QuietTenants,
}

impl<W> Pace<W> {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let burst = per_second.get().div_ceil(BURSTS_PER_SECOND);
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            per_second,
            in_a_second: count(per_second.get()),
            burst: count(burst),
            span: SECOND * burst / per_second.get(),
            begun: VecDeque::new(),
            calls: FairQueue::default(),
            renewals: FairQueue::default(),
            quiet: QuietTenants::default(),
        }
    }

    /// Takes in a wish. It is granted, put in line, or refused where waiting is no use.
    pub(crate) fn ask(
        &mut self,
        tenant: TenantId,
        ticket: Ticket,
        purpose: Purpose,
        waiter: W,
        now: Instant,
    ) -> Vec<Told<W>> {
        if let Some(refused) = self.refusal(tenant, purpose, now) {
            return vec![Told { waiter, verdict: Verdict::Refused(refused) }];
        }
        self.line(purpose).push(tenant, Waiting { ticket, waiter });
        self.release(now)
    }

    /// A call has come to wait for what was a renewal.
    pub(crate) fn hasten(&mut self, tenant: TenantId, ticket: Ticket) {
        if let Some(waiting) = self.renewals.take(tenant, ticket) {
            self.calls.push(tenant, waiting);
        }
    }

    /// Entra has answered 429 in this tenant: whoever waits there is told.
    pub(crate) fn heed(
        &mut self,
        tenant: TenantId,
        asked: Option<Duration>,
        fraction: f64,
        now: Instant,
    ) -> Vec<Told<W>> {
        self.quiet.heed(tenant, asked, fraction, now);
        let Some(retry_after) = self.quiet.left(tenant, now) else { return Vec::new() };
        let verdict = Verdict::Refused(Refused { by: ThrottledBy::Entra, retry_after });
        let waiting = self.calls.take_line(tenant).into_iter().chain(self.renewals.take_line(tenant));
        waiting.map(|waiting| Told { waiter: waiting.waiter, verdict }).collect()
    }

    /// Those whose turn has come.
    pub(crate) fn release(&mut self, now: Instant) -> Vec<Told<W>> {
        let mut told = Vec::new();
        while self.opens_at().is_none_or(|opens| opens <= now) {
            let Some(next) = self.calls.pop().or_else(|| self.renewals.pop()) else { break };
            if self.begun.len() >= self.in_a_second {
                self.begun.pop_front();
            }
            self.begun.push_back(now);
            told.push(Told { waiter: next.waiter, verdict: Verdict::Go });
        }
        told
    }

    /// One who was let go had left already: the place is free again.
    pub(crate) fn take_back(&mut self) {
        self.begun.pop_back();
    }

    /// When [`release`](Self::release) has something to do; `None` when nobody waits.
    pub(crate) fn next_release(&self) -> Option<Instant> {
        if self.calls.is_empty() && self.renewals.is_empty() { None } else { self.opens_at() }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.calls.len() + self.renewals.len()
    }

    /// When there is room for one more; `None` when there has been all along.
    fn opens_at(&self) -> Option<Instant> {
        let after = |exchanges: usize, span: Duration| {
            let first_of_them = self.begun.len().checked_sub(exchanges)?;
            self.begun.get(first_of_them).map(|begun| *begun + span)
        };
        after(self.burst, self.span).max(after(self.in_a_second, SECOND))
    }

    fn refusal(&self, tenant: TenantId, purpose: Purpose, now: Instant) -> Option<Refused> {
        if let Some(retry_after) = self.quiet.left(tenant, now) {
            return Some(Refused { by: ThrottledBy::Entra, retry_after });
        }
        if purpose == Purpose::Renewal || self.calls.is_empty() {
            return None;
        }
        let ahead = u32::try_from(self.calls.ahead_of_newcomer(tenant)).unwrap_or(u32::MAX);
        let wait = SECOND * ahead / self.per_second.get();
        (wait > LONGEST_WAIT).then_some(Refused { by: ThrottledBy::Queue, retry_after: wait })
    }

    fn line(&mut self, purpose: Purpose) -> &mut FairQueue<W> {
        match purpose {
            Purpose::Call => &mut self.calls,
            Purpose::Renewal => &mut self.renewals,
        }
    }

    #[cfg(test)]
    pub(super) fn quiet_tenants(&self) -> usize {
        self.quiet.len()
    }
}
