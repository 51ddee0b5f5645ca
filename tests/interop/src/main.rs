//! `make interop`: clients that strangers made sign in to the connector, and use it, on loopback.
//!
//! `connector-interop WORKSHOP SOURCES [NAME]…`: the folder where the clients are installed, the folder with this
//! repository's side of it, and parts of names where only some clients shall run.
//!
//! `connector-interop push PROTOCOL ENDPOINT` is a role of its own: a connector whose telemetry is looked at.

mod bearer_proxy;
mod child;
mod conformance;
mod evidence;
mod fixture;
mod inspector;
mod microsoft;
mod outcome;
mod programs;
mod table;
mod telemetry;
mod workshop;
mod world;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use conformance::{REVISIONS, Subject};
use connector_observability::TelemetryHandle;
use inspector::WAYS;
use m365_demo::{Stage, StageError, StageOptions};
use microsoft::Library;
use outcome::Outcome;
use programs::{Visit, programs};
use telemetry::{PROTOCOLS, TelemetryCheckError};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use workshop::Workshop;
use world::{World, WorldError};

/// Why nothing was tried.
#[derive(Debug, Error)]
enum InteropError {
    #[error("usage: connector-interop WORKSHOP SOURCES [NAME]…")]
    Usage,
    #[error(transparent)]
    Files(#[from] io::Error),
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Telemetry(#[from] TelemetryCheckError),
    #[error("told to stop")]
    Interrupted,
    #[error("no client has a name with {0:?} in it")]
    Nobody(Vec<String>),
}

fn main() -> ExitCode {
    match actix_web::rt::System::new().block_on(run()) {
        Ok(outcomes) if outcomes.iter().all(Outcome::is_as_expected) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            drop(writeln!(io::stderr(), "interop: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Vec<Outcome>, InteropError> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq("push").is_some() {
        let protocol = arguments.next().ok_or(InteropError::Usage)?;
        telemetry::push(&protocol, &arguments.next().ok_or(InteropError::Usage)?).await?;
        return Ok(Vec::new());
    }
    let workshop = arguments.next().map(PathBuf::from).ok_or(InteropError::Usage)?;
    let sources = arguments.next().map(PathBuf::from).ok_or(InteropError::Usage)?;
    let wanted = Wanted(arguments.collect());
    let workshop = Workshop::open(workshop, sources)?;
    // Whoever ends us ends the clients too: what is dropped here kills its child processes.
    let outcomes = tokio::select! {
        outcomes = try_all(&wanted, &workshop) => outcomes?,
        () = told_to_stop() => return Err(InteropError::Interrupted),
    };
    if outcomes.is_empty() {
        return Err(InteropError::Nobody(wanted.0));
    }
    table::close(&outcomes)?;
    Ok(outcomes)
}

async fn try_all(wanted: &Wanted, workshop: &Workshop) -> Result<Vec<Outcome>, InteropError> {
    let mut outcomes = Vec::new();
    try_clients(&mut outcomes, wanted, workshop).await?;
    try_suite(&mut outcomes, wanted, workshop).await?;
    for library in Library::ALL.into_iter().filter(|library| wanted.has(library.name())) {
        record(&mut outcomes, microsoft::run(library, workshop).await)?;
    }
    for protocol in PROTOCOLS.into_iter().filter(|protocol| wanted.has(&telemetry::name(protocol))) {
        record(&mut outcomes, telemetry::run(protocol, workshop).await)?;
    }
    Ok(outcomes)
}

/// By a person at the terminal, or by whoever supervises us. Where signals can't be heard, never.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// One after the other: the time of each shall be its own.
async fn try_clients(
    outcomes: &mut Vec<Outcome>,
    wanted: &Wanted,
    workshop: &Workshop,
) -> Result<(), InteropError> {
    let world = World::of(Stage::start(StageOptions::default(), TelemetryHandle::disabled(), |_| {}).await?)?;
    try_programs(outcomes, Visit::Journey, wanted, workshop, &world).await?;
    for (number, way) in WAYS.into_iter().enumerate().filter(|(_, way)| wanted.has(&way.name())) {
        record(outcomes, inspector::run(way, number, workshop, &world).await)?;
    }
    world.stop().await;
    let (options, tracer) = (StageOptions::default(), TelemetryHandle::disabled());
    let world = World::of(Stage::start_offering(fixture::CATALOGUE, options, tracer, |_| {}).await?)?;
    try_programs(outcomes, Visit::Fixtures, wanted, workshop, &world).await?;
    world.stop().await;
    Ok(())
}

async fn try_programs(
    outcomes: &mut Vec<Outcome>,
    visit: Visit,
    wanted: &Wanted,
    workshop: &Workshop,
    world: &World,
) -> Result<(), InteropError> {
    let wanted = programs(visit).into_iter().enumerate().filter(|(_, program)| wanted.has(&program.name()));
    for (number, program) in wanted {
        record(outcomes, programs::run(program, number, workshop, world).await)?;
    }
    Ok(())
}

async fn try_suite(
    outcomes: &mut Vec<Outcome>,
    wanted: &Wanted,
    workshop: &Workshop,
) -> Result<(), InteropError> {
    for subject in Subject::ALL {
        for revision in REVISIONS.into_iter().filter(|revision| wanted.has(&subject.name(revision))) {
            record(outcomes, conformance::run(subject, revision, workshop).await)?;
        }
    }
    Ok(())
}

fn record(outcomes: &mut Vec<Outcome>, outcome: Outcome) -> io::Result<()> {
    table::announce(&outcome)?;
    outcomes.push(outcome);
    Ok(())
}

/// Parts of the names of those who shall run; none: everybody.
#[derive(Debug)]
struct Wanted(Vec<String>);

impl Wanted {
    fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|part| name.contains(part.as_str()))
    }
}
