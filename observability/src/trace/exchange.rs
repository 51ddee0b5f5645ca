//! The one span of an exchange that several calls may wait for.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::id::{SpanContext, TraceId};

/// An On-Behalf-Of exchange, as all who wait for it know it. It belongs to the trace of the call that caused it, and a
/// renewal, which no call causes, to one of its own. Whoever else waits links to it.
///
/// It is exported once: by the first of those calls that ends, and is kept, after the exchange.
#[derive(Debug)]
pub struct ExchangeSpan {
    context: SpanContext,
    cause: Option<SpanContext>,
    began: Instant,
    turn: OnceLock<Instant>,
    end: OnceLock<ExchangeEnd>,
    is_exported: AtomicBool,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeEnd {
    pub at: Instant,
    /// A word for why no token came; `None` when one did.
    pub refusal: Option<&'static str>,
    /// The number of Entra's `AADSTS…` code; 0 when there was none.
    pub aadsts: u32,
}

impl ExchangeSpan {
    /// From now on the exchange waits for its turn. `cause` is the session span of the call that caused it; none for a
    /// renewal.
    pub fn begin(cause: Option<SpanContext>, at: Instant) -> Self {
        let context = cause.map_or_else(SpanContext::random, |cause| SpanContext::within(cause.trace_id));
        let (turn, end, is_exported) = (OnceLock::new(), OnceLock::new(), AtomicBool::new(false));
        Self { context, cause, began: at, turn, end, is_exported }
    }

    pub fn trace_id(&self) -> TraceId {
        self.context.trace_id
    }

    /// Its turn has come, or never will.
    pub fn turn_came(&self, at: Instant) {
        self.turn.get_or_init(|| at);
    }

    /// How long it is from its begin until `moment`.
    pub fn elapsed(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.began)
    }

    /// Ends it. The first end counts.
    pub fn end(&self, end: ExchangeEnd) {
        self.end.get_or_init(|| end);
    }

    pub(super) fn context(&self) -> SpanContext {
        self.context
    }

    /// The session span of the call that caused it; `None` for a renewal.
    pub fn cause(&self) -> Option<SpanContext> {
        self.cause
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// How long it waited for its turn.
    pub(super) fn turn_wait(&self) -> Duration {
        self.turn.get().map_or(Duration::ZERO, |turn| self.elapsed(*turn))
    }

    /// Its end, for the one who exports it: `None` while it has not ended, and for all who ask later.
    pub(super) fn claim(&self) -> Option<ExchangeEnd> {
        let end = self.end.get()?;
        (!self.is_exported.swap(true, Ordering::Relaxed)).then_some(*end)
    }
}
