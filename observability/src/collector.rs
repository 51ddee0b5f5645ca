//! The collector that traces, metrics and logs are pushed to.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig,
};
use opentelemetry_sdk::Resource;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// How long one export may take, its retries included.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How telemetry is pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP, below `/v1/traces`, `/v1/metrics` and `/v1/logs`.
    #[default]
    HttpProtobuf,
    Grpc,
}

/// Why there are no exporters.
#[derive(Debug, Error)]
pub enum CollectorError {
    #[error("the OTLP endpoint {0:?} must be http://host:port or https://host:port")]
    Endpoint(String),
    #[error("telemetry cannot be exported: {0}")]
    Exporter(#[from] ExporterBuildError),
    #[error("no thread for the exporters: {0}")]
    Runtime(#[from] std::io::Error),
}

/// Makes the exporters of one collector.
#[derive(Debug)]
pub(crate) struct Collector {
    endpoint: String,
    /// There for gRPC, whose connection is driven by a runtime; HTTP has its clients on the exporters' threads.
    grpc: Option<Runtime>,
}

impl Collector {
    /// `endpoint` has no path: `http://127.0.0.1:4318`.
    pub(crate) fn at(endpoint: &str, protocol: OtlpProtocol) -> Result<Self, CollectorError> {
        let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
        if host.is_none_or(str::is_empty) {
            return Err(CollectorError::Endpoint(endpoint.to_owned()));
        }
        let grpc = match protocol {
            OtlpProtocol::HttpProtobuf => None,
            OtlpProtocol::Grpc => {
                Some(Builder::new_multi_thread().worker_threads(1).thread_name("otlp").enable_all().build()?)
            }
        };
        Ok(Self { endpoint: endpoint.trim_end_matches('/').to_owned(), grpc })
    }

    pub(crate) fn spans(&self) -> Result<SpanExporter, ExporterBuildError> {
        let builder = SpanExporter::builder();
        match &self.grpc {
            None => over_http(builder.with_http(), self.path("traces")).build(),
            Some(runtime) => {
                let _entered = runtime.enter();
                over_grpc(builder.with_tonic(), &self.endpoint).build()
            }
        }
    }

    pub(crate) fn metrics(&self) -> Result<MetricExporter, ExporterBuildError> {
        let builder = MetricExporter::builder();
        match &self.grpc {
            None => over_http(builder.with_http(), self.path("metrics")).build(),
            Some(runtime) => {
                let _entered = runtime.enter();
                over_grpc(builder.with_tonic(), &self.endpoint).build()
            }
        }
    }

    pub(crate) fn logs(&self) -> Result<LogExporter, ExporterBuildError> {
        let builder = LogExporter::builder();
        match &self.grpc {
            None => over_http(builder.with_http(), self.path("logs")).build(),
            Some(runtime) => {
                let _entered = runtime.enter();
                over_grpc(builder.with_tonic(), &self.endpoint).build()
            }
        }
    }

    fn path(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.endpoint)
    }
}

impl Drop for Collector {
    /// A runtime that is dropped waits for its threads, and panics where that would hold up another runtime.
    fn drop(&mut self) {
        if let Some(runtime) = self.grpc.take() {
            runtime.shutdown_background();
        }
    }
}

/// Of which process of which service the telemetry is. Nodes that push have nothing else to tell them apart by: the id is
/// made at random for each start, as the conventions for `service.instance.id` ask.
pub(crate) fn resource(service_version: &'static str) -> Resource {
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", "m365-connector"),
            KeyValue::new("service.version", service_version),
            KeyValue::new("service.instance.id", Uuid::new_v4().to_string()),
        ])
        .build()
}

fn over_http<B: WithExportConfig>(builder: B, endpoint: String) -> B {
    builder.with_protocol(Protocol::HttpBinary).with_endpoint(endpoint).with_timeout(EXPORT_TIMEOUT)
}

fn over_grpc<B: WithExportConfig>(builder: B, endpoint: &str) -> B {
    builder.with_endpoint(endpoint).with_timeout(EXPORT_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Sums of two nodes would be taken for one that jumps up and down.
    #[test]
    fn every_start_is_an_instance_of_its_own_of_the_same_service() {
        let [one, other] = [resource("1.2.3"), resource("1.2.3")];
        let of = |resource: &Resource, key: &'static str| resource.get(&key.into()).unwrap();
        for key in ["service.name", "service.version"] {
            assert_eq!(of(&one, key), of(&other, key));
        }
        assert_ne!(of(&one, "service.instance.id"), of(&other, "service.instance.id"));
    }

    /// A process that serves from within a runtime, and ends its telemetry there, would panic at the very end.
    #[rstest]
    #[case::http(OtlpProtocol::HttpProtobuf)]
    #[case::grpc(OtlpProtocol::Grpc)]
    #[tokio::test]
    async fn a_collector_may_end_within_an_async_runtime(#[case] protocol: OtlpProtocol) {
        drop(Collector::at("http://127.0.0.1:4318", protocol).unwrap());
    }
}
