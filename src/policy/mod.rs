//! One decision function. Everything that may be refused asks it; it asks nobody.

mod content;
mod decision;
mod network;
mod rules;
mod service;
mod tenant;

pub use content::{
    AllowedSite, Author, ContentDecision, ContentPolicy, ExternalMail, ItemFacts, Label, LabelCeiling,
    LinkTreatment, Place, Withheld, review,
};
pub use decision::{Decision, Question, Refusal, decide};
pub use network::{AllowedTenants, NotATenantList};
pub use rules::{AccessRules, CallQuota};
pub use service::Service;
pub use tenant::{GuestRule, TenantPolicy};
