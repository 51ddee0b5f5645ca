//! One limit of one holder: what has been used of it, and who waits for it.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::limits::{Counted, Holder, Limit};
use super::line::{Asker, Line, Ticket, Waiter};
use super::rate::{Nanos, Rate, nanos};
use super::refusal::GateReason;
use super::request::{Demand, GateRequest};
use super::restraint::{Restraint, WHOLE};
use super::signal::Workload;
use super::suspicion::{Evidence, Party, Suspicion, Testimony};

/// For so long after it was closed a limit is not suspected, and for a quarter as long as it was closed: who waits for it may
/// wait because of that.
const TRUSTED: Nanos = nanos(Duration::from_secs(2));
const CLOSED_TO_TRUSTED: Nanos = 4;

/// What a meter measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// One word for metrics.
    pub(super) name: &'static str,
    /// `None` above every service.
    pub(super) workload: Option<Workload>,
    pub(super) share: Option<Share>,
    /// Requests at once.
    pub(super) at_once: Option<u32>,
}

/// What is used of a published limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    limit: &'static Limit,
    percent: u16,
    /// What it had when the meter was made, and the rate that follows.
    units: u64,
    rate: Rate,
}

impl Share {
    /// `percent` of a limit that has so many units.
    pub(super) fn of(limit: &'static Limit, units: u64, percent: u16) -> Self {
        Self { limit, percent, units, rate: limit.rate(units, percent) }
    }

    fn rate(self, units: u64) -> Rate {
        if units == self.units { self.rate } else { self.limit.rate(units, self.percent) }
    }
}

/// Why nothing passes at the moment, and until when that is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shut {
    pub(super) reason: GateReason,
    /// `None` where a request has to end first.
    pub(super) until: Option<Nanos>,
}

/// Everything that a request without wait touches is an atomic. The lock is for those who wait.
pub(super) struct Meter {
    measure: Measure,
    /// When everything that has been used is paid back.
    paid_at: AtomicU64,
    under_way: AtomicU32,
    closed_until: AtomicU64,
    /// The units that are published for a tenant of this size.
    published: AtomicU64,
    /// What the service says its limit is; 0 while it has said nothing.
    announced: AtomicU64,
    restraint: Restraint,
    suspicion: Suspicion,
    /// Until then nobody suspects it: who waits here may wait because it was closed.
    trusted_until: AtomicU64,
    last_used: AtomicU64,
    /// The length of the line.
    waiting: AtomicUsize,
    line: Mutex<Option<Box<Line>>>,
}

impl Meter {
    pub(super) fn new(measure: Measure, now: Nanos) -> Self {
        Self {
            published: AtomicU64::new(measure.share.map_or(0, |share| share.units)),
            measure,
            paid_at: AtomicU64::new(0),
            under_way: AtomicU32::new(0),
            closed_until: AtomicU64::new(0),
            announced: AtomicU64::new(0),
            restraint: Restraint::default(),
            suspicion: Suspicion::default(),
            trusted_until: AtomicU64::new(0),
            last_used: AtomicU64::new(now),
            waiting: AtomicUsize::new(0),
            line: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.measure.name
    }

    pub(super) fn is_of(&self, workload: Workload) -> bool {
        self.measure.workload == Some(workload)
    }

    /// Whether it is a limit of the application in the tenant.
    pub(super) fn is_tenants(&self) -> bool {
        self.measure.share.is_some_and(|share| share.limit.holder == Holder::Tenant)
    }

    /// How many of its units the request uses.
    pub(super) fn counts(&self, request: &GateRequest) -> u64 {
        match self.measure.share.map(|share| share.limit.counted) {
            Some(Counted::ResourceUnits) => u64::from(request.units.max(1)),
            Some(Counted::Requests) | None => 1,
        }
    }

    /// Whether a batch may use so many units at one moment without a long wait: no more than are saved up, or, where
    /// nothing has been used for a while, than may be used in the shortest time over which the service counts.
    pub(super) fn suits_a_batch(&self, units: u64, now: Nanos) -> bool {
        let (Some(share), Some(rate)) = (self.measure.share, self.rate(now)) else { return true };
        let fits = || rate.fits_at(self.paid_at.load(Ordering::SeqCst), units) <= now;
        units <= rate.at_once() || units <= share.limit.most_at_once(rate) && fits()
    }

    /// Takes places and units, at once or not at all.
    pub(super) fn try_take(&self, demand: Demand, now: Nanos) -> Result<(), Shut> {
        self.last_used.store(now, Ordering::Relaxed);
        if let Some(shut) = self.pause(now) {
            return Err(shut);
        }
        self.try_take_places(demand.places, now)?;
        let taken = self.try_take_units(demand.units, now);
        if taken.is_err() {
            self.leave_places(demand.places);
        }
        taken
    }

    /// Gives back what was taken for something that is not sent.
    pub(super) fn give_back(&self, demand: Demand, now: Nanos) {
        if let Some(rate) = self.rate(now) {
            let refund = rate.time_of(demand.units);
            let back = |paid_at: Nanos| Some(paid_at.saturating_sub(refund));
            // It always succeeds, for there is always something to store.
            let _before = self.paid_at.fetch_update(Ordering::SeqCst, Ordering::SeqCst, back);
        }
        self.leave_places(demand.places);
    }

    /// What stood for so many requests has ended.
    pub(super) fn leave_places(&self, places: u32) {
        if self.measure.at_once.is_some() {
            self.under_way.fetch_sub(places, Ordering::SeqCst);
            self.ring();
        }
    }

    /// What keeps this demand from passing now.
    pub(super) fn shut(&self, demand: Demand, now: Nanos) -> Option<Shut> {
        if let Some(shut) = self.pause(now) {
            return Some(shut);
        }
        if self.with(demand.places, self.under_way.load(Ordering::SeqCst), now).is_none() {
            return Some(Shut { reason: GateReason::Concurrency, until: None });
        }
        let fits_at = self.rate(now)?.fits_at(self.paid_at.load(Ordering::SeqCst), demand.units);
        (fits_at > now).then_some(Shut { reason: GateReason::Rate, until: Some(fits_at) })
    }

    /// When a newcomer could expect its turn; `None` where that depends on when requests end.
    pub(super) fn expected_at(&self, asker: Asker, demand: Demand, now: Nanos) -> Option<Nanos> {
        let opens = match self.shut(demand, now) {
            Some(shut) => shut.until?,
            None => now,
        };
        let Some(rate) = self.rate(now) else { return Some(opens) };
        let ahead = self.line().as_ref().map_or(0, |line| line.units_ahead(asker));
        Some(opens.saturating_add(rate.time_of(ahead)))
    }

    /// Lets nothing pass until then; a longer pause that stands already stays.
    pub(super) fn close_until(&self, moment: Nanos) {
        self.closed_until.fetch_max(moment, Ordering::SeqCst);
        self.ring();
    }

    /// Uses less of the limit for a while.
    pub(super) fn tighten(&self, now: Nanos) {
        self.restraint.tighten(self.unrestrained(), self.counted(), now);
    }

    /// Graph has refused inside this limit: nothing of it is left before `resumes`, and it is used less for a while.
    pub(super) fn note_refusal(&self, resumes: Nanos, now: Nanos) {
        self.tighten(now);
        if let Some(rate) = self.rate(resumes) {
            self.paid_at.fetch_max(rate.paid_where_unsaved(resumes), Ordering::SeqCst);
        }
    }

    /// It is this limit by which several were refused, and told to come back at that time: it keeps everybody away until
    /// then, for no longer than the service counts; and is not suspected again for a while.
    pub(super) fn blame(&self, back_at: Nanos, now: Nanos) {
        let resumes = back_at.min(now.saturating_add(self.counted()));
        self.close_until(resumes);
        let trusted = TRUSTED.max(resumes.saturating_sub(now) / CLOSED_TO_TRUSTED);
        self.trusted_until.fetch_max(resumes.saturating_add(trusted), Ordering::Relaxed);
        self.note_refusal(resumes, now);
    }

    pub(super) fn is_closed(&self, now: Nanos) -> bool {
        self.pause(now).is_some()
    }

    /// Takes in that `party` was refused where Graph doesn't say by which limit, and says what that says about this one.
    pub(super) fn evidence(&self, party: Party, back_at: Nanos, now: Nanos) -> Evidence {
        let Testimony { evidence, is_heard_again, known } = self.suspicion.learn(party, back_at, now);
        let is_trusted = now < self.trusted_until.load(Ordering::Relaxed);
        let line = self.line();
        let Some(line) = line.as_ref() else { return Evidence::Nothing };
        if is_heard_again && line.askers().any(|waiter| known.lacks(waiter, party)) {
            return Evidence::Against;
        }
        match evidence {
            _ if is_trusted => Evidence::Nothing,
            // What it waits for is what it was refused by.
            _ if line.askers().all(|waiter| party.is(waiter)) => Evidence::Weak,
            // Nobody waits but those: it is used less, but others are not kept away.
            Evidence::Strong if is_heard_again => Evidence::Weak,
            evidence => evidence,
        }
    }

    /// The tenant has another size: so many units are published for it.
    pub(super) fn publish(&self, units: u64) {
        self.published.store(units, Ordering::Relaxed);
        self.ring();
    }

    /// SharePoint says how many units the application has in a minute: that goes before what is published.
    pub(super) fn announce(&self, minute: u64) {
        let announced = self.measure.share.and_then(|share| share.limit.units_where_announced(minute));
        if let Some(units) = announced {
            self.announced.store(units, Ordering::Relaxed);
        }
    }

    pub(super) fn has_line(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    pub(super) fn join(&self, waiter: Waiter) {
        let mut line = self.line();
        let line = line.get_or_insert_default();
        line.join(waiter);
        self.waiting.store(line.len(), Ordering::SeqCst);
    }

    pub(super) fn is_head(&self, ticket: Ticket) -> bool {
        self.line().as_ref().is_some_and(|line| line.is_head(ticket))
    }

    /// Leaves the line, with `units` used or without.
    pub(super) fn leave(&self, ticket: Ticket, asker: Asker, units: Option<u64>) {
        let mut slot = self.line();
        let Some(line) = slot.as_mut() else { return };
        line.leave(ticket, asker, units);
        let length = line.len();
        if length == 0 {
            *slot = None;
        }
        self.waiting.store(length, Ordering::SeqCst);
    }

    /// Whether anything here still matters: a request under way, a pause, units that are not paid back, or a use not
    /// longer ago than `memory`.
    pub(super) fn is_worth_keeping(&self, memory: Duration, now: Nanos) -> bool {
        let idle_since = self.last_used.load(Ordering::Relaxed).saturating_add(nanos(memory));
        self.under_way.load(Ordering::SeqCst) > 0
            || self.has_line()
            || self.pause(now).is_some()
            || self.paid_at.load(Ordering::Relaxed) > now
            || !self.restraint.is_lifted(now)
            || idle_since > now
    }

    /// The rate as it is used at the moment.
    fn rate(&self, now: Nanos) -> Option<Rate> {
        let rate = self.unrestrained()?;
        let thousandths = self.restraint.thousandths(now);
        Some(if thousandths == WHOLE { rate } else { rate.scaled(thousandths) })
    }

    fn unrestrained(&self) -> Option<Rate> {
        let share = self.measure.share?;
        Some(share.rate(match self.announced.load(Ordering::Relaxed) {
            0 => self.published.load(Ordering::Relaxed),
            announced => announced,
        }))
    }

    /// For how long the service counts what is used.
    fn counted(&self) -> Nanos {
        self.measure.share.map_or(0, |share| share.limit.longest_pause())
    }

    fn pause(&self, now: Nanos) -> Option<Shut> {
        let until = self.closed_until.load(Ordering::SeqCst);
        (until > now).then_some(Shut { reason: GateReason::RetryAfter, until: Some(until) })
    }

    fn places(&self, now: Nanos) -> Option<u32> {
        let at_once = u64::from(self.measure.at_once?);
        let usable = at_once * self.restraint.thousandths(now) / 1_000;
        Some(u32::try_from(usable).unwrap_or(u32::MAX).max(1))
    }

    /// How many requests are under way with so many more; `None` where there is no room for them. A batch that
    /// stands for more than there are places has them all. Where nobody counts, it stays as it is.
    fn with(&self, more: u32, under_way: u32, now: Nanos) -> Option<u32> {
        let Some(places) = self.places(now) else { return Some(under_way) };
        under_way.checked_add(more).filter(|all| *all <= places.max(more))
    }

    fn try_take_places(&self, more: u32, now: Nanos) -> Result<(), Shut> {
        if self.measure.at_once.is_none() {
            return Ok(());
        }
        let taken = self
            .under_way
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |under_way| self.with(more, under_way, now));
        taken.map(drop).map_err(|_full| Shut { reason: GateReason::Concurrency, until: None })
    }

    fn try_take_units(&self, units: u64, now: Nanos) -> Result<(), Shut> {
        let Some(rate) = self.rate(now) else { return Ok(()) };
        let taken = self.paid_at.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |paid_at| {
            (rate.fits_at(paid_at, units) <= now).then(|| rate.paid_after(paid_at, units, now))
        });
        taken
            .map(drop)
            .map_err(|paid_at| Shut { reason: GateReason::Rate, until: Some(rate.fits_at(paid_at, units)) })
    }

    fn ring(&self) {
        if self.has_line()
            && let Some(line) = self.line().as_ref()
        {
            line.ring();
        }
    }

    fn line(&self) -> MutexGuard<'_, Option<Box<Line>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Meter")
            .field("measure", &self.measure)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}
