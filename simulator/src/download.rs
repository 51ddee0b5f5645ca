//! The download host: a listener of its own, where files are fetched by pre-authenticated addresses.
//!
//! It stands for the SharePoint hosts that Graph redirects to. Requests to it stand in the request log; faults do not
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

use crate::graph::{DownloadDoor, DownloadRequest};
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
    let answer = give_out(&world, &request);
    world.refused_writes.see(request.method, &answer);
    world.record.answered(ticket, answer.status);
    answer.into_http()
}

fn give_out(world: &World, request: &Request<'_>) -> Answer {
    if !matches!(*request.method, Method::GET | Method::HEAD) {
        return Answer::empty(405).header("Allow", "GET, HEAD");
    }
    let authorization = request.headers.get("authorization").map(|value| value.to_str().unwrap_or_default());
    let range = request.header("range");
    world.graph.download(DownloadRequest { query: request.query, authorization, range })
}
