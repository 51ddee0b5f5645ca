//! Which tenants are served: read at the start, asked by every call.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use connector_actors::identity::TenantId;
use connector_actors::ports::{TenantLimits, TenantRegistry};
use thiserror::Error;

use super::tenant_file::{self, Stated, TenantFileError};
use crate::policy::TenantPolicy;

/// Where the tenants' policies stand.
#[derive(Debug, Clone)]
pub enum TenantSource {
    /// A directory of TOML files, one a tenant.
    Directory(PathBuf),
    /// For demos and tests: policies made in the same process.
    Fixed(Vec<TenantPolicy>),
}

/// Why the tenants could not be read.
#[derive(Debug, Error)]
pub enum TenantSourceError {
    #[error("tenant directory {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] TenantFileError),
    #[error("tenant {0} has two files")]
    Twice(TenantId),
}

/// The tenants that are switched on.
#[derive(Debug)]
pub struct TenantTable(HashMap<TenantId, Arc<TenantPolicy>>);

impl TenantTable {
    pub fn open(source: &TenantSource) -> Result<Self, TenantSourceError> {
        match source {
            TenantSource::Directory(path) => Self::from_policies(read_directory(path)?),
            TenantSource::Fixed(policies) => {
                Self::from_policies(policies.iter().map(|policy| (policy.id, Some(policy.clone()))))
            }
        }
    }

    pub fn policy(&self, tenant: TenantId) -> Option<&Arc<TenantPolicy>> {
        self.0.get(&tenant)
    }

    pub fn policies(&self) -> impl Iterator<Item = &TenantPolicy> {
        self.0.values().map(AsRef::as_ref)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn from_policies(stated: impl IntoIterator<Item = Stated>) -> Result<Self, TenantSourceError> {
        let mut table = HashMap::new();
        for (tenant, policy) in stated {
            if table.insert(tenant, policy.map(Arc::new)).is_some() {
                return Err(TenantSourceError::Twice(tenant));
            }
        }
        Ok(Self(table.into_iter().filter_map(|(tenant, policy)| Some((tenant, policy?))).collect()))
    }
}

impl TenantRegistry for TenantTable {
    fn limits(&self, tenant: TenantId) -> Option<TenantLimits> {
        self.policy(tenant).map(|policy| policy.limits)
    }
}

fn read_directory(path: &Path) -> Result<Vec<Stated>, TenantSourceError> {
    let unreadable = |source| TenantSourceError::Unreadable { path: path.to_owned(), source };
    let mut stated = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        stated.push(tenant_file::read(&file)?);
    }
    Ok(stated)
}
