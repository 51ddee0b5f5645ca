//! Telemetry about telemetry.

use tracing::{info, warn};

use super::{Event, TARGET};

/// Traces do not reach the collector. Written once, until they do again.
#[derive(Debug, Clone, Copy)]
pub struct TraceExportFailed<'a> {
    /// What the exporter said.
    pub reason: &'a str,
}

impl Event for TraceExportFailed<'_> {
    fn log(&self) {
        warn!(target: TARGET, { error.reason = self.reason }, "trace export failed");
    }
}

/// Traces reach the collector again.
#[derive(Debug, Clone, Copy)]
pub struct TraceExportRecovered;

impl Event for TraceExportRecovered {
    fn log(&self) {
        info!(target: TARGET, "trace export recovered");
    }
}

/// The process ends, and this much of its telemetry went nowhere.
#[derive(Debug, Clone, Copy)]
pub struct TelemetryLost {
    /// Log lines that were written faster than they could be put out, or held back because they flooded.
    pub lines: u64,
    /// Calls whose trace found the backlog full.
    pub calls: u64,
    /// Spans that the collector did not take.
    pub spans: u64,
}

impl Event for TelemetryLost {
    fn log(&self) {
        warn!(
            target: TARGET,
            { lost.lines = self.lines, lost.calls = self.calls, lost.spans = self.spans },
            "telemetry lost"
        );
    }
}
