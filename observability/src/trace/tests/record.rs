use std::time::Duration;

use rstest::rstest;
use uuid::Uuid;

use super::{BEGIN, attempt, begun, wait};
use crate::outcome::CallOutcome;
use crate::trace::{CallRecord, GraphAttempt, HeldBack, Phase, SessionEntry, SessionWait};

/// A tool that pages for ever would otherwise grow its record, and each trace, without bound.
#[test]
fn a_record_keeps_so_many_requests_and_counts_the_rest() {
    let record = begun();
    for _ in 0..100 {
        record.graph_request(attempt());
        record.session_wait(wait());
    }
    assert_eq!(record.graph_requests(), 100);
    assert_eq!(record.most_spans(), 1 + 32 + 4);
}

/// The audit trail would lose the link to Microsoft's own logs.
#[test]
fn the_request_ids_of_graph_are_told_in_order() {
    let record = begun();
    let ids = [Uuid::from_u128(7), Uuid::from_u128(3)];
    record.graph_request(GraphAttempt { request_id: Some(ids[0]), ..attempt() });
    record.graph_request(attempt());
    record.graph_request(GraphAttempt { request_id: Some(ids[1]), ..attempt() });
    assert_eq!(record.graph_request_ids(), ids);
}

/// The guard that ends a call when it is dropped must not turn an answered call into a cancelled one.
#[test]
fn the_first_end_counts() {
    let record = begun();
    record.finish(CallOutcome::Completed, BEGIN + Duration::from_millis(5));
    record.finish(CallOutcome::Cancelled, BEGIN + Duration::from_millis(6));
    let end = record.end().unwrap();
    assert_eq!(end.outcome, CallOutcome::Completed);
    assert_eq!(end.at, BEGIN + Duration::from_millis(5));
}

/// A user with too many calls at once would look like a service that lacks processors.
#[rstest]
#[case::after_others(Some(SessionEntry::AfterOthers), 30)]
#[case::never_in(None, 50)]
#[case::created(Some(SessionEntry::Created), 0)]
fn the_wait_for_a_place_in_a_session_is_not_our_own_time(
    #[case] entry: Option<SessionEntry>,
    #[case] queue_ms: u64,
) {
    let record = begun();
    let (entry_wait, duration) = (Duration::from_millis(30), Duration::from_millis(50));
    record.session_wait(SessionWait { entry, entry_wait, duration, source: None, ..wait() });
    let phases = record.phases();
    assert_eq!(phases.queue, Duration::from_millis(queue_ms));
    let own = phases.part(Phase::Own, Duration::from_millis(60));
    assert_eq!(own, Some(Duration::from_millis(60 - queue_ms)));
}

/// A user whom a limit refuses would look like a service that lacks processors.
#[test]
fn a_wait_at_the_gate_that_no_request_followed_is_not_our_own_time() {
    let record = begun();
    let waited = HeldBack { duration: Duration::from_millis(40), by: Some("user_rate") };
    record.graph_request(GraphAttempt { held_back: waited, ..attempt() });
    record.never_sent(waited);
    let phases = record.phases();
    assert_eq!(phases.throttle, Duration::from_millis(80));
    let own = phases.part(Phase::Own, Duration::from_millis(115));
    assert_eq!(own, Some(Duration::from_millis(5)), "thirty of them were Graph's");
}

/// Every call carries one of these on its worker's stack; what makes it grow should be seen. A link is 40 bytes, and there are
/// two: what the message names, and what the request came in.
#[test]
fn a_record_is_small() {
    assert!(size_of::<CallRecord>() <= 432, "{} bytes", size_of::<CallRecord>());
}
