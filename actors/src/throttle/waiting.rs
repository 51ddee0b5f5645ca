//! A request on its way through its limits: from the specific to the general, and through all of them at one moment.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::breaker::Breaker;
use super::line::{Asker, Ticket, Waiter};
use super::meter::{Meter, Shut};
use super::meters::Meters;
use super::permit::GatePermit;
use super::rate::Nanos;
use super::refusal::{GateReason, GateRefusal};
use super::request::Demand;
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

/// A request that waits, or is about to. It stands in the line of each limit in its way up to the first at which it is not
/// the head: behind others of its own user it keeps nobody else waiting, and a user whom Graph has asked to stay away does
/// not stand in the tenant's way. Dropped, it leaves every line.
#[derive(Debug)]
pub struct Waiting {
    pub(super) meters: Meters,
    pub(super) breaker: Arc<Breaker>,
    pub(super) time: GateTime,
    pub(super) asker: Asker,
    pub(super) demand: Demand,
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
    pub fn bell(&self) -> &Notify {
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
            let pass = match self.breaker.admit(self.asker.tenant, now) {
                Ok(pass) => pass,
                Err(wait) => return self.refuse(GateReason::Breaker, "breaker", wait),
            };
            if self.meters.try_take(self.demand, now).is_ok() {
                self.leave_lines(0, Some(self.demand.units));
                let meters =
                    std::mem::replace(&mut self.meters, Meters { all: Vec::new(), lane: 0, tenant: None });
                let permit = GatePermit::new(meters, pass, self.demand.places, self.time.clone());
                return Attempt::Passed(permit.after_waiting(self.held_by));
            }
        }
        self.wait(now + AFTER_A_RACE)
    }

    /// Goes up to the first limit that is in the way, and joins the line there. `None` when there is none.
    fn line_up(&mut self, now: Nanos) -> Option<Attempt> {
        for place in 0..self.meters.all.len() {
            let meter = Arc::clone(self.meters.all.get(place)?);
            if !self.is_lined(place) {
                if !meter.has_line() && meter.shut(self.demand, now).is_none() {
                    continue;
                }
                if let Some(refused) = self.without_a_chance(&meter, now) {
                    return Some(refused);
                }
                self.join(place, &meter);
            }
            if !meter.is_head(self.ticket) {
                return Some(self.wait_at(place, &meter, None, now));
            }
            if let Some(shut) = meter.shut(self.demand, now) {
                return Some(self.wait_at(place, &meter, Some(shut), now));
            }
        }
        None
    }

    fn join(&mut self, place: usize, meter: &Meter) {
        let Self { ticket, asker, demand, .. } = *self;
        meter.join(Waiter { ticket, asker, units: demand.units, bell: Arc::clone(&self.bell) });
        if let Some(lined) = self.lined.get_mut(place) {
            *lined = true;
        }
    }

    /// Waits in the line of this limit, and in none beyond it.
    fn wait_at(&mut self, place: usize, meter: &Meter, shut: Option<Shut>, now: Nanos) -> Attempt {
        self.leave_lines(place + 1, None);
        let deadline = self.time.nanos(self.deadline);
        let reason = shut.map_or(GateReason::Rate, |shut| shut.reason);
        self.held_by = Some(word(reason, meter));
        match shut.and_then(|shut| shut.until) {
            Some(until) if until > deadline => self.refuse(reason, word(reason, meter), until - now),
            Some(until) => self.wait(until),
            None if deadline > now => self.wait(deadline),
            None => {
                let reason = meter.shut(self.demand, now).map_or(reason, |shut| shut.reason);
                let expected = meter.expected_at(self.asker, self.demand, now).map(|at| at - now);
                let wait = expected.filter(|wait| *wait > 0).unwrap_or(BUSY_RETRY);
                self.refuse(reason, word(reason, meter), wait)
            }
        }
    }

    /// Refuses where the turn would come after the deadline anyway: the caller hears so now and not then.
    fn without_a_chance(&mut self, meter: &Meter, now: Nanos) -> Option<Attempt> {
        let expected = meter.expected_at(self.asker, self.demand, now)?;
        if expected <= self.time.nanos(self.deadline) {
            return None;
        }
        let reason = meter.shut(self.demand, now).map_or(GateReason::Rate, |shut| shut.reason);
        Some(self.refuse(reason, word(reason, meter), expected - now))
    }

    fn wait(&self, until: Nanos) -> Attempt {
        Attempt::Wait { until: self.time.instant(until).min(self.deadline) }
    }

    fn refuse(&mut self, reason: GateReason, limit: &'static str, wait: Nanos) -> Attempt {
        self.leave_lines(0, None);
        let retry_after = std::time::Duration::from_nanos(wait);
        Attempt::Refused(GateRefusal { retry_after, reason, limit })
    }

    fn is_lined(&self, place: usize) -> bool {
        self.lined.get(place).copied().unwrap_or_default()
    }

    fn leave_lines(&mut self, from: usize, cost: Option<u64>) {
        for (meter, lined) in self.meters.all.iter().zip(&mut self.lined).skip(from) {
            if std::mem::take(lined) {
                meter.leave(self.ticket, self.asker, cost);
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.leave_lines(0, None);
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
