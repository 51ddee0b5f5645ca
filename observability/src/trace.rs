//! Traces of calls: a record while a call runs, spans from it when the call is kept.

mod attribute;
mod backlog;
mod exchange;
mod exporter;
mod id;
mod parent;
mod pipeline;
mod policy;
mod record;
mod sampler;
mod session;
mod spans;
#[cfg(test)]
mod tests;

pub use exchange::{ExchangeEnd, ExchangeSpan};
pub use id::{SpanContext, SpanId, TraceId};
pub use parent::{TraceParent, TraceParentError};
pub use pipeline::CallTracer;
pub use policy::PolicyRecord;
pub use record::{CallRecord, GraphAttempt, HeldBack, Phases};
pub use session::{LeaseReason, LeaseSource, SessionEntry, SessionWait};

pub(crate) use backlog::Loss;
pub(crate) use exporter::Reach;
pub(crate) use sampler::Sampler;
