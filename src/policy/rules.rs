//! Whom and what a tenant's administrator lets through, beyond clients and guests.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use connector_actors::identity::{GroupId, ObjectId};

use super::service::Service;

/// The default lets everybody use everything, without a quota.
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
    /// Calls of one user within a minute, through all clients together.
    pub calls_per_user_per_minute: Option<NonZeroU32>,
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
