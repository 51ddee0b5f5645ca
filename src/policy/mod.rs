//! One decision function. Everything that may be refused asks it; it asks nobody.

mod decision;
mod tenant;

pub use decision::{Decision, Question, Refusal, decide};
pub use tenant::{GuestRule, TenantPolicy};
