//! The settings, one struct per concern. Whoever holds one of these holds values that were checked.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use connector_actors::identity::{ClientId, TenantId};
use connector_actors::jitter::Jitter;
use connector_observability::{OtlpProtocol, TelemetrySettings};
use ipnet::IpNet;
use thiserror::Error;

use crate::audit::AuditTarget;
use crate::entra::{ClaimsCapability, Cloud, CredentialSource};
use crate::http::{CpuProfiles, PublicUrl, TenantIssuer, TenantRestriction, TrustedTraceParents, WebOrigin};
use crate::state::{StateLocation, TenantSource};

/// Everything the service is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    pub http: HttpSettings,
    pub cloud: Cloud,
    pub entra: EntraSettings,
    pub calls: CallSettings,
    pub audit: AuditSettings,
    pub telemetry: TelemetryChoice,
    pub tenants: TenantSource,
    pub state: StateLocation,
    pub profile: Profile,
    /// Chance in sessions and in the throttle: the machine's own, unless the service is embedded.
    pub jitter: Arc<dyn Jitter>,
}

/// Which tools are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// All of them, with resources, prompts and completions.
    #[default]
    Microsoft365,
    /// `search` and `fetch`, as OpenAI's clients know them.
    OpenAi,
}

/// A word that is no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be microsoft365 or openai")]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(word: &str) -> Result<Self, UnknownProfile> {
        match word {
            "microsoft365" => Ok(Self::Microsoft365),
            "openai" => Ok(Self::OpenAi),
            _ => Err(UnknownProfile),
        }
    }
}

/// The listeners and what they accept.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The address of the MCP endpoint as clients see it, and the App ID URI of the registration.
    pub public_url: PublicUrl,
    pub public_address: SocketAddr,
    /// Health for the operators. Loopback unless told otherwise.
    pub operations_address: SocketAddr,
    /// Hosts that are accepted besides that of `public_url`, as `host` or `host:port`.
    pub allowed_hosts: Vec<String>,
    /// Origins of pages, not ours, that may call from a browser.
    pub allowed_origins: Vec<WebOrigin>,
    /// Networks whose `X-Forwarded-Host` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// By which header a customer's network says which tenants it allows.
    pub tenant_restriction: TenantRestriction,
    /// Threads that serve calls; each has its own connections to Graph.
    pub workers: usize,
    /// How long a stop goes on taking new calls, while it already says that it is not ready.
    pub drain_delay: Duration,
    /// How long a stop waits for calls in flight.
    pub drain_timeout: Duration,
}

/// The registration of this service in Entra ID.
#[derive(Debug, Clone)]
pub struct EntraSettings {
    pub client_id: ClientId,
    /// The scope that this API exposes, by its short name.
    pub scope: String,
    pub credential: CredentialSource,
    /// For which tenants `cp1` is declared to Entra.
    pub capability: ClaimsCapability,
    /// `None`: the metadata façade names Entra's endpoints for any organisation. `Some`: this tenant's issuer
    /// is named directly, for a service that has one tenant alone.
    pub issuer_tenant: Option<TenantId>,
    /// What the metadata of a tenant's own address names.
    pub tenant_issuer: TenantIssuer,
}

/// Bounds of one call, and of all calls together.
#[derive(Debug, Clone)]
pub struct CallSettings {
    /// From the first byte of the request to the last of the answer.
    pub deadline: Duration,
    /// Calls in progress at once; more are shed.
    pub concurrent: usize,
    /// Bytes of a request body.
    pub body_limit: usize,
    /// How long a lease serves at most, whatever Entra allows.
    pub max_lease: Duration,
    /// Exchanges with Entra that begin in one second, renewals included.
    pub exchanges_per_second: NonZeroU32,
    /// The share of Graph's published limits that is used, in percent. From a configuration: 1 to 100.
    pub graph_limit_percent: u16,
    /// After this long without a call a session ends.
    pub session_idle: Duration,
    /// How long a list can be gone on with.
    pub cursor_lifetime: Duration,
}

#[derive(Debug, Clone)]
pub struct AuditSettings {
    pub target: AuditTarget,
    /// Records that may wait for the writer.
    pub queue: usize,
}

#[derive(Debug, Clone)]
pub struct TelemetryChoice {
    /// A filter in the syntax of `tracing-subscriber`'s `EnvFilter`.
    pub log_filter: String,
    /// Base address of an OTLP receiver.
    pub otlp_endpoint: Option<String>,
    pub otlp_protocol: OtlpProtocol,
    /// How often metrics are pushed to it.
    pub metrics_interval: Duration,
    /// Share of ordinary calls whose spans are kept, 0 to 1. Failed and slow calls always are.
    pub sample_ratio: f64,
    /// Whose calls may be a part of their caller's trace.
    pub trusted_trace_parents: TrustedTraceParents,
    /// Whether operators may ask for profiles of the processor's work.
    pub cpu_profiles: CpuProfiles,
}

impl TelemetryChoice {
    /// The same, as a process of this version installs it.
    pub fn of_version(&self, service_version: &'static str) -> TelemetrySettings {
        TelemetrySettings {
            log_filter: self.log_filter.clone(),
            otlp_endpoint: self.otlp_endpoint.clone(),
            otlp_protocol: self.otlp_protocol,
            metrics_interval: self.metrics_interval,
            sample_ratio: self.sample_ratio,
            service_version,
            ..TelemetrySettings::default()
        }
    }
}

impl Default for TelemetryChoice {
    fn default() -> Self {
        Self {
            log_filter: "info".to_owned(),
            otlp_endpoint: None,
            otlp_protocol: OtlpProtocol::default(),
            metrics_interval: Duration::from_secs(60),
            sample_ratio: 0.1,
            trusted_trace_parents: TrustedTraceParents::default(),
            cpu_profiles: CpuProfiles::Off,
        }
    }
}
