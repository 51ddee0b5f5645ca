//! The breaker of one service: when it fails for everybody, it is left alone for a while.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::rate::{Nanos, nanos};
use super::signal::Workload;
use crate::identity::TenantId;

/// Answers are judged over so long a time.
const WINDOW: Nanos = nanos(Duration::from_secs(10));
/// Fewer failures say nothing.
const ENOUGH: u32 = 20;
/// The first time it stays open; doubled each time that a probe fails.
const FIRST_OPEN: Nanos = nanos(Duration::from_secs(5));
const LONGEST_OPEN: Nanos = nanos(Duration::from_secs(60));
/// Requests that try whether the service is back: so many at once, and as many have to succeed.
const PROBES: u32 = 3;
/// Who comes while the probes are under way is told to come back after this.
const PROBING_RETRY: Nanos = nanos(Duration::from_secs(1));

/// Whether requests pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    /// Some requests try whether the service is back.
    HalfOpen,
    Open,
}

impl BreakerState {
    pub const ALL: [Self; 3] = [Self::Closed, Self::HalfOpen, Self::Open];

    /// For metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// How a request ended, as far as it says something about the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The service has answered: also 4xx, 429 among them.
    Answered,
    /// A server error, or no answer at all.
    Failed,
}

/// The decision, without a clock.
#[derive(Debug, Default)]
struct BreakerMachine {
    phase: Phase,
    window: Window,
    /// Openings without a success in between.
    openings: u32,
    /// Openings ever: what was sent before the latest says nothing of what came after it.
    opened: u64,
}

#[derive(Debug, Default, Clone, Copy)]
enum Phase {
    #[default]
    Closed,
    Open {
        until: Nanos,
    },
    HalfOpen {
        under_way: u32,
        succeeded: u32,
    },
}

/// What was answered lately. Tenants are counted apart, so that one whose requests fail for a reason of their own takes
/// the service away from nobody else: it must fail for more tenants than it serves.
#[derive(Debug, Clone, Copy)]
struct Window {
    began: Nanos,
    all: Tally,
    /// By the tenant's hash.
    tenants: [Tally; TENANT_SLOTS],
}

/// Tenants that share a slot are counted as one.
const TENANT_SLOTS: usize = 64;

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    answered: u32,
    failed: u32,
}

impl Tally {
    fn note(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Answered => &mut self.answered,
            Outcome::Failed => &mut self.failed,
        };
        *count = count.saturating_add(1);
    }

    fn fails_mostly(self) -> bool {
        self.failed > 0 && self.failed >= self.answered
    }

    fn is_served(self) -> bool {
        self.answered > 0 && !self.fails_mostly()
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::beginning(0)
    }
}

impl Window {
    fn beginning(began: Nanos) -> Self {
        Self { began, all: Tally::default(), tenants: [Tally::default(); TENANT_SLOTS] }
    }

    fn note(&mut self, tenant: TenantId, outcome: Outcome, now: Nanos) {
        if now.saturating_sub(self.began) >= WINDOW {
            *self = Self::beginning(now);
        }
        self.all.note(outcome);
        self.tenants[slot(tenant)].note(outcome);
    }

    /// Answers never help to open: only failures count towards what is enough.
    fn is_down(&self) -> bool {
        if self.all.failed < ENOUGH || !self.all.fails_mostly() {
            return false;
        }
        let failing = self.tenants.iter().filter(|tally| tally.fails_mostly()).count();
        let served = self.tenants.iter().filter(|tally| tally.is_served()).count();
        failing > served
    }
}

fn slot(tenant: TenantId) -> usize {
    let (high, low) = tenant.as_uuid().as_u64_pair();
    usize::try_from((high ^ low) % TENANT_SLOTS as u64).unwrap_or_default()
}

/// Which kind of request has been let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ordinary,
    /// Tries whether the service is back, after so many openings.
    Probe {
        opened: u64,
    },
}

impl BreakerMachine {
    /// When its time is over, an open one is no obstacle any more, though nobody may have come to try.
    fn state(&self, now: Nanos) -> BreakerState {
        match self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until } if now < until => BreakerState::Open,
            Phase::Open { .. } | Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Lets a request through, or says how long to stay away.
    fn admit(&mut self, now: Nanos) -> Result<Kind, Nanos> {
        match &mut self.phase {
            Phase::Closed => Ok(Kind::Ordinary),
            Phase::Open { until } if now < *until => Err(*until - now),
            Phase::Open { .. } => {
                self.phase = Phase::HalfOpen { under_way: 1, succeeded: 0 };
                Ok(Kind::Probe { opened: self.opened })
            }
            Phase::HalfOpen { under_way, .. } if *under_way >= PROBES => Err(PROBING_RETRY),
            Phase::HalfOpen { under_way, .. } => {
                *under_way += 1;
                Ok(Kind::Probe { opened: self.opened })
            }
        }
    }

    fn note(&mut self, kind: Kind, tenant: TenantId, outcome: Outcome, now: Nanos) {
        match (&mut self.phase, kind) {
            (Phase::Closed, _) => {
                self.window.note(tenant, outcome, now);
                if outcome == Outcome::Failed && self.window.is_down() {
                    self.open(now);
                }
            }
            (Phase::HalfOpen { under_way, succeeded }, Kind::Probe { opened }) if opened == self.opened => {
                if outcome == Outcome::Failed {
                    return self.open(now);
                }
                *under_way = under_way.saturating_sub(1);
                *succeeded += 1;
                if *succeeded >= PROBES {
                    *self = Self { opened, ..Self::default() };
                }
            }
            // What was sent before it opened says nothing new: a probe of an earlier opening, too.
            (Phase::HalfOpen { .. } | Phase::Open { .. }, _) => {}
        }
    }

    /// A request has ended without saying anything.
    fn abandon(&mut self, kind: Kind) {
        if let (Phase::HalfOpen { under_way, .. }, Kind::Probe { opened }) = (&mut self.phase, kind)
            && opened == self.opened
        {
            *under_way = under_way.saturating_sub(1);
        }
    }

    fn open(&mut self, now: Nanos) {
        let span = FIRST_OPEN.saturating_mul(1 << self.openings.min(8)).min(LONGEST_OPEN);
        self.openings += 1;
        self.opened += 1;
        self.window = Window::default();
        self.phase = Phase::Open { until: now.saturating_add(span) };
    }
}

/// One service's breaker. Closed, it costs a request one atomic load.
#[derive(Debug)]
pub(super) struct Breaker {
    workload: Workload,
    machine: Mutex<BreakerMachine>,
    /// Whether it is other than closed.
    is_tripped: AtomicU8,
}

impl Breaker {
    pub(super) fn of(workload: Workload) -> Self {
        Self { workload, machine: Mutex::default(), is_tripped: AtomicU8::default() }
    }

    /// Lets a request through, or says how long to stay away.
    pub(super) fn admit(self: &Arc<Self>, tenant: TenantId, now: Nanos) -> Result<BreakerPass, Nanos> {
        let kind = if self.is_tripped.load(Ordering::Acquire) == 0 {
            Kind::Ordinary
        } else {
            self.change(|machine| machine.admit(now))?
        };
        Ok(BreakerPass { breaker: Arc::clone(self), tenant, kind: Some(kind) })
    }

    pub(super) fn state(&self, now: Nanos) -> BreakerState {
        self.machine().state(now)
    }

    fn change<T>(&self, change: impl FnOnce(&mut BreakerMachine) -> T) -> T {
        let mut machine = self.machine();
        let changed = change(&mut machine);
        let is_tripped = !matches!(machine.phase, Phase::Closed);
        self.is_tripped.store(u8::from(is_tripped), Ordering::Release);
        changed
    }

    fn machine(&self) -> MutexGuard<'_, BreakerMachine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that was let through, until it is known how it ended.
#[derive(Debug)]
pub(super) struct BreakerPass {
    breaker: Arc<Breaker>,
    tenant: TenantId,
    kind: Option<Kind>,
}

impl BreakerPass {
    pub(super) fn ended(&mut self, outcome: Outcome, now: Nanos) {
        self.all_ended(&[outcome], now);
    }

    /// The same for a pass that has stood for several requests: each counts, and a probe has succeeded when all have.
    pub(super) fn all_ended(&mut self, outcomes: &[Outcome], now: Nanos) {
        let Some(kind) = self.kind.take_if(|_| !outcomes.is_empty()) else { return };
        let has_failed = outcomes.contains(&Outcome::Failed);
        let whole = if has_failed { Outcome::Failed } else { Outcome::Answered };
        self.breaker.change(|machine| match kind {
            Kind::Ordinary => {
                for outcome in outcomes {
                    machine.note(kind, self.tenant, *outcome, now);
                }
            }
            Kind::Probe { .. } => machine.note(kind, self.tenant, whole, now),
        });
    }
}

/// One pass for each service that is asked: one, and for a batch as many as its items are of.
#[derive(Debug)]
pub(super) struct Passes {
    first: BreakerPass,
    others: Vec<BreakerPass>,
}

impl Passes {
    /// Lets all through or none, and says then how long to stay away.
    pub(super) fn admit(
        first: &Arc<Breaker>,
        others: &[Arc<Breaker>],
        tenant: TenantId,
        now: Nanos,
    ) -> Result<Self, Nanos> {
        let first = first.admit(tenant, now)?;
        let others = others.iter().map(|breaker| breaker.admit(tenant, now));
        Ok(Self { first, others: others.collect::<Result<_, _>>()? })
    }

    /// All services have been asked for the last time, and it ended so.
    pub(super) fn ended(&mut self, outcome: Outcome, now: Nanos) {
        self.all().for_each(|pass| pass.ended(outcome, now));
    }

    /// What was asked of this service ended so.
    pub(super) fn ended_at(&mut self, workload: Workload, outcomes: &[Outcome], now: Nanos) {
        let of_it = self.all().filter(|pass| pass.breaker.workload == workload);
        of_it.for_each(|pass| pass.all_ended(outcomes, now));
    }

    fn all(&mut self) -> impl Iterator<Item = &mut BreakerPass> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }
}

impl Drop for BreakerPass {
    fn drop(&mut self) {
        if let Some(kind @ Kind::Probe { .. }) = self.kind {
            self.breaker.change(|machine| machine.abandon(kind));
        }
    }
}

#[cfg(test)]
mod tests;
