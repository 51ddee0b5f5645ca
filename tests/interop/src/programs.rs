//! The official clients in TypeScript and Python: programs that report one line a check.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::child::{self, ChildError, Finished};
use crate::evidence;
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;
use crate::world::{World, WorldError};

const LIMIT: Duration = Duration::from_secs(60);

/// A client program and how it is to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    /// For the table.
    pub(crate) name: &'static str,
    language: Language,
    /// `None`: it speaks one way only.
    era: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Language {
    TypeScript(&'static str),
    Python(&'static str),
}

pub(crate) const PROGRAMS: [Program; 7] = [
    Program { name: "typescript v1", language: Language::TypeScript("v1.mjs"), era: None },
    Program { name: "typescript v2 legacy", language: Language::TypeScript("v2.mjs"), era: Some("legacy") },
    Program { name: "typescript v2 auto", language: Language::TypeScript("v2.mjs"), era: Some("auto") },
    Program {
        name: "typescript v2 modern",
        language: Language::TypeScript("v2.mjs"),
        era: Some("2026-07-28"),
    },
    Program { name: "python legacy", language: Language::Python("client.py"), era: Some("legacy") },
    Program { name: "python auto", language: Language::Python("client.py"), era: Some("auto") },
    Program { name: "python modern", language: Language::Python("client.py"), era: Some("2026-07-28") },
];

#[derive(Debug, Error)]
enum ProgramError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error("the briefing could not be written: {0}")]
    Briefing(#[from] std::io::Error),
    #[error("the briefing is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Child(#[from] ChildError),
}

/// Runs `program` as the person of this number.
pub(crate) async fn run(program: &Program, number: usize, workshop: &Workshop, world: &World) -> Outcome {
    let mut checks = Checks::of(program.name);
    checks.note("the simulator's record is empty", evidence::forget(world).await);
    if let Some(finished) = checks.note("it runs", start(program, number, workshop, world).await) {
        let before = checks.all_held();
        checks.note_lines(&finished.stdout);
        let reported = ensure(!finished.stdout.is_empty(), || finished.last_words());
        checks.note("it reports", reported);
        let explained = finished.code == Some(0) || (before && !checks.all_held());
        checks.note("it ends well", ensure(explained, || finished.last_words()));
    }
    checks.note("Entra saw PKCE, the resource, and no secret", evidence::of_sign_in(world).await);
    checks.end()
}

async fn start(
    program: &Program,
    number: usize,
    workshop: &Workshop,
    world: &World,
) -> Result<Finished, ProgramError> {
    let folder = workshop.folder(&program.name.replace(' ', "-"))?;
    let briefing = folder.join("world.json");
    fs::write(&briefing, serde_json::to_vec_pretty(&world.briefing()?)?)?;
    let (interpreter, script) = program.language.parts(workshop);
    let mut command = child::command(&interpreter, &folder);
    command.arg(script).arg(briefing).arg(&world.person(number)?.upn).args(program.era);
    Ok(child::finish(child::start(&mut command)?, LIMIT).await?)
}

impl Language {
    /// The interpreter and the script.
    fn parts(self, workshop: &Workshop) -> (PathBuf, PathBuf) {
        match self {
            Self::TypeScript(file) => (workshop.node(), workshop.typescript_client(file)),
            Self::Python(file) => (workshop.python(), workshop.source("clients/python").join(file)),
        }
    }
}
