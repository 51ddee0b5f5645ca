//! Traces of calls: a record while a call runs, spans from it when the call is kept.

mod attribute;
mod backlog;
mod exchange;
mod exporter;
mod id;
mod parent;
mod phases;
mod pipeline;
mod policy;
mod record;
mod sampler;
mod session;
mod spans;
mod specification;
#[cfg(test)]
mod tests;

pub use attribute::{AttributeType, Convention, SpanAttribute};
pub use exchange::{ExchangeEnd, ExchangeSpan};
pub use id::{SpanContext, SpanId, TraceId};
pub use parent::{TraceParent, TraceParentError};
pub use phases::Phases;
pub use pipeline::CallTracer;
pub use policy::PolicyRecord;
pub use record::{CallRecord, CallTarget, GraphAttempt, HeldBack};
pub use session::{LeaseReason, LeaseSource, SessionEntry, SessionWait};
pub use specification::{LinkTarget, Parent, Span, SpanKind};

pub(crate) use backlog::Loss;
pub(crate) use exporter::Reach;
pub(crate) use phases::Phase;
pub(crate) use record::gen_ai_operation;
pub(crate) use sampler::Sampler;
