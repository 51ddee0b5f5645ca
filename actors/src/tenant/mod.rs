//! One supervisor for each tenant: what happens to one tenant, or to one of its users, happens to no other.

mod budgets;
mod permit;
mod restarts;
mod supervision;
mod supervisor;

pub use permit::{AdmissionError, TenantPermit};
pub(crate) use supervision::Supervision;
#[cfg(test)]
pub(crate) use supervision::{Grant, Opening};
pub(crate) use supervisor::{OpenSession, SetLimits, TenantSupervisor};

use std::fmt;
use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};
use tokio_util::sync::CancellationToken;

use crate::environment::Environment;
use crate::identity::TenantId;
use crate::permits::Permits;
use crate::ports::TenantLimits;
use crate::retry_budget::RetryBudget;
use crate::session::SessionDirectory;

/// A tenant as the rest of the process sees it.
pub(crate) struct Tenant {
    address: Addr<TenantSupervisor>,
    permits: Permits,
    cancel: CancellationToken,
    retries: Arc<RetryBudget>,
}

impl Tenant {
    /// Starts the tenant's supervisor on the arbiter of its shard. `forget` is told the tenant's permits when it is over.
    pub(crate) fn start(
        id: TenantId,
        limits: TenantLimits,
        shard: &ArbiterHandle,
        sessions: Arc<SessionDirectory>,
        environment: Arc<Environment>,
        forget: impl FnOnce(&Permits) + Send + 'static,
    ) -> Self {
        let permits = Permits::new(limits.concurrent_calls);
        let cancel = environment.ending().child_token();
        let retries = Arc::new(RetryBudget::part_of(environment.retries(), environment.clock().now()));
        let alive = environment.alive();
        let supervisor = TenantSupervisor {
            id,
            supervision: Supervision::new(limits),
            permits: permits.clone(),
            cancel: cancel.clone(),
            sessions,
            environment,
            retries: Arc::clone(&retries),
            forget: Some(Box::new(forget)),
            _alive: alive,
        };
        let address = supervisor.start_on(shard);
        Self { address, permits, cancel, retries }
    }

    pub(crate) fn address(&self) -> &Addr<TenantSupervisor> {
        &self.address
    }

    /// What the tenant may repeat.
    pub(crate) fn retries(&self) -> &RetryBudget {
        &self.retries
    }

    /// A permit, if one is free; [`TryAcquireError::Closed`] when this tenant is over and a new one may start.
    pub(crate) fn try_admit(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.permits.try_take()
    }

    /// Sets other limits, for the sessions that there are, too. Calls in progress keep their permits: where there are to
    /// be fewer, those that come back are taken out, before another call gets one. Must be called inside a tokio runtime.
    pub(crate) fn set_limits(&self, limits: TenantLimits) {
        self.permits.resize(limits.concurrent_calls);
        self.address.do_send(SetLimits(limits));
    }

    /// Whether these are the permits of this tenant, and not of one that took its place.
    pub(crate) fn gives(&self, permits: &Permits) -> bool {
        self.permits.are(permits)
    }

    /// Ends the supervisor, its sessions and their calls, all at once.
    pub(crate) fn end(&self) {
        self.cancel.cancel();
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tenant").field("permits", &self.permits).finish_non_exhaustive()
    }
}
