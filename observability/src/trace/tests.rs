mod parent;
mod pipeline;
mod record;
mod sampler;
mod spans;

use std::time::Duration;

use tokio::time::Instant;

use super::{CallRecord, GraphAttempt, HeldBack, LeaseReason, SessionEntry, SessionWait, SpanId};
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
