//! What a tenant's administrator allows: switched while the simulator runs.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use uuid::Uuid;

/// Whether transcripts may be read through Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transcripts {
    #[default]
    Allowed,
    /// Without the names of the speakers alone.
    Unattributed,
    Disabled,
}

impl Transcripts {
    pub const EVERY: [Self; 3] = [Self::Allowed, Self::Unattributed, Self::Disabled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unattributed => "unattributed",
            Self::Disabled => "disabled",
        }
    }
}

/// The switches of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantPolicy {
    pub transcripts: Transcripts,
    /// Whether its users have a licence for Microsoft 365 Copilot.
    pub copilot_licensed: bool,
}

impl Default for TenantPolicy {
    fn default() -> Self {
        Self { transcripts: Transcripts::Allowed, copilot_licensed: true }
    }
}

/// The switches of all tenants; those that were never touched are as by default.
#[derive(Debug, Default)]
pub(in crate::graph) struct TenantPolicies {
    tenants: RwLock<HashMap<Uuid, TenantPolicy>>,
    /// Users, by tenant and object id, who have no licence for Microsoft 365 Copilot whatever their tenant has.
    unlicensed: RwLock<HashSet<(Uuid, Uuid)>>,
}

impl TenantPolicies {
    pub(in crate::graph) fn get(&self, tenant: Uuid) -> TenantPolicy {
        let policies = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        policies.get(&tenant).copied().unwrap_or_default()
    }

    pub(in crate::graph) fn set(&self, tenant: Uuid, policy: TenantPolicy) {
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, policy);
    }

    /// What holds for one user.
    pub(in crate::graph) fn of_user(&self, tenant: Uuid, user: Uuid) -> TenantPolicy {
        let policy = self.get(tenant);
        let unlicensed = self.unlicensed.read().unwrap_or_else(PoisonError::into_inner);
        let copilot_licensed = policy.copilot_licensed && !unlicensed.contains(&(tenant, user));
        TenantPolicy { copilot_licensed, ..policy }
    }

    /// Gives a user the licence of the tenant, or takes it away.
    pub(in crate::graph) fn set_licensed(&self, tenant: Uuid, user: Uuid, licensed: bool) {
        let mut unlicensed = self.unlicensed.write().unwrap_or_else(PoisonError::into_inner);
        if licensed {
            unlicensed.remove(&(tenant, user));
        } else {
            unlicensed.insert((tenant, user));
        }
    }
}

impl TenantPolicy {
    /// A letter of its own for each, for cache keys.
    pub(in crate::graph) fn class(self) -> char {
        let transcripts = match self.transcripts {
            Transcripts::Allowed => b'A',
            Transcripts::Unattributed => b'B',
            Transcripts::Disabled => b'C',
        };
        char::from(if self.copilot_licensed { transcripts } else { transcripts.to_ascii_lowercase() })
    }
}
