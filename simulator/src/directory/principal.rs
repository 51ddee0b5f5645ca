//! Somebody, and where.

use std::sync::Arc;

use super::tenants::{Tenant, User};

/// A user, together with the tenant: object ids say nothing without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    tenant: Arc<Tenant>,
    /// Among the users of `tenant`.
    place: usize,
}

impl Principal {
    /// The first user of `tenant` who is meant.
    pub(crate) fn find(tenant: Arc<Tenant>, is_meant: impl FnMut(&User) -> bool) -> Option<Self> {
        let place = tenant.users.iter().position(is_meant)?;
        Some(Self { tenant, place })
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    pub fn user(&self) -> &User {
        &self.tenant.users[self.place]
    }
}
