//! The shape of `connector.toml`. Every key is optional here; what must be there is asked for in `load`.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) public_url: Option<String>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) allowed_origins: Vec<String>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) tenant_restriction_header: Option<String>,
    pub(super) cloud: Option<CloudChoice>,
    pub(super) tenants: Option<PathBuf>,
    pub(super) state: Option<PathBuf>,
    pub(super) profile: Option<String>,
    pub(super) listen: Listen,
    pub(super) entra: Entra,
    pub(super) calls: Calls,
    pub(super) audit: Audit,
    pub(super) telemetry: TelemetryTable,
}

/// A named cloud, or the addresses of one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum CloudChoice {
    Named(String),
    Custom(CustomCloud),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomCloud {
    pub(super) authority: String,
    pub(super) graph_base: String,
    pub(super) graph_resource: Option<String>,
    pub(super) download_host_suffixes: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listen {
    pub(super) public: Option<SocketAddr>,
    pub(super) operations: Option<SocketAddr>,
    pub(super) workers: Option<usize>,
    pub(super) drain_timeout_s: Option<u64>,
    pub(super) drain_delay_s: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Entra {
    pub(super) client_id: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) client_secret_file: Option<PathBuf>,
    pub(super) client_secret_expires: Option<String>,
    pub(super) certificate_file: Option<PathBuf>,
    pub(super) private_key_file: Option<PathBuf>,
    pub(super) federated_token_file: Option<PathBuf>,
    pub(super) managed_identity: Option<String>,
    pub(super) declare_cp1: Option<CapabilityChoice>,
    pub(super) issuer_tenant: Option<String>,
    pub(super) tenant_issuer: Option<String>,
}

/// For all tenants or none, or for those that are listed.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum CapabilityChoice {
    ForAll(bool),
    For(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Calls {
    pub(super) deadline_s: Option<u64>,
    pub(super) concurrent: Option<usize>,
    pub(super) body_limit_bytes: Option<usize>,
    pub(super) max_lease_s: Option<u64>,
    pub(super) exchanges_per_second: Option<u32>,
    pub(super) graph_limit_percent: Option<u16>,
    pub(super) session_idle_s: Option<u64>,
    pub(super) cursor_lifetime_s: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Audit {
    /// A path, or `stdout`.
    pub(super) target: Option<String>,
    pub(super) queue: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TelemetryTable {
    pub(super) log: Option<String>,
    pub(super) otlp_endpoint: Option<String>,
    pub(super) otlp_protocol: Option<String>,
    pub(super) metrics_interval_s: Option<u64>,
    pub(super) sample_ratio: Option<f64>,
    pub(super) trusted_trace_parents: Vec<String>,
    pub(super) cpu_profiles: bool,
}
