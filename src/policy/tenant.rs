//! What a tenant's administrator has decided.

use std::collections::BTreeSet;

use connector_actors::identity::{ClientId, TenantId};
use connector_actors::ports::TenantLimits;
use connector_observability::metric::TenantAlias;

use super::content::ContentPolicy;
use super::rules::AccessRules;

/// Whether users whom the tenant has invited from elsewhere may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GuestRule {
    Allow,
    /// The default: nobody from outside reads by way of an AI client unless the administrator has said so. A token
    /// that does not say whether its user is a guest is refused, too.
    #[default]
    Refuse,
}

/// The policy of one tenant, as its TOML file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPolicy {
    pub id: TenantId,
    /// For people: logs, refusals, the console.
    pub name: String,
    /// Under which it is measured; without one, under the beginning of its id, or with all others.
    pub alias: Option<TenantAlias>,
    /// The tenant's own mail domains, lower case: what makes a sender internal.
    pub domains: Vec<String>,
    /// The client applications that may call for users of this tenant.
    pub clients: BTreeSet<ClientId>,
    pub guests: GuestRule,
    /// Tools that are switched off, by name.
    pub denied_tools: BTreeSet<String>,
    pub content: ContentPolicy,
    pub limits: TenantLimits,
    pub rules: AccessRules,
}

#[cfg(test)]
impl TenantPolicy {
    /// Of the tests' tenant: nothing is denied, guests are, and no client is known.
    pub(crate) fn contoso() -> Self {
        Self {
            id: TenantId::from_uuid(uuid::Uuid::from_u128(1)),
            name: "Contoso".to_owned(),
            alias: None,
            domains: vec!["contoso.example".to_owned()],
            clients: BTreeSet::new(),
            guests: GuestRule::Refuse,
            denied_tools: BTreeSet::new(),
            content: ContentPolicy::default(),
            limits: TenantLimits {
                concurrent_calls: 8,
                concurrent_calls_per_session: 4,
                size: connector_actors::TenantSize::UNKNOWN,
            },
            rules: AccessRules::default(),
        }
    }
}
