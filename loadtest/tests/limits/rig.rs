//! The connector's gate and the simulator's throttling, facing each other in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connector_actors::clock::{Clock, Timestamp};
use connector_actors::identity::{ObjectId, TenantId};
use connector_actors::throttle::{
    Attempt, Entry, Gate, GateKey, GatePermit, GateRequest, GateSubject, LoadReport, Outcome, ResourceHash,
    ThrottleScope, ThrottleSignal, Waiting,
};
use futures_util::FutureExt;
use m365_simulator::throttling::{Admission, Intent, Permit, RequestFacts, Settings, Throttling};
use tokio::time::Instant;
use uuid::Uuid;

use crate::bells::{Bell, Bells};
use crate::figures::{Admitted, Figures};
use crate::heard;
use crate::scenario::Scenario;
use crate::troubled::Troubled;

const APP: Uuid = Uuid::from_u128(7);
/// One request is sent so often at most.
const ATTEMPTS: u32 = 3;
/// Of the items of a batch, of one mailbox.
const ITEMS_AT_ONCE: usize = 4;

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
    user: usize,
    path: String,
    tenant_users: u32,
    answers_in_ms: (u64, u64),
    comes_in_batches: bool,
    /// Items of a batch that are still to be answered; 1 for a request that comes alone.
    items: u32,
    /// Of those, the ones that go together.
    together: u32,
    came: u64,
    deadline: Instant,
    attempts: u32,
    waiting: Option<(Waiting, Bell)>,
    permit: Option<GatePermit>,
    places_at_graph: Vec<Permit>,
    heard: Vec<LoadReport>,
    refused: Vec<(Duration, ThrottleScope)>,
}

struct Rig {
    clock: Arc<VirtualClock>,
    gate: Gate,
    graph: Throttling,
    agenda: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    order: u64,
    chance: u64,
    calls: Vec<Option<Call>>,
    bells: Bells,
    figures: Figures,
    troubled: Option<Troubled>,
    ends: u64,
}

/// The gate between the scenario's users and a Graph that counts by `settings`.
pub(crate) fn run(settings: Settings, scenario: &Scenario) -> Figures {
    Rig::new(settings, scenario).run(scenario)
}

impl Rig {
    fn new(settings: Settings, scenario: &Scenario) -> Self {
        let clock = Arc::new(VirtualClock { origin: Instant::now(), nanos: AtomicU64::new(0) });
        let gate = Gate::new(scenario.size.at_the_gate(), Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            clock,
            gate,
            graph: Throttling::new(scenario.size.at_graph(settings)),
            agenda: BinaryHeap::new(),
            order: 0,
            chance: 20_261_128,
            calls: Vec::new(),
            bells: Bells::default(),
            figures: Figures::default(),
            troubled: scenario.troubled,
            ends: 0,
        }
    }

    fn run(mut self, scenario: &Scenario) -> Figures {
        self.figures.seconds = scenario.lasts.as_secs_f64();
        self.figures.share_per_second = scenario.limit_per_second * scenario.share;
        self.ends = nanos(scenario.lasts);
        let mut first = 0;
        for (crowd, kind) in scenario.crowds.iter().enumerate() {
            for tenant in first..first + kind.tenants {
                self.gate.set_size(tenant_id(tenant), kind.stated);
                (0..kind.users + kind.beside)
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
        let Happening::CallComes { crowd, user, .. } = happening else { return };
        let kind = &scenario.crowds[crowd];
        let mean = f64::from(kind.items_of(user)) / f64::from(kind.items) / kind.per_user;
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
        let key = GateKey {
            tenant: tenant_id(tenant),
            subject: GateSubject::User(user_id),
            workload: kind.workload(),
        };
        let chat = format!("19:{tenant}-{user}");
        let resource = kind.has_resource.then(|| ResourceHash::of(&chat));
        let request = GateRequest { key, user: user_id, class: kind.class, resource, units: kind.units };
        let now = self.clock.instant();
        self.calls.push(Some(Call {
            request,
            tenant,
            user,
            path: kind.path.replace("{resource}", &chat),
            tenant_users: kind.tenant_users,
            answers_in_ms: kind.answers_in_ms,
            comes_in_batches: kind.items_of(user) > 1,
            items: kind.items_of(user),
            together: 0,
            came: self.nanos(),
            deadline: now + scenario.patience,
            attempts: 0,
            waiting: None,
            permit: None,
            places_at_graph: Vec::new(),
            heard: Vec::new(),
            refused: Vec::new(),
        }));
        self.enter_gate(self.calls.len() - 1);
    }

    fn enter_gate(&mut self, which: usize) {
        let now = self.clock.instant();
        let Some(call) = &mut self.calls[which] else { return };
        // What does not go well together goes in parts, as the connector's batches do.
        let items = vec![call.request; call.items as usize];
        let together = self.gate.together(&items, now);
        call.together = u32::try_from(together).unwrap();
        let [first, others @ ..] = &items[..together] else { return };
        match self.gate.enter_batch(first, others, call.deadline, now) {
            Entry::Passed(permit) => self.passed(which, permit),
            Entry::Waiting(waiting) => {
                let bell = self.bells.of(which, &waiting);
                call.waiting = Some((waiting, bell));
                self.figures.waited += 1;
                self.try_gate(which);
            }
        }
    }

    fn try_gate(&mut self, which: usize) {
        let now = self.clock.instant();
        let Some(call) = &mut self.calls[which] else { return };
        let Some((waiting, _)) = &mut call.waiting else { return };
        match waiting.attempt(now) {
            Attempt::Wait { until } => {
                self.put(until.saturating_duration_since(now), Happening::GateTurn(which));
            }
            Attempt::Passed(permit) => {
                call.waiting = None;
                self.passed(which, permit);
            }
            Attempt::Refused(_) => {
                self.figures.told_to_come_back += 1;
                self.figures.tenants.entry(call.tenant).or_default().turned_away += 1;
                self.calls[which] = None;
            }
        }
    }

    fn answer_bells(&mut self) {
        while let Some(rung) = self.bells.next() {
            if let Some((waiting, bell)) = self.calls[rung].as_mut().and_then(|call| call.waiting.as_mut()) {
                // One that were dropped unheard would ring again.
                let _heard = bell.now_or_never();
                *bell = self.bells.of(rung, waiting);
                self.try_gate(rung);
            }
        }
    }

    fn passed(&mut self, which: usize, permit: GatePermit) {
        let Some(call) = &mut self.calls[which] else { return };
        call.permit = Some(permit);
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
            tenant_users: call.tenant_users,
            intent: Intent::Reads,
            path,
            query,
            body: &[],
        };
        for _ in 0..call.together {
            // Of a batch, so many are carried out at once; the first has ended when another begins.
            if call.places_at_graph.len() == ITEMS_AT_ONCE {
                self.graph.release(call.places_at_graph.remove(0));
            }
            self.figures.sent += 1;
            if let Some(wait) = self.troubled.and_then(|troubled| troubled.retry_after(call.user, now)) {
                self.figures.answered_429 += 1;
                call.refused.push((wait, ThrottleScope::Request));
                continue;
            }
            match self.graph.admit(&facts, now + Duration::from_secs(1_000)) {
                Admission::Admitted(pass) => {
                    call.places_at_graph.extend(pass.permit);
                    call.heard.push(heard::report(&pass.headers));
                    let units = u64::from(call.request.units);
                    self.figures.admitted_units += units;
                    self.figures.batched_units += if call.comes_in_batches { units } else { 0 };
                    self.figures.tenants.entry(call.tenant).or_default().units += units;
                    self.figures.admitted.push(Admitted { at: now, user: call.user, units });
                }
                Admission::Refused(refused) => {
                    self.figures.answered_429 += 1;
                    call.heard.push(heard::report(&refused.headers));
                    let wait = Duration::from_secs(heard::wait(&refused).unwrap_or(1));
                    call.refused.push((wait, heard::scope(&refused)));
                }
            }
        }
        let (from_ms, to_ms) = call.answers_in_ms;
        let takes = self.between(from_ms, to_ms);
        self.put(takes, Happening::Answered(which));
    }

    fn answered(&mut self, which: usize) {
        let now = self.clock.instant();
        let came_back = self.nanos();
        let Some(call) = &mut self.calls[which] else { return };
        call.places_at_graph.drain(..).for_each(|place| self.graph.release(place));
        if let Some(mut permit) = call.permit.take() {
            let workload = call.request.key.workload;
            call.heard.drain(..).for_each(|report| permit.hear(workload, report));
            permit.ended(Outcome::Answered);
        }
        let refused = std::mem::take(&mut call.refused);
        for (wait, scope) in &refused {
            self.gate.heed(&call.request, ThrottleSignal::RetryAfter(*wait), *scope, now);
        }
        call.items = call.items - call.together + u32::try_from(refused.len()).unwrap();
        if refused.is_empty() {
            call.attempts = 0;
        }
        if call.items == 0 {
            let took = Duration::from_nanos(came_back - call.came);
            self.figures.tenants.entry(call.tenant).or_default().times.push(took);
            self.calls[which] = None;
        } else if call.attempts < ATTEMPTS {
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

fn tenant_id(number: usize) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1 + number as u128))
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
