//! Traces of calls: a record while a call runs, spans from it when the call is kept.

mod attribute;
mod exporter;
mod id;
mod parent;
mod pipeline;
mod record;
mod sampler;
mod spans;
#[cfg(test)]
mod tests;

pub use id::TraceId;
pub use parent::{TraceParent, TraceParentError};
pub use pipeline::CallTracer;
pub use record::{CallRecord, ExchangeWait, GraphAttempt, Phases};

pub(crate) use pipeline::Loss;
pub(crate) use sampler::Sampler;
