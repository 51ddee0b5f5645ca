use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use rstest::rstest;

use super::{BEGIN, attempt, begun, ended};
use crate::collector::{Collector, OtlpProtocol};
use crate::outcome::CallOutcome;
use crate::telemetry::tell;
use crate::testing::{Recorder, log_lines};
use crate::trace::backlog::BACKLOG_SPANS;
use crate::trace::exporter::AccountedExporter;
use crate::trace::{CallRecord, CallTracer, Loss, Sampler};

const BOUND: Duration = Duration::from_secs(30);

fn tracer(exporter: impl SpanExporter + 'static, ratio: f64) -> CallTracer {
    CallTracer::to(exporter, Sampler::new(ratio, Duration::from_secs(5)).unwrap(), tell)
}

fn failed() -> CallRecord {
    ended(CallOutcome::Cancelled, Duration::ZERO)
}

/// Keeps every batch waiting until the test lets go of the other end.
#[derive(Debug)]
struct StuckExporter(Mutex<Receiver<()>>);

impl StuckExporter {
    fn new() -> (Self, Sender<()>) {
        let (release, released) = mpsc::channel();
        (Self(Mutex::new(released)), release)
    }
}

impl SpanExporter for StuckExporter {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        let _released = self.0.lock().unwrap().recv();
        Ok(())
    }
}

/// What is exported would not be what the call was, or would be exported without having ended.
#[rstest]
#[case::kept(Some(CallOutcome::Cancelled), 2)]
#[case::not_sampled(Some(CallOutcome::Completed), 0)]
#[case::not_ended(None, 0)]
fn a_kept_call_reaches_the_exporter_before_shutdown_returns(
    #[case] outcome: Option<CallOutcome>,
    #[case] spans: usize,
) {
    let (recorder, batches) = Recorder::new();
    let tracer = tracer(recorder, 0.0);
    let record = begun();
    record.graph_request(attempt());
    if let Some(outcome) = outcome {
        record.finish(outcome, BEGIN);
    }
    tracer.export(&record);
    assert_eq!(tracer.shutdown(BOUND), Loss::default());
    assert_eq!(batches.into_iter().flatten().count(), spans);
}

/// A collector that hangs would otherwise stop the calls (this test would hang) or fill the memory, and
/// traces would come torn apart.
#[test]
fn a_stuck_exporter_costs_whole_calls_and_they_are_counted() {
    let (exporter, release) = StuckExporter::new();
    let tracer = tracer(exporter, 0.0);
    for _ in 0..BACKLOG_SPANS - 1 {
        tracer.export(&failed());
    }
    let two_spans = failed();
    two_spans.graph_request(attempt());
    for _ in 0..10 {
        tracer.export(&two_spans);
    }
    // There is room for a call of one span still: those of two left nothing behind.
    tracer.export(&failed());
    tracer.export(&failed());
    drop(release);
    assert_eq!(tracer.shutdown(BOUND), Loss { calls: 11, spans: 0 });
}

/// The process could not be stopped while the collector hangs.
#[test]
fn shutdown_gives_up_after_its_time_and_counts_what_is_left() {
    let (exporter, release) = StuckExporter::new();
    let tracer = tracer(exporter, 0.0);
    for _ in 0..7 {
        tracer.export(&failed());
    }
    assert_eq!(tracer.shutdown(Duration::from_millis(1)), Loss { calls: 0, spans: 7 });
    drop(release);
}

/// Calls end while the process does; a late one must neither wait nor panic.
#[test]
fn a_call_that_ends_after_shutdown_is_not_exported() {
    let (recorder, batches) = Recorder::new();
    let tracer = tracer(recorder, 1.0);
    tracer.shutdown(BOUND);
    tracer.export(&failed());
    assert_eq!(batches.into_iter().count(), 0);
}

/// A collector that takes the connection and never answers would otherwise stop the calls: this test would
/// hang, for nobody accepts here, and the calls of one backlog would never end.
#[test]
fn a_collector_that_accepts_no_connection_delays_no_call() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let collector = Collector::at(&endpoint, OtlpProtocol::HttpProtobuf).unwrap();
    let tracer = tracer(collector.spans().unwrap(), 1.0);
    for _ in 0..BACKLOG_SPANS + 5 {
        tracer.export(&failed());
    }
    let Loss { calls, spans } = tracer.shutdown(Duration::from_millis(1));
    assert_eq!((calls, spans), (5, BACKLOG_SPANS as u64));
}

/// An exporter that fails now and then, by its list.
#[derive(Debug)]
struct MoodyExporter(Mutex<Vec<OTelSdkResult>>);

impl SpanExporter for MoodyExporter {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().pop().unwrap()
    }
}

/// A collector that is down for a day would write a line a second, or none at all.
#[test]
fn a_failing_collector_is_told_of_once_and_so_is_its_return() {
    let down = || Err(OTelSdkError::InternalFailure("down".into()));
    let exporter = MoodyExporter(Mutex::new(vec![down(), Ok(()), Ok(()), down(), down()]));
    let exporter = AccountedExporter::new(exporter, Arc::default(), tell);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let lines = log_lines("info", || {
        for _ in 0..5 {
            let _told_in_the_log = runtime.block_on(exporter.export(Vec::new()));
        }
    });
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["trace export failed", "trace export recovered", "trace export failed"]);
}
