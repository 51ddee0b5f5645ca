//! Starting and ending telemetry.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::PeriodicReader;
use thiserror::Error;
use tracing_subscriber::filter::ParseError;

use crate::collector::{Collector, CollectorError, OtlpProtocol, resource};
use crate::event::emit;
use crate::event::telemetry::{TelemetryLost, TraceExportFailed, TraceExportRecovered};
use crate::logs::{self, ExportedLogs, LogFilter, LogWriter};
use crate::metric::{self, AccountedExporter, Attribute, FailedPushes, Meters, Metric, observe_process};
use crate::trace::{CallTracer, Loss, Reach, Sampler};

/// How long the last traces may take to reach the collector when the process ends.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// What is written and exported.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetrySettings {
    /// Which log lines are written, in the syntax of `RUST_LOG`: `info`, `connector=debug`.
    pub log_filter: String,
    /// The collector that takes traces, metrics and logs by OTLP, without a path: `http://127.0.0.1:4318`. None:
    /// no traces, metrics for Prometheus alone, logs on standard output alone.
    pub otlp_endpoint: Option<String>,
    /// How the collector is spoken to.
    pub otlp_protocol: OtlpProtocol,
    /// How often metrics are pushed.
    pub metrics_interval: Duration,
    /// The share of calls that is kept whatever became of them, from 0 to 1.
    pub sample_ratio: f64,
    /// A call that takes this long is always kept.
    pub slow_call: Duration,
    /// Exported as `service.version`.
    pub service_version: &'static str,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            log_filter: "info".into(),
            otlp_endpoint: None,
            otlp_protocol: OtlpProtocol::default(),
            metrics_interval: Duration::from_secs(60),
            sample_ratio: 0.1,
            slow_call: Duration::from_secs(5),
            service_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Why telemetry cannot start.
#[derive(Debug, Error)]
pub enum TelemetryError {
    #[error("the log filter {filter:?} is not understood: {source}")]
    LogFilter { filter: String, source: ParseError },
    #[error("the log filter is empty")]
    NoLogFilter,
    #[error(transparent)]
    Collector(#[from] CollectorError),
    #[error("metrics cannot be read: {0}")]
    Metrics(#[from] OTelSdkError),
    #[error("the sample ratio {0} is not between 0 and 1")]
    SampleRatio(f64),
    #[error("telemetry has been installed before in this process")]
    AlreadyInstalled,
}

impl From<ExporterBuildError> for TelemetryError {
    fn from(error: ExporterBuildError) -> Self {
        CollectorError::from(error).into()
    }
}

/// The process's telemetry. Keep it until the end and shut it down last.
#[derive(Debug)]
pub struct Telemetry {
    tracer: CallTracer,
    logs: LogWriter,
    exported_logs: Option<Arc<ExportedLogs>>,
    failed_pushes: FailedPushes,
    /// Dropped last: its runtime drives the exporters of gRPC.
    _collector: Option<Collector>,
}

impl Telemetry {
    /// Makes events go to standard output as JSON lines, be counted, and, when there is a collector, be pushed to it
    /// with the traces of calls. Once a process.
    pub fn install(settings: TelemetrySettings) -> Result<Self, TelemetryError> {
        Self::install_to(settings, io::stdout())
    }

    /// Like [`install`](Self::install), with another place for the lines.
    pub fn install_to(
        settings: TelemetrySettings,
        sink: impl Write + Send + 'static,
    ) -> Result<Self, TelemetryError> {
        if settings.log_filter.trim().is_empty() {
            return Err(TelemetryError::NoLogFilter);
        }
        let sampler = Sampler::new(settings.sample_ratio, settings.slow_call)
            .ok_or(TelemetryError::SampleRatio(settings.sample_ratio))?;
        let resource = resource(settings.service_version);
        let collector = match &settings.otlp_endpoint {
            Some(endpoint) => Some(Collector::at(endpoint, settings.otlp_protocol)?),
            None => None,
        };
        let failed_pushes = FailedPushes::default();
        let (tracer, exported_logs, pushed_metrics) = match &collector {
            Some(collector) => (
                CallTracer::to(with_resource(collector.spans()?, &resource), sampler, tell),
                Some(Arc::new(ExportedLogs::to(collector.logs()?, resource.clone()))),
                Some(AccountedExporter::new(collector.metrics()?, failed_pushes.clone())),
            ),
            None => (CallTracer::disabled(), None, None),
        };
        let (subscriber, logs) = logs::subscriber(&settings.log_filter, sink, exported_logs.as_deref())
            .map_err(|source| TelemetryError::LogFilter { filter: settings.log_filter, source })?;
        let meters = Meters::new(resource, |metrics| match pushed_metrics {
            Some(exporter) => metrics.with_reader(
                PeriodicReader::builder(exporter).with_interval(settings.metrics_interval).build(),
            ),
            None => metrics,
        })?;
        tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::AlreadyInstalled)?;
        if !metric::install(meters) {
            return Err(TelemetryError::AlreadyInstalled);
        }
        let telemetry = Self { tracer, logs, exported_logs, failed_pushes, _collector: collector };
        telemetry.observe_itself(settings.service_version);
        Ok(telemetry)
    }

    /// What a running connector holds of it.
    pub fn handle(&self) -> TelemetryHandle {
        TelemetryHandle { tracer: self.tracer.clone(), log_filter: Some(self.logs.filter()) }
    }

    /// Exports and writes what waits. Takes a few seconds at most, and blocks the thread meanwhile;
    /// afterwards nothing is exported or written any more.
    pub fn shutdown(&self) {
        let Loss { calls, spans } = thread::scope(|both| {
            let push = || metric::installed().map(|meters| meters.shutdown(FLUSH_TIMEOUT));
            // A collector that is away at the end misses the last interval, and its traces have said so.
            drop(thread::Builder::new().spawn_scoped(both, push));
            self.tracer.shutdown(FLUSH_TIMEOUT)
        });
        let lines = self.logs.loss().lines();
        if lines > 0 || calls > 0 || spans > 0 {
            emit(TelemetryLost { lines, calls, spans });
        }
        if let Some(exported) = &self.exported_logs {
            exported.shutdown(FLUSH_TIMEOUT);
        }
    }

    fn observe_itself(&self, version: &'static str) {
        observe_process();
        metric::observe(Metric::BuildInfo, move |info| info.value(1, &[(Attribute::Version, version)]));
        let (tracer, lines, exported) = (self.tracer.clone(), self.logs.loss(), self.exported_logs.clone());
        let failed_pushes = self.failed_pushes.clone();
        metric::observe(Metric::TelemetryDropped, move |dropped| {
            let Loss { calls, spans } = tracer.loss();
            let pushed = exported.as_ref().map_or(0, |exported| exported.lost());
            dropped.value(calls + spans, &[(Attribute::Signal, "traces")]);
            dropped.value(lines.lines() + pushed, &[(Attribute::Signal, "logs")]);
            dropped.value(failed_pushes.count(), &[(Attribute::Signal, "metrics")]);
        });
    }
}

/// What the parts of a running connector may do with the process's telemetry. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TelemetryHandle {
    tracer: CallTracer,
    log_filter: Option<LogFilter>,
}

impl TelemetryHandle {
    /// For tests and measurements: calls are not traced, and there is no log to filter.
    pub fn disabled() -> Self {
        Self::default()
    }

    /// Where ended calls are handed to.
    pub fn tracer(&self) -> &CallTracer {
        &self.tracer
    }

    /// Changes which log lines are written; `None` where none are.
    pub fn log_filter(&self) -> Option<&LogFilter> {
        self.log_filter.as_ref()
    }
}

/// Tells the operators whether traces arrive.
pub(crate) fn tell(reach: Reach<'_>) {
    match reach {
        Reach::Lost(reason) => emit(TraceExportFailed { reason }),
        Reach::Regained => emit(TraceExportRecovered),
    }
}

fn with_resource(mut exporter: SpanExporter, resource: &Resource) -> SpanExporter {
    opentelemetry_sdk::trace::SpanExporter::set_resource(&mut exporter, resource);
    exporter
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings() -> TelemetrySettings {
        TelemetrySettings::default()
    }

    /// An operator who cannot see which setting is wrong has to guess, or runs without logs and traces
    /// unawares.
    #[rstest]
    #[case::filter(
        TelemetrySettings { log_filter: "connector=loudly".into(), ..settings() },
        "the log filter \"connector=loudly\" is not understood"
    )]
    #[case::empty_filter(TelemetrySettings { log_filter: " ".into(), ..settings() }, "the log filter is empty")]
    #[case::ratio_above_one(
        TelemetrySettings { sample_ratio: 1.5, ..settings() },
        "the sample ratio 1.5 is not between 0 and 1"
    )]
    #[case::ratio_not_a_number(
        TelemetrySettings { sample_ratio: f64::NAN, ..settings() },
        "the sample ratio NaN is not between 0 and 1"
    )]
    #[case::endpoint_without_scheme(
        TelemetrySettings { otlp_endpoint: Some("collector:4318".into()), ..settings() },
        "the OTLP endpoint \"collector:4318\" must be http://host:port"
    )]
    #[case::endpoint_without_host(
        TelemetrySettings { otlp_endpoint: Some("http://".into()), ..settings() },
        "the OTLP endpoint \"http://\" must be"
    )]
    #[case::endpoint_with_a_space(
        TelemetrySettings { otlp_endpoint: Some("http://a b:4318".into()), ..settings() },
        "telemetry cannot be exported"
    )]
    fn a_wrong_setting_is_refused_by_name(#[case] settings: TelemetrySettings, #[case] message: &str) {
        let error = Telemetry::install_to(settings, io::sink()).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
