//! The download host: a listener of its own, where files are fetched by pre-authenticated addresses.
//!
//! It stands for the SharePoint hosts that Graph redirects to. Requests to it stand in the request log, and faults
//! reach it.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use bytes::Bytes;
use jiff::Timestamp;
use rustls::ServerConfig;

use crate::faults::{Strike, Subject};
use crate::front::broken;
use crate::graph::{DownloadDoor, DownloadRequest, Recipient};
use crate::message::{Answer, Carriage, Disturbance, Request};
use crate::record::Door;
use crate::world::World;

/// Files are fetched at `base_url` or, where Graph was asked over HTTPS, at that port, by real time.
pub(crate) fn door(base_url: String, secure_port: Option<u16>, lifetime: i64) -> DownloadDoor {
    DownloadDoor { base_url, secure_port, lifetime, clock: Arc::new(Timestamp::now) }
}

/// Serves on `listener`, and over TLS on `secure`, until the handle is told to stop.
pub(crate) fn serve(
    listener: TcpListener,
    secure: Option<(TcpListener, ServerConfig)>,
    world: Data<World>,
) -> io::Result<ServerHandle> {
    let mut server =
        HttpServer::new(move || App::new().app_data(world.clone()).default_service(web::to(answer)))
            .workers(1)
            .shutdown_timeout(1)
            .disable_signals()
            .listen(listener)?;
    if let Some((listener, config)) = secure {
        server = server.listen_rustls_0_23(listener, config)?;
    }
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

async fn answer(http: HttpRequest, world: Data<World>) -> HttpResponse {
    let request = Request {
        method: http.method(),
        path: http.uri().path(),
        query: http.query_string(),
        headers: http.headers(),
        body: &Bytes::new(),
        disturbance: Disturbance::NONE,
        origin: world.origins.of(&http),
        peer: http.peer_addr().map(|address| address.ip()),
        carriage: Carriage::Alone,
    };
    let ticket = world.record.arrived(Door::Files, &request);
    let subject = || subject(&world, &request);
    let Some(Strike { effect, delay }) =
        world.faults.strike(Door::Files, (request.method, request.path), subject)
    else {
        let answer = give_out(&world, &request);
        world.record.answered(ticket, answer.status);
        return answer.into_http();
    };
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    if effect.is_silent() {
        return broken(Answer::empty(200));
    }
    let mut answer = match effect.status {
        Some(status) => Answer::text(status, "The file cannot be had: this was asked for."),
        None => give_out(&world, &request),
    };
    effect.change(&mut answer, &request);
    world.record.answered(ticket, answer.status);
    if effect.reset { broken(answer) } else { answer.into_http() }
}

/// On whose behalf a file is fetched: of whoever was given its address.
fn subject(world: &World, request: &Request<'_>) -> Subject {
    let recipient = world.graph.recipient(wanted(request));
    recipient.map_or_else(Subject::default, |Recipient { tenant, user, .. }| Subject {
        tenant: Some(tenant),
        user: Some(user),
    })
}

fn give_out(world: &World, request: &Request<'_>) -> Answer {
    if !matches!(*request.method, Method::GET | Method::HEAD) {
        let refused = Answer::empty(405).header("Allow", "GET, HEAD");
        world.refused_writes.see(request.method, &refused);
        return refused;
    }
    world.graph.download(wanted(request))
}

fn wanted<'a>(request: &'a Request<'_>) -> DownloadRequest<'a> {
    let authorization = request.headers.get("authorization").map(|value| value.to_str().unwrap_or_default());
    let range = request.header("range");
    DownloadRequest { query: request.query, authorization, range }
}
