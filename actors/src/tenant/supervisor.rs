//! The actor that owns the sessions of one tenant.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use actix_rt::ArbiterHandle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::supervision::{Grant, Opening, Supervision};
use crate::alive::Alive;
use crate::environment::Environment;
use crate::identity::{Principal, TenantId};
use crate::permits::Permits;
use crate::ports::TenantLimits;
use crate::retry_budget::RetryBudget;
use crate::session::{Session, SessionDirectory, SessionHandle, SessionReport, SessionTerms};

/// A call needs the session of a principal of this tenant: the one there is, or a new one.
pub(crate) struct OpenSession {
    pub(crate) principal: Principal,
    /// Told how long it takes until there may be one, when the principal's sessions crash again and again.
    pub(crate) reply: oneshot::Sender<Result<Arc<SessionHandle>, Duration>>,
}

impl Message for OpenSession {
    type Result = ();
}

/// The tenant has other limits from now on, and so have its sessions.
pub(crate) struct SetLimits(pub(crate) TenantLimits);

impl Message for SetLimits {
    type Result = ();
}

/// How often is forgotten what nobody uses.
const SWEEP: Duration = Duration::from_secs(60);

/// Told the tenant's permits when the tenant is over.
pub(super) type Forget = Box<dyn FnOnce(&Permits) + Send>;

/// Creates the sessions of a tenant, replaces those that crashed, and ends those that idle, as its [`Supervision`] decides.
pub(crate) struct TenantSupervisor {
    pub(super) id: TenantId,
    pub(super) supervision: Supervision,
    pub(super) permits: Permits,
    pub(super) cancel: CancellationToken,
    pub(super) sessions: Arc<SessionDirectory>,
    pub(super) environment: Arc<Environment>,
    pub(super) retries: Arc<RetryBudget>,
    pub(super) forget: Option<Forget>,
    pub(super) _alive: Alive,
}

impl TenantSupervisor {
    pub(super) fn start_on(self, shard: &ArbiterHandle) -> Addr<Self> {
        Self::start_in_arbiter(shard, move |_context| self)
    }

    /// Sessions are made anew and never restarted: actix does not restart an actor that panicked, and what
    /// crashed once is not to be trusted with its state.
    fn create(&self, principal: Principal, grant: Grant, context: &Context<Self>) -> Arc<SessionHandle> {
        let terms = SessionTerms {
            capacity: grant.capacity,
            cancel: self.cancel.child_token(),
            retries: Arc::clone(&self.retries),
            exchanges: grant.exchanges,
        };
        let owner = context.address().downgrade().recipient();
        let (sessions, environment) = (Arc::clone(&self.sessions), Arc::clone(&self.environment));
        let session = Session::start(principal, terms, owner, sessions, environment);
        self.sessions.remember(principal, Arc::clone(&session));
        session
    }
}

impl Actor for TenantSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.cancel.clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _supervisor, context| context.stop()));
        context.run_interval(SWEEP, |supervisor, _context| {
            supervisor.supervision.forget_whole(supervisor.environment.clock().now());
        });
    }

    /// Runs after a panic too: sessions do not outlive their owner, and the next admission starts a new tenant.
    fn stopped(&mut self, _context: &mut Self::Context) {
        if let Some(forget) = self.forget.take() {
            forget(&self.permits);
        }
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
        let now = self.environment.clock().now();
        let session = match self.supervision.open(&principal, &self.sessions, now) {
            Opening::Found(session) => Ok(session),
            Opening::Granted(grant) => Ok(self.create(principal, grant, context)),
            Opening::Later(wait) => Err(wait),
        };
        // A caller who has left meanwhile leaves a session behind that will idle out.
        drop(reply.send(session));
    }
}

impl Handler<SessionReport> for TenantSupervisor {
    type Result = ();

    fn handle(&mut self, report: SessionReport, _context: &mut Self::Context) {
        match report {
            SessionReport::Idle(principal, session) => {
                self.sessions.end_idle(principal, &session);
            }
            SessionReport::Crashed(principal) => {
                self.supervision.crashed(principal, self.environment.clock().now());
            }
        }
    }
}

impl Handler<SetLimits> for TenantSupervisor {
    type Result = ();

    fn handle(&mut self, SetLimits(limits): SetLimits, _context: &mut Self::Context) {
        self.supervision.set_limits(limits);
        self.sessions.resize(self.id, limits.concurrent_calls_per_session);
    }
}
