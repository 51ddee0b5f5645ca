//! Why a request does not pass the gate.

use std::time::Duration;

use thiserror::Error;

/// A request must not be sent inside its deadline.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[error("held back for {} ms: {reason}", .retry_after.as_millis())]
pub struct GateRefusal {
    /// When it is worth trying again, counted from now.
    pub retry_after: Duration,
    pub reason: GateReason,
    /// The limit in the way, one word for metrics: `retry_after`, `concurrency`, `breaker`, or the name of a rate.
    pub limit: &'static str,
}

/// What holds a request back.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum GateReason {
    #[error("Graph asked to be left alone")]
    RetryAfter,
    #[error("as many requests as allowed are under way")]
    Concurrency,
    #[error("the rate limit is used up")]
    Rate,
    #[error("the service fails, and is left alone")]
    Breaker,
}
