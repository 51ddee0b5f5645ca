//! A receiver of OTLP by itself: HTTP as the protocol's specification has it, and gRPC frame by frame, so that neither
//! shares code with the exporter.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use h2::RecvStream;
use h2::server::{self, SendResponse};
use http::Response;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

use crate::running::pushing;

/// How OTLP comes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Carrier {
    Http,
    Grpc,
}

/// What has come: where to, and the message.
type Arrived = Arc<Mutex<Vec<(Signal, Bytes)>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    /// By the path of a request, which each protocol has fixed for each signal.
    fn of(path: &str) -> Self {
        match path {
            "/v1/traces" | "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Self::Traces,
            "/v1/metrics" | "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => {
                Self::Metrics
            }
            "/v1/logs" | "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Self::Logs,
            other => panic!("nothing of OTLP is at {other}"),
        }
    }
}

/// Takes what a connector pushes.
pub(crate) struct Receiver {
    /// For `telemetry.otlp_endpoint`.
    pub(crate) endpoint: String,
    /// For `telemetry.otlp_protocol`.
    pub(crate) protocol: &'static str,
    arrived: Arrived,
}

impl Receiver {
    pub(crate) fn start(carrier: Carrier) -> Self {
        Self::answering_after(carrier, Duration::ZERO)
    }

    /// The same, with every answer `late`.
    pub(crate) fn answering_after(carrier: Carrier, late: Duration) -> Self {
        let arrived = Arrived::default();
        let (address, protocol) = match carrier {
            Carrier::Http => (listen_for_http(&arrived, late), "http/protobuf"),
            Carrier::Grpc => (listen_for_grpc(&arrived, late), "grpc"),
        };
        Self { endpoint: format!("http://{address}"), protocol, arrived }
    }

    /// What `[telemetry]` says of a connector that pushes everything here.
    pub(crate) fn settings(&self) -> String {
        pushing(&self.endpoint, self.protocol)
    }

    /// All spans so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.decoded::<ExportTraceServiceRequest>(Signal::Traces)
            .into_iter()
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }

    /// All log records so far.
    pub(crate) fn log_records(&self) -> Vec<LogRecord> {
        self.decoded::<ExportLogsServiceRequest>(Signal::Logs)
            .into_iter()
            .flat_map(|request| request.resource_logs)
            .flat_map(|resource| resource.scope_logs)
            .flat_map(|scope| scope.log_records)
            .collect()
    }

    /// What the log records so far say, in the order in which they came.
    pub(crate) fn lines(&self) -> Vec<String> {
        let bodies = self.log_records().into_iter().filter_map(|record| record.body?.value);
        let said = bodies.map(|body| match body {
            Value::StringValue(line) => line,
            other => panic!("no text: {other:?}"),
        });
        said.collect()
    }

    /// `service.instance.id` of everything so far.
    pub(crate) fn instances(&self) -> BTreeSet<String> {
        let traces = self.decoded::<ExportTraceServiceRequest>(Signal::Traces);
        let traces = traces.into_iter().flat_map(|request| request.resource_spans).map(|of| of.resource);
        let logs = self.decoded::<ExportLogsServiceRequest>(Signal::Logs);
        let logs = logs.into_iter().flat_map(|request| request.resource_logs).map(|of| of.resource);
        let metrics = self.decoded::<ExportMetricsServiceRequest>(Signal::Metrics);
        let metrics = metrics.into_iter().flat_map(|request| request.resource_metrics).map(|of| of.resource);
        traces.chain(logs).chain(metrics).map(|resource| instance(&resource.unwrap())).collect()
    }

    /// The names of all metrics so far.
    pub(crate) fn metric_names(&self) -> Vec<String> {
        self.decoded::<ExportMetricsServiceRequest>(Signal::Metrics)
            .into_iter()
            .flat_map(|request| request.resource_metrics)
            .flat_map(|resource| resource.scope_metrics)
            .flat_map(|scope| scope.metrics)
            .map(|metric| metric.name)
            .collect()
    }

    /// Every byte that came. Protobuf writes texts as they are, so that a text that is in it can be found.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.arrived.lock().unwrap().iter().flat_map(|(_, message)| message.to_vec()).collect()
    }

    fn decoded<M: Message + Default>(&self, signal: Signal) -> Vec<M> {
        let arrived = self.arrived.lock().unwrap();
        let messages = arrived.iter().filter(|(of, _)| *of == signal);
        messages.map(|(_, message)| M::decode(message.clone()).unwrap()).collect()
    }
}

fn listen_for_http(arrived: &Arrived, late: Duration) -> SocketAddr {
    let arrived = Data::new((Arc::clone(arrived), late));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(arrived.clone())
            .app_data(web::PayloadConfig::new(16 << 20))
            .default_service(web::to(take_http))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    address
}

async fn take_http(request: HttpRequest, message: Bytes, to: Data<(Arrived, Duration)>) -> HttpResponse {
    assert_eq!(request.headers().get("content-type").unwrap(), "application/x-protobuf");
    let (arrived, late) = &**to;
    arrived.lock().unwrap().push((Signal::of(request.path()), message));
    tokio::time::sleep(*late).await;
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}

/// On a thread of its own: a test may wait for its connector with nothing else to do.
fn listen_for_grpc(arrived: &Arrived, late: Duration) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let arrived = Arc::clone(arrived);
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                tokio::spawn(serve_grpc(connection, Arc::clone(&arrived), late));
            }
        });
    });
    address
}

async fn serve_grpc(connection: TcpStream, arrived: Arrived, late: Duration) {
    let mut connection = server::handshake(connection).await.unwrap();
    // An error here is the end of the exporter.
    while let Some(Ok((request, respond))) = connection.accept().await {
        let signal = Signal::of(request.uri().path());
        let arrived = Arc::clone(&arrived);
        tokio::spawn(take_grpc(signal, request.into_body(), respond, (arrived, late)));
    }
}

/// One unary call: a frame of five bytes and a message comes, an empty one and the status OK go.
async fn take_grpc(
    signal: Signal,
    mut body: RecvStream,
    mut respond: SendResponse<Bytes>,
    (arrived, late): (Arrived, Duration),
) {
    let mut frame = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        frame.extend_from_slice(&data);
    }
    let (head, message) = frame.split_at(5);
    assert_eq!(head[0], 0, "nobody asked for compression");
    assert_eq!(u32::from_be_bytes(head[1..].try_into().unwrap()) as usize, message.len());
    arrived.lock().unwrap().push((signal, Bytes::copy_from_slice(message)));
    tokio::time::sleep(late).await;

    let mut answer = Response::new(());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let mut stream = respond.send_response(answer, false).unwrap();
    stream.send_data(Bytes::from_static(&[0; 5]), false).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    stream.send_trailers(trailers).unwrap();
}

fn instance(resource: &Resource) -> String {
    let id = resource.attributes.iter().find(|attribute| attribute.key == "service.instance.id");
    match id.and_then(|id| id.value.clone()?.value) {
        Some(Value::StringValue(id)) => id,
        other => panic!("no instance, but {other:?}"),
    }
}
