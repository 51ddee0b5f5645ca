//! The addresses of the MCP endpoint: one for everybody, and one for each tenant below it.

use actix_web::HttpRequest;
use connector_actors::identity::TenantId;

use super::refusal::Refusal;

/// The name of the path segment that holds the tenant, in the list of routes.
pub(super) const TENANT_SEGMENT: &str = "{tenant}";

/// Which address of the endpoint, or of a document about it, a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// `public_url` itself: anybody of a served tenant.
    Common,
    /// `public_url` followed by a tenant's ID: for its users alone, with a sign-in at that tenant.
    Tenant(TenantId),
}

impl Address {
    /// Reads the address off the path. Any well-formed ID has one, whether its tenant is served or not: the address
    /// says nothing, the token decides.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let name = TENANT_SEGMENT.trim_matches(['{', '}']);
        match request.match_info().get(name) {
            None => Ok(Self::Common),
            Some(tenant) => tenant.parse().map(Self::Tenant).map_err(|_| Refusal::NotFound),
        }
    }

    /// Whether users of `tenant` are answered here.
    pub(super) fn check(self, tenant: TenantId) -> Result<(), Refusal> {
        match self {
            Self::Tenant(own) if own != tenant => Err(Refusal::OtherTenantsAddress),
            Self::Common | Self::Tenant(_) => Ok(()),
        }
    }
}
