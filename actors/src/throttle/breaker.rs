//! The breaker of one service: when it fails for everybody, it is left alone for a while.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::rate::{Nanos, nanos};
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
    Probe,
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
                Ok(Kind::Probe)
            }
            Phase::HalfOpen { under_way, .. } if *under_way >= PROBES => Err(PROBING_RETRY),
            Phase::HalfOpen { under_way, .. } => {
                *under_way += 1;
                Ok(Kind::Probe)
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
            (Phase::HalfOpen { .. }, Kind::Probe) if outcome == Outcome::Failed => self.open(now),
            (Phase::HalfOpen { under_way, succeeded }, Kind::Probe) => {
                *under_way = under_way.saturating_sub(1);
                *succeeded += 1;
                if *succeeded >= PROBES {
                    *self = Self::default();
                }
            }
            // What was sent before it opened says nothing new.
            (Phase::HalfOpen { .. } | Phase::Open { .. }, _) => {}
        }
    }

    /// A request has ended without saying anything.
    fn abandon(&mut self, kind: Kind) {
        if let (Phase::HalfOpen { under_way, .. }, Kind::Probe) = (&mut self.phase, kind) {
            *under_way = under_way.saturating_sub(1);
        }
    }

    fn open(&mut self, now: Nanos) {
        let span = FIRST_OPEN.saturating_mul(1 << self.openings.min(8)).min(LONGEST_OPEN);
        self.openings += 1;
        self.window = Window::default();
        self.phase = Phase::Open { until: now.saturating_add(span) };
    }
}

/// One service's breaker. Closed, it costs a request one atomic load.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    machine: Mutex<BreakerMachine>,
    /// Whether it is other than closed.
    is_tripped: AtomicU8,
}

impl Breaker {
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
            Kind::Probe => machine.note(kind, self.tenant, whole, now),
        });
    }
}

impl Drop for BreakerPass {
    fn drop(&mut self) {
        if self.kind == Some(Kind::Probe) {
            self.breaker.change(|machine| machine.abandon(Kind::Probe));
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::testing::tenant;

    fn seconds(seconds: u64) -> Nanos {
        nanos(Duration::from_secs(seconds))
    }

    /// So many requests of a tenant, one after the other, at one moment.
    fn send(breaker: &Arc<Breaker>, number: u128, outcome: Outcome, times: u32, now: Nanos) -> u32 {
        let mut passed = 0;
        for _ in 0..times {
            if let Ok(mut pass) = breaker.admit(tenant(number), now) {
                pass.ended(outcome, now);
                passed += 1;
            }
        }
        passed
    }

    /// A service that is down would be asked by every call, and each would wait for its fault.
    #[test]
    fn a_service_that_fails_is_left_alone_and_probed() {
        let breaker = Arc::new(Breaker::default());
        assert_eq!(send(&breaker, 1, Outcome::Failed, 100, seconds(1)), ENOUGH);
        assert_eq!(breaker.state(seconds(5)), BreakerState::Open);
        assert_eq!(breaker.admit(tenant(2), seconds(2)).unwrap_err(), seconds(4));
        assert_eq!(breaker.state(seconds(6)), BreakerState::HalfOpen, "it shows open while nobody comes");

        let probes: Vec<_> = (0..5).map(|_| breaker.admit(tenant(1), seconds(6))).collect();
        assert_eq!(probes.iter().filter(|probe| probe.is_ok()).count(), 3);
        assert_eq!(breaker.state(seconds(6)), BreakerState::HalfOpen);
        drop(probes);
        assert_eq!(send(&breaker, 1, Outcome::Answered, 3, seconds(7)), 3);
        assert_eq!(breaker.state(seconds(7)), BreakerState::Closed);
    }

    /// A service that is down would be asked on by batches; or one failed item among many be taken for an outage, or a
    /// probe for a success of which a part has failed.
    #[test]
    fn each_item_of_a_batch_counts_and_a_probe_succeeds_as_a_whole() {
        let failed = |count| vec![Outcome::Failed; count];
        let breaker = Arc::new(Breaker::default());
        breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&failed(19), seconds(0));
        breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&[], seconds(0));
        assert_eq!(breaker.state(seconds(0)), BreakerState::Closed);
        breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&failed(1), seconds(0));
        assert_eq!(breaker.state(seconds(0)), BreakerState::Open);

        let mixed = [Outcome::Answered, Outcome::Answered, Outcome::Failed, Outcome::Answered];
        breaker.admit(tenant(1), seconds(5)).unwrap().all_ended(&mixed, seconds(5));
        assert_eq!(breaker.state(seconds(5)), BreakerState::Open);
        let good = [Outcome::Answered; 20];
        for left in [3, 2, 1] {
            assert_eq!(breaker.state(seconds(15)), BreakerState::HalfOpen, "{left} probes are to come");
            breaker.admit(tenant(1), seconds(15)).unwrap().all_ended(&good, seconds(15));
        }
        assert_eq!(breaker.state(seconds(15)), BreakerState::Closed);
    }

    /// A service that is down for long would be probed every five seconds, by all machines alike.
    #[test]
    fn a_failed_probe_doubles_the_time() {
        let breaker = Arc::new(Breaker::default());
        send(&breaker, 1, Outcome::Failed, ENOUGH, seconds(0));
        let mut now = seconds(5);
        for expected in [10, 20, 40, 60, 60] {
            assert_eq!(send(&breaker, 1, Outcome::Failed, 1, now), 1);
            assert_eq!(breaker.admit(tenant(1), now).unwrap_err(), seconds(expected));
            now += seconds(expected);
        }
    }

    /// One tenant whose requests fail for a reason of their own would take the service away from all others.
    #[test]
    fn a_tenant_that_fails_alone_opens_nothing() {
        let breaker = Arc::new(Breaker::default());
        send(&breaker, 2, Outcome::Answered, 1, seconds(1));
        assert_eq!(send(&breaker, 1, Outcome::Failed, 1_000, seconds(1)), 1_000);
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
    }

    /// Refusals of access, or throttling, would be taken for an outage: by themselves, or as what is still missing to it.
    #[test]
    fn answers_never_open_it() {
        let breaker = Arc::new(Breaker::default());
        for failing in [1, 2] {
            send(&breaker, failing, Outcome::Failed, (ENOUGH - 1) / 2, seconds(1));
        }
        send(&breaker, 3, Outcome::Answered, 5, seconds(1));
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
        send(&breaker, 1, Outcome::Answered, 1_000, seconds(1));
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
    }

    /// A service that fails for nearly all requests would be asked on because some get through.
    #[rstest]
    #[case::of_one_tenant(1, 20)]
    #[case::of_some_tenants(5, 10)]
    #[case::of_many_tenants(200, 10)]
    fn an_outage_with_a_few_answers_opens_it(#[case] tenants: u128, #[case] answered_of: u32) {
        let breaker = Arc::new(Breaker::default());
        for request in 0..answered_of {
            for number in 1..=tenants {
                let outcome = if request == 0 { Outcome::Answered } else { Outcome::Failed };
                for _ in 0..3 {
                    send(&breaker, number, outcome, 1, seconds(1));
                }
            }
        }
        assert_eq!(breaker.state(seconds(1)), BreakerState::Open);
    }

    /// A failing corner of the service would take the whole of it away from most tenants.
    #[test]
    fn it_stays_closed_while_more_tenants_are_served_than_not() {
        let breaker = Arc::new(Breaker::default());
        for number in 1..=10 {
            let outcome = if number <= 6 { Outcome::Answered } else { Outcome::Failed };
            send(&breaker, number, outcome, 5, seconds(1));
        }
        send(&breaker, 7, Outcome::Failed, 500, seconds(1));
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
    }

    /// Callers who leave would use up the probes for ever.
    #[test]
    fn a_probe_that_is_given_up_makes_room() {
        let breaker = Arc::new(Breaker::default());
        send(&breaker, 1, Outcome::Failed, ENOUGH, seconds(0));
        for _ in 0..10 {
            drop(breaker.admit(tenant(1), seconds(5)).unwrap());
        }
        assert_eq!(breaker.state(seconds(5)), BreakerState::HalfOpen);
    }
}
