//! On-Behalf-Of exchanges with Entra.

use std::time::Duration;

use tracing::{error, info};
use uuid::Uuid;

use super::{Event, TARGET, millis};
use crate::metric::{Attribute, Meters, Metric};

/// Entra answered an exchange, or did not.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeCompleted {
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
    pub correlation_id: Uuid,
    pub tenant: Uuid,
}

impl Event for WriteScopeGranted {
    fn log(&self) {
        error!(
            target: TARGET,
            { correlation_id = %self.correlation_id, tenant.id = %self.tenant },
            "write scope granted"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::WriteScopesGranted, 1, &[]);
    }
}
