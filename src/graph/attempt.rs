//! One attempt on its way into the record of its call.

use std::cell::Cell;
use std::sync::Arc;

use connector_actors::Visit;
use connector_actors::clock::{Clock, Timestamp};
use connector_actors::identity::TenantId;
use connector_actors::lease::Lease;
use connector_observability::event::{GraphRequestEnded, RetryWanted};
use connector_observability::{CallRecord, GraphAttempt, HeldBack, emit};
use tokio::time::Instant;
use uuid::Uuid;

use super::answer::{Answer, SendFault, header};
use super::client::Connection;
use super::error::GraphError;

/// With what one attempt is made.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) visit: &'a Visit,
    pub(super) lease: &'a Arc<Lease>,
    pub(super) connection: Connection,
    /// When the attempt before it had failed, where it had to stay away after that.
    pub(super) held_since: Option<Instant>,
    /// How many attempts there were before it.
    pub(super) resend_count: u8,
}

/// What a request waits for that the attempt before has kept from being sent at once.
const AFTER_FAILURE: &str = "after_failure";

/// A request that is held back: after a failure of the attempt before it, and at the gate. Dropped before it is sent,
/// because the gate has refused it or its call has ended, its wait is put down as one that no request followed.
pub(super) struct Unsent<'a> {
    held_since: Option<Instant>,
    asked: Instant,
    limit: Cell<Option<&'static str>>,
    is_over: bool,
    record: &'a CallRecord,
    clock: &'a dyn Clock,
}

impl<'a> Unsent<'a> {
    /// The gate is `asked` now; the request has been kept away `held_since` before, where it had to.
    pub(super) fn new(
        held_since: Option<Instant>,
        asked: Instant,
        record: &'a CallRecord,
        clock: &'a dyn Clock,
    ) -> Self {
        Self { held_since, asked, limit: Cell::default(), is_over: false, record, clock }
    }

    pub(super) fn asked(&self) -> Instant {
        self.asked
    }

    /// The gate says what stood in the way last, where anything did.
    pub(super) fn held_by(&self, limit: Option<&'static str>) {
        self.limit.set(limit.or(self.limit.get()));
    }

    /// It is sent `at` this time: how long and what for it had waited.
    pub(super) fn sent(mut self, at: Instant) -> HeldBack {
        self.is_over = true;
        self.held_back(at)
    }

    /// It waits on, as part of the next attempt: since when.
    pub(super) fn goes_on(mut self) -> Instant {
        self.is_over = true;
        self.held_since.unwrap_or(self.asked)
    }

    fn held_back(&self, until: Instant) -> HeldBack {
        HeldBack {
            duration: until.saturating_duration_since(self.held_since.unwrap_or(self.asked)),
            by: self.limit.get().or(self.held_since.map(|_| AFTER_FAILURE)),
        }
    }
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.record.never_sent(self.held_back(self.clock.instant()));
        }
    }
}

/// Whether the tenant's budget pays for another attempt.
pub(super) fn may_retry(visit: &Visit, tenant: TenantId, now: Timestamp) -> bool {
    let granted = visit.retries().try_retry(now);
    emit(RetryWanted { tenant: *tenant.as_uuid(), granted });
    granted
}

/// An attempt that is being made. It is put down when this is dropped, so that one whose call nobody waits for any
/// more is put down too, as the `answer` says that it began with.
pub(super) struct Underway<'a> {
    attempt: Option<GraphAttempt>,
    sent: Instant,
    record: &'a CallRecord,
    clock: &'a dyn Clock,
}

impl<'a> Underway<'a> {
    pub(super) fn new(
        attempt: GraphAttempt,
        sent: Instant,
        record: &'a CallRecord,
        clock: &'a dyn Clock,
    ) -> Self {
        Self { attempt: Some(attempt), sent, record, clock }
    }

    /// Puts the attempt down with how it ended.
    pub(super) fn end(mut self, outcome: &Result<Result<Answer, SendFault>, GraphError>) {
        let Some(attempt) = &mut self.attempt else { return };
        attempt.answer = match outcome {
            Ok(Ok(answer)) => Ok(answer.status.as_u16()),
            Ok(Err(SendFault::TooLarge)) => Err("too_large"),
            Ok(Err(SendFault::Unwritable)) => Err("unwritable"),
            Ok(Err(SendFault::Graph(_))) => Err("connection"),
            Err(GraphError::DeadlineExceeded) => Err("timeout"),
            Err(_) => Err("cancelled"),
        };
        if let Ok(Ok(answer)) = outcome {
            attempt.request_id =
                header(&answer.headers, "request-id").and_then(|id| Uuid::try_parse(id).ok());
        }
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let Some(mut attempt) = self.attempt.take() else { return };
        attempt.duration = self.clock.instant().saturating_duration_since(self.sent);
        emit(GraphRequestEnded(&attempt));
        self.record.graph_request(attempt);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use connector_actors::clock::SystemClock;
    use connector_observability::UnixNanos;
    use rstest::rstest;

    use super::*;
    use crate::graph::error::GraphFault;

    fn underway<'a>(record: &'a CallRecord, clock: &'a SystemClock) -> Underway<'a> {
        let attempt = GraphAttempt {
            method: "GET",
            server: "graph.microsoft.com".into(),
            port: 443,
            workload: "outlook",
            started: record.started(),
            duration: Duration::ZERO,
            held_back: HeldBack::default(),
            resend_count: 0,
            answer: Err("cancelled"),
            request_id: None,
        };
        Underway::new(attempt, clock.instant(), record, clock)
    }

    /// If this failed, the audit record of a call whose client went away would hide what was asked of Graph.
    #[test]
    fn an_attempt_that_is_dropped_counts() {
        let record = CallRecord::begin(None, UnixNanos::from_millis(0), SystemClock.instant());
        drop(underway(&record, &SystemClock));
        assert_eq!(record.graph_requests(), 1);
    }

    /// If this failed, a call that ended at the gate would look as if the connector had worked all that time; or a wait would
    /// count twice, with its request and without.
    #[rstest]
    #[case::refused_or_left_alone(|unsent: Unsent<'_>| drop(unsent), true)]
    #[case::sent(|unsent: Unsent<'_>| assert_ne!(unsent.sent(SystemClock.instant()), HeldBack::default()), false)]
    #[case::as_part_of_the_next_attempt(|unsent: Unsent<'_>| assert!(unsent.goes_on() < SystemClock.instant()), false)]
    fn a_wait_that_no_request_follows_is_put_down_alone(
        #[case] end: fn(Unsent<'_>),
        #[case] is_put_down: bool,
    ) {
        let record = CallRecord::begin(None, UnixNanos::from_millis(0), SystemClock.instant());
        let now = SystemClock.instant();
        let earlier = now.checked_sub(Duration::from_secs(2)).unwrap();
        end(Unsent::new(Some(earlier), now, &record, &SystemClock));
        let throttle = record.phases().throttle;
        assert_eq!(throttle >= Duration::from_secs(2), is_put_down, "{throttle:?}");
    }

    /// If this failed, an attempt would be counted twice.
    #[rstest]
    #[case::broken(Ok(Err(SendFault::Graph(GraphFault::Interrupted))))]
    #[case::too_late(Err(GraphError::DeadlineExceeded))]
    fn an_attempt_that_ends_counts_once(#[case] outcome: Result<Result<Answer, SendFault>, GraphError>) {
        let record = CallRecord::begin(None, UnixNanos::from_millis(0), SystemClock.instant());
        underway(&record, &SystemClock).end(&outcome);
        assert_eq!(record.graph_requests(), 1);
    }
}
