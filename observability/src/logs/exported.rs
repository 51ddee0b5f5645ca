//! Log lines that a collector gets as well.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry::{InstrumentationScope, Key};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{
    BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, LogProcessor, SdkLogRecord,
    SdkLoggerProvider, TraceContext,
};

use super::redaction::{REDACTED, is_secret_name, redacted_text};

/// How many lines may wait for the collector or be under way; more are dropped and counted.
pub(super) const BACKLOG_LINES: usize = 2_048;
/// How many lines are sent together.
const BATCH_LINES: usize = 512;
/// How long a line waits at most for others.
const BATCH_DELAY: Duration = Duration::from_secs(1);

/// Pushes log lines to a collector, in batches, on a thread of its own.
#[derive(Debug)]
pub(crate) struct ExportedLogs {
    pub(super) provider: SdkLoggerProvider,
    backlog: Arc<Backlog>,
}

impl ExportedLogs {
    pub(crate) fn to<E: LogExporter + 'static>(exporter: E, resource: Resource) -> Self {
        let backlog = Arc::new(Backlog::default());
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(BACKLOG_LINES)
            .with_max_export_batch_size(BATCH_LINES)
            .with_scheduled_delay(BATCH_DELAY)
            .build();
        let accounted = AccountedExporter { exporter, backlog: backlog.clone() };
        let batches = BatchLogProcessor::builder(accounted).with_batch_config(batches).build();
        let blank = SdkLoggerProvider::builder().build().logger("blank").create_log_record();
        let processor = Cleaned { batches, backlog: backlog.clone(), blank };
        let provider =
            SdkLoggerProvider::builder().with_resource(resource).with_log_processor(processor).build();
        Self { provider, backlog }
    }

    /// Lines that never reached the collector.
    pub(crate) fn lost(&self) -> u64 {
        self.backlog.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn shutdown(&self, timeout: Duration) {
        if self.provider.shutdown_with_timeout(timeout).is_err() {
            let left = self.backlog.waiting.swap(0, Ordering::Relaxed);
            self.backlog.lost.fetch_add(left as u64, Ordering::Relaxed);
        }
    }
}

/// Counts lines from their writing until they are exported, which bounds the memory that a collector that is down costs.
#[derive(Debug, Default)]
struct Backlog {
    waiting: AtomicUsize,
    lost: AtomicU64,
}

impl Backlog {
    fn admit(&self) -> bool {
        if self.waiting.fetch_add(1, Ordering::Relaxed) < BACKLOG_LINES {
            return true;
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.lost.fetch_add(1, Ordering::Relaxed);
        false
    }

    fn account(&self, lines: usize, arrived: bool) {
        self.waiting.fetch_sub(lines, Ordering::Relaxed);
        if !arrived {
            self.lost.fetch_add(lines as u64, Ordering::Relaxed);
        }
    }
}

/// Gives a line the trace that its field `trace_id` names, so that a collector can put the two together, and takes secrets
/// out of it.
#[derive(Debug)]
struct Cleaned {
    batches: BatchLogProcessor,
    backlog: Arc<Backlog>,
    /// What a record is written anew on.
    blank: SdkLogRecord,
}

impl LogProcessor for Cleaned {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if !self.backlog.admit() {
            return;
        }
        if let Some(trace) = trace_of(record) {
            record.set_trace_context(trace, SpanId::INVALID, Some(TraceFlags::default()));
        }
        if holds_a_secret(record) {
            *record = without_secrets(record, self.blank.clone());
        }
        self.batches.emit(record, scope);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

fn trace_of(record: &SdkLogRecord) -> Option<TraceId> {
    let (_, value) = record.attributes_iter().find(|(key, _)| key.as_str() == "trace_id")?;
    match value {
        AnyValue::String(text) => TraceId::from_hex(text.as_str()).ok(),
        _ => None,
    }
}

fn holds_a_secret(record: &SdkLogRecord) -> bool {
    record.body().is_some_and(|body| clean(None, body).is_some())
        || record.attributes_iter().any(|(key, value)| clean(Some(key), value).is_some())
}

/// The same on a `blank` record, for one that is written cannot be changed.
fn without_secrets(record: &SdkLogRecord, blank: SdkLogRecord) -> SdkLogRecord {
    let mut clean_record = blank;
    if let Some(name) = record.event_name() {
        clean_record.set_event_name(name);
    }
    if let Some(target) = record.target() {
        clean_record.set_target(target.clone());
    }
    record.timestamp().into_iter().for_each(|at| clean_record.set_timestamp(at));
    record.observed_timestamp().into_iter().for_each(|at| clean_record.set_observed_timestamp(at));
    record.severity_text().into_iter().for_each(|text| clean_record.set_severity_text(text));
    record.severity_number().into_iter().for_each(|number| clean_record.set_severity_number(number));
    if let Some(TraceContext { trace_id, span_id, trace_flags, .. }) = record.trace_context() {
        clean_record.set_trace_context(*trace_id, *span_id, *trace_flags);
    }
    if let Some(body) = record.body() {
        clean_record.set_body(clean(None, body).unwrap_or_else(|| body.clone()));
    }
    for (key, value) in record.attributes_iter() {
        clean_record.add_attribute(key.clone(), clean(Some(key), value).unwrap_or_else(|| value.clone()));
    }
    clean_record
}

/// What stands in the place of `value`, where there is a secret in it.
fn clean(key: Option<&Key>, value: &AnyValue) -> Option<AnyValue> {
    let AnyValue::String(text) = value else { return None };
    if key.is_some_and(|key| is_secret_name(key.as_str())) {
        return Some(REDACTED.into());
    }
    match redacted_text(text.as_str()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(clean) => Some(clean.into()),
    }
}

/// An exporter that keeps the backlog's accounts. That a collector is away is said once, for traces.
#[derive(Debug)]
struct AccountedExporter<E> {
    exporter: E,
    backlog: Arc<Backlog>,
}

impl<E: LogExporter> LogExporter for AccountedExporter<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let lines = batch.iter().count();
        let result = self.exporter.export(batch).await;
        self.backlog.account(lines, result.is_ok());
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{self, Receiver};

    use super::*;
    use crate::collector::resource;

    const BOUND: Duration = Duration::from_secs(30);

    /// Keeps every batch waiting until the test lets go of the other end.
    #[derive(Debug)]
    struct StuckExporter(Mutex<Receiver<()>>);

    impl LogExporter for StuckExporter {
        async fn export(&self, _batch: LogBatch<'_>) -> OTelSdkResult {
            let _released = self.0.lock().unwrap().recv();
            Ok(())
        }
    }

    /// A collector that hangs would otherwise stop whoever logs (this test would hang), or fill the memory.
    #[test]
    fn a_stuck_collector_costs_lines_and_they_are_counted() {
        let (release, released) = mpsc::channel();
        let exported = ExportedLogs::to(StuckExporter(Mutex::new(released)), resource("1.2.3"));
        let logger = exported.provider.logger("test");
        for _ in 0..BACKLOG_LINES + 100 {
            logger.emit(logger.create_log_record());
        }
        assert_eq!(exported.lost(), 100);
        drop(release);
        exported.shutdown(BOUND);
        assert_eq!(exported.lost(), 100, "what waited has arrived");
    }

    /// Tells the test what has come.
    #[derive(Debug)]
    struct Recorder(mpsc::Sender<Vec<(String, String)>>);

    impl LogExporter for Recorder {
        async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
            for (record, _) in batch.iter() {
                let text = |value: &AnyValue| format!("{value:?}");
                let body = record.body().map(|body| ("body".to_owned(), text(body)));
                let fields = record.attributes_iter().map(|(key, value)| (key.to_string(), text(value)));
                self.0.send(body.into_iter().chain(fields).collect()).unwrap();
            }
            Ok(())
        }
    }

    /// The collector would get what is kept out of the log, and pass it on to whoever may read there.
    #[test]
    fn secrets_are_taken_out_of_what_is_pushed() {
        let (sender, arrived) = mpsc::channel();
        let exported = ExportedLogs::to(Recorder(sender), resource("1.2.3"));
        let logger = exported.provider.logger("test");
        let mut record = logger.create_log_record();
        record.set_body("start failed: Bearer s3cr3t-zebra-canary".into());
        record.add_attribute("authorization", "zebra");
        record.add_attribute("error.reason", "client_secret=zebra");
        record.add_attribute("trace_id", "00000000000000000000000000000abc");
        logger.emit(record);
        exported.shutdown(BOUND);

        let fields = arrived.recv().unwrap();
        assert_eq!(fields.len(), 4, "{fields:?}");
        let [.., (key, trace)] = &fields[..] else { panic!("nothing has come") };
        assert!(key == "trace_id" && trace.contains("0abc"), "{fields:?}");
        for (key, value) in &fields[..3] {
            assert!(value.contains("[redacted]") && !value.contains("zebra"), "{key} is {value}");
        }
    }
}
