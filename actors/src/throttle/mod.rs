//! Keeping inside Graph's limits: a gate that every request passes, and an actor that learns from the answers.
//!
//! ```text
//! GateRequest ──▶ Gate ──▶ a Meter for each limit of its class ([`limits`]): a rate, places, a pause
//!  (or a batch)    │          ├ what is taken of it: a Claim, one for all items of a batch
//!                  │          └ where requests wait: a Line, tenants and users in turn ([`round`])
//!                  └─────▶ the Breaker of its workload
//! ```
//!
//! All of it decides by the time that it is given, and waits for nothing: [`Gate::pass`] alone knows a timer.

mod actor;
mod breaker;
mod claims;
mod gate;
mod learned;
mod limits;
mod line;
mod meter;
mod meter_key;
mod permit;
mod rate;
mod refusal;
mod request;
mod restraint;
mod round;
mod signal;
mod suspicion;
#[cfg(test)]
mod tests;
mod time;
mod waiting;

pub(crate) use actor::ThrottleActor;
pub use breaker::{BreakerState, Outcome};
pub use gate::{Entry, Gate};
pub(crate) use learned::Learn;
#[cfg(test)]
pub(crate) use learned::Learned;
pub use permit::GatePermit;
pub use refusal::{GateReason, GateRefusal};
pub use request::{GateRequest, RequestClass, ResourceHash, TeamsRoute};
pub use signal::{GateKey, GateSubject, LoadReport, OwnerHash, ThrottleScope, ThrottleSignal, Workload};
pub use waiting::{Attempt, Waiting};
