//! From an ended call to the exporter, without ever waiting for it.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SpanExporter, SpanProcessor};

use super::backlog::{BACKLOG_SPANS, Backlog, Loss};
use super::exporter::{AccountedExporter, Tell};
use super::record::CallRecord;
use super::sampler::Sampler;
use super::spans::spans_of;

/// How many spans are sent together.
const BATCH_SPANS: usize = 512;
/// How long a span waits at most for others.
const BATCH_DELAY: Duration = Duration::from_secs(1);

/// Hands ended calls to the trace exporter. Cheap to clone; each thread takes its own.
#[derive(Debug, Clone, Default)]
pub struct CallTracer(Option<Arc<Pipeline>>);

#[derive(Debug)]
struct Pipeline {
    sampler: Sampler,
    backlog: Arc<Backlog>,
    processor: BatchSpanProcessor,
}

impl CallTracer {
    /// A tracer that keeps nothing.
    pub fn disabled() -> Self {
        Self::default()
    }

    /// A tracer with a thread of its own that hands batches to `exporter`, and says through `tell` when that stops working
    /// and when it works again.
    pub(crate) fn to<E: SpanExporter + 'static>(exporter: E, sampler: Sampler, tell: Tell) -> Self {
        let backlog = Arc::new(Backlog::default());
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(BACKLOG_SPANS)
            .with_max_export_batch_size(BATCH_SPANS)
            .with_scheduled_delay(BATCH_DELAY)
            .build();
        let processor =
            BatchSpanProcessor::new(AccountedExporter::new(exporter, backlog.clone(), tell), batches);
        Self(Some(Arc::new(Pipeline { sampler, backlog, processor })))
    }

    /// Exports the call, if there is an exporter and the call has ended and is kept. Never waits: a call that
    /// finds the backlog full is dropped whole, and counted.
    pub fn export(&self, record: &CallRecord) {
        let Some(pipeline) = &self.0 else { return };
        let Some(end) = record.end() else { return };
        let duration = record.started().until(end.at);
        let kept = match record.parent() {
            Some(parent) => pipeline.sampler.follow(parent, end.outcome, duration),
            None => pipeline.sampler.decide(record.trace_id(), end.outcome, duration),
        };
        let Some(kept) = kept else { return };
        let most = record.most_spans();
        if !pipeline.backlog.admit(most) {
            return;
        }
        let spans = spans_of(record, end, kept);
        pipeline.backlog.give_back(most.saturating_sub(spans.len()));
        for span in spans {
            pipeline.processor.on_end(span);
        }
    }

    /// What has been lost so far.
    pub(crate) fn loss(&self) -> Loss {
        self.0.as_ref().map_or(Loss::default(), |pipeline| pipeline.backlog.loss())
    }

    /// Exports what waits, for `timeout` at most, and ends the exporter. Calls that end later are not
    /// exported.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Loss {
        let Some(pipeline) = &self.0 else { return Loss::default() };
        let finished = pipeline.processor.shutdown_with_timeout(timeout).is_ok();
        let left = if finished { 0 } else { pipeline.backlog.waiting() };
        let Loss { calls, spans } = pipeline.backlog.loss();
        Loss { calls, spans: spans.saturating_add(left as u64) }
    }
}
