//! Who is there: what the actors of one process share.

use std::fmt;
use std::sync::Arc;

use actix_rt::ArbiterHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::exchange::PaceDoor;
use crate::identity::{ByIdentity, Principal, TenantId};
use crate::jitter::Jitter;
use crate::ports::{Ports, TenantLimits, TokenExchange};
use crate::revocation::Subject;
use crate::session::SessionHandle;
use crate::settings::ActorSettings;
use crate::tenant::Tenant;

/// Held by every actor for as long as it lives.
pub(crate) type Alive = watch::Receiver<()>;

/// Tenants and sessions by their verified ids, and what every actor needs.
pub(crate) struct Directory {
    settings: ActorSettings,
    ports: Ports,
    pace: PaceDoor,
    tenants: ByIdentity<TenantId, Arc<Tenant>>,
    sessions: ByIdentity<Principal, Arc<SessionHandle>>,
    ending: CancellationToken,
    alive: watch::Sender<()>,
}

/// What a call finds of its session.
pub(super) enum Found {
    Entered(Arc<SessionHandle>, OwnedSemaphorePermit),
    /// There is a session, and as many calls in it as it takes.
    Full(Arc<SessionHandle>),
    Nothing,
}

impl Directory {
    /// The pace of exchanges runs on `shard`.
    pub(super) fn new(settings: ActorSettings, ports: Ports, shard: &ArbiterHandle) -> Self {
        let (ending, alive) = (CancellationToken::new(), watch::Sender::new(()));
        let per_second = settings.exchanges.per_second;
        let pace = PaceDoor::open(per_second, &ports, ending.clone(), alive.subscribe(), shard);
        let (tenants, sessions) = (ByIdentity::default(), ByIdentity::default());
        Self { settings, ports, pace, tenants, sessions, ending, alive }
    }

    pub(crate) fn settings(&self) -> &ActorSettings {
        &self.settings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.ports.clock
    }

    pub(crate) fn exchange(&self) -> &Arc<dyn TokenExchange> {
        &self.ports.exchange
    }

    /// When exchanges may go out.
    pub(crate) fn pace(&self) -> &PaceDoor {
        &self.pace
    }

    pub(crate) fn jitter(&self) -> &dyn Jitter {
        &*self.ports.jitter
    }

    pub(crate) fn alive(&self) -> Alive {
        self.alive.subscribe()
    }

    /// Fires for everyone when the process drains.
    pub(crate) fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.is_cancelled()
    }

    pub(crate) fn tenant_cancellation(&self) -> CancellationToken {
        self.ending.child_token()
    }

    /// Resolves when no actor lives any more.
    pub(super) async fn all_ended(&self) {
        self.alive.closed().await;
    }

    pub(super) fn tenant_count(&self) -> usize {
        self.tenants.len()
    }

    pub(super) fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// How many leases of all sessions are usable, and how many have lapsed.
    pub(super) fn count_leases(&self) -> (usize, usize) {
        let now = self.clock().now();
        self.sessions
            .iter()
            .map(|session| session.count_leases(now))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// How many requests each tenant could repeat now.
    pub(super) fn retries_left(&self) -> Vec<(TenantId, u64)> {
        let now = self.clock().now();
        self.tenants.iter().map(|tenant| (*tenant.key(), tenant.retries().left(now))).collect()
    }

    /// The tenant, made by `start` within the limits of the registry when it is new. `None`, and nothing kept,
    /// when the registry does not know it.
    pub(super) fn tenant(
        &self,
        id: TenantId,
        start: impl FnOnce(TenantLimits) -> Tenant,
    ) -> Option<Arc<Tenant>> {
        if let Some(tenant) = self.tenants.get(&id) {
            return Some(Arc::clone(&tenant));
        }
        let limits = self.ports.registry.limits(id)?;
        Some(Arc::clone(&self.tenants.entry(id).or_insert_with(|| Arc::new(start(limits)))))
    }

    /// The tenant, when it has been called for.
    pub(super) fn known_tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.get(&id).map(|tenant| Arc::clone(&tenant))
    }

    /// Takes the tenant out, so that the next call of it starts from the registry's word again.
    pub(super) fn take_tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.remove(&id).map(|(_, tenant)| tenant)
    }

    /// Takes out the tenant that gives these permits, and no successor of it.
    pub(crate) fn forget_tenant(&self, id: TenantId, permits: &Arc<Semaphore>) {
        self.tenants.remove_if(&id, |_, tenant| tenant.gives(permits));
    }

    /// Enters the principal's session. The permit is taken under the map's guard: whoever ends an empty session
    /// holds the same guard, so that none is ended with a call in it.
    pub(super) fn enter(&self, principal: &Principal) -> Found {
        let Some(session) = self.sessions.get(principal) else { return Found::Nothing };
        match session.try_enter() {
            Ok(permit) => Found::Entered(Arc::clone(&session), permit),
            Err(TryAcquireError::NoPermits) => Found::Full(Arc::clone(&session)),
            Err(TryAcquireError::Closed) => Found::Nothing,
        }
    }

    /// The principal's session, unless it is over.
    pub(crate) fn open_session(&self, principal: &Principal) -> Option<Arc<SessionHandle>> {
        self.sessions.get(principal).filter(|session| session.is_open()).map(|session| Arc::clone(&session))
    }

    pub(crate) fn remember_session(&self, principal: Principal, session: Arc<SessionHandle>) {
        self.sessions.insert(principal, session);
    }

    /// Takes out this very session, and no successor of it.
    pub(crate) fn forget_session(&self, principal: Principal, session: &Arc<SessionHandle>) {
        self.sessions.remove_if(&principal, |_, known| Arc::ptr_eq(known, session));
    }

    /// Ends the sessions of every principal that `subject` covers, their leases and their calls with them.
    pub(super) fn revoke_sessions(&self, subject: &Subject) {
        self.sessions
            .iter()
            .filter(|session| subject.covers(session.key()))
            .for_each(|session| session.revoke());
    }

    /// Closes and takes out this very session when no call is in it; says whether it did.
    pub(crate) fn forget_empty_session(&self, principal: Principal, session: &Arc<SessionHandle>) -> bool {
        let is_idle = |known: &Arc<SessionHandle>| Arc::ptr_eq(known, session) && known.close_if_empty();
        self.sessions.remove_if(&principal, |_, known| is_idle(known)).is_some()
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Directory")
            .field("tenants", &self.tenants.len())
            .field("sessions", &self.sessions.len())
            .finish_non_exhaustive()
    }
}
