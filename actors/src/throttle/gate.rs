//! The gate in front of Graph: what is known of Graph's limits, published for every request to look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Breaker, BreakerState};
use super::limits::{GLOBAL, Holder, Limit};
use super::line::{Asker, Ticket};
use super::meter::{Measure, Meter, Share};
use super::meters::Meters;
use super::permit::GatePermit;
use super::rate::Nanos;
use super::refusal::GateRefusal;
use super::request::{GateRequest, RequestClass, ResourceHash};
use super::signal::{GateKey, ThrottleScope, ThrottleSignal, Workload};
use super::time::GateTime;
use super::waiting::{Attempt, Waiting};
use crate::clock::Clock;
use crate::identity::{ByIdentity, ObjectId, TenantId};
use crate::settings::ThrottleSettings;
use crate::tenant_size::TenantSize;

/// Holds requests back that Graph would refuse. Without a limit in the way, a few looks into a map and some atomics.
#[derive(Debug)]
pub struct Gate {
    meters: ByIdentity<MeterKey, Arc<Meter>>,
    global: Arc<Meter>,
    /// Of the tenants of which anything is known.
    sizes: ByIdentity<TenantId, TenantSize>,
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
        let time = GateTime::starting_with(clock);
        let global = Meter::new(measure(&GLOBAL, TenantSize::UNKNOWN, &settings), 0);
        Self {
            meters: ByIdentity::default(),
            global: Arc::new(global),
            sizes: ByIdentity::default(),
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
        let mut waiting = match self.enter(request, deadline, self.time.instant_now()) {
            Entry::Passed(permit) => return Ok(permit),
            Entry::Waiting(waiting) => waiting,
        };
        loop {
            let until = match waiting.attempt(self.time.instant_now()) {
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
        let demand = request.demand();
        let breaker = self.breaker(request.key.workload);
        if meters.all.iter().all(|meter| !meter.has_line())
            && let Ok(pass) = breaker.admit(request.key.tenant, now)
            && meters.try_take(demand, now).is_ok()
        {
            return Entry::Passed(GatePermit::new(meters, pass, demand.places, self.time.clone()));
        }
        let lined = vec![false; meters.all.len()];
        Entry::Waiting(Waiting {
            meters,
            breaker: Arc::clone(breaker),
            time: self.time.clone(),
            asker: Asker { tenant: request.key.tenant, user: request.user },
            demand,
            ticket: Ticket(self.tickets.fetch_add(1, Ordering::Relaxed)),
            deadline,
            lined,
            bell: Arc::new(Notify::new()),
            held_by: None,
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

    /// Holds the application to the limits of tenants of this size, in this tenant and from now on. What is used of them
    /// stays used.
    pub fn set_size(&self, tenant: TenantId, size: TenantSize) {
        if size == TenantSize::UNKNOWN {
            self.sizes.remove(&tenant);
        } else {
            self.sizes.insert(tenant, size);
        }
        for class in RequestClass::BY_SIZE {
            for (place, limit) in class.limits().iter().enumerate() {
                if let Some(meter) = self.known(MeterKey::Tenant(tenant, class, place)) {
                    meter.publish(limit.units(size));
                }
            }
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
        let pause = pause.min(scope.longest_pause());
        if let Some(limit) = self.shared_limit(request, scope, now) {
            return limit.close_for(pause, now);
        }
        let resource = request.resource.map(|resource| MeterKey::ResourcePause(request.key, resource));
        let lane = MeterKey::Lane(request.key);
        let told_of = if scope == ThrottleScope::Request { resource.unwrap_or(lane) } else { lane };
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
            ThrottleScope::Tenant | ThrottleScope::Application => self.shared_limit(request, scope, now),
        }
    }

    /// The shortest limit of those whom a refusal of more than one user is about; where the class has none of all tenants,
    /// that of the tenant.
    fn shared_limit(&self, request: &GateRequest, scope: ThrottleScope, now: Nanos) -> Option<Arc<Meter>> {
        let held_by = |holder: Holder| {
            let place = request.class.limits().iter().position(|limit| limit.holder == holder)?;
            self.limit(request, place, now)
        };
        match scope {
            ThrottleScope::Request | ThrottleScope::Concurrency => None,
            ThrottleScope::Tenant => held_by(Holder::Tenant),
            ThrottleScope::Application => held_by(Holder::App).or_else(|| held_by(Holder::Tenant)),
        }
    }

    /// The limit at that place in the class's list; `None` where the request has no such holder.
    fn limit(&self, request: &GateRequest, place: usize, now: Nanos) -> Option<Arc<Meter>> {
        let limit = request.class.limits().get(place)?;
        let holder = holder(request, limit.holder, place)?;
        Some(self.meter(holder, now, || measure(limit, self.size(request.key.tenant), &self.settings)))
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
            let Some(meter) = self.limit(request, place, now) else { continue };
            if limit.holder == Holder::Tenant && tenant.is_none() {
                tenant = Some(all.len());
            }
            all.push(meter);
        }
        all.push(Arc::clone(&self.global));
        Meters { all, lane, tenant }
    }

    fn size(&self, tenant: TenantId) -> TenantSize {
        self.sizes.get(&tenant).map_or(TenantSize::UNKNOWN, |size| *size)
    }

    fn lane(&self, key: GateKey) -> Measure {
        let at_once = u32::try_from(key.workload.concurrency(&self.settings).get()).unwrap_or(u32::MAX);
        Measure { name: "concurrency", share: None, at_once: Some(at_once) }
    }

    fn pause_meter(&self, key: MeterKey, now: Nanos) -> Arc<Meter> {
        match key {
            MeterKey::Lane(lane) => self.meter(key, now, || self.lane(lane)),
            _ => self.meter(key, now, || Measure { name: "retry_after", share: None, at_once: None }),
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
    let class = class.counted_with(place);
    Some(match holder {
        Holder::Resource => MeterKey::Resource(key.tenant, resource?, class, place),
        Holder::Subject if class == RequestClass::Mailbox => MeterKey::Subject(key, class, place),
        Holder::Subject => MeterKey::User(key.tenant, user, class, place),
        Holder::Tenant => MeterKey::Tenant(key.tenant, class, place),
        Holder::App => MeterKey::App(class, place),
    })
}

fn measure(limit: &'static Limit, size: TenantSize, settings: &ThrottleSettings) -> Measure {
    let share = Share::of(limit, limit.units(size), settings.limit_share_percent);
    Measure { name: limit.name, share: Some(share), at_once: None }
}
