mod exchange_spans;
mod parent;
mod pipeline;
mod record;
mod sampler;
mod spans;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use tokio::time::Instant;

use super::sampler::Kept;
use super::spans::spans_of;
use super::{
    CallRecord, ExchangeEnd, ExchangeSpan, GraphAttempt, HeldBack, LeaseReason, LeaseSource, SessionEntry,
    SessionWait, SpanContext, SpanId,
};
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;

const BEGIN: UnixNanos = UnixNanos::from_millis(1_790_000_000_000);

fn begun() -> CallRecord {
    CallRecord::begin(None, BEGIN, Instant::now())
}

fn ended(outcome: CallOutcome, duration: Duration) -> CallRecord {
    let record = begun();
    record.finish(outcome, BEGIN + duration);
    record
}

fn attempt() -> GraphAttempt {
    GraphAttempt {
        method: "GET",
        server: "graph.example".into(),
        port: 443,
        workload: "outlook",
        started: BEGIN + Duration::from_millis(2),
        duration: Duration::from_millis(30),
        held_back: HeldBack::default(),
        resend_count: 0,
        answer: Ok(200),
        request_id: None,
    }
}

/// For a session that had to be made, and a lease that it had at once.
fn wait() -> SessionWait {
    SessionWait {
        span_id: SpanId::random(),
        started: BEGIN + Duration::from_millis(1),
        duration: Duration::from_millis(80),
        entry: Some(SessionEntry::Created),
        entry_wait: Duration::from_millis(1),
        reason: LeaseReason::First,
        source: None,
        refusal: None,
        aadsts: 0,
    }
}

fn spans(record: &CallRecord) -> Vec<SpanData> {
    spans_of(record, record.end().unwrap(), Kept::Sampled)
}

fn attributes(span: &SpanData) -> BTreeMap<&str, Value> {
    let attributes: BTreeMap<_, _> =
        span.attributes.iter().map(|pair| (pair.key.as_str(), pair.value.clone())).collect();
    assert_eq!(attributes.len(), span.attributes.len(), "an attribute is there twice");
    attributes
}

fn at(millis: u64) -> SystemTime {
    (BEGIN + Duration::from_millis(millis)).into()
}

/// An exchange that began a millisecond after its call, and took 80.
fn exchange(
    began: Instant,
    cause: Option<SpanContext>,
    refusal: Option<(&'static str, u32)>,
) -> Arc<ExchangeSpan> {
    let exchange = ExchangeSpan::begin(cause, began + Duration::from_millis(1));
    exchange.turn_came(began + Duration::from_millis(6));
    exchange.end(ExchangeEnd {
        at: began + Duration::from_millis(81),
        refusal: refusal.map(|(word, _)| word),
        aadsts: refusal.map_or(0, |(_, number)| number),
    });
    Arc::new(exchange)
}

fn waited_for(exchange: &Arc<ExchangeSpan>) -> SessionWait {
    SessionWait { source: Some(LeaseSource::Exchange(Arc::clone(exchange))), ..wait() }
}

/// A call whose session was cold: it caused the exchange that it waited for.
fn cold(began: Instant, refusal: Option<(&'static str, u32)>) -> (CallRecord, Arc<ExchangeSpan>) {
    let record = CallRecord::begin(None, BEGIN, began);
    let span = SpanContext::within(record.trace_id());
    let exchange = exchange(began, Some(span), refusal);
    let (word, aadsts) = refusal.unzip();
    record.session_wait(SessionWait {
        span_id: span.span_id,
        refusal: word,
        aadsts: aadsts.unwrap_or_default(),
        ..waited_for(&exchange)
    });
    (record, exchange)
}

fn completed(record: &CallRecord) -> Vec<SpanData> {
    record.finish(CallOutcome::Completed, BEGIN + Duration::from_millis(120));
    spans(record)
}
