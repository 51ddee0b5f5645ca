//! Sessions of users.

use tracing::debug;
use uuid::Uuid;

use super::{Event, TARGET};
use crate::metric::{Attribute, Meters, Metric};

/// A session has ended. Written at `debug`: every user who stops working makes one.
#[derive(Debug, Clone, Copy)]
pub struct SessionEnded {
    pub tenant: Uuid,
    /// `idle`, `drained`, `revoked`, …
    pub reason: &'static str,
}

impl Event for SessionEnded {
    fn log(&self) {
        debug!(target: TARGET, { tenant.id = %self.tenant, session.reason = self.reason }, "session ended");
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::SessionsEnded, 1, &[Attribute::Reason.with(self.reason)]);
    }
}
