//! Starting and stopping: the listener, the workers, and the handle that the host process keeps.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use jiff::Timestamp;
use rustls::ServerConfig;
use socket2::SockRef;
use url::Url;
use uuid::Uuid;

use crate::directory::Directory;
use crate::download;
use crate::entra::{CONNECTOR_KEY_AND_CERTIFICATE, Entra};
use crate::faults::Faults;
use crate::graph::{DownloadDoor, Graph, TenantPolicy};
use crate::graph_front::GraphFront;
use crate::options::{
    ScenarioApplication, ScenarioFault, ScenarioPolicy, ScenarioUser, SimulatorOptions, TlsOptions,
};
use crate::origins::Origins;
use crate::record::RequestRing;
use crate::refused_writes::RefusedWrites;
use crate::throttle_door::ThrottleDoor;
use crate::tls::{self, Tls};
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
    ca_certificate_pem: Option<String>,
}

/// What the connector under test needs to authenticate as its registration. All of it is for tests alone.
#[derive(Clone)]
pub struct ConnectorCredentials {
    pub client_id: Uuid,
    pub client_secret: String,
    /// The registered certificate, PEM.
    pub certificate_pem: &'static str,
    /// SHA-256 of its DER, in lower-case hexadecimal.
    pub certificate_thumbprint_sha256: String,
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
        let secure = options.tls.as_ref().map(SecureListeners::open).transpose()?;
        let secure_port = secure.as_ref().map(|secure| secure.download_address.port());
        let door = download::door(download_base_url.clone(), secure_port, options.download_lifetime);
        let names = secure.as_ref().map(SecureListeners::origins).unwrap_or_default();
        let world = Data::new(build_world(options, Origins::new(origin(address)?, names), door)?);
        let (secure_main, secure_files, ca_certificate_pem) =
            secure.map_or((None, None, None), SecureListeners::into_parts);
        let shared = world.clone();
        let mut server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .service(control::scope())
                .service(page::resource())
                .default_service(web::to(front::answer))
        })
        .workers(workers)
        // A client that goes away gives its place among a mailbox's requests back.
        .h1_allow_half_closed(false)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?;
        if let Some((listener, config)) = secure_main {
            server = server.listen_rustls_0_23(listener, config)?;
        }
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let downloads = download::serve(files, secure_files, world.clone())?;
        Ok(Self { address, world, handle, downloads, download_base_url, ca_certificate_pem })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin of everything: Entra's authority, Graph's base without its version. No slash at the end.
    pub fn base_url(&self) -> &str {
        &self.world.origins.plain().base
    }

    /// The same over HTTPS, by the name `localhost`; `127.0.0.1` does too. None without `SimulatorOptions::tls`.
    pub fn secure_base_url(&self) -> Option<&str> {
        self.world.origins.secure().map(|origin| origin.base.as_str())
    }

    /// The certificate, PEM, of the CA that clients of the HTTPS listeners must trust.
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.ca_certificate_pem.as_deref()
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
            certificate_thumbprint_sha256: self.world.entra.connector_thumbprint(),
            private_key_pem,
        }
    }

    /// Stops listening, lets the requests in flight end (for at most a second) and waits for that.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.downloads.stop(true).await;
    }
}

/// The HTTPS side of both listeners.
struct SecureListeners {
    tls: Tls,
    main: TcpListener,
    files: TcpListener,
    address: SocketAddr,
    download_address: SocketAddr,
}

impl SecureListeners {
    fn open(options: &TlsOptions) -> io::Result<Self> {
        let tls = Tls::generate()?;
        if let Some(file) = &options.ca_file {
            std::fs::write(file, &tls.ca_pem).map_err(|error| {
                let name = file.display();
                io::Error::new(
                    error.kind(),
                    format!("the CA certificate cannot be written to {name}: {error}"),
                )
            })?;
        }
        let (main, files) = (listen(options.address)?, listen(options.download_address)?);
        let (address, download_address) = (main.local_addr()?, files.local_addr()?);
        Ok(Self { tls, main, files, address, download_address })
    }

    fn origins(&self) -> Vec<String> {
        let port = self.address.port();
        // As clients write it: the port of HTTPS itself is left out.
        let port = if port == 443 { String::new() } else { format!(":{port}") };
        tls::NAMES.iter().map(|name| format!("https://{name}{port}")).collect()
    }

    fn into_parts(self) -> (Option<SecureListener>, Option<SecureListener>, Option<String>) {
        let Tls { server, ca_pem } = self.tls;
        (Some((self.main, server.clone())), Some((self.files, server)), Some(ca_pem))
    }
}

type SecureListener = (TcpListener, ServerConfig);

/// The origin as clients write it: without the port where that is 80, and by the loopback address where it listens on every
/// one. Issuers and links are compared as text.
fn origin(mut address: SocketAddr) -> io::Result<String> {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
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

fn build_world(options: SimulatorOptions, origins: Origins, door: DownloadDoor) -> io::Result<World> {
    let directory = Arc::new(options.directory());
    let SimulatorOptions { seed, connector_app_id_uris, record_capacity, recording, .. } = options;
    let faults = Faults::default();
    for ScenarioFault(fields) in options.faults {
        faults.add(control::fault_of(&directory, fields).map_err(io::Error::other)?);
    }
    let throttle = Arc::new(ThrottleDoor::new(options.throttling));
    let origins = Arc::new(origins);
    let entra =
        Arc::new(Entra::new(Arc::clone(&directory), Arc::clone(&origins), connector_app_id_uris, seed)?);
    for ScenarioApplication(fields) in options.applications {
        let order = control::application_of(&directory, fields).map_err(io::Error::other)?;
        order.register(&entra).map_err(io::Error::other)?;
    }
    let newest = options.newest.unwrap_or_else(Timestamp::now);
    let graph = Graph::new(Arc::clone(&directory), seed, newest).with_downloads(door);
    for ScenarioPolicy { tenants, fields } in options.policies {
        let (access, tenant) = control::demands_of(fields).map_err(io::Error::other)?;
        let known = tenants.ids(&directory, &options.tenants);
        for id in known.ok_or_else(|| io::Error::other("a policy names no tenant of the directory"))? {
            entra.set_policy(id, access.clone());
            graph.set_policy(id, tenant);
        }
    }
    let world = World {
        graph: GraphFront::new(Arc::clone(&entra), graph, Arc::clone(&throttle)),
        directory,
        entra,
        record: RequestRing::new(record_capacity, recording),
        refused_writes: RefusedWrites::default(),
        faults,
        throttle,
        origins,
    };
    for ScenarioUser(fields) in options.users {
        let (principal, change) = control::account_of(&world.directory, fields).map_err(io::Error::other)?;
        change.apply(&world, &principal);
    }
    Ok(world)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A client that drops the port 80 would find issuers and links of another origin than it asked, and nobody can go to an
    /// address that stands for all of them.
    #[rstest]
    #[case("127.0.0.1:8081", "http://127.0.0.1:8081")]
    #[case("127.0.0.1:80", "http://127.0.0.1")]
    #[case("[::1]:443", "http://[::1]:443")]
    #[case("0.0.0.0:8081", "http://127.0.0.1:8081")]
    #[case("[::]:8081", "http://[::1]:8081")]
    fn the_origin_is_in_its_normal_form(#[case] address: SocketAddr, #[case] expected: &str) {
        assert_eq!(origin(address).unwrap(), expected);
    }
}
