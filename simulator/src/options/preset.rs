//! What a scenario has in force from the start: what the administrators of its tenants demand and allow, and its faults.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::directory::{Directory, TenantGroup};

/// Policies of a scenario: the fields of `POST /_sim/tenants/{tenant}` and of `POST /_sim/tenants/{tenant}/policies`
/// together, and the tenants that they are of. Those are looked up at the start, since their ids follow from the seed.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioPolicy {
    pub(crate) tenants: PolicyTenants,
    pub(crate) fields: Map<String, Value>,
}

/// Whose policies they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyTenants {
    /// One tenant, by its id or domain.
    Named(String),
    /// Every tenant of a group: its place among the groups.
    Group(usize),
}

impl PolicyTenants {
    /// Their ids; nothing where nobody is called so.
    pub(crate) fn ids(&self, directory: &Directory, groups: &[TenantGroup]) -> Option<Vec<Uuid>> {
        match self {
            Self::Named(name) => directory.tenant_id(name).map(|id| vec![id]),
            Self::Group(place) => {
                let (before, rest) = groups.split_at_checked(*place)?;
                let start: usize = before.iter().map(|group| group.tenants as usize).sum();
                let count = rest.first()?.tenants as usize;
                Some(directory.further_ids().skip(start).take(count).collect())
            }
        }
    }
}

/// An application of a scenario: the fields of `POST /_sim/applications`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioApplication(pub(crate) Map<String, Value>);

/// What is changed about a person from the start: the fields of `POST /_sim/users/{user}`, with `tenant` and `user`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioUser(pub(crate) Map<String, Value>);

/// A fault of a scenario: the fields of `POST /_sim/faults`, which the directory has been asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioFault(pub(crate) Map<String, Value>);
