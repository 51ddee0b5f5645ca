//! A connector from its start to its stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use connector_observability::event::{
    ConfigurationLoaded, Draining, ListenerStarted, RecentTokensNotStored, RecentTokensStored, Stopped,
};
use connector_observability::metric::{RuntimeRole, Runtimes};
use connector_observability::{TelemetryHandle, emit};

use super::assembly::{front, workers};
use super::commands::FrontCommands;
use super::credential_watch::CredentialWatch;
use super::error::StartError;
use super::gauges::observe_parts;
use super::io_runtime::IoRuntime;
use super::listeners::Listeners;
use super::servers::{serve_operations, serve_public};
use super::tenant_watch::TenantWatch;
use crate::config::{HttpSettings, Settings};
use crate::control::ControlSocket;
use crate::http::Front;
use crate::state::StateLocation;
use crate::tools::Catalogue;

/// How long the audit journal waits for the records of calls that were cut off.
const LAST_RECORDS: Duration = Duration::from_secs(2);

/// How long a stop waits for the disk to take the tokens in use.
const LAST_TOKENS: Duration = Duration::from_secs(2);

/// A running connector.
#[derive(Debug)]
pub struct Application {
    public_address: SocketAddr,
    operations_address: SocketAddr,
    servers: Vec<ServerHandle>,
    front: Data<Front>,
    drain_delay: Duration,
    drain_timeout: Duration,
    control: Option<ControlSocket>,
    tenants: TenantWatch,
    credential: CredentialWatch,
    /// Dropped last: sessions that end may still wait for an exchange.
    io: IoRuntime,
}

impl Application {
    /// Starts serving `catalogue` on `listeners`. Must run inside an actix `System`.
    pub fn start(
        catalogue: Catalogue,
        settings: &Settings,
        listeners: Listeners,
        telemetry: TelemetryHandle,
    ) -> Result<Self, StartError> {
        let io = IoRuntime::start()?;
        let front = Data::new(front(settings, catalogue, &io.handle()?, telemetry)?);
        let runtimes = runtimes(&front, &io)?;
        let public_address = listeners.public.local_addr()?;
        let operations_address = listeners.operations.local_addr()?;
        observe_parts(&front, &settings.cloud.graph_base);
        let workers = workers(settings, &front)?;
        let servers = vec![
            serve_public(listeners.public, &settings.http, &front, workers, &runtimes)?,
            serve_operations(listeners.operations, &front, settings.telemetry.cpu_profiles, &runtimes)?,
        ];
        emit(ConfigurationLoaded { tenants: front.tenants.len() });
        emit(ListenerStarted { listener: "public", address: public_address });
        emit(ListenerStarted { listener: "operations", address: operations_address });
        let HttpSettings { drain_delay, drain_timeout, .. } = settings.http;
        let tenants = TenantWatch::start(front.clone(), &io.handle()?);
        let credential = CredentialWatch::start(front.credential.clone(), &io.handle()?);
        let control = control(&settings.state, &front, &io)?;
        Ok(Self {
            public_address,
            operations_address,
            servers,
            front,
            drain_delay,
            drain_timeout,
            control,
            tenants,
            credential,
            io,
        })
    }

    pub fn public_address(&self) -> SocketAddr {
        self.public_address
    }

    pub fn operations_address(&self) -> SocketAddr {
        self.operations_address
    }

    /// Stops in order: not ready any more, no new calls, calls in flight to their end (or to the drain timeout), sessions,
    /// the audit journal, the tokens in use. Nothing that was answered goes unrecorded.
    pub async fn stop(self) {
        emit(Draining);
        self.front.readiness.begin_leaving();
        if !self.drain_delay.is_zero() {
            tokio::time::sleep(self.drain_delay).await;
        }
        self.front.readiness.begin_draining();
        let finished = self.front.wait_for_calls();
        if tokio::time::timeout(self.drain_timeout, finished).await.is_err() {
            self.front.end_calls();
        }
        for server in &self.servers {
            server.stop(true).await;
        }
        drop((self.control, self.tenants, self.credential));
        self.front.actors.drain().await;
        self.front.journal.close(LAST_RECORDS).await;
        leave_recent_tokens(self.front, &self.io).await;
        emit(Stopped);
    }
}

/// Leaves the tokens in use to the next process. With the sessions the admission of calls has ended: a token that still comes
/// gets its bearer nothing. A disk that takes too long is left alone with it, and the next process may take this end for a
/// crash.
async fn leave_recent_tokens(front: Data<Front>, io: &IoRuntime) {
    let Ok(io) = io.handle() else {
        emit(RecentTokensNotStored { reason: "nothing is left to write them" });
        return;
    };
    let stored = io.spawn_blocking(move || front.revocations.shut_down());
    match tokio::time::timeout(LAST_TOKENS, stored).await {
        Ok(Ok(Ok(tokens))) => emit(RecentTokensStored { tokens }),
        Ok(Ok(Err(error))) => emit(RecentTokensNotStored { reason: &error.to_string() }),
        Ok(Err(_panicked)) => emit(RecentTokensNotStored { reason: "the write has ended without a result" }),
        Err(_elapsed) => emit(RecentTokensNotStored { reason: "the disk takes too long" }),
    }
}

/// The runtimes that are there before the listeners; each of the listeners' workers adds its own.
fn runtimes(front: &Front, io: &IoRuntime) -> Result<Arc<Runtimes>, StartError> {
    let runtimes = Arc::new(Runtimes::default());
    runtimes.add(RuntimeRole::Io, &io.handle()?);
    let shards = Arc::clone(&runtimes);
    front.actors.on_each_shard(move || shards.add_current(RuntimeRole::Shards));
    runtimes.observe();
    Ok(runtimes)
}

/// The socket for the command line, where there is a directory to put it.
fn control(
    state: &StateLocation,
    front: &Data<Front>,
    io: &IoRuntime,
) -> Result<Option<ControlSocket>, StartError> {
    let StateLocation::Directory(directory) = state else { return Ok(None) };
    let commands = Arc::new(FrontCommands(front.clone()));
    let socket = ControlSocket::open(directory, commands, &io.handle()?);
    socket.map(Some).map_err(|source| StartError::Control { directory: directory.clone(), source })
}
