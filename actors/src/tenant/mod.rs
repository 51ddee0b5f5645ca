//! One supervisor for each tenant: what happens to one tenant, or to one of its users, happens to no other.

mod permit;
mod supervisor;

pub use permit::{AdmissionError, TenantPermit};
pub(crate) use supervisor::{OpenSession, SessionIdle, TenantSupervisor};

use std::fmt;
use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio_util::sync::CancellationToken;

use crate::identity::TenantId;
use crate::ports::TenantLimits;
use crate::runtime::Directory;

/// A tenant as the rest of the process sees it.
pub(crate) struct Tenant {
    address: Addr<TenantSupervisor>,
    permits: Arc<Semaphore>,
    cancel: CancellationToken,
}

impl Tenant {
    /// Starts the tenant's supervisor on the arbiter of its shard.
    pub(crate) fn start(
        id: TenantId,
        limits: TenantLimits,
        shard: &ArbiterHandle,
        directory: Arc<Directory>,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(limits.concurrent_calls.min(Semaphore::MAX_PERMITS)));
        let cancel = directory.tenant_cancellation();
        let address =
            TenantSupervisor::start(id, limits, Arc::clone(&permits), cancel.clone(), shard, directory);
        Self { address, permits, cancel }
    }

    pub(crate) fn address(&self) -> &Addr<TenantSupervisor> {
        &self.address
    }

    /// A permit, if one is free; [`TryAcquireError::Closed`] when this tenant is over and a new one may start.
    pub(crate) fn try_admit(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        Arc::clone(&self.permits).try_acquire_owned()
    }

    /// Whether these are the permits of this tenant, and not of one that took its place.
    pub(crate) fn gives(&self, permits: &Arc<Semaphore>) -> bool {
        Arc::ptr_eq(&self.permits, permits)
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
