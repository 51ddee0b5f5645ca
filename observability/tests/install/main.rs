//! Telemetry as the process installs it, with a real collector at the other end. One test alone: the log
//! subscriber is the process's.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

mod collector;

use std::io::{self, Write};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collector::{Collector, Request};
use connector_observability::event::lifecycle::Draining;
use connector_observability::{
    CallOutcome, CallRecord, CallTarget, GraphAttempt, HeldBack, Telemetry, TelemetryError,
    TelemetrySettings, TraceParent, UnixNanos, emit,
};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use tokio::time::Instant;

const BEGIN: UnixNanos = UnixNanos::from_nanos(1_790_000_000_123_456_789);

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The process installs telemetry before it serves and shuts it down after, both perhaps inside an async
/// runtime, where a blocking HTTP client must be neither made nor ended: that would panic, or the last traces
/// be lost.
#[tokio::test]
async fn events_and_traces_arrive_when_installed_within_an_async_runtime() {
    let collector = Collector::start();
    let sink = Sink::default();
    let settings = TelemetrySettings {
        otlp_endpoint: Some(format!("{}/", collector.endpoint)),
        sample_ratio: 0.0,
        service_version: "1.2.3",
        ..TelemetrySettings::default()
    };

    let telemetry = Telemetry::install_to(settings.clone(), sink.clone()).unwrap();
    let again = Telemetry::install_to(settings, io::sink());
    let record = failed_call();
    telemetry.handle().tracer().export(&record);
    emit(Draining);
    telemetry.shutdown();

    assert!(matches!(again, Err(TelemetryError::AlreadyInstalled)));
    let lines = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    assert!(lines.lines().count() == 1 && lines.contains(r#""message":"draining""#), "{lines}");
    let mut requests = Arrivals::new(collector.requests);
    assert_traces_arrived(&requests.of("traces"), &record);
    // One push may have been under way already; the last one has everything.
    while !names_the_build(&requests.of("metrics").body) {}
    let logs = ExportLogsServiceRequest::decode(&requests.of("logs").body[..]).unwrap();
    let [line] = &logs.resource_logs[0].scope_logs[0].log_records[..] else { panic!("one line") };
    assert_eq!(text(line.body.as_ref()), "draining");
}

fn names_the_build(body: &[u8]) -> bool {
    let metrics = ExportMetricsServiceRequest::decode(body).unwrap();
    let mut metrics =
        metrics.resource_metrics.iter().flat_map(|of| &of.scope_metrics).flat_map(|of| &of.metrics);
    metrics.any(|metric| metric.name == "connector.build.info")
}

fn failed_call() -> CallRecord {
    let caller = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    let record = CallRecord::begin(Some(caller), BEGIN, Instant::now());
    record.describe("tools/call", Some(CallTarget::Tool("mail_search")));
    record.graph_request(GraphAttempt {
        method: "GET",
        server: "graph.example".into(),
        port: 443,
        workload: "outlook",
        started: BEGIN + Duration::from_micros(250),
        duration: Duration::from_millis(30),
        held_back: HeldBack::default(),
        resend_count: 0,
        answer: Ok(429),
        request_id: None,
    });
    record.finish(CallOutcome::ToolFailed("throttled"), BEGIN + Duration::from_millis(31));
    record
}

/// What the collector got, signal by signal, in whatever order the signals came.
struct Arrivals {
    coming: Receiver<Request>,
    come: Vec<Request>,
}

impl Arrivals {
    fn new(coming: Receiver<Request>) -> Self {
        Self { coming, come: Vec::new() }
    }

    /// The first request with this signal.
    fn of(&mut self, signal: &str) -> Request {
        let target = format!("POST /v1/{signal} HTTP/1.1");
        loop {
            if let Some(place) = self.come.iter().position(|request| request.target == target) {
                return self.come.remove(place);
            }
            self.come.push(self.coming.recv_timeout(Duration::from_secs(30)).unwrap());
        }
    }
}

fn assert_traces_arrived(request: &Request, record: &CallRecord) {
    let traces = ExportTraceServiceRequest::decode(&request.body[..]).unwrap();
    assert!(request.headers.contains(&"content-type: application/x-protobuf".to_owned()));

    let [resource_spans] = &traces.resource_spans[..] else { panic!("one resource") };
    let resource = &resource_spans.resource.as_ref().unwrap().attributes;
    let resource: Vec<_> =
        resource.iter().map(|pair| (pair.key.as_str(), text(pair.value.as_ref()))).collect();
    assert!(resource.contains(&("service.name", "m365-connector")), "{resource:?}");
    assert!(resource.contains(&("service.version", "1.2.3")), "{resource:?}");

    let [scope_spans] = &resource_spans.scope_spans[..] else { panic!("one scope") };
    let [server, graph] = &scope_spans.spans[..] else { panic!("two spans") };
    assert_eq!(server.name, "tools/call mail_search");
    assert_eq!(server.kind(), SpanKind::Server);
    assert!(server.parent_span_id.is_empty());
    assert_eq!(server.start_time_unix_nano, 1_790_000_000_123_456_789);
    assert_eq!(server.end_time_unix_nano, 1_790_000_000_154_456_789);
    assert_eq!(attribute(server, "error.type"), "tool_error");
    assert_eq!(attribute(server, "connector.trace.kept"), "failed");
    assert_eq!(server.links[0].trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes());
    assert_eq!(graph.kind(), SpanKind::Client);
    assert_eq!(graph.parent_span_id, server.span_id);
    assert_eq!(attribute(graph, "error.type"), "429");
    for span in [server, graph] {
        assert_eq!(span.trace_id, record.trace_id().as_u128().to_be_bytes());
        assert_eq!(span.status.as_ref().unwrap().code(), StatusCode::Error);
    }
}

fn attribute<'s>(span: &'s Span, name: &str) -> &'s str {
    let pair = span.attributes.iter().find(|pair| pair.key == name).unwrap();
    text(pair.value.as_ref())
}

fn text(value: Option<&opentelemetry_proto::tonic::common::v1::AnyValue>) -> &str {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("not a text: {other:?}"),
    }
}
