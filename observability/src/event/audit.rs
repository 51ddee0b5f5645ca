//! The audit trail.

use tracing::error;

use super::{Event, TARGET};
use crate::metric::{Meters, Metric};

/// An audit record could not be written.
#[derive(Debug, Clone, Copy)]
pub struct AuditWriteFailed<'a> {
    /// What the store said went wrong (`permission denied`, `storage full`); never the record itself.
    pub reason: &'a str,
}

impl Event for AuditWriteFailed<'_> {
    fn log(&self) {
        error!(target: TARGET, { audit.reason = self.reason }, "audit write failed");
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::AuditFailures, 1, &[]);
    }
}
