//! The processes that are measured, each a role of this program: it says `ready <address>` and serves until its
//! input ends.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use connector_observability::{Telemetry, TelemetrySettings};
use m365_connector::{Application, Catalogue, Listeners};
use m365_demo::settings;
use m365_simulator::directory::Directory;
use m365_simulator::{Simulator, SimulatorOptions};

use crate::scenario::{CROWD, SEED};

type Failure = Box<dyn std::error::Error>;

/// The simulated Microsoft 365, its request log off.
pub(crate) async fn upstream() -> Result<(), Failure> {
    let simulator = Simulator::start(SimulatorOptions {
        seed: SEED,
        crowd: CROWD,
        recording: false,
        ..SimulatorOptions::default()
    })
    .await?;
    ready(simulator.address())?;
    input_ends().await?;
    simulator.stop().await;
    Ok(())
}

/// The connector as an operator would run it, with audit records and log lines made and thrown away.
pub(crate) async fn connector(simulator_url: &str, workers: usize) -> Result<(), Failure> {
    let telemetry = Telemetry::install_to(TelemetrySettings::default(), io::sink())?;
    let listeners = Listeners::bind(loopback(), loopback())?;
    let address = listeners.public_address()?;
    let directory = Directory::generate(SEED).with_crowd(SEED, CROWD);
    let mut settings = settings(&format!("http://{address}/mcp"), address, simulator_url, &directory)?;
    settings.http.workers = workers;
    drop(directory);
    let application = Application::start(Catalogue::MICROSOFT_365, &settings, listeners, telemetry.handle())?;
    ready(address)?;
    input_ends().await?;
    application.stop().await;
    telemetry.shutdown();
    Ok(())
}

/// The bare pass-through: one request in, one request to Graph, its bytes out. Nothing else.
pub(crate) async fn passthrough(
    graph_url: String,
    graph_token: String,
    workers: usize,
) -> Result<(), Failure> {
    let listener = TcpListener::bind(loopback())?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        let client = reqwest::Client::builder().tcp_nodelay(true).build().ok();
        App::new()
            .app_data(Data::new(Upstream { client, url: graph_url.clone(), token: graph_token.clone() }))
            .route("/mcp", web::post().to(pass))
    })
    .workers(workers)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    ready(address)?;
    input_ends().await?;
    handle.stop(true).await;
    Ok(())
}

struct Upstream {
    client: Option<reqwest::Client>,
    url: String,
    token: String,
}

async fn pass(_body: Bytes, upstream: Data<Upstream>) -> HttpResponse {
    let Some(client) = &upstream.client else { return HttpResponse::InternalServerError().finish() };
    let answer = client.get(&upstream.url).bearer_auth(&upstream.token).send().await;
    let Ok(answer) = answer else { return HttpResponse::BadGateway().finish() };
    match (answer.status().as_u16(), answer.bytes().await) {
        (200, Ok(body)) => HttpResponse::Ok().content_type("application/json").body(body),
        _ => HttpResponse::BadGateway().finish(),
    }
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn ready(address: SocketAddr) -> io::Result<()> {
    use io::Write;
    let mut out = io::stdout().lock();
    writeln!(out, "ready {address}")?;
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
