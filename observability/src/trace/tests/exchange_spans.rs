//! Spans of sessions, and of the exchanges that they wait for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Value;
use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;
use rstest::rstest;
use tokio::time::Instant;

use super::{BEGIN, at, attributes, begun, cold, completed, exchange, spans, wait, waited_for};
use crate::outcome::CallOutcome;
use crate::trace::{
    CallRecord, ExchangeEnd, ExchangeSpan, LeaseReason, LeaseSource, SessionEntry, SessionWait,
};

/// If this failed, nobody could see of a warm call that it had asked no actor, or the warm path would have to read a
/// clock for it.
#[test]
fn a_warm_session_is_a_point_where_the_message_had_been_read() {
    let began = Instant::now();
    let record = CallRecord::begin(None, BEGIN, began);
    record.understood(began + Duration::from_millis(3));
    record.found_lease();

    let spans = completed(&record);

    let [server, session] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(session.parent_span_id, server.span_context.span_id());
    assert_eq!((session.start_time, session.end_time), (at(3), at(3)));
    assert_eq!(
        attributes(session),
        BTreeMap::from([
            ("connector.session.entry", "at_once".into()),
            ("connector.lease.reason", "first".into()),
            ("connector.lease.source", "published".into()),
        ])
    );
}

/// If this failed, the calls that wait for one exchange would show as many, or one of them would hide the others' cause.
#[test]
fn who_waits_for_another_calls_exchange_links_to_its_one_span() {
    let began = Instant::now();
    let (cause, exchange) = cold(began, None);
    let waiter = CallRecord::begin(None, BEGIN, began);
    waiter.session_wait(waited_for(&exchange));

    let (of_waiter, of_cause) = (completed(&waiter), completed(&cause));

    let named = |spans: &[SpanData], name: &str| {
        spans.iter().filter(|span| span.name == name).cloned().collect::<Vec<_>>()
    };
    let sessions = named(&of_waiter, "session");
    assert_eq!(attributes(&sessions[0])["connector.lease.source"], "shared_exchange".into());
    let exported = [named(&of_waiter, "exchange"), named(&of_cause, "exchange")].concat();
    let [exchange] = &exported[..] else { panic!("not one span: {exported:?}") };
    assert_eq!(sessions[0].links[0].span_context, exchange.span_context);
    assert_eq!(exchange.span_context.trace_id().to_string(), cause.trace_id().to_string());
    let causing = &named(&of_cause, "session")[0];
    assert_eq!(exchange.parent_span_id, causing.span_context.span_id());
    assert!(causing.links.is_empty());
}

/// If this failed, a renewal would hang in the trace of a call that came later, or be nowhere.
#[test]
fn a_renewal_has_a_trace_of_its_own_that_its_waiters_link_to() {
    let began = Instant::now();
    let exchange = exchange(began, None, None);
    let waiter = CallRecord::begin(None, BEGIN, began);
    waiter.session_wait(waited_for(&exchange));

    let spans = completed(&waiter);

    let [_, session, exchange] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(attributes(session)["connector.lease.source"], "renewal".into());
    assert_eq!(session.links[0].span_context, exchange.span_context);
    assert_eq!(attributes(exchange)["connector.exchange.purpose"], "renewal".into());
    assert_eq!(exchange.parent_span_id, SpanId::INVALID);
    assert_ne!(exchange.span_context.trace_id().to_string(), waiter.trace_id().to_string());
}

/// If this failed, a call that gave up would take the exchange that others still wait for out of their traces.
#[test]
fn an_exchange_that_has_not_ended_is_linked_and_left_to_those_who_stay() {
    let began = Instant::now();
    let exchange = Arc::new(ExchangeSpan::begin(None, began));
    let hurried = CallRecord::begin(None, BEGIN, began);
    hurried.session_wait(SessionWait { refusal: Some("deadline_exceeded"), ..waited_for(&exchange) });
    let of_hurried = completed(&hurried);
    assert_eq!(of_hurried.len(), 2);
    exchange.end(ExchangeEnd { at: began, refusal: None, aadsts: 0 });

    let patient = CallRecord::begin(None, BEGIN, began);
    patient.session_wait(waited_for(&exchange));
    let of_patient = completed(&patient);

    assert_eq!(of_patient[2].span_context, of_hurried[1].links[0].span_context);
}

/// An exchange that Entra refused would look like one that won a token.
#[test]
fn a_refused_exchange_is_an_error_with_entras_number() {
    let (record, _) = cold(Instant::now(), Some(("interaction_required", 50_076)));
    record.finish(CallOutcome::ToolFailed("sign_in_again"), BEGIN);
    for span in &spans(&record)[1..] {
        assert_eq!(attributes(span)["connector.exchange.aadsts"], 50_076.into(), "{}", span.name);
        assert_eq!(attributes(span)["error.type"], "interaction_required".into());
        assert_eq!(span.status, Status::error("interaction_required"));
    }
}

/// If this failed, nobody would see why a call got no lease although Entra was not asked.
#[rstest]
#[case::refused_from_memory(Some("blocked"), None, LeaseReason::First, None)]
#[case::held(None, Some(LeaseSource::Held), LeaseReason::Replacement, Some("held"))]
#[case::behind_others(None, Some(LeaseSource::Published), LeaseReason::First, Some("published"))]
fn what_a_session_answers_at_once_has_no_exchange(
    #[case] refusal: Option<&'static str>,
    #[case] source: Option<LeaseSource>,
    #[case] reason: LeaseReason,
    #[case] word: Option<&'static str>,
) {
    let record = begun();
    record.session_wait(SessionWait {
        source,
        refusal,
        reason,
        entry: Some(SessionEntry::AfterOthers),
        ..wait()
    });
    let spans = completed(&record);
    let [_, session] = &spans[..] else { panic!("{spans:?}") };
    let attributes = attributes(session);
    assert_eq!(attributes.get("connector.lease.source"), word.map(Value::from).as_ref());
    assert_eq!(attributes.get("error.type"), refusal.map(Value::from).as_ref());
    assert_eq!(attributes["connector.session.entry"], "after_others".into());
    assert_eq!(record.phases().entra, Duration::ZERO, "Entra was not waited for");
}
