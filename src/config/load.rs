//! From a file and the environment to [`Settings`], or to an error that names what is wrong and where.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use connector_actors::RandomJitter;
use connector_actors::identity::ClientId;
use connector_observability::OtlpProtocol;
use toml::{Table, Value};

use super::credential;
use super::error::{ConfigError, ENVIRONMENT_PREFIX, TELEMETRY_PREFIX};
use super::file::{self, CapabilityChoice, CloudChoice, ConfigFile};
use super::settings::{
    AuditSettings, CallSettings, EntraSettings, HttpSettings, Profile, Settings, TelemetryChoice,
};
use super::value::{count, invalid, parse, parse_each, percent, positive_seconds, required, seconds_up_to};
use crate::audit::AuditTarget;
use crate::entra::{ClaimsCapability, Cloud};
use crate::http::{CpuProfiles, PublicUrl, TenantIssuer, TenantRestriction, TrustedCaller};
use crate::state::{StateLocation, TenantSource};

/// Far above what one process can do, and far below what a counter overflows at.
const MOST_AT_ONCE: usize = 1_000_000;

/// A load balancer that takes longer to look does not look.
const LONGEST_DRAIN_DELAY_S: u64 = 300;

/// Threads that serve calls.
const MOST_WORKERS: usize = 1_024;

/// A body is held in memory whole.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// What Entra is asked for at most, as far as anybody would set it.
const MOST_EXCHANGES: u32 = 100_000;

/// Reads `path` and lays `environment` over it; pairs that do not begin with `CONNECTOR__` are passed over.
/// Relative paths in the file are taken from the file's own directory.
pub fn load(
    path: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Settings, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let malformed =
        |error: toml::de::Error| ConfigError::Malformed { path: path.to_owned(), message: error.to_string() };
    // Read as text first: only so does a mistake have a line and a column.
    let from_file: ConfigFile = toml::from_str(&text).map_err(malformed)?;
    let (overrides, others): (Vec<_>, Vec<_>) =
        environment.into_iter().partition(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX));
    let config = if overrides.is_empty() {
        from_file
    } else {
        overlaid(toml::from_str(&text).map_err(malformed)?, &overrides)?
    };
    settings(config, path.parent().unwrap_or(Path::new(".")), others)
}

/// What `environment` says of telemetry alone, for a process that has no configuration file; of two values for a key the
/// later one counts.
pub fn load_telemetry(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<TelemetryChoice, ConfigError> {
    let overrides: Vec<_> =
        environment.into_iter().filter(|(name, _)| name.starts_with(TELEMETRY_PREFIX)).collect();
    telemetry(overlaid(Table::new(), &overrides)?.telemetry)
}

/// The variables of this process that are text; no setting is anything else.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn overlaid(table: Table, overrides: &[(String, String)]) -> Result<ConfigFile, ConfigError> {
    overlay(table, overrides)?
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::Environment(error.to_string()))
}

fn overlay(mut table: Table, overrides: &[(String, String)]) -> Result<Table, ConfigError> {
    for (name, value) in overrides {
        let keys: Vec<String> =
            name[ENVIRONMENT_PREFIX.len()..].split("__").map(str::to_ascii_lowercase).collect();
        let Some((last, parents)) = keys.split_last() else { continue };
        let mut place = &mut table;
        for parent in parents {
            let entry = place.entry(parent.clone()).or_insert_with(|| Value::Table(Table::new()));
            place = entry
                .as_table_mut()
                .ok_or_else(|| ConfigError::Environment(format!("{name}: {parent} is not a table")))?;
        }
        place.insert(last.clone(), environment_value(value));
    }
    Ok(table)
}

/// Numbers, booleans and lists as TOML writes them; anything else is text.
fn environment_value(text: &str) -> Value {
    toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn settings(
    config: ConfigFile,
    base: &Path,
    environment: Vec<(String, String)>,
) -> Result<Settings, ConfigError> {
    let http = http(&config)?;
    let cloud = cloud(config.cloud)?;
    let tenants = config.tenants.ok_or(ConfigError::Missing("tenants"))?;
    Ok(Settings {
        http,
        calls: calls(&config.calls)?,
        audit: audit(&config.audit, base)?,
        telemetry: telemetry(config.telemetry)?,
        entra: entra(config.entra, &cloud, base, environment)?,
        cloud,
        tenants: TenantSource::Directory(base.join(tenants)),
        state: StateLocation::Directory(base.join(config.state.unwrap_or_else(|| "state".into()))),
        profile: config.profile.map_or(Ok(Profile::default()), |word| parse("profile", &word))?,
        jitter: Arc::new(RandomJitter),
    })
}

fn http(config: &ConfigFile) -> Result<HttpSettings, ConfigError> {
    let public_url: PublicUrl = required("public_url", config.public_url.clone())?;
    let listen = &config.listen;
    let tenant_restriction = match config.tenant_restriction_header.as_deref() {
        None => TenantRestriction::default(),
        Some(name) => parse("tenant_restriction_header", name)?,
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(HttpSettings {
        public_url,
        public_address: listen.public.unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080))),
        operations_address: listen.operations.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 9090))),
        allowed_hosts: config.allowed_hosts.clone(),
        allowed_origins: parse_each("allowed_origins", &config.allowed_origins)?,
        trusted_proxies: parse_each("trusted_proxies", &config.trusted_proxies)?,
        tenant_restriction,
        workers: count("listen.workers", listen.workers, processors, MOST_WORKERS)?,
        drain_delay: seconds_up_to("listen.drain_delay_s", listen.drain_delay_s, LONGEST_DRAIN_DELAY_S)?,
        drain_timeout: positive_seconds("listen.drain_timeout_s", listen.drain_timeout_s, 25)?,
    })
}

fn cloud(choice: Option<CloudChoice>) -> Result<Cloud, ConfigError> {
    match choice {
        None => parse("cloud", "global"),
        Some(CloudChoice::Named(name)) => parse("cloud", &name),
        Some(CloudChoice::Custom(custom)) => {
            Cloud::custom(&custom.authority, &custom.graph_base, custom.graph_resource.as_deref())
                .and_then(|cloud| match custom.download_host_suffixes {
                    Some(suffixes) => cloud.downloading_from(suffixes),
                    None => Ok(cloud),
                })
                .map_err(|error| invalid("cloud", error))
        }
    }
}

fn entra(
    mut table: file::Entra,
    cloud: &Cloud,
    base: &Path,
    environment: Vec<(String, String)>,
) -> Result<EntraSettings, ConfigError> {
    let issuer_tenant =
        table.issuer_tenant.as_deref().map(|tenant| parse("entra.issuer_tenant", tenant)).transpose()?;
    let tenant_issuer = match table.tenant_issuer.as_deref() {
        Some(kind) => parse("entra.tenant_issuer", kind)?,
        // One tenant's own issuer is wanted already: there is no façade then unless it is asked for.
        None if issuer_tenant.is_some() => TenantIssuer::Entra,
        None => TenantIssuer::Facade,
    };
    Ok(EntraSettings {
        client_id: client_id(table.client_id.take())?,
        scope: table.scope.take().unwrap_or_else(|| "access_as_user".to_owned()),
        capability: capability(table.declare_cp1.take())?,
        credential: credential::source(table, cloud, base, environment)?,
        issuer_tenant,
        tenant_issuer,
    })
}

/// No application has the ID of noughts that stands in the example.
fn client_id(value: Option<String>) -> Result<ClientId, ConfigError> {
    const KEY: &str = "entra.client_id";
    let id: ClientId = required(KEY, value)?;
    if id.as_uuid().is_nil() {
        return Err(invalid(KEY, "must be the Application (client) ID of the API's registration"));
    }
    Ok(id)
}

fn capability(choice: Option<CapabilityChoice>) -> Result<ClaimsCapability, ConfigError> {
    match choice {
        None | Some(CapabilityChoice::ForAll(false)) => Ok(ClaimsCapability::Undeclared),
        Some(CapabilityChoice::ForAll(true)) => Ok(ClaimsCapability::DeclaredForAll),
        Some(CapabilityChoice::For(tenants)) => {
            let tenants = parse_each("entra.declare_cp1", &tenants)?;
            Ok(ClaimsCapability::DeclaredFor(tenants.into_iter().collect()))
        }
    }
}

fn calls(table: &file::Calls) -> Result<CallSettings, ConfigError> {
    Ok(CallSettings {
        deadline: positive_seconds("calls.deadline_s", table.deadline_s, 30)?,
        concurrent: count("calls.concurrent", table.concurrent, 1024, MOST_AT_ONCE)?,
        body_limit: count("calls.body_limit_bytes", table.body_limit_bytes, 4 * 1024 * 1024, LARGEST_BODY)?,
        max_lease: positive_seconds("calls.max_lease_s", table.max_lease_s, 15 * 60)?,
        exchanges_per_second: exchanges_per_second(table.exchanges_per_second)?,
        graph_limit_percent: percent("calls.graph_limit_percent", table.graph_limit_percent, 90)?,
        session_idle: positive_seconds("calls.session_idle_s", table.session_idle_s, 15 * 60)?,
        cursor_lifetime: positive_seconds("calls.cursor_lifetime_s", table.cursor_lifetime_s, 60 * 60)?,
    })
}

fn audit(table: &file::Audit, base: &Path) -> Result<AuditSettings, ConfigError> {
    let target = match table.target.as_deref() {
        None | Some("stdout") => AuditTarget::StandardOutput,
        Some(path) => AuditTarget::File(base.join(path)),
    };
    Ok(AuditSettings { target, queue: count("audit.queue", table.queue, 16 * 1024, MOST_AT_ONCE)? })
}

fn telemetry(table: file::TelemetryTable) -> Result<TelemetryChoice, ConfigError> {
    let usual = TelemetryChoice::default();
    let sample_ratio = table.sample_ratio.unwrap_or(usual.sample_ratio);
    if !(0.0..=1.0).contains(&sample_ratio) {
        return Err(invalid("telemetry.sample_ratio", "must lie between 0 and 1"));
    }
    let otlp_protocol = match table.otlp_protocol.as_deref() {
        None => usual.otlp_protocol,
        Some("http/protobuf") => OtlpProtocol::HttpProtobuf,
        Some("grpc") => OtlpProtocol::Grpc,
        Some(_) => {
            return Err(invalid("telemetry.otlp_protocol", "must be \"http/protobuf\" or \"grpc\""));
        }
    };
    Ok(TelemetryChoice {
        log_filter: table.log.unwrap_or(usual.log_filter),
        otlp_endpoint: table.otlp_endpoint,
        otlp_protocol,
        metrics_interval: positive_seconds(
            "telemetry.metrics_interval_s",
            table.metrics_interval_s,
            usual.metrics_interval.as_secs(),
        )?,
        sample_ratio,
        trusted_trace_parents: parse_each::<TrustedCaller>(
            "telemetry.trusted_trace_parents",
            &table.trusted_trace_parents,
        )?
        .into_iter()
        .collect(),
        cpu_profiles: if table.cpu_profiles { CpuProfiles::OnRequest } else { CpuProfiles::Off },
    })
}

fn exchanges_per_second(value: Option<u32>) -> Result<NonZeroU32, ConfigError> {
    NonZeroU32::new(value.unwrap_or(500)).filter(|rate| rate.get() <= MOST_EXCHANGES).ok_or_else(|| {
        invalid("calls.exchanges_per_second", format_args!("must lie between 1 and {MOST_EXCHANGES}"))
    })
}
