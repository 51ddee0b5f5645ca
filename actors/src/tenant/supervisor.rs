//! The actor that owns the sessions of one tenant.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use actix_rt::ArbiterHandle;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::restarts::Restarts;
use super::retry_budget::RetryBudget;
use crate::identity::{Principal, TenantId};
use crate::ports::TenantLimits;
use crate::runtime::{Alive, Directory};
use crate::session::{EndIdle, Session, SessionHandle};

/// A call needs the session of a principal of this tenant: the one there is, or a new one.
pub(crate) struct OpenSession {
    pub(crate) principal: Principal,
    /// Told how long it takes until there may be one, when the principal's sessions crash again and again.
    pub(crate) reply: oneshot::Sender<Result<Arc<SessionHandle>, Duration>>,
}

impl Message for OpenSession {
    type Result = ();
}

/// A session has been idle long enough to end.
pub(crate) struct SessionIdle {
    pub(crate) principal: Principal,
    pub(crate) session: Arc<SessionHandle>,
}

impl Message for SessionIdle {
    type Result = ();
}

/// A session has crashed. It has taken itself out of the directory.
pub(crate) struct SessionCrashed(pub(crate) Principal);

impl Message for SessionCrashed {
    type Result = ();
}

/// The tenant has other limits from now on. Sessions that there are keep theirs until they end.
pub(crate) struct SetLimits(pub(crate) TenantLimits);

impl Message for SetLimits {
    type Result = ();
}

/// Creates the sessions of a tenant, replaces those that crashed, and ends those that idle.
pub(crate) struct TenantSupervisor {
    id: TenantId,
    limits: TenantLimits,
    permits: Arc<Semaphore>,
    cancel: CancellationToken,
    directory: Arc<Directory>,
    restarts: Restarts,
    retries: Arc<RetryBudget>,
    _alive: Alive,
}

impl TenantSupervisor {
    pub(super) fn start(
        id: TenantId,
        limits: TenantLimits,
        (permits, retries): (Arc<Semaphore>, Arc<RetryBudget>),
        cancel: CancellationToken,
        shard: &ArbiterHandle,
        directory: Arc<Directory>,
    ) -> Addr<Self> {
        let alive = directory.alive();
        Self::start_in_arbiter(shard, move |_context| Self {
            id,
            limits,
            permits,
            cancel,
            directory,
            restarts: Restarts::default(),
            retries,
            _alive: alive,
        })
    }

    /// Sessions are made anew and never restarted: actix does not restart an actor that panicked, and what
    /// crashed once is not to be trusted with its state.
    fn create(&self, principal: Principal, context: &Context<Self>) -> Arc<SessionHandle> {
        let capacity = self.limits.concurrent_calls_per_session.min(Semaphore::MAX_PERMITS);
        let owner = context.address().downgrade();
        let cancel = self.cancel.child_token();
        let retries = Arc::clone(&self.retries);
        let session =
            Session::start(principal, capacity, cancel, retries, owner, Arc::clone(&self.directory));
        self.directory.remember_session(principal, Arc::clone(&session));
        session
    }
}

impl Actor for TenantSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.cancel.clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _supervisor, context| context.stop()));
    }

    /// Runs after a panic too: sessions do not outlive their owner, and the next admission starts a new tenant.
    fn stopped(&mut self, _context: &mut Self::Context) {
        self.directory.forget_tenant(self.id, &self.permits);
        self.permits.close();
        self.cancel.cancel();
    }
}

impl Handler<OpenSession> for TenantSupervisor {
    type Result = ();

    fn handle(&mut self, message: OpenSession, context: &mut Self::Context) {
        let OpenSession { principal, reply } = message;
        debug_assert_eq!(principal.tenant, self.id);
        if reply.is_closed() {
            return;
        }
        let session = match self.directory.open_session(&principal) {
            Some(session) => Ok(session),
            None => self
                .restarts
                .may_start(&principal, self.directory.clock().now())
                .map(|()| self.create(principal, context)),
        };
        // A caller who has left meanwhile leaves a session behind that will idle out.
        drop(reply.send(session));
    }
}

impl Handler<SessionIdle> for TenantSupervisor {
    type Result = ();

    /// Removes first and stops then, so that no call is ever sent to a session that is stopping.
    fn handle(&mut self, message: SessionIdle, _context: &mut Self::Context) {
        if self.directory.forget_empty_session(message.principal, &message.session) {
            message.session.address().do_send(EndIdle);
        }
    }
}

impl Handler<SessionCrashed> for TenantSupervisor {
    type Result = ();

    fn handle(&mut self, SessionCrashed(principal): SessionCrashed, _context: &mut Self::Context) {
        self.restarts.crashed(principal, self.directory.clock().now());
    }
}

impl Handler<SetLimits> for TenantSupervisor {
    type Result = ();

    fn handle(&mut self, SetLimits(limits): SetLimits, _context: &mut Self::Context) {
        self.limits = limits;
    }
}
