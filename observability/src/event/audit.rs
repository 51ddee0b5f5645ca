//! The audit trail.

use std::time::Duration;

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

/// Audit records that had come together are with the system. Only counted.
#[derive(Debug, Clone, Copy)]
pub struct AuditRecordsWritten {
    /// How long ago the call of the oldest of them ended.
    pub oldest: Duration,
}

impl Event for AuditRecordsWritten {
    fn log(&self) {}

    fn count(&self, meters: &Meters) {
        meters.record(Metric::AuditDelay, self.oldest, &[]);
    }
}
