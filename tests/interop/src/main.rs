//! `make interop`: clients that strangers made sign in to the connector, and use it, on loopback.
//!
//! `connector-interop WORKSHOP SOURCES [NAME]…`: the folder where the clients are installed, the folder with this
//! repository's side of it, and parts of names where only some clients shall run.

mod child;
mod evidence;
mod inspector;
mod outcome;
mod programs;
mod rust_client;
mod table;
mod workshop;
mod world;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use connector_observability::CallTracer;
use inspector::ERAS;
use m365_demo::{Stage, StageError, StageOptions};
use outcome::Outcome;
use programs::PROGRAMS;
use rust_client::Lifecycle;
use thiserror::Error;
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
    let mut arguments = std::env::args().skip(1);
    let workshop = arguments.next().map(PathBuf::from).ok_or(InteropError::Usage)?;
    let sources = arguments.next().map(PathBuf::from).ok_or(InteropError::Usage)?;
    let wanted = Wanted(arguments.collect());
    let workshop = Workshop::open(workshop, sources)?;
    let world = World::of(Stage::start(StageOptions::default(), CallTracer::disabled(), |_| {}).await?)?;
    let outcomes = try_all(&wanted, &workshop, &world).await;
    world.stop().await;
    let outcomes = outcomes?;
    if outcomes.is_empty() {
        return Err(InteropError::Nobody(wanted.0));
    }
    table::close(&outcomes)?;
    Ok(outcomes)
}

/// One after the other: the time of each shall be its own.
async fn try_all(wanted: &Wanted, workshop: &Workshop, world: &World) -> Result<Vec<Outcome>, InteropError> {
    let mut outcomes = Vec::new();
    for (number, program) in PROGRAMS.iter().enumerate().filter(|(_, program)| wanted.has(program.name)) {
        record(&mut outcomes, programs::run(program, number, workshop, world).await)?;
    }
    for (number, lifecycle) in
        Lifecycle::ALL.into_iter().enumerate().filter(|(_, one)| wanted.has(one.name()))
    {
        record(&mut outcomes, rust_client::run(lifecycle, number, world).await)?;
    }
    for (number, era) in ERAS.into_iter().enumerate().filter(|(_, era)| wanted.has(&inspector::name(era.0))) {
        record(&mut outcomes, inspector::run(era, number, workshop, world).await)?;
    }
    Ok(outcomes)
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
