//! The front: listeners, admission, authentication, the MCP endpoint and the metadata beside it.
//!
//! Nothing but this room and `app` knows actix-web, and nothing but `rescue` turns an error into an answer.

mod address;
mod auth;
mod body;
mod call_guard;
mod call_quotas;
mod calls_in_progress;
mod consolidated_writes;
mod cors;
mod cpu_profiles;
mod entry;
mod event_stream;
mod expectation;
mod front;
mod health;
mod host_rules;
mod icons;
mod instruments;
mod interrupts;
mod kept_connection;
mod mcp_endpoint;
mod measured;
mod media_types;
mod metadata;
mod public_url;
mod readiness;
mod refusal;
mod rescue;
mod routes;
mod tenant_restriction;
mod trusted_trace_parents;
mod waiting_bodies;

pub use cors::{WebOrigin, WebOriginError};
pub use cpu_profiles::CpuProfiles;
pub use metadata::{NotATenantIssuer, TenantIssuer};
pub use public_url::{PublicUrl, PublicUrlError};
pub use tenant_restriction::{TenantRestriction, TenantRestrictionError};
pub use trusted_trace_parents::{NotACaller, TrustedCaller, TrustedTraceParents};

pub(crate) use call_quotas::CallQuotas;
pub(crate) use calls_in_progress::CallsInProgress;
pub(crate) use consolidated_writes::ConsolidatedWrites;
pub(crate) use cpu_profiles::LONGEST_PROFILE;
pub(crate) use expectation::ask_on_first_read;
pub(crate) use front::{CallLimits, Front, Worker};
pub(crate) use host_rules::HostRules;
pub(crate) use interrupts::Interrupts;
pub(crate) use kept_connection::KeptConnection;
pub(crate) use measured::measured;
pub(crate) use metadata::Metadata;
pub(crate) use readiness::Readiness;
pub(crate) use routes::{operations, public};
pub(crate) use waiting_bodies::WaitingBodies;
