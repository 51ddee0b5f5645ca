//! A record becomes spans.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SpanData, SpanEvents, SpanLinks};

use super::attribute as key;
use super::parent::TraceParent;
use super::record::{CallEnd, CallRecord, ExchangeWait, GraphAttempt};
use super::sampler::Kept;
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;

/// The spans of a call: the server span first, then one for each wait for an exchange and each request to
/// Graph.
pub(super) fn spans_of(record: &CallRecord, end: CallEnd, kept: Kept) -> Vec<SpanData> {
    let trace = Trace::of(record);
    let mut spans = Vec::with_capacity(record.spans());
    spans.push(trace.server_span(record, end, kept));
    record.for_each_exchange(|wait| spans.push(trace.exchange_span(wait)));
    record.for_each_attempt(|attempt| spans.push(trace.graph_span(attempt)));
    spans
}

/// What all spans of a call share.
struct Trace {
    id: opentelemetry::trace::TraceId,
    server_span: SpanId,
    scope: InstrumentationScope,
}

impl Trace {
    fn of(record: &CallRecord) -> Self {
        Self {
            id: opentelemetry::trace::TraceId::from(record.trace_id().as_u128()),
            server_span: new_span_id(),
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
        span.span_context = self.context(self.server_span);
        span.parent_span_id = SpanId::INVALID;
        span.attributes = attributes;
        span.links = links_to(record.caller());
        describe_outcome(&mut span, end.outcome);
        span
    }

    fn exchange_span(&self, wait: &ExchangeWait) -> SpanData {
        let mut span = self.span("exchange".into(), SpanKind::Internal, wait.started, wait.duration);
        span.attributes.push(KeyValue::new(key::AADSTS, i64::from(wait.aadsts)));
        if let Some(refusal) = wait.refusal {
            fail(&mut span, refusal);
        }
        span
    }

    /// By the HTTP conventions, but for `url.full`: paths and queries hold ids and words of people.
    fn graph_span(&self, attempt: &GraphAttempt) -> SpanData {
        let mut span = self.span(attempt.method.into(), SpanKind::Client, attempt.started, attempt.duration);
        span.attributes = Vec::with_capacity(8);
        span.attributes.extend([
            KeyValue::new(key::HTTP_REQUEST_METHOD, attempt.method),
            KeyValue::new(key::SERVER_ADDRESS, attempt.server.clone()),
            KeyValue::new(key::SERVER_PORT, i64::from(attempt.port)),
            KeyValue::new(key::WORKLOAD, attempt.workload),
            KeyValue::new(key::THROTTLE_WAIT_MS, attempt.throttle_wait.as_secs_f64() * 1e3),
        ]);
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
            span_context: self.context(new_span_id()),
            parent_span_id: self.server_span,
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

    fn context(&self, span: SpanId) -> SpanContext {
        SpanContext::new(self.id, span, TraceFlags::SAMPLED, false, TraceState::NONE)
    }
}

fn new_span_id() -> SpanId {
    RandomIdGenerator::default().new_span_id()
}

fn links_to(caller: Option<TraceParent>) -> SpanLinks {
    let mut links = SpanLinks::default();
    if let Some(caller) = caller {
        let trace = opentelemetry::trace::TraceId::from(caller.trace_id.as_u128());
        let span = SpanId::from(caller.span_id.get());
        let flags = if caller.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
        links.links.push(Link::with_context(SpanContext::new(trace, span, flags, true, TraceState::NONE)));
    }
    links
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
