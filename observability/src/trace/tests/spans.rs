use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use rstest::rstest;
use tokio::time::Instant;
use uuid::uuid;

use super::{BEGIN, attempt, begun, wait};
use crate::outcome::CallOutcome;
use crate::trace::sampler::Kept;
use crate::trace::spans::spans_of;
use crate::trace::{
    CallRecord, CallTarget, ExchangeEnd, ExchangeSpan, GraphAttempt, HeldBack, LeaseReason, LeaseSource,
    SessionEntry, SessionWait, Span, SpanContext, TraceParent,
};

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

/// Dashboards and trace searches are built on these names and values; they are the MCP and HTTP conventions.
#[test]
fn a_call_becomes_a_server_span_with_its_session_and_requests_below() {
    let began = Instant::now();
    let (record, _) = cold(began, None);
    record.describe("tools/call", Some(CallTarget::Tool("mail_search")));
    record.came_over_http("1.1");
    record.protocol_version("2026-07-28");
    record.understood(began + Duration::from_millis(1));
    record.policy().decided("use_tool", "allow");
    record.policy().withheld();
    record.policy().left_out();
    record.policy().left_out();
    record.graph_request(GraphAttempt {
        held_back: HeldBack { duration: Duration::from_micros(1_500), by: Some("user_rate") },
        resend_count: 1,
        request_id: Some(uuid!("0a6d2e9c-5b1e-4f0f-8a77-9d3f0c5b2002")),
        ..attempt()
    });

    let spans = completed(&record);
    let [server, policy, session, exchange, graph] = &spans[..] else { panic!("{spans:?}") };

    assert_eq!(server.name, "tools/call mail_search");
    assert_eq!(server.span_kind, SpanKind::Server);
    assert_eq!(server.parent_span_id, SpanId::INVALID);
    assert_eq!((server.start_time, server.end_time), (at(0), at(120)));
    assert_eq!(
        attributes(server),
        BTreeMap::from([
            ("mcp.method.name", "tools/call".into()),
            ("mcp.protocol.version", "2026-07-28".into()),
            ("gen_ai.operation.name", "execute_tool".into()),
            ("gen_ai.tool.name", "mail_search".into()),
            ("network.transport", "tcp".into()),
            ("network.protocol.name", "http".into()),
            ("network.protocol.version", "1.1".into()),
            ("connector.graph.requests", 1.into()),
            ("connector.trace.kept", "sampled".into()),
        ])
    );

    assert_eq!((policy.name.as_ref(), &policy.span_kind), ("policy", &SpanKind::Internal));
    assert_eq!(policy.start_time, policy.end_time);
    assert_eq!(policy.start_time, at(1));
    assert_eq!(
        attributes(policy),
        BTreeMap::from([
            ("connector.policy.question", "use_tool".into()),
            ("connector.policy.decision", "allow".into()),
            ("connector.policy.withheld", 1.into()),
            ("connector.policy.left_out", 2.into()),
        ])
    );

    assert_eq!((session.name.as_ref(), &session.span_kind), ("session", &SpanKind::Internal));
    assert_eq!((session.start_time, session.end_time), (at(1), at(81)));
    assert!(session.links.is_empty(), "its exchange is its child");
    assert_eq!(
        attributes(session),
        BTreeMap::from([
            ("connector.session.entry", "created".into()),
            ("connector.session.entry_wait_ms", 1.0.into()),
            ("connector.lease.reason", "first".into()),
            ("connector.lease.source", "own_exchange".into()),
        ])
    );

    assert_eq!((exchange.name.as_ref(), &exchange.span_kind), ("exchange", &SpanKind::Internal));
    assert_eq!((exchange.start_time, exchange.end_time), (at(1), at(81)));
    assert_eq!(exchange.parent_span_id, session.span_context.span_id());
    assert_eq!(
        attributes(exchange),
        BTreeMap::from([
            ("connector.exchange.purpose", "call".into()),
            ("connector.exchange.turn_wait_ms", 5.0.into()),
            ("connector.exchange.aadsts", 0.into()),
        ])
    );

    assert_eq!(graph.name, "GET");
    assert_eq!(graph.span_kind, SpanKind::Client);
    assert_eq!((graph.start_time, graph.end_time), (at(2), at(32)));
    assert_eq!(
        attributes(graph),
        BTreeMap::from([
            ("http.request.method", "GET".into()),
            ("http.response.status_code", 200.into()),
            ("http.request.resend_count", 1.into()),
            ("server.address", "graph.example".into()),
            ("server.port", 443.into()),
            ("connector.workload", "outlook".into()),
            ("connector.throttle.wait_ms", 1.5.into()),
            ("connector.throttle.limit", "user_rate".into()),
            ("connector.graph.request_id", "0a6d2e9c-5b1e-4f0f-8a77-9d3f0c5b2002".into()),
        ])
    );

    for child in [policy, session, graph] {
        assert_eq!(child.parent_span_id, server.span_context.span_id());
    }
    let ids: HashSet<SpanId> = spans.iter().map(|span| span.span_context.span_id()).collect();
    assert_eq!(ids.len(), spans.len(), "an id is there twice");
    for span in &spans {
        assert_eq!(span.span_context.trace_id().to_string(), record.trace_id().to_string());
        assert!(span.span_context.is_valid() && span.span_context.is_sampled());
        assert_eq!(span.status, Status::Unset);
    }
}

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

/// A caller that could be our parent would decide where our traces go and whether they are kept.
#[rstest]
#[case::known_from_the_start(|caller| CallRecord::begin(Some(caller), BEGIN, Instant::now()))]
#[case::found_in_the_body(|caller| {
    let record = begun();
    record.called_from(caller);
    record
})]
fn the_callers_trace_is_linked_and_never_the_parent(#[case] begin: fn(TraceParent) -> CallRecord) {
    let caller = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    let record = begin(caller);
    record.finish(CallOutcome::Completed, BEGIN);

    let server = &spans(&record)[0];

    assert_eq!(server.parent_span_id, SpanId::INVALID);
    assert_ne!(server.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    let link = &server.links[0].span_context;
    assert_eq!(link.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(link.span_id().to_string(), "00f067aa0ba902b7");
    assert!(link.is_remote());
}

/// A failure without `error.type`, or a success with one, would make every error rate wrong.
#[rstest]
#[case::completed(CallOutcome::Completed, None, None, None)]
#[case::tool(CallOutcome::ToolFailed("throttled"), Some("tool_error"), Some("throttled"), None)]
#[case::refused(CallOutcome::Refused("tool_switched_off"), Some("refused"), Some("tool_switched_off"), None)]
#[case::protocol(CallOutcome::ProtocolError(-32602), Some("-32602"), None, Some("-32602"))]
#[case::cancelled(CallOutcome::Cancelled, Some("cancelled"), None, None)]
fn a_call_is_an_error_if_and_only_if_it_has_an_error_type(
    #[case] outcome: CallOutcome,
    #[case] error_type: Option<&'static str>,
    #[case] code: Option<&'static str>,
    #[case] rpc_code: Option<&'static str>,
) {
    let record = super::ended(outcome, Duration::from_millis(1));
    let server = &spans(&record)[0];
    let attributes = attributes(server);
    assert_eq!(attributes.get("error.type"), error_type.map(Value::from).as_ref());
    assert_eq!(attributes.get("connector.error.code"), code.map(Value::from).as_ref());
    assert_eq!(attributes.get("rpc.response.status_code"), rpc_code.map(Value::from).as_ref());
    assert_eq!(server.status, error_type.map_or(Status::Unset, Status::error));
}

/// Graph's failures are looked for by the status of its spans.
#[rstest]
#[case::answered(Ok(200), None)]
#[case::not_modified(Ok(304), None)]
#[case::throttled(Ok(429), Some("429"))]
#[case::server_error(Ok(503), Some("503"))]
#[case::no_answer(Err("timeout"), Some("timeout"))]
fn a_request_that_graph_refused_or_left_unanswered_is_an_error(
    #[case] answer: Result<u16, &'static str>,
    #[case] error_type: Option<&'static str>,
) {
    let record = begun();
    record.graph_request(GraphAttempt { answer, ..attempt() });
    record.finish(CallOutcome::Completed, BEGIN);
    let graph = &spans(&record)[1];
    let attributes = attributes(graph);
    assert_eq!(attributes.get("error.type"), error_type.map(Value::from).as_ref());
    assert_eq!(
        attributes.get("http.response.status_code"),
        answer.ok().map(|s| i64::from(s).into()).as_ref()
    );
    assert_eq!(graph.status, error_type.map_or(Status::Unset, Status::error));
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

/// Words of a client's in a span name would make as many span names as clients have ideas.
#[rstest]
#[case::unknown_method(None, "_OTHER")]
#[case::no_tool(Some(("tools/list", None)), "tools/list")]
#[case::unknown_tool(Some(("tools/call", None)), "tools/call")]
#[case::prompt(Some(("prompts/get", Some(CallTarget::Prompt("week")))), "prompts/get week")]
fn a_span_is_named_by_known_words(
    #[case] described: Option<(&'static str, Option<CallTarget>)>,
    #[case] name: &str,
) {
    let record = begun();
    if let Some((method, target)) = described {
        record.describe(method, target);
    }
    record.finish(CallOutcome::Completed, BEGIN);
    assert_eq!(spans(&record)[0].name, name);
}

/// If this failed, a call that was refused at the gate after seconds would show nobody where they went.
#[test]
fn a_wait_that_no_request_followed_is_put_down_with_the_call() {
    let record = begun();
    record.never_sent(HeldBack { duration: Duration::from_millis(40), by: None });
    record.never_sent(HeldBack { duration: Duration::from_millis(20), by: Some("user_rate") });

    let spans = completed(&record);

    let attributes = attributes(&spans[0]);
    assert_eq!(attributes["connector.throttle.wait_ms"], 60.0.into());
    assert_eq!(attributes["connector.throttle.limit"], "user_rate".into());
}

/// If this failed, what is emitted could drift from what docs/OBSERVABILITY.md says of it, and no test would notice.
#[rstest]
#[case::as_it_is(|_: &mut SpanData| {}, true)]
#[case::of_another_span(|span: &mut SpanData| span.attributes.push(KeyValue::new("connector.workload", "teams")), false)]
#[case::of_another_type(|span: &mut SpanData| {
    span.attributes.retain(|pair| pair.key.as_str() != "connector.graph.requests");
    span.attributes.push(KeyValue::new("connector.graph.requests", "2"));
}, false)]
#[case::missing(|span: &mut SpanData| span.attributes.clear(), false)]
fn a_span_is_held_against_its_specification(#[case] change: fn(&mut SpanData), #[case] holds: bool) {
    let mut span = completed(&begun()).remove(0);
    change(&mut span);
    assert_eq!(Span::Call.describes(&span), holds);
}
