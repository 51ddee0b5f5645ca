//! What the connector tells its operators: typed events, JSON logs, metrics, traces of calls, and profiles on request.
//!
//! Code anywhere in the connector says `emit(CallCompleted { … })`; how an event is written is decided here,
//! so that field names stay the same everywhere and nothing secret finds its way into a log. No other crate
//! of the workspace uses the macros of `tracing`.
//!
//! A call is traced through a [`CallRecord`], a small record that it fills in while it runs. Spans are built
//! from it at the end alone, and only when an exporter is there and the call is kept.

mod collector;
pub mod event;
mod logs;
pub mod metric;
mod outcome;
mod profile;
mod sample;
mod telemetry;
mod time;
mod trace;

#[cfg(test)]
mod testing;

pub use collector::{CollectorError, OtlpProtocol};
pub use event::{Event, emit};
pub use logs::{LogFilter, LogFilterError};
pub use outcome::CallOutcome;
pub use profile::{CpuRecording, ProfileError};
pub use telemetry::{Telemetry, TelemetryError, TelemetryHandle, TelemetrySettings};
pub use time::UnixNanos;
pub use trace::{
    AttributeType, CallRecord, CallTarget, CallTracer, Convention, ExchangeEnd, ExchangeSpan, GraphAttempt,
    HeldBack, LeaseReason, LeaseSource, LinkTarget, Parent, Phases, PolicyRecord, SessionEntry, SessionWait,
    Span, SpanAttribute, SpanContext, SpanId, SpanKind, TraceId, TraceParent, TraceParentError,
};
