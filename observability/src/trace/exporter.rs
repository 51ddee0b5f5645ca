//! Where spans go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::backlog::Backlog;

/// What becomes of the way to the collector.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reach<'a> {
    /// Traces do not arrive any more; with what the exporter said.
    Lost(&'a str),
    /// They arrive again.
    Regained,
}

/// Whom that is told.
pub(crate) type Tell = fn(Reach<'_>);

/// An exporter that keeps the backlog's accounts and says when its collector goes away and comes back.
#[derive(Debug)]
pub(super) struct AccountedExporter<E> {
    exporter: E,
    backlog: Arc<Backlog>,
    failing: AtomicBool,
    tell: Tell,
}

impl<E: SpanExporter> AccountedExporter<E> {
    pub(super) fn new(exporter: E, backlog: Arc<Backlog>, tell: Tell) -> Self {
        Self { exporter, backlog, failing: AtomicBool::new(false), tell }
    }

    fn account(&self, spans: usize, result: &OTelSdkResult) {
        match result {
            Ok(()) => {
                self.backlog.exported(spans);
                if self.failing.swap(false, Ordering::Relaxed) {
                    (self.tell)(Reach::Regained);
                }
            }
            Err(error) => {
                self.backlog.lost(spans);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    (self.tell)(Reach::Lost(&error.to_string()));
                }
            }
        }
    }
}

impl<E: SpanExporter> SpanExporter for AccountedExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.exporter.export(batch).await;
        self.account(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
