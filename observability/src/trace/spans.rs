//! A record becomes spans.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{self as otel, Link, Status, TraceFlags, TraceState};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::attribute::SpanAttribute as A;
use super::exchange::{ExchangeEnd, ExchangeSpan};
use super::id::{SpanContext, SpanId};
use super::parent::TraceParent;
use super::policy::PolicyDecision;
use super::record::{CallEnd, CallRecord, CallTarget, GraphAttempt, gen_ai_operation};
use super::sampler::Kept;
use super::session::{LeaseReason, PUBLISHED, SessionEntry, SessionWait};
use super::specification::{Span, SpanKind};
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
    debug_assert!(
        spans.iter().all(|span| Span::named(&span.name).describes(span)),
        "a span is not as it is specified: {spans:?}"
    );
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

    /// By the MCP conventions, an error if and only if `error.type` is set.
    fn server_span(&self, record: &CallRecord, end: CallEnd, kept: Kept) -> SpanData {
        let method = record.method();
        let name = match record.target() {
            Some(CallTarget::Tool(name) | CallTarget::Prompt(name)) => Cow::Owned(format!("{method} {name}")),
            None => Cow::Borrowed(method),
        };
        let mut attributes = Vec::with_capacity(14);
        attributes.extend([
            A::McpMethod.with(method),
            A::NetworkTransport.with("tcp"),
            A::NetworkProtocol.with("http"),
            A::GraphRequests.with(i64::from(record.graph_requests())),
            A::Kept.with(kept.as_str()),
        ]);
        attributes.extend(gen_ai_operation(method).map(|operation| A::GenAiOperation.with(operation)));
        attributes.extend(record.target().map(|target| match target {
            CallTarget::Tool(name) => A::ToolName.with(name),
            CallTarget::Prompt(name) => A::PromptName.with(name),
        }));
        attributes.extend(record.http_version().map(|version| A::NetworkProtocolVersion.with(version)));
        attributes.extend(record.version().map(|version| A::McpVersion.with(version)));

        let in_vain = record.held_in_vain();
        if !in_vain.duration.is_zero() {
            attributes.push(A::ThrottleWait.with(millis(in_vain.duration)));
            attributes.extend(in_vain.by.map(|limit| A::ThrottleLimit.with(limit)));
        }

        let mut span = self.span(Span::Call, name, record.started(), record.started().until(end.at));
        span.span_context = exported(self.server_span);
        let parent = record.parent();
        span.parent_span_id = parent.map_or(otel::SpanId::INVALID, |parent| parent.span.span_id.into());
        span.parent_span_is_remote = parent.is_some();
        span.attributes = attributes;
        span.links = links_to(record.linked().map(callers_span));
        describe_outcome(&mut span, end.outcome);
        span
    }

    /// A point in time: a decision takes about a microsecond, and no clock is read for it.
    fn policy_span(&self, record: &CallRecord, decision: PolicyDecision) -> SpanData {
        let mut span = self.own_span(Span::Policy, record.understood_at(), Duration::ZERO);
        span.attributes.extend([
            A::PolicyQuestion.with(decision.question),
            A::PolicyDecision.with(decision.answer),
            A::PolicyWithheld.with(i64::from(record.policy().items_withheld())),
            A::PolicyLeftOut.with(i64::from(record.policy().items_left_out())),
        ]);
        span
    }

    /// A point in time, too: to find a lease published takes less than a microsecond.
    fn warm_session_span(&self, record: &CallRecord) -> SpanData {
        let mut span = self.own_span(Span::Session, record.understood_at(), Duration::ZERO);
        span.attributes.extend([
            A::SessionEntry.with(SessionEntry::AtOnce.as_str()),
            A::LeaseReason.with(LeaseReason::First.as_str()),
            A::LeaseSource.with(PUBLISHED),
        ]);
        span
    }

    fn session_span(&self, wait: &SessionWait) -> SpanData {
        let mut span = self.own_span(Span::Session, wait.started, wait.duration);
        span.span_context = exported(SpanContext { span_id: wait.span_id, ..self.server_span });
        span.attributes.extend([
            A::SessionEntryWait.with(millis(wait.entry_wait)),
            A::LeaseReason.with(wait.reason.as_str()),
        ]);
        span.attributes.extend(wait.entry.map(|entry| A::SessionEntry.with(entry.as_str())));
        span.attributes.extend(wait.source_word().map(|source| A::LeaseSource.with(source)));
        let shared = wait.exchange().filter(|exchange| wait.shares(exchange));
        span.links = links_to(shared.into_iter().map(|exchange| exported(exchange.context())));
        if let Some(refusal) = wait.refusal {
            span.attributes.push(A::Aadsts.with(i64::from(wait.aadsts)));
            fail(&mut span, refusal);
        }
        span
    }

    /// In the trace of the call that caused it, which need not be this one.
    fn exchange_span(&self, exchange: &ExchangeSpan, began: UnixNanos, end: ExchangeEnd) -> SpanData {
        let mut span = self.own_span(Span::Exchange, began, exchange.elapsed(end.at));
        span.span_context = exported(exchange.context());
        span.parent_span_id = exchange.cause().map_or(otel::SpanId::INVALID, |cause| cause.span_id.into());
        let purpose = if exchange.cause().is_some() { "call" } else { "renewal" };
        span.attributes.extend([
            A::ExchangePurpose.with(purpose),
            A::TurnWait.with(millis(exchange.turn_wait())),
            A::Aadsts.with(i64::from(end.aadsts)),
        ]);
        if let Some(refusal) = end.refusal {
            fail(&mut span, refusal);
        }
        span
    }

    /// By the HTTP conventions, but for `url.full`: paths and queries hold ids and words of people.
    fn graph_span(&self, attempt: &GraphAttempt) -> SpanData {
        let name = attempt.method.into();
        let mut span = self.span(Span::GraphRequest, name, attempt.started, attempt.duration);
        span.attributes = Vec::with_capacity(10);
        span.attributes.extend([
            A::HttpMethod.with(attempt.method),
            A::ServerAddress.with(attempt.server.clone()),
            A::ServerPort.with(i64::from(attempt.port)),
            A::Workload.with(attempt.workload),
            A::ThrottleWait.with(millis(attempt.held_back.duration)),
        ]);
        span.attributes.extend(attempt.held_back.by.map(|limit| A::ThrottleLimit.with(limit)));
        if attempt.resend_count > 0 {
            span.attributes.push(A::HttpResendCount.with(i64::from(attempt.resend_count)));
        }
        if let Some(id) = attempt.request_id {
            span.attributes.push(A::GraphRequestId.with(id.to_string()));
        }
        match attempt.answer {
            Ok(status) => {
                span.attributes.push(A::HttpStatus.with(i64::from(status)));
                if status >= 400 {
                    fail(&mut span, status.to_string());
                }
            }
            Err(why) => fail(&mut span, why),
        }
        span
    }

    /// A span that is named by what it is.
    fn own_span(&self, of: Span, start: UnixNanos, duration: Duration) -> SpanData {
        self.span(of, of.name().into(), start, duration)
    }

    /// A span below the server span, to be completed.
    fn span(&self, of: Span, name: Cow<'static, str>, start: UnixNanos, duration: Duration) -> SpanData {
        SpanData {
            span_context: exported(SpanContext::within(self.server_span.trace_id)),
            parent_span_id: self.server_span.span_id.into(),
            parent_span_is_remote: false,
            span_kind: of.kind().into(),
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

impl From<SpanKind> for otel::SpanKind {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Server => Self::Server,
            SpanKind::Internal => Self::Internal,
            SpanKind::Client => Self::Client,
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

fn links_to(others: impl Iterator<Item = otel::SpanContext>) -> SpanLinks {
    let mut links = SpanLinks::default();
    links.links.extend(others.map(Link::with_context));
    links
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn describe_outcome(span: &mut SpanData, outcome: CallOutcome) {
    span.attributes.extend(outcome.code().map(|code| A::ErrorCode.with(code)));
    span.attributes.extend(outcome.jsonrpc_code().map(|code| A::RpcStatus.with(code.to_string())));
    if let Some(error_type) = outcome.error_type() {
        fail(span, error_type);
    }
}

fn fail(span: &mut SpanData, error_type: impl Into<Cow<'static, str>>) {
    let error_type = error_type.into();
    span.status = Status::error(error_type.clone());
    span.attributes.push(A::ErrorType.with(error_type));
}
