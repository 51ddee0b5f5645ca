//! The two HTTP servers.

use std::future::ready;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Request};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServerHandle, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use connector_observability::metric::{RuntimeRole, Runtimes};
use socket2::SockRef;

use super::error::StartError;
use crate::config::HttpSettings;
use crate::http::{self, ConsolidatedWrites, CpuProfiles, Front, KeptConnection, Worker};

/// How long a client may take nothing of what has been sent to it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the head of a connection's first request may take to come.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection without a request is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A connection is given up when nothing has been written to it for the longest silence that there can be: it waited for
/// its next request, and that was a call which took all of its time, and this for its head and body.
const ANSWERED_IN_ANY_CASE: Duration = Duration::from_secs(15);

/// How long what still comes is read off a connection that closes, so that its client sees the answer.
const LINGER: Duration = Duration::from_secs(1);

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
    let patience = KEEP_ALIVE + front.limits.deadline + ANSWERED_IN_ANY_CASE;
    let server = Server::build();
    let signal = server.graceful_shutdown_signal();
    let stopping = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let connections = move || {
        runtimes.add_current(RuntimeRole::Workers);
        let worker = unclaimed.lock().unwrap_or_else(PoisonError::into_inner).next();
        let app = App::new()
            .app_data(front.clone())
            .wrap(from_fn(http::measured))
            .configure(|config| http::public(config, &path));
        let app = match worker {
            Some(worker) => app.app_data(worker),
            None => app,
        };
        requests(app, patience, stopping.clone())
    };
    let server = server
        .workers(worker_count)
        .shutdown_timeout(CLOSING_S)
        .disable_signals()
        .listen("public", listener, connections)?
        .run();
    Ok(spawn(server))
}

pub(super) fn serve_operations(
    listener: TcpListener,
    front: &Data<Front>,
    profiles: CpuProfiles,
    runtimes: &Arc<Runtimes>,
) -> Result<ServerHandle, StartError> {
    let (front, runtimes) = (front.clone(), Arc::clone(runtimes));
    let patience = KEEP_ALIVE + http::LONGEST_PROFILE + ANSWERED_IN_ANY_CASE;
    let server = Server::build();
    let signal = server.graceful_shutdown_signal();
    let stopping = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let connections = move || {
        runtimes.add_current(RuntimeRole::Operations);
        let app = App::new().app_data(front.clone()).configure(|config| http::operations(config, profiles));
        requests(app, patience, stopping.clone())
    };
    let server = server
        .workers(1)
        .shutdown_timeout(CLOSING_S)
        .disable_signals()
        .listen("operations", listener, connections)?
        .run();
    Ok(spawn(server))
}

/// What both listeners do with a connection: everything that a client may be slow in has an end, and the connection itself
/// when nothing has been written to it for `patience`.
fn requests<A, S, B, F>(
    app: A,
    patience: Duration,
    stopping: impl Fn() -> F + Clone + Send + Sync + 'static,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    A: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
    F: Future<Output = ()> + 'static,
{
    let (expectation, app) = http::ask_on_first_read(map_config(app, |()| AppConfig::default()));
    let requests = HttpService::build()
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(LINGER)
        .keep_alive(KEEP_ALIVE)
        // A client that goes away cancels its call: without this the handler runs to its end.
        .h1_allow_half_closed(false)
        .graceful_shutdown_signal(stopping)
        .expect(expectation)
        .h1(app);
    fn_service(move |connection: TcpStream| {
        bound_writes(&connection);
        let peer = connection.peer_addr().ok();
        let connection = KeptConnection::new(ConsolidatedWrites::new(connection), patience);
        ready(Ok((connection, peer)))
    })
    .and_then(requests)
}

/// The server itself bounds no write: the kernel ends the connection of a client that takes nothing of its answer.
fn bound_writes(connection: &TcpStream) {
    // A socket that has gone already needs no bound.
    #[cfg(target_os = "linux")]
    drop(SockRef::from(connection).set_tcp_user_timeout(Some(WRITE_TIMEOUT)));
}

fn spawn(server: Server) -> ServerHandle {
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}
