use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use rstest::rstest;
use tokio::time::Instant;
use uuid::uuid;

use super::{BEGIN, at, attempt, attributes, begun, cold, completed, spans};
use crate::outcome::CallOutcome;
use crate::trace::{CallRecord, CallTarget, GraphAttempt, HeldBack, Span, TraceParent};

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
