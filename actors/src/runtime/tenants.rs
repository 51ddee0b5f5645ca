//! Which tenants have been called for.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::identity::{ByIdentity, TenantId};
use crate::permits::Permits;
use crate::tenant::Tenant;

/// The tenants of one process by their ids.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    tenants: ByIdentity<TenantId, Arc<Tenant>>,
}

impl Tenants {
    pub(super) fn count(&self) -> usize {
        self.tenants.len()
    }

    /// How many requests each tenant could repeat now.
    pub(super) fn retries_left(&self, now: Timestamp) -> Vec<(TenantId, u64)> {
        self.tenants.iter().map(|tenant| (*tenant.key(), tenant.retries().left(now))).collect()
    }

    pub(super) fn known(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.get(&id).map(|tenant| Arc::clone(&tenant))
    }

    /// The tenant, made by `start` when nobody else has done so meanwhile.
    pub(super) fn known_or_started(&self, id: TenantId, start: impl FnOnce() -> Tenant) -> Arc<Tenant> {
        Arc::clone(&self.tenants.entry(id).or_insert_with(|| Arc::new(start())))
    }

    /// Takes the tenant out, so that the next call of it starts from the registry's word again.
    pub(super) fn take(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.remove(&id).map(|(_, tenant)| tenant)
    }

    /// Takes out the tenant that gives these permits, and no successor of it.
    pub(super) fn forget(&self, id: TenantId, permits: &Permits) {
        self.tenants.remove_if(&id, |_, tenant| tenant.gives(permits));
    }
}
