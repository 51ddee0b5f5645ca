//! The processes that are measured, each a role of this program: it says `ready <address>` and serves until its
//! input ends.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use connector_actors::identity::TenantId;
use connector_observability::{Telemetry, TelemetryHandle, TelemetrySettings};
use m365_connector::app::observe_allocator;
use m365_connector::{
    Application, AuditSettings, AuditTarget, Catalogue, ClientCredential, CredentialSource, Listeners,
    Settings, StateLocation, TenantPolicy, TenantSource,
};
use m365_demo::settings;
use m365_simulator::directory::Directory;
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::header::HeaderMap;

use crate::mixed::premises::{AUDIT_PIPE, CERTIFICATE_FILE, KEY_FILE, STATE, TENANTS};
use crate::scenario::{GraphRequest, LOGGED, SEED, WARM_USERS, World};
use crate::sessions;

type Failure = Box<dyn std::error::Error>;

/// The simulated Microsoft 365 with `crowd` more users, its request log off.
pub(crate) async fn upstream(crowd: usize) -> Result<(), Failure> {
    let simulator = Simulator::start(SimulatorOptions {
        seed: SEED,
        crowd,
        recording: false,
        record_capacity: LOGGED,
        ..SimulatorOptions::default()
    })
    .await?;
    ready(&[simulator.address()])?;
    input_ends().await?;
    simulator.stop().await;
    Ok(())
}

/// What the measured connector tells of itself.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Nothing,
    /// Metrics for whoever asks, and JSON lines that are written to where nothing is kept.
    Locally,
    /// The same, and a tenth of the traces, metrics and log lines pushed to the collector at this address.
    To(String),
}

impl Told {
    /// Reads `nothing`, `locally`, or the address of a collector.
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "nothing" => Self::Nothing,
            "locally" => Self::Locally,
            endpoint => Self::To(endpoint.to_owned()),
        }
    }

    fn install(self) -> Result<Option<Telemetry>, Failure> {
        let otlp_endpoint = match self {
            Self::Nothing => return Ok(None),
            Self::Locally => None,
            Self::To(endpoint) => Some(endpoint),
        };
        let settings = TelemetrySettings { otlp_endpoint, ..TelemetrySettings::default() };
        // As far as the system's own call, which takes the line and has nothing more to do.
        let lines = OpenOptions::new().write(true).open("/dev/null")?;
        Ok(Some(Telemetry::install_to(settings, lines)?))
    }
}

/// How the measured connector is run.
#[derive(Debug, Clone)]
pub(crate) struct ConnectorRole {
    pub(crate) simulator_url: String,
    pub(crate) workers: usize,
    /// Users of the simulator beyond its own.
    pub(crate) crowd: usize,
    pub(crate) told: Told,
    pub(crate) session_idle: Duration,
}

/// The upstream has no limits, and is asked for more than Microsoft lets one application have in all: 13,000 requests a
/// second. At the usual share the gate would be measured, and not the call.
const NO_LIMIT_PERCENT: u16 = 10_000;

/// Of the many: nobody's is renewed, and nobody is forgotten, while they are measured.
const MANY_LEASE: Duration = Duration::from_secs(60 * 60);

/// The connector as an operator would run it, its audit records made and thrown away.
pub(crate) async fn connector(role: ConnectorRole) -> Result<(), Failure> {
    let telemetry = role.told.install()?;
    let listeners = Listeners::bind(loopback(), loopback())?;
    let directory = Directory::generate(SEED).with_crowd(SEED, role.crowd);
    let mut settings = measured_settings(&listeners, &role.simulator_url, &directory)?;
    settings.http.workers = role.workers;
    settings.calls.session_idle = role.session_idle;
    settings.calls.graph_limit_percent = NO_LIMIT_PERCENT;
    settings.entra.credential = certificate()?.into();
    drop(directory);
    serve(&settings, listeners, telemetry).await
}

/// The one that the simulator's registration of the connector has. It is read from files that nobody else may read.
fn certificate() -> Result<ClientCredential, Failure> {
    let folder = std::env::temp_dir().join(format!("m365-loadtest-credential-{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&folder)?;
    let file = |name: &str, pem: &str| {
        let path = folder.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(pem.as_bytes()).map(|()| path)
    };
    let certificate = file("certificate.pem", include_str!("../../simulator/keys/connector.crt.pem"))?;
    let key = file("key.pem", include_str!("../../simulator/keys/connector.key.pem"))?;
    let credential = ClientCredential::from_certificate_files(&certificate, &key)?;
    fs::remove_dir_all(folder)?;
    Ok(credential)
}

/// The connector of the mixed load, from what stands in `premises`: little room, so that it is used up, and sessions that
/// end soon.
pub(crate) async fn connector_of_operator(
    simulator_url: &str,
    premises: &Path,
    collector: String,
) -> Result<(), Failure> {
    let telemetry = Told::To(collector).install()?;
    let listeners = Listeners::bind(loopback(), loopback())?;
    let mut settings = measured_settings(&listeners, simulator_url, &Directory::generate(SEED))?;
    settings.http.workers = 2;
    settings.calls.session_idle = Duration::from_secs(3);
    settings.calls.concurrent = 96;
    settings.calls.graph_limit_percent = NO_LIMIT_PERCENT;
    settings.audit = AuditSettings { target: AuditTarget::File(premises.join(AUDIT_PIPE)), queue: 96 };
    settings.tenants = TenantSource::Directory(premises.join(TENANTS));
    settings.state = StateLocation::Directory(premises.join(STATE));
    settings.entra.credential = CredentialSource::CertificateFiles {
        certificate: premises.join(CERTIFICATE_FILE),
        private_key: premises.join(KEY_FILE),
    };
    serve(&settings, listeners, telemetry).await
}

/// The same for `tenants` that no directory knows, where everybody may sign in at once.
pub(crate) async fn connector_for_many(
    cloud_url: &str,
    workers: usize,
    tenants: usize,
) -> Result<(), Failure> {
    let telemetry = Told::Locally.install()?;
    let listeners = Listeners::bind(loopback(), loopback())?;
    let mut settings = measured_settings(&listeners, cloud_url, &Directory::generate(SEED))?;
    settings.http.workers = workers;
    settings.calls.graph_limit_percent = u16::MAX;
    settings.calls.exchanges_per_second = NonZeroU32::MAX;
    settings.calls.max_lease = MANY_LEASE;
    settings.calls.session_idle = MANY_LEASE;
    let TenantSource::Fixed(known) = &settings.tenants else {
        return Err("the tenants are not fixed".into());
    };
    let model = known.first().ok_or("the directory has no tenant")?;
    let many =
        sessions::tenant_ids(tenants).map(|id| TenantPolicy { id: TenantId::from_uuid(id), ..model.clone() });
    settings.tenants = TenantSource::Fixed(many.collect());
    serve(&settings, listeners, telemetry).await
}

fn measured_settings(
    listeners: &Listeners,
    cloud_url: &str,
    directory: &Directory,
) -> Result<Settings, Failure> {
    let address = listeners.public_address()?;
    Ok(settings(&format!("http://{address}/mcp"), address, cloud_url, directory)?)
}

async fn serve(
    settings: &Settings,
    listeners: Listeners,
    telemetry: Option<Telemetry>,
) -> Result<(), Failure> {
    observe_allocator();
    let address = listeners.public_address()?;
    let handle = telemetry.as_ref().map_or_else(TelemetryHandle::disabled, Telemetry::handle);
    let application = Application::start(Catalogue::MICROSOFT_365, settings, listeners, handle)?;
    ready(&[address, application.operations_address()])?;
    input_ends().await?;
    application.stop().await;
    if let Some(telemetry) = telemetry {
        telemetry.shutdown();
    }
    Ok(())
}

/// A collector that takes everything and looks at nothing.
pub(crate) async fn collector() -> Result<(), Failure> {
    let listener = TcpListener::bind(loopback())?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(|| {
        App::new().default_service(web::to(async |_body: Bytes| HttpResponse::Ok().finish()))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    ready(&[address])?;
    input_ends().await?;
    handle.stop(false).await;
    Ok(())
}

/// The bare pass-through: one request in, the request that the connector makes to Graph out, its bytes back. Nothing
/// else. It asks as the same users as the connector in turn, so that the upstream has as much to look up for both.
pub(crate) async fn passthrough(
    upstream: SocketAddr,
    asked: &GraphRequest,
    workers: usize,
) -> Result<(), Failure> {
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build()?;
    let world = World::look(&http, upstream).await?;
    let mut tokens = Vec::with_capacity(WARM_USERS);
    for user in world.users.iter().take(WARM_USERS) {
        tokens.push(world.graph_token(user).await?);
    }
    let (tokens, url): (Arc<[String]>, _) = (tokens.into(), format!("http://{upstream}{}", asked.path));
    let headers = HeaderMap::try_from(&asked.headers.clone().into_iter().collect::<HashMap<_, _>>())?;
    let listener = TcpListener::bind(loopback())?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        let client =
            reqwest::Client::builder().default_headers(headers.clone()).tcp_nodelay(true).build().ok();
        let (url, tokens, turn) = (url.clone(), Arc::clone(&tokens), Cell::new(0));
        App::new()
            .app_data(Data::new(Upstream { client, url, tokens, turn }))
            .route("/mcp", web::post().to(pass))
    })
    .workers(workers)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    ready(&[address])?;
    input_ends().await?;
    handle.stop(true).await;
    Ok(())
}

/// One worker's.
struct Upstream {
    client: Option<reqwest::Client>,
    url: String,
    tokens: Arc<[String]>,
    turn: Cell<usize>,
}

impl Upstream {
    fn next_token(&self) -> &str {
        let turn = self.turn.replace(self.turn.get().wrapping_add(1));
        &self.tokens[turn % self.tokens.len()]
    }
}

async fn pass(_body: Bytes, upstream: Data<Upstream>) -> HttpResponse {
    let Some(client) = &upstream.client else { return HttpResponse::InternalServerError().finish() };
    let answer = client.get(&upstream.url).bearer_auth(upstream.next_token()).send().await;
    let Ok(answer) = answer else { return HttpResponse::BadGateway().finish() };
    match (answer.status().as_u16(), answer.bytes().await) {
        (200, Ok(body)) => HttpResponse::Ok().content_type("application/json").body(body),
        _ => HttpResponse::BadGateway().finish(),
    }
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn ready(addresses: &[SocketAddr]) -> io::Result<()> {
    use io::Write;
    let mut out = io::stdout().lock();
    write!(out, "ready")?;
    for address in addresses {
        write!(out, " {address}")?;
    }
    writeln!(out)?;
    out.flush()
}

/// Waits until the parent closes our input.
async fn input_ends() -> Result<(), Failure> {
    let ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink()));
    ended.await??;
    // Let the last answers leave before the listeners close.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}
