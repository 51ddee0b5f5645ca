//! The ids of traces and spans.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// The id of a trace: 16 bytes, not all zero, written as 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// A new id. Every bit of it is random (a version 4 UUID's are not), for samplers take some for a number.
    /// It names a trace and proves nothing.
    pub fn random() -> Self {
        let id = RandomIdGenerator::default().new_trace_id();
        Self(NonZeroU128::new(u128::from_be_bytes(id.to_bytes())).unwrap_or(NonZeroU128::MIN))
    }

    /// `None` for zero, which W3C Trace Context keeps for "no trace".
    pub fn from_u128(id: u128) -> Option<Self> {
        NonZeroU128::new(id).map(Self)
    }

    pub const fn as_u128(self) -> u128 {
        self.0.get()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

/// The id of a span: 8 bytes, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    pub fn random() -> Self {
        let id = RandomIdGenerator::default().new_span_id();
        Self(NonZeroU64::new(u64::from_be_bytes(id.to_bytes())).unwrap_or(NonZeroU64::MIN))
    }

    /// `None` for zero, which W3C Trace Context keeps for "no span".
    pub fn from_u64(id: u64) -> Option<Self> {
        NonZeroU64::new(id).map(Self)
    }

    pub const fn as_u64(self) -> u64 {
        self.0.get()
    }
}

/// Names one span of one trace, also to those who are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanContext {
    pub trace_id: TraceId,
    pub span_id: SpanId,
}

impl SpanContext {
    /// A new span of a new trace.
    pub fn random() -> Self {
        Self::within(TraceId::random())
    }

    /// A new span of this trace.
    pub fn within(trace_id: TraceId) -> Self {
        Self { trace_id, span_id: SpanId::random() }
    }
}
