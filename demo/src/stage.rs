//! Starts the two together, each knowing the other's address.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use connector_actors::RandomJitter;
use connector_actors::TenantSize;
use connector_actors::identity::{ClientId, TenantId};
use connector_actors::ports::TenantLimits;
use connector_observability::TelemetryHandle;
use jiff::Timestamp;
use m365_connector::{
    AccessRules, Application, AuditSettings, AuditTarget, CallQuota, CallSettings, Catalogue,
    ClaimsCapability, ClientCredential, Cloud, ContentPolicy, EntraSettings, GuestRule, HttpSettings,
    Listeners, Profile, PublicUrl, Settings, StartError, StateLocation, TelemetryChoice, TenantIssuer,
    TenantPolicy, TenantRestriction, TenantSource,
};
use m365_simulator::directory::Directory;
use m365_simulator::{FILE_DOMAIN, Simulator, SimulatorOptions};
use thiserror::Error;
use url::Url;

/// Why the two did not start.
#[derive(Debug, Error)]
pub enum StageError {
    #[error("simulator: {0}")]
    Simulator(io::Error),
    #[error("connector: {0}")]
    Connector(#[from] StartError),
    #[error("connector: {0}")]
    Settings(String),
}

/// Ports of the listeners; 0 takes a free one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StageOptions {
    pub connector_port: u16,
    /// Where the connector's operators look.
    pub operations_port: u16,
    pub simulator_port: u16,
    /// The time before which everything was written; without, the time of the start.
    pub newest: Option<Timestamp>,
}

/// A connector and the Microsoft 365 that it reads from.
#[derive(Debug)]
pub struct Stage {
    pub simulator: Simulator,
    pub connector: Application,
    connector_url: String,
}

impl Stage {
    /// Starts both on loopback. Must run inside an actix `System`. `adjust` may change the connector's settings
    /// before it starts.
    pub async fn start(
        options: StageOptions,
        telemetry: TelemetryHandle,
        adjust: impl FnOnce(&mut Settings),
    ) -> Result<Self, StageError> {
        Self::start_offering(Catalogue::MICROSOFT_365, options, telemetry, adjust).await
    }

    /// The same with a connector that offers `catalogue`.
    pub async fn start_offering(
        catalogue: Catalogue,
        options: StageOptions,
        telemetry: TelemetryHandle,
        adjust: impl FnOnce(&mut Settings),
    ) -> Result<Self, StageError> {
        let listeners = Listeners::bind(loopback(options.connector_port), loopback(options.operations_port))?;
        let address = listeners.public_address().map_err(StartError::from)?;
        let connector_url = endpoint(address)?;
        let simulator = Simulator::start(SimulatorOptions {
            address: loopback(options.simulator_port),
            connector_app_id_uris: vec![connector_url.clone()],
            newest: options.newest,
            ..SimulatorOptions::default()
        })
        .await
        .map_err(StageError::Simulator)?;
        let mut settings = settings(&connector_url, address, simulator.base_url(), simulator.directory())?;
        adjust(&mut settings);
        let connector = Application::start(catalogue, &settings, listeners, telemetry)?;
        Ok(Self { simulator, connector, connector_url })
    }

    /// The address of the MCP endpoint.
    pub fn connector_url(&self) -> &str {
        &self.connector_url
    }

    /// The address below which the connector's operators find probes, metrics and the log filter.
    pub fn operations_url(&self) -> String {
        format!("http://{}", self.connector.operations_address())
    }

    pub fn simulator_url(&self) -> &str {
        self.simulator.base_url()
    }

    pub async fn stop(self) {
        self.connector.stop().await;
        self.simulator.stop().await;
    }
}

/// The address of the MCP endpoint as clients write it: without the port where that is 80.
fn endpoint(address: SocketAddr) -> Result<String, StageError> {
    Url::parse(&format!("http://{address}/mcp"))
        .map(String::from)
        .map_err(|error| StageError::Settings(error.to_string()))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The settings of a connector at `connector_url` that reads from the simulator at `simulator_url`, whose
/// directory is `directory`: every simulated tenant is served, with its guests, and every registered client
/// allowed.
pub fn settings(
    connector_url: &str,
    address: SocketAddr,
    simulator_url: &str,
    directory: &Directory,
) -> Result<Settings, StageError> {
    let invalid = |error: &dyn std::fmt::Display| StageError::Settings(error.to_string());
    let public_url: PublicUrl = connector_url.parse().map_err(|error| invalid(&error))?;
    Ok(Settings {
        http: HttpSettings {
            public_url,
            public_address: address,
            operations_address: loopback(0),
            allowed_hosts: vec![format!("localhost:{}", address.port())],
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            tenant_restriction: TenantRestriction::default(),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(10),
        },
        cloud: Cloud::custom(
            simulator_url,
            &format!("{simulator_url}/v1.0"),
            Some("https://graph.microsoft.com"),
        )
        .and_then(|cloud| {
            let simulator = cloud.download_host_suffixes.clone();
            cloud.downloading_from(simulator.into_iter().chain([FILE_DOMAIN.to_owned()]).collect())
        })
        .map_err(|error| invalid(&error))?,
        entra: EntraSettings {
            client_id: directory.connector.client_id.to_string().parse().map_err(|error| invalid(&error))?,
            scope: directory.connector.scope.to_owned(),
            credential: ClientCredential::Secret(directory.connector.client_secret.as_str().into()).into(),
            capability: ClaimsCapability::default(),
            issuer_tenant: None,
            tenant_issuer: TenantIssuer::Facade,
        },
        calls: CallSettings {
            deadline: Duration::from_secs(30),
            concurrent: 4096,
            body_limit: 4 * 1024 * 1024,
            max_lease: Duration::from_secs(15 * 60),
            exchanges_per_second: NonZeroU32::MIN.saturating_add(499),
            graph_limit_percent: 90,
            session_idle: Duration::from_secs(15 * 60),
            cursor_lifetime: Duration::from_secs(60 * 60),
        },
        audit: AuditSettings { target: AuditTarget::Discard, queue: 16 * 1024 },
        telemetry: TelemetryChoice {
            log_filter: "warn".to_owned(),
            sample_ratio: 0.0,
            ..TelemetryChoice::default()
        },
        tenants: TenantSource::Fixed(policies(directory)),
        state: StateLocation::Nowhere,
        profile: Profile::default(),
        jitter: Arc::new(RandomJitter),
    })
}

fn policies(directory: &Directory) -> Vec<TenantPolicy> {
    directory
        .tenants
        .iter()
        .map(|tenant| TenantPolicy {
            id: TenantId::from_uuid(tenant.id),
            name: tenant.name.clone(),
            alias: None,
            domains: vec![tenant.domain.clone()],
            clients: directory.clients.iter().map(|client| ClientId::from_uuid(client.id)).collect(),
            guests: GuestRule::Allow,
            denied_tools: BTreeSet::new(),
            content: ContentPolicy::default(),
            limits: TenantLimits {
                concurrent_calls: 2048,
                concurrent_calls_per_session: 8,
                size: TenantSize::UNKNOWN,
            },
            // Benchmarks, loads and tests make all of their calls for a few users.
            rules: AccessRules { calls_per_user_per_minute: CallQuota::Unlimited, ..AccessRules::default() },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the connector would refuse the address it was given, or clients and Entra would know it by
    /// two names.
    #[rstest]
    #[case(8080, "http://127.0.0.1:8080/mcp")]
    #[case(80, "http://127.0.0.1/mcp")]
    fn the_endpoint_is_a_public_url_in_its_normal_form(#[case] port: u16, #[case] expected: &str) {
        let endpoint = endpoint(loopback(port)).unwrap();
        assert_eq!(endpoint, expected);
        assert!(endpoint.parse::<PublicUrl>().is_ok());
    }
}
