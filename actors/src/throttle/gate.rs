//! The gate in front of Graph: what is known of Graph's limits, published for every request to look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Breaker, BreakerState, Passes};
use super::claims::{BatchClaims, Claim, Claims};
use super::limits::{GLOBAL, Holder, Limit};
use super::line::Ticket;
use super::meter::{Measure, Meter, Share};
use super::meter_key::MeterKey;
use super::permit::GatePermit;
use super::rate::{Nanos, nanos};
use super::refusal::GateRefusal;
use super::request::{GateRequest, RequestClass};
use super::signal::{GateKey, ThrottleScope, ThrottleSignal, Workload};
use super::suspicion::{Evidence, Party};
use super::time::GateTime;
use super::waiting::{Attempt, Waiting};
use crate::clock::Clock;
use crate::identity::{ByIdentity, TenantId};
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

/// What becomes of a request, or a batch, at the gate.
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
        let global = Meter::new(measure(&GLOBAL, None, TenantSize::UNKNOWN, &settings), 0);
        Self {
            meters: ByIdentity::default(),
            global: Arc::new(global),
            sizes: ByIdentity::default(),
            breakers: Workload::ALL.map(|workload| Arc::new(Breaker::of(workload))),
            time,
            settings,
            tickets: AtomicU64::new(0),
        }
    }

    /// Lets one request pass: at once when nothing stands in the way, after a wait when that ends before `deadline`,
    /// and not at all otherwise. Where requests wait, tenants take turns, in a tenant its users, and of a user they
    /// pass in the order in which they came.
    pub async fn pass(&self, request: &GateRequest, deadline: Instant) -> Result<GatePermit, GateRefusal> {
        self.pass_batch(request, &[], deadline).await
    }

    /// The same for a batch as a whole, of one user: it stands in line once, and takes what all its items take at one
    /// moment, or nothing.
    pub async fn pass_batch(
        &self,
        first: &GateRequest,
        others: &[GateRequest],
        deadline: Instant,
    ) -> Result<GatePermit, GateRefusal> {
        let mut waiting = match self.enter_batch(first, others, deadline, self.time.instant_now()) {
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

    /// Lets a request pass without waiting and without a clock, for whoever brings time along.
    pub fn enter(&self, request: &GateRequest, deadline: Instant, at: Instant) -> Entry {
        self.enter_batch(request, &[], deadline, at)
    }

    /// The same for a batch.
    pub fn enter_batch(
        &self,
        first: &GateRequest,
        others: &[GateRequest],
        deadline: Instant,
        at: Instant,
    ) -> Entry {
        let now = self.time.nanos(at);
        let claims = self.claims(first, others, now);
        let (breaker, other_breakers) =
            (self.breaker(first.key.workload), self.other_breakers(first, others));
        if claims.iter().all(|claim| !claim.meter.has_line())
            && let Ok(passes) = Passes::admit(breaker, &other_breakers, first.key.tenant, now)
            && claims.try_take(now).is_ok()
        {
            return Entry::Passed(GatePermit::new(claims, passes, self.time.clone()));
        }
        let lined = vec![false; claims.len()];
        Entry::Waiting(Waiting {
            claims,
            breaker: Arc::clone(breaker),
            other_breakers,
            time: self.time.clone(),
            asker: first.asker(),
            ticket: Ticket(self.tickets.fetch_add(1, Ordering::Relaxed)),
            deadline,
            lined,
            bell: Arc::new(Notify::new()),
            held_by: None,
        })
    }

    /// How many of these requests, from the first one on, go well as one batch: where a limit is in use, no more than are
    /// saved up of it, for a batch that is larger would keep everybody away for a while, before it and after; and never
    /// more than the service grants in the shortest time over which it counts. Always one, where there is any.
    pub fn together(&self, requests: &[GateRequest], at: Instant) -> usize {
        let now = self.time.nanos(at);
        let mut claims = BatchClaims::default();
        let fitting = requests.iter().take_while(|request| {
            self.meters_of(request, now).for_each(|(key, meter)| claims.add(key, meter, request));
            claims.suit_a_batch(now)
        });
        fitting.count().max(usize::from(!requests.is_empty()))
    }

    /// Takes in that Graph has refused a request: the gate is closed for whom that is about, for the shortest time that
    /// the signal can mean; the limit has nothing saved up, and is used less for a while.
    pub fn heed(&self, request: &GateRequest, signal: ThrottleSignal, scope: ThrottleScope, at: Instant) {
        let now = self.time.nanos(at);
        let back_at = self.close(request, scope, signal.least_pause(), now);
        match scope {
            ThrottleScope::Request => self.suspect(request, back_at, now),
            ThrottleScope::Concurrency => self.pause_meter(MeterKey::Lane(request.key), now).tighten(now),
            ThrottleScope::Tenant | ThrottleScope::Application => {
                if let Some(limit) = self.shared_limit(request, scope, now) {
                    limit.note_refusal(back_at, now);
                }
            }
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
        let _until = self.close(request, scope, pause, self.time.now());
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

    /// Those of the services that only the other items of a batch ask.
    fn other_breakers(&self, first: &GateRequest, others: &[GateRequest]) -> Vec<Arc<Breaker>> {
        if others.is_empty() {
            return Vec::new();
        }
        let is_asked = |workload: &Workload| others.iter().any(|other| other.key.workload == *workload);
        let others = Workload::ALL.into_iter().filter(|workload| *workload != first.key.workload);
        others.filter(is_asked).map(|workload| Arc::clone(self.breaker(workload))).collect()
    }

    /// Says until when it is closed for whom the scope is about.
    fn close(&self, request: &GateRequest, scope: ThrottleScope, pause: Duration, now: Nanos) -> Nanos {
        let until = now.saturating_add(nanos(pause.min(scope.longest_pause())));
        let closed = self.shared_limit(request, scope, now).unwrap_or_else(|| {
            let resource = request.resource.filter(|_| scope == ThrottleScope::Request);
            let lane = MeterKey::Lane(request.key);
            let told_of = resource.map_or(lane, |resource| MeterKey::ResourcePause(request.key, resource));
            self.pause_meter(told_of, now)
        });
        closed.close_until(until);
        until
    }

    /// Finds out which limit a refusal is about where Graph doesn't say: of those that something speaks for, the last in the
    /// list of its class; or else the most specific.
    fn suspect(&self, request: &GateRequest, back_at: Nanos, now: Nanos) {
        let global = (Party::of_all_tenants(request), Arc::clone(&self.global));
        let limits: Vec<_> = self.limits_of(request, now).collect();
        let parties =
            limits.iter().filter_map(|(key, limit)| Some((Party::of(request, key)?, Arc::clone(limit))));
        let shared: Vec<_> = parties.chain([global]).collect();
        if shared.iter().any(|(_, limit)| limit.is_closed(now)) {
            // Sent before it was found.
            return;
        }
        // Each of them learns of it, whichever is found.
        let evidence: Vec<_> =
            shared.iter().map(|(party, limit)| (limit, limit.evidence(*party, back_at, now))).collect();
        let found = evidence.iter().rfind(|(_, evidence)| evidence.speaks_for_it());
        if let Some((limit, evidence)) = found {
            if *evidence == Evidence::Strong {
                limit.blame(back_at, now);
            } else {
                limit.note_refusal(now, now);
            }
            return;
        }
        let Some((key, specific)) = limits.first() else { return };
        let is_against_it = |(limit, evidence): &(&Arc<Meter>, Evidence)| {
            Arc::ptr_eq(limit, specific) && *evidence == Evidence::Against
        };
        if key.is_of_one_user() {
            specific.note_refusal(back_at, now);
        } else if !evidence.iter().any(is_against_it) {
            // Others use it, too, and have not been told to keep away.
            specific.note_refusal(now, now);
        }
    }

    /// The shortest limit of those whom a refusal of more than one user is about; where the class has none of all tenants,
    /// that of the tenant.
    fn shared_limit(&self, request: &GateRequest, scope: ThrottleScope, now: Nanos) -> Option<Arc<Meter>> {
        let held_by = |holder: Holder| {
            let place = request.class.limits().iter().position(|limit| limit.holder == holder)?;
            self.limit(request, place, now).map(|(_, limit)| limit)
        };
        match scope {
            ThrottleScope::Request | ThrottleScope::Concurrency => None,
            ThrottleScope::Tenant => held_by(Holder::Tenant),
            ThrottleScope::Application => held_by(Holder::App).or_else(|| held_by(Holder::Tenant)),
        }
    }

    /// The limit at that place in the class's list; `None` where the request has no such holder.
    fn limit(&self, request: &GateRequest, place: usize, now: Nanos) -> Option<(MeterKey, Arc<Meter>)> {
        let limit = request.class.limits().get(place)?;
        let key = MeterKey::of(request, limit.holder, place)?;
        let GateKey { tenant, workload, .. } = request.key;
        let measure = || measure(limit, Some(workload), self.size(tenant), &self.settings);
        Some((key, self.meter(key, now, measure)))
    }

    /// The published limits of its class that hold for the request.
    fn limits_of(&self, request: &GateRequest, now: Nanos) -> impl Iterator<Item = (MeterKey, Arc<Meter>)> {
        let places = 0..request.class.limits().len();
        places.filter_map(move |place| self.limit(request, place, now))
    }

    /// Every limit that holds for the request but the one above every service, the most specific first.
    pub(super) fn meters_of(
        &self,
        request: &GateRequest,
        now: Nanos,
    ) -> impl Iterator<Item = (MeterKey, Arc<Meter>)> {
        let GateRequest { key, resource, .. } = *request;
        let of_resource = resource.map(|resource| MeterKey::ResourcePause(key, resource));
        let pauses = of_resource.into_iter().chain([MeterKey::Lane(key)]);
        pauses.map(move |key| (key, self.pause_meter(key, now))).chain(self.limits_of(request, now))
    }

    fn claims(&self, first: &GateRequest, others: &[GateRequest], now: Nanos) -> Claims {
        let global = || Claim::of(Arc::clone(&self.global), first);
        if others.is_empty() {
            let mut claims = Vec::with_capacity(first.class.limits().len() + 3);
            claims.extend(self.meters_of(first, now).map(|(_, meter)| Claim::of(meter, first)));
            claims.push(global());
            return Claims::of_one(claims);
        }
        let (mut sums, mut global) = (BatchClaims::default(), global());
        for item in std::iter::once(first).chain(others) {
            self.meters_of(item, now).for_each(|(key, meter)| sums.add(key, meter, item));
        }
        global.demand.units += others.len() as u64;
        Claims::of_batch(sums, global)
    }

    fn size(&self, tenant: TenantId) -> TenantSize {
        self.sizes.get(&tenant).map_or(TenantSize::UNKNOWN, |size| *size)
    }

    fn lane(&self, key: GateKey) -> Measure {
        let at_once = u32::try_from(key.workload.concurrency(&self.settings).get()).unwrap_or(u32::MAX);
        let workload = Some(key.workload);
        Measure { name: "concurrency", workload, share: None, at_once: Some(at_once) }
    }

    fn pause_meter(&self, key: MeterKey, now: Nanos) -> Arc<Meter> {
        match key {
            MeterKey::Lane(lane) => self.meter(key, now, || self.lane(lane)),
            _ => self.meter(key, now, || Measure {
                name: "retry_after",
                workload: None,
                share: None,
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

fn measure(
    limit: &'static Limit,
    workload: Option<Workload>,
    size: TenantSize,
    settings: &ThrottleSettings,
) -> Measure {
    let share = Share::of(limit, limit.units(size), settings.limit_share_percent);
    Measure { name: limit.name, workload, share: Some(share), at_once: None }
}
