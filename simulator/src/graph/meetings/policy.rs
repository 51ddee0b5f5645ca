//! What a tenant's administrator allows: switched while the simulator runs.

use std::collections::HashMap;
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
pub(in crate::graph) struct TenantPolicies(RwLock<HashMap<Uuid, TenantPolicy>>);

impl TenantPolicies {
    pub(in crate::graph) fn get(&self, tenant: Uuid) -> TenantPolicy {
        let policies = self.0.read().unwrap_or_else(PoisonError::into_inner);
        policies.get(&tenant).copied().unwrap_or_default()
    }

    pub(in crate::graph) fn set(&self, tenant: Uuid, policy: TenantPolicy) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, policy);
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
