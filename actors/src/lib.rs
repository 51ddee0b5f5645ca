//! Sessions, tenants and throttling of the connector.
//!
//! Actors decide, published snapshots serve: every decision is made by a pure state machine inside a thin
//! actor shell, and what the warm path needs (a lease, a gate, a permit) is published where a call reads it
//! without crossing a mailbox. Effects on the outside go through the [`ports`] alone.
//!
//! ```text
//! Actors ──▶ Tenants ──▶ Tenant ──▶ TenantSupervisor (one a tenant, on its shard)
//!    ├─────▶ SessionDirectory ──▶ SessionHandle ──▶ Session (one a principal, on its tenant's shard)
//!    └─────▶ Gate ◀── ThrottleActor
//! ```

#[cfg(test)]
mod actix_facts;
mod alive;
pub mod assertion;
pub mod call;
mod claims;
pub mod clock;
mod environment;
mod exchange;
pub mod graph_token;
pub mod identity;
pub mod jitter;
pub mod lease;
mod packed_token;
mod permits;
pub mod ports;
mod renewed;
mod retry_budget;
pub mod revocation;
mod runtime;
pub mod session;
pub mod settings;
#[cfg(test)]
mod simulation;
pub mod tenant;
mod tenant_size;
#[cfg(test)]
mod testing;
pub mod throttle;
pub mod vault;

pub use call::Call;
pub use claims::ClaimsChallenge;
pub use jitter::RandomJitter;
pub use ports::Ports;
pub use retry_budget::RetryBudget;
pub use runtime::{Actors, Census, LeaseCensus, Visit};
pub use session::{LeaseWait, SessionError};
pub use settings::{ActorSettings, Allowance, ExchangeLimits, LeaseSettings, ThrottleSettings};
pub use tenant::{AdmissionError, TenantPermit};
pub use tenant_size::{LicenceCount, TenantSize, UserCount};
pub use throttle::{
    BreakerState, Gate, GateKey, GatePermit, GateReason, GateRefusal, GateRequest, GateSubject, LoadReport,
    OwnerHash, ThrottleScope, ThrottleSignal, Workload,
};
