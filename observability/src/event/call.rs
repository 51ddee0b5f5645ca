//! Calls of AI clients.

use std::time::Duration;

use tracing::{debug, error, info};
use uuid::Uuid;

use super::{Event, TARGET, millis};
use crate::metric::{Attribute, Meters, Metric, alias_of};
use crate::outcome::CallOutcome;
use crate::trace::Phases;
use crate::trace::TraceId;

/// The same fields at one level or another: the level of an event is fixed where it is written.
macro_rules! log_call {
    ($level:ident, $call:expr) => {
        $level!(
            target: TARGET,
            {
                trace_id = %$call.trace_id,
                correlation_id = %$call.correlation_id,
                tenant.id = $call.tenant.map(tracing::field::display),
                mcp.method = $call.method,
                mcp.tool = $call.tool,
                call.outcome = $call.outcome.as_str(),
                call.code = $call.outcome.code(),
                jsonrpc.code = $call.outcome.jsonrpc_code(),
                http.status = $call.status,
                call.duration_ms = millis($call.duration),
                graph.requests = $call.graph_requests,
            },
            "call completed"
        )
    };
}

/// A call was answered, or ended without anyone to answer to.
#[derive(Debug, Clone, Copy)]
pub struct CallCompleted {
    pub trace_id: TraceId,
    /// The id that the caller is told, that the audit record holds, and that Entra and Graph log too.
    pub correlation_id: Uuid,
    /// The caller's tenant (`tid`), as far as it was verified.
    pub tenant: Option<Uuid>,
    /// The MCP method; one of those that are known, or a word for all others.
    pub method: &'static str,
    /// The tool; none when the call was none of a known tool.
    pub tool: Option<&'static str>,
    pub outcome: CallOutcome,
    /// The HTTP status of the answer.
    pub status: u16,
    pub duration: Duration,
    /// How many requests were made to Graph, retries included.
    pub graph_requests: u32,
    /// Where `duration` went.
    pub phases: Phases,
}

impl Event for CallCompleted {
    /// What went well is said at debug level: the audit journal has a line for every call already.
    fn log(&self) {
        if self.outcome.is_completed() {
            log_call!(debug, self);
        } else {
            log_call!(info, self);
        }
    }

    fn count(&self, meters: &Meters) {
        let mut attributes = Vec::with_capacity(3);
        attributes.push(Attribute::McpMethod.with(self.method));
        attributes.extend(self.tool.map(|tool| Attribute::ToolName.with(tool)));
        attributes.extend(self.outcome.error_type().map(|kind| Attribute::ErrorType.with(kind)));
        meters.record(Metric::OperationDuration, self.duration, &attributes);

        let tenant = alias_of(meters, self.tenant);
        meters.add(
            Metric::TenantCalls,
            1,
            &[Attribute::Tenant.with(tenant.clone()), Attribute::Outcome.with(self.outcome.as_str())],
        );
        if self.graph_requests > 0 {
            let tenant = Attribute::Tenant.with(tenant);
            meters.add(Metric::TenantGraphRequests, u64::from(self.graph_requests), &[tenant]);
        }
        for (name, duration) in self.phases.of(self.duration) {
            meters.record(Metric::PhaseDuration, duration, &[Attribute::Phase.with(name)]);
        }
    }
}

/// A request was turned away before it became a call: shed, unauthenticated, too large, unintelligible.
#[derive(Debug, Clone, Copy)]
pub struct CallRefused {
    pub reason: &'static str,
    /// Which rule a token broke that was not accepted; for the log alone.
    pub token: Option<&'static str>,
    /// The HTTP status of the answer.
    pub status: u16,
}

impl Event for CallRefused {
    fn log(&self) {
        info!(
            target: TARGET,
            { call.reason = self.reason, token.reason = self.token, http.status = self.status },
            "call refused"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.add(
            Metric::CallsRefused,
            1,
            &[Attribute::Reason.with(self.reason), Attribute::HttpStatus.with(i64::from(self.status))],
        );
    }
}

/// Something of our own went wrong; the caller is told nothing but the correlation id.
#[derive(Debug, Clone, Copy)]
pub struct InternalFault<'a> {
    pub trace_id: TraceId,
    pub correlation_id: Uuid,
    pub reason: &'a str,
}

impl Event for InternalFault<'_> {
    fn log(&self) {
        error!(
            target: TARGET,
            {
                trace_id = %self.trace_id,
                correlation_id = %self.correlation_id,
                error.reason = self.reason,
            },
            "internal fault"
        );
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::InternalFaults, 1, &[]);
    }
}
