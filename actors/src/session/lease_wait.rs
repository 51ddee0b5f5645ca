//! How a call and its session find each other's spans.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use connector_observability::{ExchangeSpan, SpanContext};

/// A call's wait for a lease. The session learns from it on behalf of which span it works, and the call which exchange it
/// waits for, however the wait ends. Clones share what they learn.
#[derive(Debug, Clone)]
pub struct LeaseWait {
    span: SpanContext,
    exchange: Arc<ArcSwapOption<ExchangeSpan>>,
}

impl LeaseWait {
    /// `span` is the call's span of this wait.
    pub fn of(span: SpanContext) -> Self {
        Self { span, exchange: Arc::default() }
    }

    pub fn span(&self) -> SpanContext {
        self.span
    }

    /// The exchange that is or was waited for; `None` where the session answered at once.
    pub fn exchange(&self) -> Option<Arc<ExchangeSpan>> {
        self.exchange.load_full()
    }

    pub(super) fn is_for(&self, exchange: &Arc<ExchangeSpan>) -> bool {
        self.exchange.load().as_ref().is_some_and(|known| Arc::ptr_eq(known, exchange))
    }

    pub(super) fn waits_for(&self, exchange: &Arc<ExchangeSpan>) {
        self.exchange.store(Some(Arc::clone(exchange)));
    }
}

/// A wait in a trace of its own.
impl Default for LeaseWait {
    fn default() -> Self {
        Self::of(SpanContext::random())
    }
}
