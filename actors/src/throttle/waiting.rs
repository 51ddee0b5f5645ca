//! A request, or a batch, on its way through its limits: from the specific to the general, and through all of them at one
//! moment.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::breaker::{Breaker, Passes};
use super::claims::{Claim, Claims};
use super::line::{Asker, Ticket, Waiter};
use super::meter::{Meter, Shut};
use super::permit::GatePermit;
use super::rate::Nanos;
use super::refusal::{GateReason, GateRefusal};
use super::time::GateTime;
use crate::identity::TenantId;

/// What a caller is told when all places of a key stayed busy: nobody knows when a request ends.
const BUSY_RETRY: Nanos = 1_000_000_000;
/// Another took what had just been seen free, again and again: that long it is left to them.
const AFTER_A_RACE: Nanos = 1_000_000;
const RACES: usize = 8;

/// What an attempt to pass has led to.
#[derive(Debug)]
pub enum Attempt {
    Passed(GatePermit),
    Refused(GateRefusal),
    /// To be tried again when the bell rings, and at this time at the latest.
    Wait {
        until: Instant,
    },
}

/// A request or batch that waits, or is about to. It stands in the line of each limit in its way up to the first at which it is not
/// the head: behind others of its own user it keeps nobody else waiting, and a user whom Graph has asked to stay away does
/// not stand in the tenant's way. Dropped, it leaves every line.
#[derive(Debug)]
pub struct Waiting {
    pub(super) claims: Claims,
    pub(super) breaker: Arc<Breaker>,
    /// Of a batch that asks several services.
    pub(super) other_breakers: Vec<Arc<Breaker>>,
    pub(super) time: GateTime,
    pub(super) asker: Asker,
    pub(super) ticket: Ticket,
    pub(super) deadline: Instant,
    /// Whether it stands in the line of the limit at the same place.
    pub(super) lined: Vec<bool>,
    pub(super) bell: Arc<Notify>,
    /// The limit that it waits for, or waited for last.
    pub(super) held_by: Option<&'static str>,
}

impl Waiting {
    /// Rings when another attempt makes sense before its time.
    pub fn bell(&self) -> &Arc<Notify> {
        &self.bell
    }

    pub fn tenant(&self) -> TenantId {
        self.asker.tenant
    }

    /// Tries to pass. After [`Attempt::Passed`] and [`Attempt::Refused`] there is nothing left to try.
    pub fn attempt(&mut self, at: Instant) -> Attempt {
        let now = self.time.nanos(at);
        for _ in 0..RACES {
            if let Some(attempt) = self.line_up(now) {
                return attempt;
            }
            let admitted = Passes::admit(&self.breaker, &self.other_breakers, self.asker.tenant, now);
            let passes = match admitted {
                Ok(passes) => passes,
                Err(wait) => return self.refuse(GateReason::Breaker, "breaker", wait),
            };
            if self.claims.try_take(now).is_ok() {
                self.pay_in_lines();
                let claims = std::mem::take(&mut self.claims);
                let permit = GatePermit::new(claims, passes, self.time.clone());
                return Attempt::Passed(permit.after_waiting(self.held_by));
            }
        }
        self.wait(now + AFTER_A_RACE)
    }

    /// Goes up to the first limit that is in the way, and joins the line there. `None` when there is none.
    fn line_up(&mut self, now: Nanos) -> Option<Attempt> {
        for place in 0..self.claims.len() {
            let Claim { meter, demand } = self.claims.get(place)?;
            let claim = Claim { meter: Arc::clone(meter), demand: *demand };
            if !self.is_lined(place) {
                if !claim.meter.has_line() && claim.shut(now).is_none() {
                    continue;
                }
                if let Some(refused) = self.without_a_chance(&claim, now) {
                    return Some(refused);
                }
                self.join(place, &claim);
            }
            if !claim.meter.is_head(self.ticket) {
                return Some(self.wait_at(place, &claim, None, now));
            }
            if let Some(shut) = claim.shut(now) {
                return Some(self.wait_at(place, &claim, Some(shut), now));
            }
        }
        None
    }

    fn join(&mut self, place: usize, claim: &Claim) {
        let Self { ticket, asker, .. } = *self;
        claim.meter.join(Waiter { ticket, asker, units: claim.demand.units, bell: Arc::clone(&self.bell) });
        if let Some(lined) = self.lined.get_mut(place) {
            *lined = true;
        }
    }

    /// Waits in the line of this limit, and in none beyond it.
    fn wait_at(&mut self, place: usize, claim: &Claim, shut: Option<Shut>, now: Nanos) -> Attempt {
        self.leave_lines(place + 1);
        let meter = claim.meter.as_ref();
        let deadline = self.time.nanos(self.deadline);
        let reason = shut.map_or(GateReason::Rate, |shut| shut.reason);
        self.held_by = Some(word(reason, meter));
        match shut.and_then(|shut| shut.until) {
            Some(until) if until > deadline => self.refuse(reason, word(reason, meter), until - now),
            Some(until) => self.wait(until),
            None if deadline > now => self.wait(deadline),
            None => {
                let reason = claim.shut(now).map_or(reason, |shut| shut.reason);
                let expected = meter.expected_at(self.asker, claim.demand, now).map(|at| at - now);
                let wait = expected.filter(|wait| *wait > 0).unwrap_or(BUSY_RETRY);
                self.refuse(reason, word(reason, meter), wait)
            }
        }
    }

    /// Refuses where the turn would come after the deadline anyway: the caller hears so now and not then.
    fn without_a_chance(&mut self, claim: &Claim, now: Nanos) -> Option<Attempt> {
        let expected = claim.meter.expected_at(self.asker, claim.demand, now)?;
        if expected <= self.time.nanos(self.deadline) {
            return None;
        }
        let reason = claim.shut(now).map_or(GateReason::Rate, |shut| shut.reason);
        Some(self.refuse(reason, word(reason, &claim.meter), expected - now))
    }

    fn wait(&self, until: Nanos) -> Attempt {
        Attempt::Wait { until: self.time.instant(until).min(self.deadline) }
    }

    fn refuse(&mut self, reason: GateReason, limit: &'static str, wait: Nanos) -> Attempt {
        self.leave_lines(0);
        let retry_after = std::time::Duration::from_nanos(wait);
        Attempt::Refused(GateRefusal { retry_after, reason, limit })
    }

    fn is_lined(&self, place: usize) -> bool {
        self.lined.get(place).copied().unwrap_or_default()
    }

    fn leave_lines(&mut self, from: usize) {
        let (ticket, asker) = (self.ticket, self.asker);
        self.out_of_lines(from).for_each(|claim| claim.meter.leave(ticket, asker, None));
    }

    /// Leaves every line after its turn, which costs as much as it has taken.
    fn pay_in_lines(&mut self) {
        let (ticket, asker) = (self.ticket, self.asker);
        self.out_of_lines(0).for_each(|claim| claim.meter.leave(ticket, asker, Some(claim.demand.units)));
    }

    fn out_of_lines(&mut self, from: usize) -> impl Iterator<Item = &Claim> {
        let claims = self.claims.iter().zip(&mut self.lined).skip(from);
        claims.filter_map(|(claim, lined)| std::mem::take(lined).then_some(claim))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.leave_lines(0);
    }
}

/// The limit in the way, for metrics.
fn word(reason: GateReason, meter: &Meter) -> &'static str {
    match reason {
        GateReason::Rate => meter.name(),
        GateReason::Concurrency => "concurrency",
        GateReason::RetryAfter => "retry_after",
        GateReason::Breaker => "breaker",
    }
}
