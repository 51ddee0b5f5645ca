//! Calls of AI clients.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use tracing::{debug, error, info};
use uuid::Uuid;

use super::{Event, TARGET, millis};
use crate::metric::{self, Attribute, Meters, Metric, TenantAlias, alias_of};
use crate::outcome::CallOutcome;
use crate::sample::Sample;
use crate::trace::{CallTarget, Phase, Phases, TraceId, gen_ai_operation};

/// How many lines a second say of a call that it went well. The next one tells how many went without.
const COMPLETED_A_SECOND: NonZeroU32 = NonZeroU32::new(100).expect("a positive number");

static COMPLETED: LazyLock<Sample> = LazyLock::new(|| Sample::a_second(COMPLETED_A_SECOND));

/// The same fields at one level or another: the level of an event is fixed where it is written.
macro_rules! log_call {
    ($level:ident, $call:expr, $unlogged:expr) => {{
        let part = |name| $call.phases.part(name, $call.duration).map(millis);
        $level!(
            target: TARGET,
            {
                trace_id = %$call.trace_id,
                correlation_id = %$call.correlation_id,
                tenant.id = $call.tenant.map(tracing::field::display),
                tenant.alias = $call.alias().map(tracing::field::display),
                mcp.method = $call.method,
                mcp.tool = $call.target.and_then(CallTarget::tool),
                mcp.prompt = $call.target.and_then(CallTarget::prompt),
                call.outcome = $call.outcome.as_str(),
                call.code = $call.outcome.code(),
                jsonrpc.code = $call.outcome.jsonrpc_code(),
                http.status = $call.status,
                call.duration_ms = millis($call.duration),
                call.own_ms = part(Phase::Own),
                call.queue_ms = part(Phase::Queue),
                call.entra_ms = part(Phase::Entra),
                call.throttle_ms = part(Phase::Throttle),
                call.graph_ms = part(Phase::Graph),
                graph.requests = $call.graph_requests,
                calls.unlogged = $unlogged,
            },
            "call completed"
        );
    }};
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
    /// The tool or the prompt; none when the call was none of a known one.
    pub target: Option<CallTarget>,
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
    /// One line a call. Of those that went well, under load some alone: the others are said at debug level.
    fn log(&self) {
        if !self.outcome.is_completed() {
            return log_call!(info, self, None::<u64>);
        }
        if let Some(unlogged) = COMPLETED.take() {
            log_call!(info, self, Some(unlogged).filter(|unlogged| *unlogged > 0));
        } else {
            log_call!(debug, self, None::<u64>);
        }
    }

    fn count(&self, meters: &Meters) {
        let mut attributes = Vec::with_capacity(5);
        attributes.push(Attribute::McpMethod.with(self.method));
        attributes
            .extend(gen_ai_operation(self.method).map(|operation| Attribute::GenAiOperation.with(operation)));
        attributes.extend(self.target.map(|target| match target {
            CallTarget::Tool(name) => Attribute::ToolName.with(name),
            CallTarget::Prompt(name) => Attribute::PromptName.with(name),
        }));
        attributes.extend(self.outcome.error_type().map(|kind| Attribute::ErrorType.with(kind)));
        attributes
            .extend(self.outcome.jsonrpc_code().map(|code| Attribute::RpcStatus.with(code.to_string())));
        meters.record(Metric::OperationDuration, self.duration, &attributes);
        if let Some(failure) = self.outcome.failure() {
            meters.add(Metric::CallsFailed, 1, &[Attribute::ErrorCode.with(failure)]);
        }

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
        for (phase, duration) in self.phases.of(self.duration) {
            meters.record(Metric::PhaseDuration, duration, &[Attribute::Phase.with(phase.as_str())]);
        }
    }
}

impl CallCompleted {
    /// The name under which the tenant is measured, where anything is.
    fn alias(&self) -> Option<TenantAlias> {
        metric::installed().map(|meters| alias_of(meters, self.tenant))
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
