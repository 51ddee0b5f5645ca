//! Microsoft Graph's answers.

use std::time::Duration;

use opentelemetry::KeyValue;
use tracing::warn;
use uuid::Uuid;

use super::{Event, TARGET, millis};
use crate::metric::{Attribute, Meters, Metric, alias_of};
use crate::trace::{GraphAttempt, TraceId};

/// The statuses that Graph documents (<https://learn.microsoft.com/graph/errors>) and the connector tells apart. Any other is
/// a number that somebody else chooses, and would be a series of its own.
const STATUSES: [u16; 20] =
    [200, 202, 206, 302, 304, 400, 401, 403, 404, 408, 409, 410, 412, 416, 423, 429, 500, 502, 503, 504];

/// Of Graph's, when a limit is reached.
const TOO_MANY_REQUESTS: u16 = 429;

fn documented(status: u16) -> Option<i64> {
    STATUSES.contains(&status).then_some(i64::from(status))
}

/// One request of the tenant's, by who let it not pass.
fn count_throttled(meters: &Meters, tenant: Uuid, outcome: &'static str) {
    let tenant = Attribute::Tenant.with(alias_of(meters, Some(tenant)));
    meters.add(Metric::TenantThrottled, 1, &[tenant, Attribute::Outcome.with(outcome)]);
}

/// By the HTTP conventions: a status from 400 on is an error. A rare one has the word for others.
fn describe_status(attributes: &mut Vec<KeyValue>, status: u16) {
    let known = documented(status);
    attributes.extend(known.map(|status| Attribute::HttpStatus.with(status)));
    match known {
        None => attributes.push(Attribute::ErrorType.with("_OTHER")),
        Some(_) if status >= 400 => attributes.push(Attribute::ErrorType.with(status.to_string())),
        Some(_) => {}
    }
}

/// The longest error code that is written down, in bytes. Graph's own stay well below.
const LONGEST_CODE: usize = 64;

/// The `code` of a Graph error body, as far as it looks like one. Anything else becomes `unintelligible`: the
/// text comes from outside, and a code is an identifier, never a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphErrorCode<'a>(&'a str);

impl<'a> GraphErrorCode<'a> {
    /// Takes at most 64 ASCII letters, digits, `_`, `.` and `-`.
    pub fn new(code: &'a str) -> Self {
        let is_code = (1..=LONGEST_CODE).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        Self(if is_code { code } else { "unintelligible" })
    }

    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

/// Graph refused an attempt. That something is not there is no refusal.
#[derive(Debug, Clone, Copy)]
pub struct GraphRefused<'a> {
    pub tenant: Uuid,
    pub trace_id: TraceId,
    /// Sent to Graph as `client-request-id`.
    pub correlation_id: Uuid,
    pub workload: &'static str,
    /// The HTTP status of Graph's answer.
    pub status: u16,
    /// The code in the error body, if there was a body with one.
    pub code: Option<GraphErrorCode<'a>>,
    /// How long Graph asked us to wait.
    pub retry_after: Option<Duration>,
}

impl Event for GraphRefused<'_> {
    fn log(&self) {
        warn!(
            target: TARGET,
            {
                trace_id = %self.trace_id,
                correlation_id = %self.correlation_id,
                tenant.id = %self.tenant,
                graph.workload = self.workload,
                http.status = self.status,
                graph.code = self.code.map(|code| code.as_str()),
                graph.retry_after_ms = self.retry_after.map(millis),
            },
            "graph refused"
        );
    }

    fn count(&self, meters: &Meters) {
        let mut attributes = vec![Attribute::Workload.with(self.workload)];
        attributes.extend(documented(self.status).map(|status| Attribute::HttpStatus.with(status)));
        meters.add(Metric::GraphRefusals, 1, &attributes);
        if self.status == TOO_MANY_REQUESTS {
            count_throttled(meters, self.tenant, "by_graph");
        }
    }
}

/// One request to Graph has ended, however it did. Only counted: a call's line says how many there were, and its trace
/// has a span for each.
#[derive(Debug, Clone, Copy)]
pub struct GraphRequestEnded<'a>(pub &'a GraphAttempt);

impl Event for GraphRequestEnded<'_> {
    fn log(&self) {}

    fn count(&self, meters: &Meters) {
        let attempt = self.0;
        let mut attributes = Vec::with_capacity(6);
        attributes.extend([
            Attribute::HttpMethod.with(attempt.method),
            Attribute::ServerAddress.with(attempt.server.clone()),
            Attribute::ServerPort.with(i64::from(attempt.port)),
            Attribute::Workload.with(attempt.workload),
        ]);
        match attempt.answer {
            Ok(status) => describe_status(&mut attributes, status),
            Err(word) => attributes.push(Attribute::ErrorType.with(word)),
        }
        meters.record(Metric::HttpClientDuration, attempt.duration, &attributes);
        let limit = Attribute::Limit.with(attempt.held_back.by.unwrap_or("none"));
        let workload = Attribute::Workload.with(attempt.workload);
        meters.record(Metric::GateWait, attempt.held_back.duration, &[workload, limit]);
    }
}

/// The gate let a request not pass: the wait would have outlasted its call.
#[derive(Debug, Clone, Copy)]
pub struct GateRefused {
    pub tenant: Uuid,
    pub workload: &'static str,
    /// The limit that stood in the way.
    pub limit: &'static str,
}

impl Event for GateRefused {
    /// The call that it belongs to has a line of its own.
    fn log(&self) {}

    fn count(&self, meters: &Meters) {
        meters.add(
            Metric::GateRefusals,
            1,
            &[Attribute::Workload.with(self.workload), Attribute::Limit.with(self.limit)],
        );
        count_throttled(meters, self.tenant, "at_gate");
    }
}

/// A request could be made again, and the tenant's retry budget was asked.
#[derive(Debug, Clone, Copy)]
pub struct RetryWanted {
    pub tenant: Uuid,
    /// Whether the budget paid for it.
    pub granted: bool,
}

impl Event for RetryWanted {
    fn log(&self) {}

    fn count(&self, meters: &Meters) {
        let outcome = if self.granted { "made" } else { "no_budget" };
        meters.add(Metric::GraphRetries, 1, &[Attribute::Outcome.with(outcome)]);
        let tenant = Attribute::Tenant.with(alias_of(meters, Some(self.tenant)));
        meters.add(Metric::TenantRetries, 1, &[tenant, Attribute::Outcome.with(outcome)]);
    }
}
