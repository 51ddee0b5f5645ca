//! What a collector gets of a call, over both protocols, held against the specification.

use connector_observability::{AttributeType, LinkTarget, Parent, Span as Specified};
use futures_util::future::join_all;
use m365_simulator::SimulatorOptions;
use m365_simulator::directory::Directory;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::otlp::{Carrier, Receiver};
use crate::running::Running;

const CALLERS_TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLERS_SPAN: u64 = 0x00f0_67aa_0ba9_02b7;
/// Of the HTTP request that a call comes in.
const CARRIERS_SPAN: u64 = 0x00f0_67aa_0ba9_02b8;

/// If this failed, nobody could see from outside where the time of a slow call went, or which of a client's traces it
/// belongs to.
#[rstest]
#[case::over_http(Carrier::Http)]
#[case::over_grpc(Carrier::Grpc)]
#[actix_web::test]
async fn a_call_arrives_as_the_tree_that_the_specification_draws(#[case] carrier: Carrier) {
    let receiver = Receiver::start(carrier);
    let name = format!("traces-{}", receiver.protocol.len());
    let running = Running::start(&name, &receiver.settings()).await;
    let (caller, token) = (running.caller(), running.token().await);
    let throttled =
        json!({ "service": "graph", "status": 429, "headers": { "Retry-After": "1" }, "times": 1 });
    caller.control("faults", throttled).await;
    let answer = caller
        .ask(
            &token,
            json!({
                "name": "outlook_email_search",
                "arguments": { "query": "a", "order": "oldest", "limit": 3, "timeZone": "UTC" },
                "_meta": { "traceparent": format!("00-{CALLERS_TRACE:032x}-{CALLERS_SPAN:016x}-01") },
            }),
        )
        .await;
    assert!(answer["result"]["structuredContent"]["items"].is_array(), "{answer}");
    let log = running.stop().await;

    let spans = receiver.spans();
    let call = spans.iter().find(|span| span.name == "tools/call outlook_email_search").unwrap();
    assert_eq!(call.kind(), SpanKind::Server);
    assert!(call.parent_span_id.is_empty(), "no client decides about our traces");
    assert_eq!(call.links.len(), 1);
    assert_eq!(call.links[0].trace_id, CALLERS_TRACE.to_be_bytes());
    assert_eq!(call.links[0].span_id, CALLERS_SPAN.to_be_bytes());
    assert_eq!(call.status.clone().unwrap_or_default().code(), StatusCode::Unset);
    assert_eq!(text(call, "mcp.method.name"), "tools/call");
    assert_eq!(text(call, "gen_ai.tool.name"), "outlook_email_search");
    assert_eq!(text(call, "gen_ai.operation.name"), "execute_tool");
    assert_eq!(text(call, "connector.trace.kept"), "sampled");

    let family: Vec<&Span> = spans.iter().filter(|span| span.trace_id == call.trace_id).collect();
    assert!(family.iter().all(|span| lies_within(span, call)));
    let named = |name: &str| family.iter().filter(|span| span.name == name).copied().collect::<Vec<_>>();
    let [policy] = named("policy")[..] else { panic!("one decision: {family:?}") };
    assert_eq!((policy.kind(), &policy.parent_span_id), (SpanKind::Internal, &call.span_id));
    assert_eq!(text(policy, "connector.policy.question"), "use_tool");
    assert_eq!(text(policy, "connector.policy.decision"), "allow");
    let [session] = named("session")[..] else { panic!("one wait for a cold session: {family:?}") };
    assert_eq!((session.kind(), &session.parent_span_id), (SpanKind::Internal, &call.span_id));
    assert_eq!(text(session, "connector.session.entry"), "created");
    assert_eq!(text(session, "connector.lease.source"), "own_exchange");
    assert!(session.links.is_empty(), "its exchange is its child");
    let [exchange] = named("exchange")[..] else { panic!("one cold session, one exchange: {family:?}") };
    assert_eq!((exchange.kind(), &exchange.parent_span_id), (SpanKind::Internal, &session.span_id));
    assert!(lies_within(exchange, session));
    assert_eq!(text(exchange, "connector.exchange.purpose"), "call");
    assert_eq!(number(exchange, "connector.exchange.aadsts"), 0);
    let requests = named("GET");
    assert!(requests.iter().all(|span| span.parent_span_id == call.span_id));
    assert_eq!(family.len(), 4 + requests.len(), "and nothing else: {family:?}");

    let statuses: Vec<i64> = requests.iter().map(|span| number(span, "http.response.status_code")).collect();
    let [429, pages @ ..] = &statuses[..] else { panic!("not throttled at first: {statuses:?}") };
    assert!(pages.len() >= 2 && pages.iter().all(|status| *status == 200), "several pages: {statuses:?}");
    assert_eq!(number(call, "connector.graph.requests"), i64::try_from(requests.len()).unwrap());
    let held_back = |span: &&Span| number(span, "connector.throttle.wait_ms") >= 990;
    assert_eq!(requests.iter().position(held_back), Some(1), "the second was held back for a second");
    assert_eq!(requests.iter().filter(|span| held_back(span)).count(), 1, "and no other");
    let again = |span: &&Span| span.attributes.iter().any(|pair| pair.key == "http.request.resend_count");
    assert_eq!(requests.iter().filter(|span| again(span)).count(), 1);
    assert_eq!(number(requests[1], "http.request.resend_count"), 1, "the second asks for the same again");
    let held_by = text(requests[1], "connector.throttle.limit");
    assert!(["after_failure", "retry_after"].contains(&held_by), "{held_by}");
    for span in &requests {
        assert_eq!((span.name.as_str(), span.kind()), ("GET", SpanKind::Client));
        assert!(span.start_time_unix_nano >= exchange.end_time_unix_nano);
        assert_eq!(text(span, "server.address"), "127.0.0.1");
        assert_eq!(text(span, "connector.workload"), "outlook");
    }
    assert_eq!(text(requests[0], "error.type"), "429");
    assert_eq!(requests[0].status.clone().unwrap_or_default().code(), StatusCode::Error);

    for span in &spans {
        assert_specified(span, &spans);
    }

    let line = receiver
        .log_records()
        .into_iter()
        .find(|record| body(record.body.as_ref()) == "call completed")
        .expect("the log line of the call has come, too");
    let pushed = line.attributes.iter().find(|pair| pair.key == "trace_id").unwrap();
    let trace = u128::from_be_bytes(call.trace_id.as_slice().try_into().unwrap());
    let trace = format!("{trace:032x}");
    assert_eq!(body(pushed.value.as_ref()), trace);
    assert!(log.contains(&trace), "and it is the same on standard output");
    let metrics = receiver.metric_names();
    for name in
        ["mcp.server.operation.duration", "http.client.request.duration", "connector.exchange.duration"]
    {
        assert!(metrics.iter().any(|metric| metric == name), "{name} is not among {metrics:?}");
    }
}

/// If this failed, a client whom nobody trusts could write into other people's traces and decide what is kept, or the
/// trace of one who is trusted would end at our door.
#[rstest]
#[case::of_a_client("trusted-client", |client: &str| format!("'{client}'"), false)]
#[case::of_a_network("trusted-network", |_: &str| "'127.0.0.0/8'".to_owned(), false)]
#[case::whose_own_trace_is_not_kept("trusted-unsampled", |client: &str| format!("'{client}'"), true)]
#[actix_web::test]
async fn the_trace_of_a_trusted_caller_goes_on_here(
    #[values(Carrier::Http, Carrier::Grpc)] carrier: Carrier,
    #[case] name: &str,
    #[case] trusted: impl Fn(&str) -> String,
    #[case] is_left_out: bool,
) {
    let receiver = Receiver::start(carrier);
    let client = Directory::generate(SimulatorOptions::default().seed).clients[0].id.to_string();
    let settings = format!("{}trusted_trace_parents = [{}]", receiver.settings(), trusted(&client));
    let running = Running::start(&format!("{name}-{}", receiver.protocol.len()), &settings).await;
    let (caller, token) = (running.caller(), running.token().await);
    let flag = if is_left_out { "00" } else { "01" };
    let parent = format!("00-{CALLERS_TRACE:032x}-{CALLERS_SPAN:016x}-{flag}");
    let call = json!({ "name": "get_me", "arguments": {}, "_meta": { "traceparent": parent } });
    let answer = caller.ask(&token, call).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    let log = running.stop().await;

    assert!(log.contains(&format!("{CALLERS_TRACE:032x}")), "the log has the caller's trace");
    let spans = receiver.spans();
    let call = spans.iter().find(|span| span.name == "tools/call get_me");
    assert_eq!(call.is_none(), is_left_out, "the caller decides: {spans:?}");
    let Some(call) = call else { return };
    assert_eq!(call.trace_id, CALLERS_TRACE.to_be_bytes());
    assert_eq!(call.parent_span_id, CALLERS_SPAN.to_be_bytes());
    assert!(call.links.is_empty(), "a parent is no link");
    for span in &spans {
        assert_eq!(span.trace_id, call.trace_id, "{span:?}");
        assert_specified(span, &spans);
    }
}

/// If this failed, nobody could come from the span of a gateway's request to what became of it here; or a header, which
/// anybody on the way can write, would decide about our traces.
#[rstest]
#[case::alone(&[CARRIERS_SPAN], None, &[CARRIERS_SPAN])]
#[case::beside_the_callers(&[CARRIERS_SPAN], Some(CALLERS_SPAN), &[CALLERS_SPAN, CARRIERS_SPAN])]
#[case::the_same_twice(&[CALLERS_SPAN], Some(CALLERS_SPAN), &[CALLERS_SPAN])]
#[case::of_two_none(&[CARRIERS_SPAN, CALLERS_SPAN], None, &[])]
#[case::malformed(&[0], None, &[])]
#[actix_web::test]
async fn a_call_is_linked_to_the_request_that_carried_it(
    #[values(Trust::Nobody, Trust::Everybody)] trust: Trust,
    #[case] headers: &[u64],
    #[case] meta: Option<u64>,
    #[case] links: &[u64],
) {
    let receiver = Receiver::start(Carrier::Http);
    let parent = |span: &u64| format!("00-{CALLERS_TRACE:032x}-{span:016x}-01");
    let trusted = match trust {
        Trust::Nobody => "",
        Trust::Everybody => "trusted_trace_parents = ['127.0.0.0/8']",
    };
    let name = format!("carried-{}-{}-{}-{trust:?}", headers.len(), links.len(), meta.is_some());
    let running = Running::start(&name, &format!("{}{trusted}", receiver.settings())).await;
    let (caller, token) = (running.caller(), running.token().await);
    let mut call = json!({ "name": "get_me", "arguments": {} });
    if let Some(span) = meta {
        call["_meta"] = json!({ "traceparent": parent(&span) });
    }
    let headers: Vec<String> = headers.iter().map(parent).collect();
    let headers: Vec<_> = headers.iter().map(|value| ("traceparent", value.as_str())).collect();
    let answer = caller.ask_with(&token, call, &headers).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    running.stop().await;

    let spans = receiver.spans();
    for span in &spans {
        assert_specified(span, &spans);
    }
    let call = spans.iter().find(|span| span.name == "tools/call get_me").unwrap();
    let parent = meta.filter(|_| trust == Trust::Everybody);
    let of_parent = parent.map(|span| span.to_be_bytes().to_vec()).unwrap_or_default();
    assert_eq!(call.parent_span_id, of_parent, "a header's span is no parent");
    let linked: Vec<_> = call.links.iter().map(|link| link.span_id.clone()).collect();
    let expected: Vec<_> =
        links.iter().filter(|span| Some(**span) != parent).map(|span| span.to_be_bytes()).collect();
    assert_eq!(linked, expected);
}

/// Whose `traceparent` in `_meta` is the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Nobody,
    Everybody,
}

/// If this failed, ten calls of a user who has just signed in would show ten exchanges where there was one, or nine calls
/// that waited for nothing.
#[actix_web::test]
async fn calls_that_share_an_exchange_link_to_its_one_span() {
    const CALLS: usize = 4;
    let receiver = Receiver::start(Carrier::Http);
    let running = Running::start("shared-exchange", &receiver.settings()).await;
    let (caller, token) = (running.caller(), &running.token().await);
    // Until all have come.
    let slow =
        json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "delay_ms": 1_000, "times": 1 });
    caller.control("faults", slow).await;

    let answers = join_all((0..CALLS).map(|_| caller.call(token, "get_me", json!({})))).await;
    assert!(answers.iter().all(|answer| answer["result"]["structuredContent"].is_object()), "{answers:?}");
    let warm = caller.call(token, "get_me", json!({})).await;
    assert!(warm["result"]["structuredContent"].is_object(), "{warm}");
    running.stop().await;

    let spans = receiver.spans();
    for span in &spans {
        assert_specified(span, &spans);
    }
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let [exchange] = named("exchange")[..] else { panic!("not one exchange: {spans:?}") };
    let from = |source: &str| {
        let sessions = named("session").into_iter();
        sessions.filter(|span| text(span, "connector.lease.source") == source).collect::<Vec<_>>()
    };
    let [cause] = from("own_exchange")[..] else { panic!("not one cause: {spans:?}") };
    assert_eq!((&exchange.trace_id, &exchange.parent_span_id), (&cause.trace_id, &cause.span_id));
    let waiters = from("shared_exchange");
    assert_eq!(waiters.len(), CALLS - 1);
    for waiter in waiters {
        let [link] = &waiter.links[..] else { panic!("not one link: {waiter:?}") };
        assert_eq!((&link.trace_id, &link.span_id), (&exchange.trace_id, &exchange.span_id));
        assert_ne!(waiter.trace_id, exchange.trace_id);
    }
    let [published] = from("published")[..] else { panic!("not one warm call: {spans:?}") };
    assert!(published.links.is_empty());
    assert_eq!(text(published, "connector.session.entry"), "at_once");
}

/// If this failed, nobody could see of an answer that policy had taken something out of it, or of a refusal that it was
/// policy's.
#[actix_web::test]
async fn a_trace_says_what_policy_refused_and_what_it_left_out() {
    let receiver = Receiver::start(Carrier::Http);
    let running = Running::prepared("policy-span", &receiver.settings(), |directory| {
        let tenant_file = directory.join("tenants.d/first.toml");
        let told = std::fs::read_to_string(&tenant_file).unwrap();
        let rules =
            "denied_tools = ['get_me']\ndenied_services = ['mail']\n[content]\nsites = ['onedrive']\n";
        std::fs::write(&tenant_file, format!("{told}{rules}")).unwrap();
    })
    .await;
    let (caller, token) = (running.caller(), &running.token().await);

    caller.call(token, "get_me", json!({})).await;
    caller.call(token, "read_resource", json!({ "uri": "mail:///folders/Inbox" })).await;
    let found = caller.call(token, "sharepoint_search", json!({ "query": "budget", "kind": "file" })).await;
    let note = found["result"]["structuredContent"]["notes"][0].as_str().unwrap().to_owned();
    running.stop().await;

    let spans = receiver.spans();
    let decision = |tool: &str| {
        let call = spans.iter().find(|span| span.name == format!("tools/call {tool}")).unwrap();
        let of_call = |span: &&Span| span.name == "policy" && span.trace_id == call.trace_id;
        let policy = spans.iter().find(of_call).unwrap();
        (text(policy, "connector.policy.question"), text(policy, "connector.policy.decision"), policy)
    };
    assert_eq!(decision("get_me").1, "tool_switched_off");
    let (question, answer, _) = decision("read_resource");
    assert_eq!((question, answer), ("read", "service_switched_off"));
    let (question, answer, policy) = decision("sharepoint_search");
    assert_eq!((question, answer), ("use_tool", "allow"));
    let left_out = number(policy, "connector.policy.left_out");
    assert!(left_out > 0 && note.starts_with(&format!("{left_out} left out")), "{left_out}: {note}");
}

/// A span is what the specification says of it: its kind, what it hangs below and is linked to, its attributes with their
/// types.
fn assert_specified(span: &Span, all: &[Span]) {
    let specified = Specified::named(&span.name);
    assert_eq!(format!("{:?}", span.kind()).to_lowercase(), specified.kind().as_str(), "{span:?}");
    let parent = all.iter().find(|other| other.span_id == span.parent_span_id);
    let parents = specified.parents().iter().filter(|specified| match specified {
        Parent::None => span.parent_span_id.is_empty(),
        Parent::TrustedCaller => !span.parent_span_id.is_empty() && parent.is_none(),
        Parent::Span(of) => parent.is_some_and(|parent| Specified::named(&parent.name) == *of),
    });
    assert_eq!(parents.count(), 1, "{} hangs below {parent:?}", span.name);
    for link in &span.links {
        let target =
            all.iter().find(|other| other.span_id == link.span_id).map(|it| Specified::named(&it.name));
        let target = match target {
            None if link.span_id == CARRIERS_SPAN.to_be_bytes() => LinkTarget::HttpRequest,
            None => LinkTarget::Caller,
            Some(Specified::Exchange) => LinkTarget::SharedExchange,
            Some(other) => panic!("{} is linked to {other:?}", span.name),
        };
        assert!(specified.links().contains(&target), "{} is linked to {target:?}", span.name);
    }
    for attribute in specified.always() {
        assert!(
            span.attributes.iter().any(|pair| pair.key == attribute.key()),
            "{} lacks {attribute:?}",
            span.name
        );
    }
    for pair in &span.attributes {
        let mut attributes = specified.always().iter().chain(specified.sometimes());
        let attribute = attributes.find(|attribute| attribute.key() == pair.key);
        let attribute = attribute.unwrap_or_else(|| panic!("{} has {pair:?}, unspecified", span.name));
        let value_type = match pair.value.as_ref().unwrap().value.as_ref().unwrap() {
            Any::StringValue(_) => AttributeType::Text,
            Any::IntValue(_) => AttributeType::Integer,
            Any::DoubleValue(_) => AttributeType::Double,
            other => panic!("{} has {other:?}", pair.key),
        };
        assert_eq!(value_type, attribute.value_type(), "{} of {}", pair.key, span.name);
    }
}

fn lies_within(inner: &Span, outer: &Span) -> bool {
    inner.start_time_unix_nano >= outer.start_time_unix_nano
        && inner.end_time_unix_nano <= outer.end_time_unix_nano
}

fn attribute<'s>(span: &'s Span, key: &str) -> &'s Any {
    let pair = span.attributes.iter().find(|pair| pair.key == key);
    let pair = pair.unwrap_or_else(|| panic!("{} has no {key}", span.name));
    pair.value.as_ref().unwrap().value.as_ref().unwrap()
}

fn text<'s>(span: &'s Span, key: &str) -> &'s str {
    match attribute(span, key) {
        Any::StringValue(text) => text,
        other => panic!("{key} is no text: {other:?}"),
    }
}

/// Rounded down.
#[expect(clippy::cast_possible_truncation, reason = "statuses, counts and milliseconds are small")]
fn number(span: &Span, key: &str) -> i64 {
    match attribute(span, key) {
        Any::IntValue(number) => *number,
        Any::DoubleValue(number) => *number as i64,
        other => panic!("{key} is no number: {other:?}"),
    }
}

fn body(value: Option<&AnyValue>) -> &str {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => text,
        other => panic!("no text: {other:?}"),
    }
}
