//! Whom and what a tenant's administrator lets through, beyond clients and guests.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use connector_actors::identity::{GroupId, ObjectId};

use super::service::Service;

/// Calls of one user within a minute, through all clients together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallQuota {
    PerMinute(NonZeroU32),
    Unlimited,
}

impl CallQuota {
    /// 600: more than somebody's clients need, and less than a loop makes.
    const BY_DEFAULT: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
}

/// There is one unless the tenant's file says otherwise: MCP 2026-07-28, "Security Considerations" of tools, has servers
/// limit the rate of calls.
impl Default for CallQuota {
    fn default() -> Self {
        Self::PerMinute(Self::BY_DEFAULT)
    }
}

/// The default lets everybody use everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessRules {
    /// Every tool of these is switched off.
    pub denied_services: BTreeSet<Service>,
    /// Refused, whatever else is said of them.
    pub blocked_users: BTreeSet<ObjectId>,
    /// Members of these are refused.
    pub blocked_groups: BTreeSet<GroupId>,
    /// Where this or `allowed_groups` names anybody, nobody else is let in.
    pub allowed_users: BTreeSet<ObjectId>,
    pub allowed_groups: BTreeSet<GroupId>,
    pub calls_per_user_per_minute: CallQuota,
}

impl AccessRules {
    /// Whether it matters of which groups a user is.
    pub(super) fn ask_for_groups(&self) -> bool {
        !self.allowed_groups.is_empty() || !self.blocked_groups.is_empty()
    }

    pub(super) fn are_open(&self) -> bool {
        self.allowed_users.is_empty() && self.allowed_groups.is_empty()
    }
}
