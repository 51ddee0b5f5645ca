//! The two HTTP servers.

use std::any::Any;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use connector_observability::metric::{RuntimeRole, Runtimes};
use socket2::SockRef;

use super::error::StartError;
use crate::config::HttpSettings;
use crate::http::{self, CpuProfiles, Front, Worker};

/// How long a client may take nothing of what has been sent to it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Seconds for connections to close; the calls on them have ended before.
const CLOSING_S: u64 = 2;

pub(super) fn serve_public(
    listener: TcpListener,
    settings: &HttpSettings,
    front: &Data<Front>,
    workers: Vec<Data<Worker>>,
    runtimes: &Arc<Runtimes>,
) -> Result<ServerHandle, StartError> {
    let (front, runtimes) = (front.clone(), Arc::clone(runtimes));
    let path = settings.public_url.path().to_owned();
    let worker_count = workers.len();
    let unclaimed = Arc::new(Mutex::new(workers.into_iter().cycle()));
    let server = HttpServer::new(move || {
        runtimes.add_current(RuntimeRole::Workers);
        let worker = unclaimed.lock().unwrap_or_else(PoisonError::into_inner).next();
        let app = App::new()
            .app_data(front.clone())
            .wrap(from_fn(http::measured))
            .configure(|config| http::public(config, &path));
        match worker {
            Some(worker) => app.app_data(worker),
            None => app,
        }
    })
    .workers(worker_count)
    // A client that goes away cancels its call: without this the handler runs to its end.
    .h1_allow_half_closed(false)
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(CLOSING_S)
    .disable_signals()
    .on_connect(|connection, _| bound_writes(connection))
    .listen(listener)?
    .run();
    Ok(spawn(server))
}

/// The server itself bounds no write: the kernel ends the connection of a client that takes nothing of its answer.
fn bound_writes(connection: &dyn Any) {
    #[cfg(target_os = "linux")]
    if let Some(connection) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        // A socket that has gone already needs no bound.
        drop(SockRef::from(connection).set_tcp_user_timeout(Some(WRITE_TIMEOUT)));
    }
}

pub(super) fn serve_operations(
    listener: TcpListener,
    front: &Data<Front>,
    profiles: CpuProfiles,
    runtimes: &Arc<Runtimes>,
) -> Result<ServerHandle, StartError> {
    let (front, runtimes) = (front.clone(), Arc::clone(runtimes));
    let server = HttpServer::new(move || {
        runtimes.add_current(RuntimeRole::Operations);
        App::new().app_data(front.clone()).configure(|config| http::operations(config, profiles))
    })
    .workers(1)
    // Who asks for a profile and goes away does not want it any more.
    .h1_allow_half_closed(false)
    .shutdown_timeout(CLOSING_S)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(spawn(server))
}

fn spawn(server: Server) -> ServerHandle {
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}
