//! The connector's gate and the simulator's throttling, facing each other in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connector_actors::ThrottleSettings;
use connector_actors::clock::{Clock, Timestamp};
use connector_actors::identity::{ObjectId, TenantId};
use connector_actors::throttle::{
    Attempt, Entry, Gate, GateKey, GatePermit, GateRequest, GateSubject, Outcome, ResourceHash,
    ThrottleScope, ThrottleSignal, Waiting,
};
use futures_util::FutureExt;
use m365_simulator::throttling::{
    Admission, Algorithm, Foreign, Intent, Permit, RequestFacts, Settings, Throttling,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::scenario::Scenario;

const APP: Uuid = Uuid::from_u128(7);
/// One request is sent so often at most.
const ATTEMPTS: u32 = 3;

/// What has been found.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    seconds: f64,
    share_per_second: f64,
    admitted_units: u64,
    sent: u64,
    answered_429: u64,
    pub(crate) waited: u64,
    /// Calls that the gate refused with the time at which to come back.
    pub(crate) told_to_come_back: u64,
    /// Units admitted, and how long calls took, by tenant.
    tenants: BTreeMap<usize, OfTenant>,
}

/// What one tenant got.
#[derive(Debug, Default)]
struct OfTenant {
    units: u64,
    times: Vec<Duration>,
    /// Calls that the gate has told to come back.
    turned_away: u64,
}

impl Figures {
    /// Of the configured share of the limit.
    pub(crate) fn share_used(&self) -> f64 {
        self.admitted_units as f64 / self.seconds / self.share_per_second
    }

    /// The part of the requests that were answered 429.
    pub(crate) fn refused(&self) -> f64 {
        self.answered_429 as f64 / self.sent.max(1) as f64
    }

    /// Jain's index: 1 when all tenants had the same.
    pub(crate) fn jain(&self) -> f64 {
        let units: Vec<f64> = self.tenants.values().map(|tenant| tenant.units as f64).collect();
        let sum: f64 = units.iter().sum();
        sum * sum / (units.len() as f64 * units.iter().map(|units| units * units).sum::<f64>())
    }

    /// Of all calls of the tenant: one that was turned away took longer than any that was answered.
    pub(crate) fn p99_of_tenant(mut self, tenant: usize) -> Duration {
        let OfTenant { mut times, turned_away, .. } = self.tenants.remove(&tenant).unwrap();
        times.sort_unstable();
        times.extend((0..turned_away).map(|_| Duration::MAX));
        times[times.len() * 99 / 100]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, refused) = (self.share_used() * 100.0, self.refused() * 100.0);
        write!(out, "{used:.1} % of the share used, {refused:.3} % of {} requests answered 429", self.sent)
    }
}

/// Nanoseconds since the beginning.
#[derive(Debug)]
struct VirtualClock {
    origin: Instant,
    nanos: AtomicU64,
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000) + Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    fn instant(&self) -> Instant {
        self.origin + Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    CallComes {
        crowd: usize,
        tenant: usize,
        user: usize,
    },
    GateTurn(usize),
    /// The request reaches Graph.
    Arrives(usize),
    /// Its answer is back.
    Answered(usize),
}

struct Call {
    request: GateRequest,
    tenant: usize,
    path: String,
    units: u64,
    came: u64,
    deadline: Instant,
    attempts: u32,
    waiting: Option<Waiting>,
    permit: Option<GatePermit>,
    place_at_graph: Option<Permit>,
    refused_for: Option<Duration>,
}

pub(crate) struct Rig {
    clock: Arc<VirtualClock>,
    gate: Gate,
    graph: Throttling,
    agenda: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    order: u64,
    chance: u64,
    calls: Vec<Option<Call>>,
    at_gate: Vec<usize>,
    figures: Figures,
    ends: u64,
}

impl Rig {
    pub(crate) fn new(algorithm: Algorithm, foreign: Option<Foreign>) -> Self {
        let clock = Arc::new(VirtualClock { origin: Instant::now(), nanos: AtomicU64::new(0) });
        let gate = Gate::new(ThrottleSettings::default(), Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            clock,
            gate,
            graph: Throttling::new(Settings { algorithm, foreign, ..Settings::default() }),
            agenda: BinaryHeap::new(),
            order: 0,
            chance: 20_261_128,
            calls: Vec::new(),
            at_gate: Vec::new(),
            figures: Figures::default(),
            ends: 0,
        }
    }

    pub(crate) fn run(mut self, scenario: &Scenario) -> Figures {
        self.figures.seconds = scenario.lasts.as_secs_f64();
        self.figures.share_per_second =
            scenario.limit_per_second * f64::from(ThrottleSettings::default().limit_share_percent) / 100.0;
        self.ends = nanos(scenario.lasts);
        let mut first = 0;
        for (crowd, kind) in scenario.crowds.iter().enumerate() {
            for tenant in first..first + kind.tenants {
                (0..kind.users)
                    .for_each(|user| self.invite(scenario, Happening::CallComes { crowd, tenant, user }));
            }
            first += kind.tenants;
        }
        while let Some(Reverse((at, _, happening))) = self.agenda.pop() {
            if at > self.ends {
                break;
            }
            self.clock.nanos.store(at, Ordering::Relaxed);
            self.happen(scenario, happening);
            self.answer_bells();
        }
        self.figures
    }

    /// The next call of a user, after a time that is exponentially distributed.
    fn invite(&mut self, scenario: &Scenario, happening: Happening) {
        let Happening::CallComes { crowd, .. } = happening else { return };
        let mean = 1.0 / scenario.crowds[crowd].per_user;
        let wait = -(1.0 - self.fraction()).ln() * mean;
        self.put(Duration::from_secs_f64(wait), happening);
    }

    fn happen(&mut self, scenario: &Scenario, happening: Happening) {
        match happening {
            Happening::CallComes { crowd, tenant, user } => {
                self.invite(scenario, happening);
                self.call_comes(scenario, crowd, tenant, user);
            }
            Happening::GateTurn(call) => self.try_gate(call),
            Happening::Arrives(call) => self.arrives(call),
            Happening::Answered(call) => self.answered(call),
        }
    }

    fn call_comes(&mut self, scenario: &Scenario, crowd: usize, tenant: usize, user: usize) {
        let kind = &scenario.crowds[crowd];
        let user_id = ObjectId::from_uuid(Uuid::from_u128(1 + user as u128));
        let tenant_id = TenantId::from_uuid(Uuid::from_u128(1 + tenant as u128));
        let key =
            GateKey { tenant: tenant_id, subject: GateSubject::User(user_id), workload: kind.workload() };
        let chat = format!("19:{tenant}-{user}");
        let resource = kind.has_resource.then(|| ResourceHash::of(&chat));
        let request =
            GateRequest { key, user: user_id, class: kind.class, resource, units: kind.units, at_once: 1 };
        let now = self.clock.instant();
        self.calls.push(Some(Call {
            request,
            tenant,
            path: kind.path.replace("{resource}", &chat),
            units: u64::from(kind.units),
            came: self.nanos(),
            deadline: now + scenario.patience,
            attempts: 0,
            waiting: None,
            permit: None,
            place_at_graph: None,
            refused_for: None,
        }));
        self.enter_gate(self.calls.len() - 1);
    }

    fn enter_gate(&mut self, which: usize) {
        let now = self.clock.instant();
        let Some(call) = &mut self.calls[which] else { return };
        match self.gate.enter(&call.request, call.deadline, now) {
            Entry::Passed(permit) => {
                call.permit = Some(permit);
                self.send(which);
            }
            Entry::Waiting(waiting) => {
                call.waiting = Some(waiting);
                self.at_gate.push(which);
                self.figures.waited += 1;
                self.try_gate(which);
            }
        }
    }

    fn try_gate(&mut self, which: usize) {
        let now = self.clock.instant();
        let Some(call) = &mut self.calls[which] else { return };
        let Some(waiting) = &mut call.waiting else { return };
        match waiting.attempt(now) {
            Attempt::Wait { until } => {
                self.put(until.saturating_duration_since(now), Happening::GateTurn(which));
            }
            Attempt::Passed(permit) => {
                call.waiting = None;
                call.permit = Some(permit);
                self.at_gate.retain(|other| *other != which);
                self.send(which);
            }
            Attempt::Refused(_) => {
                self.figures.told_to_come_back += 1;
                self.figures.tenants.entry(call.tenant).or_default().turned_away += 1;
                self.at_gate.retain(|other| *other != which);
                self.calls[which] = None;
            }
        }
    }

    fn answer_bells(&mut self) {
        loop {
            let calls = &self.calls;
            let is_rung = |which: &usize| {
                let waiting = calls[*which].as_ref().and_then(|call| call.waiting.as_ref());
                waiting.is_some_and(|waiting| waiting.bell().notified().now_or_never().is_some())
            };
            let Some(rung) = self.at_gate.iter().copied().find(is_rung) else { return };
            self.try_gate(rung);
        }
    }

    fn send(&mut self, which: usize) {
        let way = self.between(5, 25);
        self.put(way, Happening::Arrives(which));
    }

    fn arrives(&mut self, which: usize) {
        let now = Duration::from_nanos(self.nanos());
        let Some(call) = &mut self.calls[which] else { return };
        call.attempts += 1;
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let GateSubject::User(user) = call.request.key.subject else { return };
        let facts = RequestFacts {
            app: APP,
            tenant: *call.request.key.tenant.as_uuid(),
            user: *user.as_uuid(),
            mailbox: None,
            tenant_users: 12,
            intent: Intent::Reads,
            path,
            query,
            body: &[],
        };
        self.figures.sent += 1;
        match self.graph.admit(&facts, now + Duration::from_secs(1_000)) {
            Admission::Admitted(pass) => {
                call.place_at_graph = pass.permit;
                self.figures.admitted_units += call.units;
                self.figures.tenants.entry(call.tenant).or_default().units += call.units;
            }
            Admission::Refused(refused) => {
                self.figures.answered_429 += 1;
                let header = refused.headers.iter().find(|(name, _)| *name == "retry-after");
                let seconds = header.map(|(_, value)| value.parse().unwrap());
                call.refused_for = Some(Duration::from_secs(seconds.unwrap_or(1)));
            }
        }
        let takes = self.between(30, 90);
        self.put(takes, Happening::Answered(which));
    }

    fn answered(&mut self, which: usize) {
        let now = self.clock.instant();
        let came_back = self.nanos();
        let Some(call) = &mut self.calls[which] else { return };
        if let Some(place) = call.place_at_graph.take() {
            self.graph.release(place);
        }
        if let Some(mut permit) = call.permit.take() {
            permit.ended(Outcome::Answered);
        }
        let Some(wait) = call.refused_for.take() else {
            let took = Duration::from_nanos(came_back - call.came);
            self.figures.tenants.entry(call.tenant).or_default().times.push(took);
            self.calls[which] = None;
            return;
        };
        self.gate.heed(&call.request, ThrottleSignal::RetryAfter(wait), ThrottleScope::Request, now);
        if call.attempts < ATTEMPTS {
            self.enter_gate(which);
        } else {
            self.calls[which] = None;
        }
    }

    fn put(&mut self, after: Duration, happening: Happening) {
        self.order += 1;
        self.agenda.push(Reverse((self.nanos() + nanos(after), self.order, happening)));
    }

    fn nanos(&self) -> u64 {
        self.clock.nanos.load(Ordering::Relaxed)
    }

    fn between(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_secs_f64((from_ms as f64 + self.fraction() * (to_ms - from_ms) as f64) / 1_000.0)
    }

    /// SplitMix64, from 0 to below 1.
    fn fraction(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
