//! The first path segment of every Entra endpoint: which tenants it stands for.

use std::sync::Arc;

use uuid::Uuid;

use super::refusal::Refusal;
use crate::directory::{Directory, Principal, Tenant};

/// The tenant that personal accounts are in: one for all of them, the same in every cloud.
pub(crate) const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The tenants that an endpoint answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// One tenant, named by its id or domain.
    Tenant(Uuid),
    /// `common` or `organizations`: every work tenant.
    AnyTenant,
    /// `consumers`, or the tenant of personal accounts: it has no applications of ours.
    Personal,
}

impl Authority {
    pub(crate) fn parse(segment: &str, directory: &Directory) -> Result<Self, Refusal> {
        if matches!(segment, "common" | "organizations") {
            return Ok(Self::AnyTenant);
        }
        if matches!(segment, "consumers" | PERSONAL_TENANT) {
            return Ok(Self::Personal);
        }
        match directory.tenant_id(segment) {
            Some(id) => Ok(Self::Tenant(id)),
            None => Err(Refusal::TenantNotFound(segment.to_owned())),
        }
    }

    /// The same for what needs an application, which personal accounts have none of.
    pub(crate) fn of_applications(segment: &str, directory: &Directory) -> Result<Self, Refusal> {
        match Self::parse(segment, directory)? {
            Self::Personal => Err(Refusal::WorkAccountsOnly),
            authority => Ok(authority),
        }
    }

    pub(crate) fn admits(self, tenant: Uuid) -> bool {
        self == Self::AnyTenant || self == Self::Tenant(tenant)
    }

    /// The tenants that a page of this endpoint shows: of every work tenant, those that are not made on demand.
    pub(crate) fn tenants(self, directory: &Directory) -> impl Iterator<Item = Arc<Tenant>> {
        let (named, is_any) = match self {
            Self::Tenant(id) => (directory.tenant_by_id(id), false),
            Self::AnyTenant => (None, true),
            Self::Personal => (None, false),
        };
        named.into_iter().chain(directory.tenants.iter().filter(move |_| is_any).cloned())
    }

    /// The user of that object id or principal name. Object ids are unique in a tenant only: where several
    /// tenants have it, the first one's user is meant.
    pub(crate) fn user(self, directory: &Directory, id_or_upn: &str) -> Option<Principal> {
        match self {
            Self::Tenant(id) => directory.user(id, id_or_upn),
            Self::AnyTenant => directory.user_anywhere(id_or_upn),
            Self::Personal => None,
        }
    }
}
