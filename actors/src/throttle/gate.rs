//! The gate in front of Graph: what is known of Graph's limits, published for every request to look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use thiserror::Error;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Breaker, BreakerPass, BreakerState, Outcome};
use super::limits::{GLOBAL, Holder, Limit};
use super::line::{Asker, Ticket};
use super::meter::{Measure, Meter};
use super::rate::{Nanos, nanos};
use super::request::{GateRequest, RequestClass, ResourceHash};
use super::signal::{GateKey, LoadReport, ThrottleScope, ThrottleSignal, Workload};
use super::waiting::{Attempt, Meters, Waiting};
use crate::clock::Clock;
use crate::identity::{ObjectId, TenantId};
use crate::settings::ThrottleSettings;

/// From this much of a limit on, it is used less: Graph is about to refuse.
const NEARLY_USED_THOUSANDTHS: u32 = 970;

/// Holds requests back that Graph would refuse. Without a limit in the way, a few looks into a map and some atomics.
#[derive(Debug)]
pub struct Gate {
    meters: DashMap<MeterKey, Arc<Meter>>,
    global: Arc<Meter>,
    breakers: [Arc<Breaker>; Workload::ALL.len()],
    time: GateTime,
    settings: ThrottleSettings,
    tickets: AtomicU64,
}

/// Whose meter, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum MeterKey {
    /// Requests at once, and Graph's wishes to be left alone.
    Lane(GateKey),
    /// The same wish where it is about a team, channel or chat.
    ResourcePause(GateKey, ResourceHash),
    /// A published limit: the class, and its place in the class's list.
    Resource(TenantId, ResourceHash, RequestClass, usize),
    Subject(GateKey, RequestClass, usize),
    User(TenantId, ObjectId, RequestClass, usize),
    Tenant(TenantId, RequestClass, usize),
    App(RequestClass, usize),
}

/// The [`Clock`] port, counted from when the gate was made.
#[derive(Debug, Clone)]
pub(super) struct GateTime {
    clock: Arc<dyn Clock>,
    origin: Instant,
}

impl GateTime {
    pub(super) fn now(&self) -> Nanos {
        self.nanos(self.clock.instant())
    }

    pub(super) fn nanos(&self, at: Instant) -> Nanos {
        nanos(at.saturating_duration_since(self.origin))
    }

    pub(super) fn instant(&self, at: Nanos) -> Instant {
        self.origin + Duration::from_nanos(at)
    }
}

/// Counts one request to Graph against its key's concurrency until it is dropped: hold it until the answer's
/// body has been read.
#[derive(Debug)]
#[must_use = "the request is counted only while its permit is held"]
pub struct GatePermit {
    meters: Meters,
    pass: BreakerPass,
    time: GateTime,
}

impl GatePermit {
    pub(super) fn new(meters: Meters, pass: BreakerPass, time: GateTime) -> Self {
        Self { meters, pass, time }
    }

    /// Says how the request has ended. One that is dropped without a word says nothing about the service.
    pub fn ended(&mut self, outcome: Outcome) {
        self.pass.ended(outcome, self.time.now());
    }

    /// The same for a permit that has stood for several requests, as the items of a batch.
    pub fn all_ended(&mut self, outcomes: &[Outcome]) {
        self.pass.all_ended(outcomes, self.time.now());
    }

    /// Takes in what the service has said of its limits in an answer.
    pub fn hear(&self, report: LoadReport) {
        let Some(tenant) = self.meters.tenant() else { return };
        if let Some(units) = report.limit {
            tenant.announce(units);
        }
        if report.used_thousandths.is_some_and(|used| used >= NEARLY_USED_THOUSANDTHS) {
            tenant.tighten(self.time.now());
        }
    }
}

impl Drop for GatePermit {
    fn drop(&mut self) {
        if let Some(lane) = self.meters.lane() {
            lane.leave_place();
        }
    }
}

/// A request must not be sent inside its deadline.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[error("held back for {} ms: {reason}", .retry_after.as_millis())]
pub struct GateRefusal {
    /// When it is worth trying again, counted from now.
    pub retry_after: Duration,
    pub reason: GateReason,
    /// The limit in the way, one word for metrics: `retry_after`, `concurrency`, `breaker`, or the name of a rate.
    pub limit: &'static str,
}

/// What holds a request back.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum GateReason {
    #[error("Graph asked to be left alone")]
    RetryAfter,
    #[error("as many requests as allowed are under way")]
    Concurrency,
    #[error("the rate limit is used up")]
    Rate,
    #[error("the service fails, and is left alone")]
    Breaker,
}

/// What becomes of a request at the gate.
#[derive(Debug)]
pub enum Entry {
    Passed(GatePermit),
    /// It has to wait its turn: [`Waiting::attempt`] says for how long.
    Waiting(Waiting),
}

impl Gate {
    /// A gate that knows nobody yet. `clock` is read where no time is given.
    pub fn new(settings: ThrottleSettings, clock: Arc<dyn Clock>) -> Self {
        let time = GateTime { origin: clock.instant(), clock };
        let global = Meter::new(measure(&GLOBAL, &settings), 0);
        Self {
            meters: DashMap::new(),
            global: Arc::new(global),
            breakers: std::array::from_fn(|_| Arc::default()),
            time,
            settings,
            tickets: AtomicU64::new(0),
        }
    }

    /// Lets one request pass: at once when nothing stands in the way, after a wait when that ends before `deadline`,
    /// and not at all otherwise. Where requests wait, tenants take turns, in a tenant its users, and of a user they
    /// pass in the order in which they came.
    pub async fn pass(&self, request: &GateRequest, deadline: Instant) -> Result<GatePermit, GateRefusal> {
        let mut waiting = match self.enter(request, deadline, self.time.clock.instant()) {
            Entry::Passed(permit) => return Ok(permit),
            Entry::Waiting(waiting) => waiting,
        };
        loop {
            let until = match waiting.attempt(self.time.clock.instant()) {
                Attempt::Passed(permit) => return Ok(permit),
                Attempt::Refused(refusal) => return Err(refusal),
                Attempt::Wait { until } => until,
            };
            // Rung or not: the next attempt tells.
            drop(timeout_at(until, waiting.bell().notified()).await);
        }
    }

    /// The same without waiting and without a clock, for whoever brings time along.
    pub fn enter(&self, request: &GateRequest, deadline: Instant, at: Instant) -> Entry {
        let now = self.time.nanos(at);
        let meters = self.meters_of(request, now);
        let units = u64::from(request.units.max(1));
        let breaker = self.breaker(request.key.workload);
        if meters.all.iter().all(|meter| !meter.has_line())
            && let Ok(pass) = breaker.admit(request.key.tenant, now)
            && meters.try_take(units, now).is_ok()
        {
            return Entry::Passed(GatePermit::new(meters, pass, self.time.clone()));
        }
        let lined = vec![false; meters.all.len()];
        Entry::Waiting(Waiting {
            meters,
            breaker: Arc::clone(breaker),
            time: self.time.clone(),
            asker: Asker { tenant: request.key.tenant, user: request.user },
            units,
            ticket: Ticket(self.tickets.fetch_add(1, Ordering::Relaxed)),
            deadline,
            lined,
            bell: Arc::new(Notify::new()),
        })
    }

    /// Takes in that Graph has refused a request: the gate is closed for whom that is about, for the shortest time that
    /// the signal can mean, and the limit used less for a while.
    pub fn heed(&self, request: &GateRequest, signal: ThrottleSignal, scope: ThrottleScope, at: Instant) {
        let now = self.time.nanos(at);
        let pause = signal.least_pause();
        self.close(request, scope, pause, now);
        if let Some(limit) = self.limit_in_question(request, scope, now) {
            limit.tighten(now);
        }
    }

    pub(crate) fn close_for(&self, request: &GateRequest, scope: ThrottleScope, pause: Duration) {
        self.close(request, scope, pause, self.time.now());
    }

    /// Forgets what nobody uses, so that memory follows the users who work and not those who ever came.
    pub fn forget_idle(&self, at: Instant) {
        let (memory, now) = (self.settings.forget_after, self.time.nanos(at));
        self.meters.retain(|_, meter| Arc::strong_count(meter) > 1 || meter.is_worth_keeping(memory, now));
    }

    /// Limits of holders that are remembered.
    pub fn keys(&self) -> usize {
        self.meters.len()
    }

    /// Whether requests to each service pass.
    pub fn breaker_states(&self) -> impl Iterator<Item = (Workload, BreakerState)> {
        let now = self.time.now();
        Workload::ALL.into_iter().map(move |workload| (workload, self.breaker(workload).state(now)))
    }

    fn breaker(&self, workload: Workload) -> &Arc<Breaker> {
        let [directory, outlook, teams, sharepoint, search] = &self.breakers;
        match workload {
            Workload::Directory => directory,
            Workload::Outlook => outlook,
            Workload::Teams => teams,
            Workload::SharePoint => sharepoint,
            Workload::Search => search,
        }
    }

    fn close(&self, request: &GateRequest, scope: ThrottleScope, pause: Duration, now: Nanos) {
        let resource = request.resource.map(|resource| MeterKey::ResourcePause(request.key, resource));
        let lane = MeterKey::Lane(request.key);
        let told_of = match scope {
            ThrottleScope::Request => resource.unwrap_or(lane),
            ThrottleScope::Concurrency => lane,
            ThrottleScope::Tenant => {
                if let Some(tenant) = self.meters_of(request, now).tenant() {
                    return tenant.close_for(pause, now);
                }
                lane
            }
        };
        self.pause_meter(told_of, now).close_for(pause, now);
    }

    /// The limit that a refusal is about, as far as it can be told: the most specific rate, unless Graph says more.
    fn limit_in_question(
        &self,
        request: &GateRequest,
        scope: ThrottleScope,
        now: Nanos,
    ) -> Option<Arc<Meter>> {
        let meters = self.meters_of(request, now);
        match scope {
            ThrottleScope::Request => meters.all.get(meters.lane + 1).map(Arc::clone),
            ThrottleScope::Concurrency => meters.lane().map(Arc::clone),
            ThrottleScope::Tenant => meters.tenant().map(Arc::clone),
        }
    }

    /// Every limit that holds for the request, the most specific first.
    fn meters_of(&self, request: &GateRequest, now: Nanos) -> Meters {
        let GateRequest { key, class, resource, .. } = *request;
        let limits = class.limits();
        let mut all = Vec::with_capacity(limits.len() + 3);
        if let Some(resource) = resource {
            all.push(self.pause_meter(MeterKey::ResourcePause(key, resource), now));
        }
        let lane = all.len();
        all.push(self.pause_meter(MeterKey::Lane(key), now));
        let mut tenant = None;
        for (place, limit) in limits.iter().enumerate() {
            let Some(holder) = holder(request, limit.holder, place) else { continue };
            if limit.holder == Holder::Tenant && tenant.is_none() {
                tenant = Some(all.len());
            }
            all.push(self.meter(holder, now, || measure(limit, &self.settings)));
        }
        all.push(Arc::clone(&self.global));
        Meters { all, lane, tenant }
    }

    fn lane(&self, key: GateKey) -> Measure {
        let at_once = u32::try_from(key.workload.concurrency(&self.settings).get()).unwrap_or(u32::MAX);
        Measure { name: "concurrency", rate: None, published: 0, at_once: Some(at_once) }
    }

    fn pause_meter(&self, key: MeterKey, now: Nanos) -> Arc<Meter> {
        match key {
            MeterKey::Lane(lane) => self.meter(key, now, || self.lane(lane)),
            _ => self.meter(key, now, || Measure {
                name: "retry_after",
                rate: None,
                published: 0,
                at_once: None,
            }),
        }
    }

    fn known(&self, key: MeterKey) -> Option<Arc<Meter>> {
        self.meters.get(&key).map(|meter| Arc::clone(&meter))
    }

    fn meter(&self, key: MeterKey, now: Nanos, measure: impl FnOnce() -> Measure) -> Arc<Meter> {
        if let Some(meter) = self.known(key) {
            return meter;
        }
        Arc::clone(&self.meters.entry(key).or_insert_with(|| Arc::new(Meter::new(measure(), now))))
    }
}

/// `None` where the request has no such holder.
fn holder(request: &GateRequest, holder: Holder, place: usize) -> Option<MeterKey> {
    let GateRequest { key, user, class, resource, .. } = *request;
    Some(match holder {
        Holder::Resource => MeterKey::Resource(key.tenant, resource?, class, place),
        Holder::Subject if class == RequestClass::Mailbox => MeterKey::Subject(key, class, place),
        Holder::Subject => MeterKey::User(key.tenant, user, class, place),
        Holder::Tenant => MeterKey::Tenant(key.tenant, class, place),
        Holder::App => MeterKey::App(class, place),
    })
}

fn measure(limit: &Limit, settings: &ThrottleSettings) -> Measure {
    Measure {
        name: limit.name,
        rate: Some((limit.rate(settings.limit_share_percent), limit.counted)),
        published: limit.units,
        at_once: None,
    }
}
