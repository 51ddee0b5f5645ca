//! Keeping inside Graph's limits: a gate that every request passes, and an actor that learns from the answers.

mod actor;
mod gate;
mod lane;
mod learned;
mod limits;
mod signal;
#[cfg(test)]
mod tests;

pub(crate) use actor::{Learn, ThrottleActor};
pub use gate::{Gate, GatePermit, GateReason, GateRefusal};
pub use signal::{GateKey, GateSubject, OwnerHash, ThrottleSignal, Workload};
