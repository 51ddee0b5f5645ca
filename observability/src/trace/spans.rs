//! A record becomes spans.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::{self as otel, Link, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::attribute as key;
use super::exchange::{ExchangeEnd, ExchangeSpan};
use super::id::{SpanContext, SpanId};
use super::parent::TraceParent;
use super::policy::PolicyDecision;
use super::record::{CallEnd, CallRecord, GraphAttempt};
use super::sampler::Kept;
use super::session::{LeaseReason, PUBLISHED, SessionEntry, SessionWait};
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;

/// The spans of a call: the server span first, then those of policy, of its session with what it waited for there, and
/// of each request to Graph.
pub(super) fn spans_of(record: &CallRecord, end: CallEnd, kept: Kept) -> Vec<SpanData> {
    let trace = Trace::of(record);
    let mut spans = Vec::with_capacity(record.most_spans());
    spans.push(trace.server_span(record, end, kept));
    spans.extend(record.policy().decision().map(|decision| trace.policy_span(record, decision)));
    if record.was_warm() {
        spans.push(trace.warm_session_span(record));
    }
    record.for_each_session_wait(|wait| {
        spans.push(trace.session_span(wait));
        let exchange = wait.exchange().map(|exchange| (exchange, exchange.claim()));
        if let Some((exchange, Some(end))) = exchange {
            spans.push(trace.exchange_span(exchange, record.at(exchange.began()), end));
        }
    });
    record.for_each_attempt(|attempt| spans.push(trace.graph_span(attempt)));
    spans
}

/// What all spans of a call share.
struct Trace {
    server_span: SpanContext,
    scope: InstrumentationScope,
}

impl Trace {
    fn of(record: &CallRecord) -> Self {
        Self {
            server_span: SpanContext::within(record.trace_id()),
            scope: InstrumentationScope::builder("m365-connector").build(),
        }
    }

    /// By the MCP conventions: `{mcp.method.name} {gen_ai.tool.name}`, an error if and only if `error.type`
    /// is set.
    fn server_span(&self, record: &CallRecord, end: CallEnd, kept: Kept) -> SpanData {
        let method = record.method();
        let name = match record.tool() {
            Some(tool) => Cow::Owned(format!("{method} {tool}")),
            None => Cow::Borrowed(method),
        };
        let mut attributes = Vec::with_capacity(12);
        attributes.extend([
            KeyValue::new(key::MCP_METHOD_NAME, method),
            KeyValue::new(key::NETWORK_TRANSPORT, "tcp"),
            KeyValue::new(key::NETWORK_PROTOCOL_NAME, "http"),
            KeyValue::new(key::GRAPH_REQUESTS, i64::from(record.graph_requests())),
            KeyValue::new(key::KEPT, kept.as_str()),
        ]);
        if method == "tools/call" {
            attributes.push(KeyValue::new(key::GEN_AI_OPERATION_NAME, "execute_tool"));
        }
        attributes.extend(record.tool().map(|tool| KeyValue::new(key::GEN_AI_TOOL_NAME, tool)));
        attributes.extend(record.version().map(|version| KeyValue::new(key::MCP_PROTOCOL_VERSION, version)));

        let mut span = self.span(name, SpanKind::Server, record.started(), record.started().until(end.at));
        span.span_context = exported(self.server_span);
        let parent = record.parent();
        span.parent_span_id = parent.map_or(otel::SpanId::INVALID, |parent| parent.span.span_id.into());
        span.parent_span_is_remote = parent.is_some();
        span.attributes = attributes;
        span.links = link_to(record.linked().map(callers_span));
        describe_outcome(&mut span, end.outcome);
        span
    }

    /// A point in time: a decision takes about a microsecond, and no clock is read for it.
    fn policy_span(&self, record: &CallRecord, decision: PolicyDecision) -> SpanData {
        let mut span = self.span("policy".into(), SpanKind::Internal, record.understood_at(), Duration::ZERO);
        span.attributes.extend([
            KeyValue::new(key::POLICY_QUESTION, decision.question),
            KeyValue::new(key::POLICY_DECISION, decision.answer),
            KeyValue::new(key::POLICY_WITHHELD, i64::from(record.policy().items_withheld())),
            KeyValue::new(key::POLICY_LEFT_OUT, i64::from(record.policy().items_left_out())),
        ]);
        span
    }

    /// A point in time, too: to find a lease published takes less than a microsecond.
    fn warm_session_span(&self, record: &CallRecord) -> SpanData {
        let mut span =
            self.span("session".into(), SpanKind::Internal, record.understood_at(), Duration::ZERO);
        span.attributes.extend([
            KeyValue::new(key::SESSION_ENTRY, SessionEntry::AtOnce.as_str()),
            KeyValue::new(key::LEASE_REASON, LeaseReason::First.as_str()),
            KeyValue::new(key::LEASE_SOURCE, PUBLISHED),
        ]);
        span
    }

    fn session_span(&self, wait: &SessionWait) -> SpanData {
        let mut span = self.span("session".into(), SpanKind::Internal, wait.started, wait.duration);
        span.span_context = exported(SpanContext { span_id: wait.span_id, ..self.server_span });
        span.attributes.extend([
            KeyValue::new(key::SESSION_ENTRY_WAIT_MS, millis(wait.entry_wait)),
            KeyValue::new(key::LEASE_REASON, wait.reason.as_str()),
        ]);
        span.attributes.extend(wait.entry.map(|entry| KeyValue::new(key::SESSION_ENTRY, entry.as_str())));
        span.attributes.extend(wait.source_word().map(|source| KeyValue::new(key::LEASE_SOURCE, source)));
        let shared = wait.exchange().filter(|exchange| wait.shares(exchange));
        span.links = link_to(shared.map(|exchange| exported(exchange.context())));
        if let Some(refusal) = wait.refusal {
            span.attributes.push(KeyValue::new(key::AADSTS, i64::from(wait.aadsts)));
            fail(&mut span, refusal);
        }
        span
    }

    /// In the trace of the call that caused it, which need not be this one.
    fn exchange_span(&self, exchange: &ExchangeSpan, began: UnixNanos, end: ExchangeEnd) -> SpanData {
        let mut span = self.span("exchange".into(), SpanKind::Internal, began, exchange.elapsed(end.at));
        span.span_context = exported(exchange.context());
        span.parent_span_id = exchange.cause().map_or(otel::SpanId::INVALID, |cause| cause.span_id.into());
        let purpose = if exchange.cause().is_some() { "call" } else { "renewal" };
        span.attributes.extend([
            KeyValue::new(key::EXCHANGE_PURPOSE, purpose),
            KeyValue::new(key::TURN_WAIT_MS, millis(exchange.turn_wait())),
            KeyValue::new(key::AADSTS, i64::from(end.aadsts)),
        ]);
        if let Some(refusal) = end.refusal {
            fail(&mut span, refusal);
        }
        span
    }

    /// By the HTTP conventions, but for `url.full`: paths and queries hold ids and words of people.
    fn graph_span(&self, attempt: &GraphAttempt) -> SpanData {
        let mut span = self.span(attempt.method.into(), SpanKind::Client, attempt.started, attempt.duration);
        span.attributes = Vec::with_capacity(9);
        span.attributes.extend([
            KeyValue::new(key::HTTP_REQUEST_METHOD, attempt.method),
            KeyValue::new(key::SERVER_ADDRESS, attempt.server.clone()),
            KeyValue::new(key::SERVER_PORT, i64::from(attempt.port)),
            KeyValue::new(key::WORKLOAD, attempt.workload),
            KeyValue::new(key::THROTTLE_WAIT_MS, millis(attempt.held_back.duration)),
        ]);
        span.attributes.extend(attempt.held_back.by.map(|limit| KeyValue::new(key::THROTTLE_LIMIT, limit)));
        if let Some(id) = attempt.request_id {
            span.attributes.push(KeyValue::new(key::GRAPH_REQUEST_ID, id.to_string()));
        }
        match attempt.answer {
            Ok(status) => {
                span.attributes.push(KeyValue::new(key::HTTP_RESPONSE_STATUS_CODE, i64::from(status)));
                if status >= 400 {
                    fail(&mut span, status.to_string());
                }
            }
            Err(why) => fail(&mut span, why),
        }
        span
    }

    /// A span below the server span, to be completed.
    fn span(
        &self,
        name: Cow<'static, str>,
        kind: SpanKind,
        start: UnixNanos,
        duration: Duration,
    ) -> SpanData {
        SpanData {
            span_context: exported(SpanContext::within(self.server_span.trace_id)),
            parent_span_id: self.server_span.span_id.into(),
            parent_span_is_remote: false,
            span_kind: kind,
            name,
            start_time: start.into(),
            end_time: (start + duration).into(),
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        }
    }
}

impl From<SpanId> for otel::SpanId {
    fn from(id: SpanId) -> Self {
        Self::from(id.as_u64())
    }
}

/// A span of ours, as the exporter wants it.
fn exported(span: SpanContext) -> otel::SpanContext {
    context(span, TraceFlags::SAMPLED, Origin::Local)
}

/// A caller's, with the flag that it came with.
fn callers_span(caller: TraceParent) -> otel::SpanContext {
    let flags = if caller.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    context(caller.span, flags, Origin::Remote)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Local,
    Remote,
}

fn context(span: SpanContext, flags: TraceFlags, origin: Origin) -> otel::SpanContext {
    let trace = otel::TraceId::from(span.trace_id.as_u128());
    otel::SpanContext::new(trace, span.span_id.into(), flags, origin == Origin::Remote, TraceState::NONE)
}

fn link_to(other: Option<otel::SpanContext>) -> SpanLinks {
    let mut links = SpanLinks::default();
    links.links.extend(other.map(Link::with_context));
    links
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn describe_outcome(span: &mut SpanData, outcome: CallOutcome) {
    match outcome {
        CallOutcome::Completed => {}
        CallOutcome::ToolFailed(code) => {
            span.attributes.push(KeyValue::new(key::ERROR_CODE, code));
            fail(span, "tool_error");
        }
        CallOutcome::Refused(code) => {
            span.attributes.push(KeyValue::new(key::ERROR_CODE, code));
            fail(span, "refused");
        }
        CallOutcome::ProtocolError(code) => {
            span.attributes.push(KeyValue::new(key::RPC_RESPONSE_STATUS_CODE, code.to_string()));
            fail(span, code.to_string());
        }
        CallOutcome::Cancelled => fail(span, "cancelled"),
    }
}

fn fail(span: &mut SpanData, error_type: impl Into<Cow<'static, str>>) {
    let error_type = error_type.into();
    span.status = Status::error(error_type.clone());
    span.attributes.push(KeyValue::new(key::ERROR_TYPE, error_type));
}
