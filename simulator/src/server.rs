//! Starting and stopping: the listener, the workers, and the handle that the host process keeps.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use jiff::Timestamp;
use socket2::SockRef;
use url::Url;
use uuid::Uuid;

use crate::directory::Directory;
use crate::download;
use crate::entra::{CONNECTOR_KEY_AND_CERTIFICATE, Entra};
use crate::faults::Faults;
use crate::graph::{DownloadDoor, Graph, TenantPolicy};
use crate::graph_front::GraphFront;
use crate::options::SimulatorOptions;
use crate::record::RequestRing;
use crate::scenario::ScenarioFault;
use crate::throttle_door::ThrottleDoor;
use crate::world::World;
use crate::{control, front, page};

/// Connections that may wait to be accepted: the standard library's 128 loses some of a load test's burst.
const BACKLOG: i32 = 4_096;

/// A running simulator. It runs until [`stop`](Self::stop), or until the actix system of its thread ends.
pub struct Simulator {
    address: SocketAddr,
    world: Data<World>,
    handle: ServerHandle,
    downloads: ServerHandle,
    download_base_url: String,
}

/// What the connector under test needs to authenticate as its registration. All of it is for tests alone.
#[derive(Clone)]
pub struct ConnectorCredentials {
    pub client_id: Uuid,
    pub client_secret: String,
    /// The registered certificate, PEM.
    pub certificate_pem: &'static str,
    /// Its private key, PKCS #8 PEM.
    pub private_key_pem: &'static str,
}

impl fmt::Debug for ConnectorCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ConnectorCredentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Binds and serves. Must be called inside an actix system, which the workers belong to.
    ///
    /// # Errors
    /// When the address cannot be bound: the error names the address, and that the port is taken if it is.
    #[expect(clippy::unused_async, reason = "it spawns, which only works inside a running actix system")]
    pub async fn start(options: SimulatorOptions) -> io::Result<Self> {
        let listener = listen(options.address)?;
        let address = listener.local_addr()?;
        let workers = options.workers.max(1);
        let files = listen(options.download_address)?;
        let download_base_url = origin(files.local_addr()?)?;
        let door = download::door(download_base_url.clone(), options.download_lifetime);
        let world = Data::new(build_world(options, origin(address)?, door)?);
        let shared = world.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .service(web::scope("/_sim").configure(control::routes))
                .service(page::resource())
                .default_service(web::to(front::answer))
        })
        .workers(workers)
        // A client that goes away gives its place among a mailbox's requests back.
        .h1_allow_half_closed(false)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let downloads = download::serve(files, world.clone())?;
        Ok(Self { address, world, handle, downloads, download_base_url })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin of everything: Entra's authority, Graph's base without its version. No slash at the end.
    pub fn base_url(&self) -> &str {
        &self.world.base_url
    }

    /// The origin at which files are fetched: what the redirects of `…/content` begin with. No slash at the end.
    pub fn download_base_url(&self) -> &str {
        &self.download_base_url
    }

    pub fn directory(&self) -> &Directory {
        &self.world.directory
    }

    /// Registers one more App ID URI for the connector: the full URL of its MCP endpoint. For a host that
    /// learns the connector's port only after the simulator has started.
    pub fn add_app_id_uri(&self, uri: impl Into<String>) {
        self.world.entra.add_app_id_uri(uri.into());
    }

    /// What the administrator of a tenant allows.
    pub fn policy(&self, tenant: Uuid) -> TenantPolicy {
        self.world.graph.policy(tenant)
    }

    /// Switches what the administrator of a tenant allows. The next request meets it.
    pub fn set_policy(&self, tenant: Uuid, policy: TenantPolicy) {
        self.world.graph.set_policy(tenant, policy);
    }

    pub fn connector_credentials(&self) -> ConnectorCredentials {
        let connector = &self.world.directory.connector;
        let (private_key_pem, certificate_pem) = CONNECTOR_KEY_AND_CERTIFICATE;
        ConnectorCredentials {
            client_id: connector.client_id,
            client_secret: connector.client_secret.clone(),
            certificate_pem,
            private_key_pem,
        }
    }

    /// Stops listening, lets the requests in flight end (for at most a second) and waits for that.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.downloads.stop(true).await;
    }
}

/// The origin as clients write it: without the port where that is 80. Issuers and links are compared as text.
fn origin(address: SocketAddr) -> io::Result<String> {
    let url = Url::parse(&format!("http://{address}")).map_err(io::Error::other)?;
    Ok(url.origin().ascii_serialization())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => format!("port {} is already in use", address.port()),
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), format!("the simulator cannot listen on {address}: {reason}"))
    })?;
    SockRef::from(&listener).listen(BACKLOG)?;
    Ok(listener)
}

fn build_world(options: SimulatorOptions, base_url: String, door: DownloadDoor) -> io::Result<World> {
    let directory = Arc::new(options.directory());
    let SimulatorOptions { seed, connector_app_id_uris, record_capacity, recording, .. } = options;
    let faults = Faults::default();
    for ScenarioFault(fields) in options.faults {
        faults.add(control::fault_of(&directory, fields).map_err(io::Error::other)?);
    }
    let throttle = Arc::new(ThrottleDoor::new(options.throttling));
    let entra = Arc::new(Entra::new(Arc::clone(&directory), base_url.clone(), connector_app_id_uris, seed)?);
    let newest = options.newest.unwrap_or_else(Timestamp::now);
    let graph = Graph::new(Arc::clone(&directory), seed, newest).with_downloads(door);
    Ok(World {
        graph: GraphFront::new(Arc::clone(&entra), graph, &base_url, Arc::clone(&throttle)),
        directory,
        entra,
        record: RequestRing::new(record_capacity, recording),
        faults,
        throttle,
        base_url,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A client that drops the port 80 would find issuers and links of another origin than it asked.
    #[rstest]
    #[case("127.0.0.1:8081", "http://127.0.0.1:8081")]
    #[case("127.0.0.1:80", "http://127.0.0.1")]
    #[case("[::1]:443", "http://[::1]:443")]
    fn the_origin_is_in_its_normal_form(#[case] address: SocketAddr, #[case] expected: &str) {
        assert_eq!(origin(address).unwrap(), expected);
    }
}
