//! Metrics that are pushed to a collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// Pushes that did not arrive. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct FailedPushes(Arc<AtomicU64>);

impl FailedPushes {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// An exporter that counts what did not arrive. That a collector is away is said once, for traces.
///
/// No push waits for another: its reader makes one at a time, of the sums as they are then, so that a collector that
/// is away costs no memory.
#[derive(Debug)]
pub(crate) struct AccountedExporter<E> {
    exporter: E,
    failed: FailedPushes,
}

impl<E: PushMetricExporter> AccountedExporter<E> {
    pub(crate) fn new(exporter: E, failed: FailedPushes) -> Self {
        Self { exporter, failed }
    }
}

impl<E: PushMetricExporter> PushMetricExporter for AccountedExporter<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.exporter.export(metrics).await;
        if result.is_err() {
            self.failed.0.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{self, Receiver, Sender};

    use opentelemetry_sdk::error::OTelSdkError;
    use opentelemetry_sdk::metrics::PeriodicReader;
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics, SumDataPoint};

    use super::*;
    use crate::collector::resource;
    use crate::metric::{Meters, Metric};

    const BOUND: Duration = Duration::from_secs(30);

    /// Says what it was given, and keeps each push waiting until the test has an answer for it.
    #[derive(Debug)]
    struct Collector {
        pushed: Sender<u64>,
        answers: Mutex<Receiver<OTelSdkResult>>,
    }

    impl PushMetricExporter for Collector {
        async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
            let _seen_enough = self.pushed.send(panics_in(metrics));
            self.answers.lock().unwrap().recv().unwrap_or(Ok(()))
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
            Ok(())
        }

        fn temporality(&self) -> Temporality {
            Temporality::Cumulative
        }
    }

    /// None, too, in a push that comes before there is such a metric.
    fn panics_in(metrics: &ResourceMetrics) -> u64 {
        let mut all = metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
        let Some(panics) = all.find(|metric| metric.name() == Metric::Panics.name()) else { return 0 };
        match panics.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().map(SumDataPoint::value).sum(),
            other => panic!("no sum: {other:?}"),
        }
    }

    /// A collector that hangs would otherwise stop whoever counts (this test would hang), or have pushes wait one
    /// behind the other until the memory is full; and nobody would learn that a push has failed.
    #[test]
    fn a_stuck_collector_delays_no_count_and_the_next_push_makes_up_for_it() {
        let ((pushed, pushes), (answer, answers)) = (mpsc::channel(), mpsc::channel());
        let failed = FailedPushes::default();
        let collector = Collector { pushed, answers: Mutex::new(answers) };
        let exporter = AccountedExporter::new(collector, failed.clone());
        let reader = PeriodicReader::builder(exporter).with_interval(Duration::from_millis(1)).build();
        let meters = Meters::new(resource("1.2.3"), |metrics| metrics.with_reader(reader)).unwrap();
        assert_eq!(pushes.recv_timeout(BOUND), Ok(0), "the first push is under way, and stuck");

        for _ in 0..10_000 {
            meters.add(Metric::Panics, 1, &[]);
        }
        assert!(pushes.try_recv().is_err(), "no other push has begun");
        answer.send(Err(OTelSdkError::InternalFailure("down".into()))).unwrap();
        assert_eq!(pushes.recv_timeout(BOUND), Ok(10_000));
        assert_eq!(failed.count(), 1);
        drop(answer);
        meters.shutdown(BOUND).unwrap();
        assert_eq!(failed.count(), 1);
    }
}
