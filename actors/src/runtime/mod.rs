//! The door to the actors: what the rest of the service holds and calls.

#[cfg(test)]
mod crashes;
#[cfg(test)]
mod exchange_budget;
#[cfg(test)]
mod isolation;
mod shards;
mod tenants;
#[cfg(test)]
mod tests;
mod visit;

pub use visit::Visit;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connector_observability::SessionEntry;
use tokio::sync::{TryAcquireError, oneshot};
use tokio::time::timeout_at;

use self::shards::Shards;
use self::tenants::Tenants;
use crate::call::Call;
use crate::clock::Clock;
use crate::environment::Environment;
use crate::identity::TenantId;
use crate::ports::{Ports, TenantLimits};
use crate::renewed::Renewed;
use crate::revocation::Subject;
use crate::session::{EntryError, Found, SessionDirectory, SessionError, SessionHandle};
use crate::settings::ActorSettings;
use crate::tenant::{AdmissionError, OpenSession, Tenant, TenantPermit};
use crate::tenant_size::TenantSize;
use crate::throttle::{Gate, GateRequest, Learn, ThrottleActor, ThrottleScope, ThrottleSignal};

/// How often a call looks for a session or a tenant that ends under its hands before it gives up.
const ATTEMPTS: usize = 3;

/// Sessions, tenants and throttling of one process. Cheap to clone.
#[derive(Clone)]
pub struct Actors {
    shared: Arc<Shared>,
}

struct Shared {
    environment: Arc<Environment>,
    tenants: Arc<Tenants>,
    sessions: Arc<SessionDirectory>,
    shards: Shards,
    gate: Arc<Gate>,
    throttle: Renewed<ThrottleActor>,
    draining: AtomicBool,
}

/// How much there is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    pub tenants: usize,
    pub sessions: usize,
    /// Limits of users, mailboxes, teams and tenants that the gate knows something about.
    pub gate_keys: usize,
}

/// Leases that sessions have published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseCensus {
    pub usable: usize,
    /// Nobody has asked for them since they ran out.
    pub lapsed: usize,
}

impl Actors {
    /// Starts the shards and the throttle actor. Must be called inside an actix `System`.
    pub fn start(settings: ActorSettings, ports: Ports) -> Self {
        let shards = Shards::start(settings.shards);
        Self::start_on(shards, settings, ports)
    }

    /// Starts everything on the caller's own thread, so that a test with paused time owns all of it.
    #[cfg(test)]
    pub(crate) fn start_here(settings: ActorSettings, ports: Ports) -> Self {
        Self::start_on(Shards::here(), settings, ports)
    }

    fn start_on(shards: Shards, settings: ActorSettings, ports: Ports) -> Self {
        let gate = Arc::new(Gate::new(settings.throttle, Arc::clone(&ports.clock)));
        let environment = Arc::new(Environment::new(settings, ports, shards.first()));
        let throttle = ThrottleActor::start(Arc::clone(&gate), Arc::clone(&environment), shards.first());
        let (tenants, sessions) = (Arc::default(), Arc::default());
        let draining = AtomicBool::new(false);
        Self { shared: Arc::new(Shared { environment, tenants, sessions, shards, gate, throttle, draining }) }
    }

    /// Counts one call against its tenant's limit, at once or not at all. A tenant's limits are read from the
    /// registry at its first call, and again after [`Self::end_tenant`]; of an unknown tenant nothing is kept.
    pub fn admit(&self, tenant: TenantId) -> Result<TenantPermit, AdmissionError> {
        for _ in 0..ATTEMPTS {
            if self.is_draining() {
                break;
            }
            let known = self.tenant(tenant).ok_or(AdmissionError::UnknownTenant)?;
            match known.try_admit() {
                Ok(permit) => return Ok(TenantPermit::new(permit)),
                Err(TryAcquireError::NoPermits) => return Err(AdmissionError::TenantBusy),
                Err(TryAcquireError::Closed) => {}
            }
        }
        Err(AdmissionError::Draining)
    }

    /// Enters the principal's session where that takes no wait: one look into a map.
    pub fn enter(&self, call: &Call<'_>) -> Option<Visit> {
        if self.is_draining() {
            return None;
        }
        match self.shared.sessions.enter(&call.principal) {
            Found::Entered(session, permit) => {
                Some(Visit::new(session, SessionEntry::AtOnce, self.clone(), permit))
            }
            Found::Full(_) | Found::Nothing => None,
        }
    }

    /// Enters the principal's session, which is created when there is none. Warm, this is one look into a map;
    /// it waits, inside the call's deadline, only for a new session or for a permit of a full one.
    pub async fn visit(&self, call: &Call<'_>) -> Result<Visit, SessionError> {
        for _ in 0..ATTEMPTS {
            if self.is_draining() {
                break;
            }
            let (session, entry) = match self.shared.sessions.enter(&call.principal) {
                Found::Entered(session, permit) => {
                    return Ok(Visit::new(session, SessionEntry::AtOnce, self.clone(), permit));
                }
                Found::Full(session) => (session, SessionEntry::AfterOthers),
                Found::Nothing => (self.open_session(call).await?, SessionEntry::Created),
            };
            match session.enter(call).await {
                Ok(permit) => return Ok(Visit::new(session, entry, self.clone(), permit)),
                Err(EntryError::DeadlineExceeded) => return Err(SessionError::DeadlineExceeded),
                Err(EntryError::Closed) => {}
            }
        }
        Err(SessionError::Ended)
    }

    /// The gate in front of Graph.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.shared.gate
    }

    /// Tells that Graph has refused `request`. From the moment this returns, the gate lets nothing pass of whom that is
    /// about, for as long as Graph asked.
    pub fn learn(&self, request: &GateRequest, signal: ThrottleSignal, scope: ThrottleScope) {
        self.shared.gate.heed(request, signal, scope, self.clock().instant());
        self.shared.throttle.send(Learn { request: *request, signal, scope });
    }

    /// Ends every session of a tenant and every call in them, at once. The tenant's next call starts from what
    /// the registry says then.
    pub fn end_tenant(&self, tenant: TenantId) {
        // Before the tenant is taken out: one that starts anew right after that says its size again.
        self.shared.gate.set_size(tenant, TenantSize::UNKNOWN);
        if let Some(tenant) = self.shared.tenants.take(tenant) {
            tenant.end();
        }
    }

    /// Holds the tenant and its sessions to other limits from now on, without ending a call. Must be called inside a
    /// tokio runtime.
    pub fn set_limits(&self, id: TenantId, limits: TenantLimits) {
        if let Some(tenant) = self.shared.tenants.known(id) {
            self.shared.gate.set_size(id, limits.size);
            tenant.set_limits(limits);
        }
    }

    /// Ends the sessions whose tokens have been revoked, with their leases and the calls in them, at once. Their
    /// users' next calls find new sessions. A single token's lease is left to lapse: nobody can call with that token.
    pub fn revoke_sessions(&self, subject: &Subject) {
        match subject {
            Subject::Tenant(tenant) => self.end_tenant(*tenant),
            Subject::User(..) | Subject::Client(_) => self.shared.sessions.revoke(subject),
            Subject::Token(_) => {}
        }
    }

    /// Does `what` on each thread of actors, soon: for what a thread alone knows of itself.
    pub fn on_each_shard(&self, what: impl Fn() + Clone + Send + 'static) {
        self.shared.shards.on_each(what);
    }

    pub fn census(&self) -> Census {
        Census {
            tenants: self.shared.tenants.count(),
            sessions: self.shared.sessions.count(),
            gate_keys: self.shared.gate.keys(),
        }
    }

    /// Counts the leases. Looks at every session: for whoever collects metrics, not for calls.
    pub fn count_leases(&self) -> LeaseCensus {
        let (usable, lapsed) = self.shared.sessions.count_leases(self.clock().now());
        LeaseCensus { usable, lapsed }
    }

    /// How many requests each tenant that has been called for could repeat now. Looks at every tenant: for whoever
    /// collects metrics, not for calls.
    pub fn retries_left(&self) -> Vec<(TenantId, u64)> {
        self.shared.tenants.retries_left(self.clock().now())
    }

    /// Admits nobody any more, ends sessions, tenants and throttling, then stops and joins the shards. The caller
    /// drains its own calls first: those still in progress are cancelled.
    pub async fn drain(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
        self.shared.environment.ending().cancel();
        self.shared.environment.all_ended().await;
        self.shared.shards.end().await;
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.environment.clock()
    }

    /// Asks the tenant's supervisor for the principal's session.
    pub(crate) async fn open_session(&self, call: &Call<'_>) -> Result<Arc<SessionHandle>, SessionError> {
        let tenant = self.tenant(call.principal.tenant).ok_or(SessionError::UnknownTenant)?;
        let (reply, session) = oneshot::channel();
        tenant.address().do_send(OpenSession { principal: call.principal, reply });
        match timeout_at(call.deadline, session).await {
            Ok(Ok(session)) => session.map_err(|retry_after| SessionError::Restoring { retry_after }),
            Ok(Err(_dropped)) => Err(SessionError::Ended),
            Err(_elapsed) => Err(SessionError::DeadlineExceeded),
        }
    }

    /// The tenant, started within the limits of the registry when it is new. `None`, and nothing kept, when the registry
    /// does not know it.
    fn tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        let Shared { environment, tenants, sessions, shards, gate, .. } = &*self.shared;
        if let Some(tenant) = tenants.known(id) {
            return Some(tenant);
        }
        let limits = environment.limits(id)?;
        let tenant = tenants.known_or_started(id, || {
            gate.set_size(id, limits.size);
            let all = Arc::clone(tenants);
            let forget = move |permits: &_| all.forget(id, permits);
            Tenant::start(id, limits, shards.of(id), Arc::clone(sessions), Arc::clone(environment), forget)
        });
        // The registry may have changed its word before the tenant could be found and told.
        match environment.limits(id) {
            Some(now) if now == limits => {}
            Some(now) => self.set_limits(id, now),
            None => self.end_tenant(id),
        }
        Some(tenant)
    }

    fn is_draining(&self) -> bool {
        self.shared.draining.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Actors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Actors").field("census", &self.census()).finish_non_exhaustive()
    }
}
