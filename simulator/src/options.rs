//! What a simulator is started with.

mod preset;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::Timestamp;
use url::Url;

use crate::directory::{Directory, TenantGroup};
use crate::throttling;
pub(crate) use preset::PolicyTenants;
pub use preset::{ScenarioApplication, ScenarioFault, ScenarioPolicy, ScenarioUser};

/// Settings of one simulator. The default takes a free loopback port and seed 1.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Decides everything generated: directory, mail, token lifetimes. The same seed gives the same world.
    pub seed: u64,
    /// How many people a further tenant holds, for measurements; 0 leaves it out.
    pub crowd: usize,
    /// Further tenants, whose people are generated when they are asked for.
    pub tenants: Vec<TenantGroup>,
    /// How many users of further tenants are in memory at once, about (one takes 640 bytes). Tenants that were not asked
    /// for lately are forgotten, and are the same when they are generated again.
    pub kept_users: usize,
    /// The published limits, in force from the start. Without, nothing is throttled until somebody switches it on.
    pub throttling: Option<throttling::Settings>,
    /// Where to listen. Port 0 takes a free one; [`Simulator::address`](crate::Simulator::address) tells it.
    pub address: SocketAddr,
    /// Where files are fetched: the host that Graph redirects downloads to. Port 0 takes a free one.
    pub download_address: SocketAddr,
    /// Seconds for which the address of a file is good. With 0 every address has expired when it is given out.
    pub download_lifetime: i64,
    /// The time before which everything was written; without, the time of the start.
    pub newest: Option<Timestamp>,
    /// What tenants demand and allow from the start; of several for the same tenant the last one counts.
    pub policies: Vec<ScenarioPolicy>,
    /// What is changed about people from the start.
    pub users: Vec<ScenarioUser>,
    /// Applications that are registered from the start, beside the directory's clients.
    pub applications: Vec<ScenarioApplication>,
    /// Faults in force from the start.
    pub faults: Vec<ScenarioFault>,
    /// Serves HTTPS beside HTTP.
    pub tls: Option<TlsOptions>,
    /// Application ID URIs of the connector's registration: the full MCP URLs, character for character.
    /// More can be added while it runs.
    pub connector_app_id_uris: Vec<String>,
    /// Worker threads that answer requests; at least 1.
    pub workers: usize,
    /// How many requests the request log keeps before it forgets the oldest; at least 1.
    pub record_capacity: usize,
    /// Whether the request log starts switched on.
    pub recording: bool,
}

/// Whether that could be an App ID URI of the connector: an address that ends in no slash.
pub fn is_app_id_uri(text: &str) -> bool {
    !text.ends_with('/') && Url::parse(text).is_ok_and(|url| url.has_host())
}

impl SimulatorOptions {
    /// Everybody who exists in a simulator of these options.
    pub fn directory(&self) -> Directory {
        Directory::generate(self.seed).with_crowd(self.seed, self.crowd).with_further(
            self.seed,
            &self.tenants,
            self.kept_users,
        )
    }
}

impl Default for SimulatorOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            crowd: 0,
            tenants: Vec::new(),
            kept_users: 40_000,
            throttling: None,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            download_address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            download_lifetime: 300,
            newest: None,
            policies: Vec::new(),
            users: Vec::new(),
            applications: Vec::new(),
            faults: Vec::new(),
            tls: None,
            connector_app_id_uris: Vec::new(),
            workers: 2,
            record_capacity: 10_000,
            recording: true,
        }
    }
}

/// Where HTTPS is served, with a certificate for `localhost`, `127.0.0.1` and `::1` by a CA made at the start. The
/// default takes free loopback ports.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    pub address: SocketAddr,
    /// Where files are fetched. Their host name is another one than Graph was asked by.
    pub download_address: SocketAddr,
    /// Where the CA's certificate is written to, as PEM.
    pub ca_file: Option<PathBuf>,
}

impl Default for TlsOptions {
    fn default() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { address, download_address: address, ca_file: None }
    }
}
