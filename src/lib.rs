//! Hosted, multi-tenant, read-only access to Microsoft 365 for AI clients over the Model Context Protocol.
//!
//! `docs/ARCHITECTURE.md` walks through the rooms in the order in which a call passes them.

pub mod app;
pub mod audit;
pub mod config;
pub mod control;
pub mod entra;
pub mod graph;
pub mod http;
mod many_bytes;
pub mod mcp;
pub mod policy;
pub mod state;
pub mod tools;

pub use app::{Application, Listeners, StartError};
pub use audit::AuditTarget;
pub use config::{
    AuditSettings, CallSettings, ConfigError, EntraSettings, HttpSettings, Profile, Settings,
    TelemetryChoice, environment, load, load_telemetry,
};
pub use entra::{ClaimsCapability, ClientCredential, Cloud, CredentialSource, ManagedIdentity};
pub use http::{CpuProfiles, PublicUrl, TenantIssuer, TenantRestriction, WebOrigin};
pub use policy::{
    AccessRules, CallQuota, ContentPolicy, ExternalMail, GuestRule, LinkTreatment, Service, TenantPolicy,
};
pub use state::{StateLocation, TenantSource};
pub use tools::Catalogue;
