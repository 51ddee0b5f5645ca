//! Revocations.

use tracing::{error, warn};
use uuid::Uuid;

use super::{Event, TARGET};
use crate::metric::{Attribute, Meters, Metric};

/// An operator has revoked tokens.
#[derive(Debug, Clone, Copy)]
pub struct AccessRevoked {
    /// `tenant`, `user`, `client` or `token`.
    pub scope: &'static str,
    /// None for a single token, which is named by its own id alone.
    pub tenant: Option<Uuid>,
    /// Whether it will outlive the process.
    pub stored: bool,
}

impl Event for AccessRevoked {
    fn log(&self) {
        let tenant = self.tenant.map(tracing::field::display);
        if self.stored {
            warn!(target: TARGET, { revocation.scope = self.scope, tenant.id = tenant }, "access revoked");
        } else {
            error!(target: TARGET, { revocation.scope = self.scope, tenant.id = tenant }, "revocation not stored");
        }
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::Revocations, 1, &[Attribute::Scope.with(self.scope)]);
        if !self.stored {
            meters.add(Metric::RevocationsUnstored, 1, &[]);
        }
    }
}
