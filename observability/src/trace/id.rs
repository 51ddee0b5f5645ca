//! The id of a trace.

use std::fmt;
use std::num::NonZeroU128;

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
