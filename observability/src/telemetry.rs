//! Starting and ending telemetry.

use std::io::{self, Write};
use std::time::Duration;

use opentelemetry_otlp::ExporterBuildError;
use thiserror::Error;
use tracing_subscriber::filter::ParseError;

use crate::event::emit;
use crate::event::telemetry::TelemetryLost;
use crate::logs::{self, LogWriter};
use crate::trace::{CallTracer, Loss, Sampler, otlp};

/// How long the last traces may take to reach the collector when the process ends.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// What is written and exported.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetrySettings {
    /// Which log lines are written, in the syntax of `RUST_LOG`: `info`, `connector=debug`.
    pub log_filter: String,
    /// The collector that takes traces by OTLP over HTTP, without a path: `http://127.0.0.1:4318`. None: no
    /// traces.
    pub otlp_endpoint: Option<String>,
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
    #[error("the OTLP endpoint {0:?} must be http://host:port or https://host:port")]
    OtlpEndpoint(String),
    #[error("traces cannot be exported: {0}")]
    Exporter(#[from] ExporterBuildError),
    #[error("the sample ratio {0} is not between 0 and 1")]
    SampleRatio(f64),
    #[error("telemetry has been installed before in this process")]
    AlreadyInstalled,
}

/// The process's telemetry. Keep it until the end and shut it down last.
#[derive(Debug)]
pub struct Telemetry {
    tracer: CallTracer,
    logs: LogWriter,
}

impl Telemetry {
    /// Makes events go to standard output as JSON lines and, when there is an endpoint, lets calls be traced.
    /// Once a process.
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
        let tracer = tracer_for(&settings)?;
        let (subscriber, logs) = logs::subscriber(&settings.log_filter, sink)
            .map_err(|source| TelemetryError::LogFilter { filter: settings.log_filter, source })?;
        tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::AlreadyInstalled)?;
        Ok(Self { tracer, logs })
    }

    /// Where ended calls are handed to.
    pub fn tracer(&self) -> CallTracer {
        self.tracer.clone()
    }

    /// Exports and writes what waits. Takes a few seconds at most, and blocks the thread meanwhile;
    /// afterwards nothing is exported or written any more.
    pub fn shutdown(self) {
        let Loss { calls, spans } = self.tracer.shutdown(FLUSH_TIMEOUT);
        let lines = self.logs.dropped_lines();
        if lines > 0 || calls > 0 || spans > 0 {
            emit(TelemetryLost { lines, calls, spans });
        }
    }
}

fn tracer_for(settings: &TelemetrySettings) -> Result<CallTracer, TelemetryError> {
    let sampler = Sampler::new(settings.sample_ratio, settings.slow_call)
        .ok_or(TelemetryError::SampleRatio(settings.sample_ratio))?;
    let Some(endpoint) = &settings.otlp_endpoint else { return Ok(CallTracer::disabled()) };
    let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
    if host.is_none_or(str::is_empty) {
        return Err(TelemetryError::OtlpEndpoint(endpoint.clone()));
    }
    Ok(CallTracer::to(otlp(endpoint, settings.service_version)?, sampler))
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
        "traces cannot be exported"
    )]
    fn a_wrong_setting_is_refused_by_name(#[case] settings: TelemetrySettings, #[case] message: &str) {
        let error = Telemetry::install_to(settings, io::sink()).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
