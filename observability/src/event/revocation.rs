//! Revocations.

use tracing::{error, info, warn};
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

/// The process before this one has not stopped in order: which tokens it saw last, nobody knows.
#[derive(Debug, Clone, Copy)]
pub struct UncleanShutdown;

impl Event for UncleanShutdown {
    fn log(&self) {
        warn!(target: TARGET, "last stop was not in order");
    }
}

/// The process stops, and the tokens in use are left to the next one.
#[derive(Debug, Clone, Copy)]
pub struct RecentTokensStored {
    pub tokens: usize,
}

impl Event for RecentTokensStored {
    fn log(&self) {
        info!(target: TARGET, { revocation.recent_tokens = self.tokens }, "recent tokens stored");
    }
}

/// The process stops, and the tokens in use could not be left to the next one, which will take this for a crash.
#[derive(Debug, Clone, Copy)]
pub struct RecentTokensNotStored<'a> {
    /// What the store says. It names no token.
    pub reason: &'a str,
}

impl Event for RecentTokensNotStored<'_> {
    fn log(&self) {
        warn!(target: TARGET, { error.reason = self.reason }, "recent tokens not stored");
    }
}
