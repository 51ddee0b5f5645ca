//! Tenants and their files.

use tracing::{error, info};
use uuid::Uuid;

use super::{Event, TARGET};
use crate::metric::{Meters, Metric};

/// Another policy of a tenant is in force.
#[derive(Debug, Clone, Copy)]
pub struct TenantChanged {
    pub tenant: Uuid,
    /// Whether the tenant is served at all now.
    pub served: bool,
}

impl Event for TenantChanged {
    fn log(&self) {
        info!(target: TARGET, { tenant.id = %self.tenant, tenant.served = self.served }, "tenant changed");
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::TenantChanges, 1, &[]);
    }
}

/// A tenant's file is not in order: the tenant keeps its last good policy, or is not served.
#[derive(Debug, Clone, Copy)]
pub struct TenantFileRefused<'a> {
    /// The file's name, without its directory.
    pub file: &'a str,
    /// From 1; `None` where the file as a whole is meant.
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub reason: &'a str,
}

impl Event for TenantFileRefused<'_> {
    fn log(&self) {
        error!(
            target: TARGET,
            {
                file.name = self.file,
                file.line = self.line,
                file.column = self.column,
                error.reason = self.reason,
            },
            "tenant file refused"
        );
    }
}
