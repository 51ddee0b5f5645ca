//! On-Behalf-Of exchanges with Entra.

use std::time::Duration;

use tracing::{error, info, warn};
use uuid::Uuid;

use super::{Event, TARGET, millis};
use crate::metric::{Attribute, Meters, Metric};
use crate::trace::TraceId;

/// Entra answered an exchange, or did not.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeCompleted {
    /// Of the call that caused it; a renewal has one of its own.
    pub trace_id: TraceId,
    /// Sent to Entra as `client-request-id`.
    pub correlation_id: Uuid,
    pub tenant: Uuid,
    /// `granted`, or a word for the refusal.
    pub outcome: &'static str,
    /// The number of Entra's `AADSTS…` code; 0 when there was none.
    pub aadsts: u32,
    pub duration: Duration,
}

impl Event for ExchangeCompleted {
    fn log(&self) {
        info!(
            target: TARGET,
            {
                trace_id = %self.trace_id,
                correlation_id = %self.correlation_id,
                tenant.id = %self.tenant,
                exchange.outcome = self.outcome,
                exchange.aadsts = self.aadsts,
                exchange.duration_ms = millis(self.duration),
            },
            "exchange completed"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.record(Metric::ExchangeDuration, self.duration, &[Attribute::Outcome.with(self.outcome)]);
    }
}

/// Alarm: Entra put a permission to write into a Graph token. This service never asks for one; somebody has
/// consented to more than it needs, and should take it back.
#[derive(Debug, Clone, Copy)]
pub struct WriteScopeGranted {
    /// Of the call that caused the exchange; a renewal has one of its own.
    pub trace_id: TraceId,
    pub correlation_id: Uuid,
    pub tenant: Uuid,
}

impl Event for WriteScopeGranted {
    fn log(&self) {
        error!(
            target: TARGET,
            {
                trace_id = %self.trace_id,
                correlation_id = %self.correlation_id,
                tenant.id = %self.tenant,
            },
            "write scope granted"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::WriteScopesGranted, 1, &[]);
    }
}

/// The service's own credential ends soon, or has ended: it must be renewed, or nobody can be served any more.
#[derive(Debug, Clone, Copy)]
pub struct CredentialExpiring {
    /// `certificate`, …
    pub kind: &'static str,
    /// Whole days that are left; negative when it is over.
    pub days_left: i64,
}

impl Event for CredentialExpiring {
    fn log(&self) {
        warn!(
            target: TARGET,
            { credential.kind = self.kind, credential.days_left = self.days_left },
            "credential expiring"
        );
    }
}

/// The files of the service's own credential have changed, and what they hold is in use from now on.
#[derive(Debug, Clone, Copy)]
pub struct CredentialReloaded {
    pub kind: &'static str,
}

impl Event for CredentialReloaded {
    fn log(&self) {
        info!(target: TARGET, { credential.kind = self.kind }, "credential reloaded");
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::CredentialReloads, 1, &[]);
    }
}

/// The files of the service's own credential have changed to something that can't be used: the former one stays in use.
#[derive(Debug, Clone, Copy)]
pub struct CredentialNotReloaded<'a> {
    pub kind: &'static str,
    /// Names the file and the problem, never what the file holds.
    pub reason: &'a str,
}

impl Event for CredentialNotReloaded<'_> {
    fn log(&self) {
        error!(
            target: TARGET,
            { credential.kind = self.kind, credential.problem = self.reason },
            "credential not reloaded"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::CredentialReloadFailures, 1, &[]);
    }
}
