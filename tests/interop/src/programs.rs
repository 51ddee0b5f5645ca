//! The official clients in TypeScript, Python and Rust: programs that report one line a check.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::child::{self, ChildError, Finished};
use crate::evidence;
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;
use crate::world::{Address, World, WorldError};

const LIMIT: Duration = Duration::from_secs(60);

/// A client program and how it is to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    language: Language,
    visit: Visit,
    era: Era,
    address: Address,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// The first official client, which speaks one way only.
    TypeScriptV1,
    TypeScriptV2,
    Python,
    Rust,
}

/// What the client does once it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// Calls the connector's tools.
    Journey,
    /// Uses everything that the transport can carry, with a server of fixtures.
    Fixtures,
}

#[derive(Debug, Clone, Copy)]
enum Era {
    Legacy,
    Auto,
    Modern,
}

/// Every client, in every way it speaks, for this visit.
pub(crate) fn programs(visit: Visit) -> Vec<Program> {
    use Era::{Auto, Legacy, Modern};
    use Language::{Python, Rust, TypeScriptV1, TypeScriptV2};
    let ways = [
        (TypeScriptV1, Legacy),
        (TypeScriptV2, Legacy),
        (TypeScriptV2, Auto),
        (TypeScriptV2, Modern),
        (Python, Legacy),
        (Python, Auto),
        (Python, Modern),
        (Rust, Legacy),
        (Rust, Auto),
        (Rust, Modern),
    ];
    // The fixtures are for the clients in other languages: the Rust client shares its types with the connector.
    let has = |language: Language| visit == Visit::Journey || language != Rust;
    let ways = ways.into_iter().filter(|(language, _)| has(*language));
    let mut programs: Vec<_> =
        ways.map(|(language, era)| Program { language, visit, era, address: Address::Common }).collect();
    if visit == Visit::Journey {
        // Discovery is the same in every era: one is enough at a tenant's own address.
        let ways = [(TypeScriptV1, Legacy), (TypeScriptV2, Auto), (Python, Auto), (Rust, Auto)];
        let at_tenants =
            ways.map(|(language, era)| Program { language, visit, era, address: Address::Tenants });
        programs.extend(at_tenants);
    }
    programs
}

impl Program {
    /// For the table.
    pub(crate) fn name(self) -> String {
        let language = match self.language {
            Language::TypeScriptV1 => "typescript v1",
            Language::TypeScriptV2 => "typescript v2",
            Language::Python => "python",
            Language::Rust => "rust",
        };
        let era = match self.era {
            Era::Legacy => "legacy",
            Era::Auto => "auto",
            Era::Modern => "modern",
        };
        let suffix = match (self.visit, self.address) {
            (Visit::Fixtures, _) => " fixtures",
            (Visit::Journey, Address::Tenants) => " tenant",
            (Visit::Journey, Address::Common) => "",
        };
        format!("{language} {era}{suffix}")
    }

    /// What is started, and with which script.
    fn parts(self, workshop: &Workshop) -> (PathBuf, Option<PathBuf>) {
        match self.language {
            Language::TypeScriptV1 => (workshop.node(), Some(workshop.typescript_client("v1.mjs"))),
            Language::TypeScriptV2 => (workshop.node(), Some(workshop.typescript_client("v2.mjs"))),
            Language::Python => (workshop.python(), Some(workshop.source("clients/python/client.py"))),
            Language::Rust => (workshop.rust_client(), None),
        }
    }

    /// As the programs are told; the first client has no choice.
    fn era(self) -> &'static str {
        match self.era {
            Era::Legacy => "legacy",
            Era::Auto => "auto",
            Era::Modern => "2026-07-28",
        }
    }

    fn visit(self) -> &'static str {
        match self.visit {
            Visit::Journey => "journey",
            Visit::Fixtures => "fixtures",
        }
    }
}

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
pub(crate) async fn run(program: Program, number: usize, workshop: &Workshop, world: &World) -> Outcome {
    let mut checks = Checks::of(program.name());
    checks.note("the simulator's record is empty", evidence::forget(world).await);
    if let Some(finished) = checks.note("it runs", start(program, number, workshop, world).await) {
        let before = checks.all_held();
        checks.note_lines(&finished.stdout);
        let reported = ensure(!finished.stdout.is_empty(), || finished.last_words());
        checks.note("it reports", reported);
        let explained = finished.code == Some(0) || (before && !checks.all_held());
        checks.note("it ends well", ensure(explained, || finished.last_words()));
    }
    if let Some(authority) = checks.note("it has an authority", world.authority(program.address, number)) {
        checks.note(evidence::SENTENCE, evidence::of_sign_in(world, &authority).await);
    }
    checks.end()
}

async fn start(
    program: Program,
    number: usize,
    workshop: &Workshop,
    world: &World,
) -> Result<Finished, ProgramError> {
    let folder = workshop.folder(&program.name().replace(' ', "-"))?;
    let briefing = folder.join("world.json");
    fs::write(&briefing, serde_json::to_vec_pretty(&world.briefing(program.address, number)?)?)?;
    let (started, script) = program.parts(workshop);
    let mut command = child::command(&started, &folder);
    command.args(script).arg(briefing).arg(&world.person(number)?.upn).args([program.visit(), program.era()]);
    Ok(child::finish(child::start(&mut command)?, LIMIT).await?)
}
