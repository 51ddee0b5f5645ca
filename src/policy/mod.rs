//! One decision function. Everything that may be refused asks it; it asks nobody.

mod decision;
mod network;
mod tenant;

pub use decision::{Decision, Question, Refusal, decide};
pub use network::{AllowedTenants, NotATenantList};
pub use tenant::{GuestRule, TenantPolicy};
