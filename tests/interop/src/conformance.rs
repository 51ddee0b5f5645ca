//! The MCP conformance suite, against the product and against a server of fixtures on the same transport.

use std::fs;
use std::path::Path;
use std::time::Duration;

use connector_observability::TelemetryHandle;
use m365_connector::Catalogue;
use m365_demo::{Stage, StageError, StageOptions};
use serde_json::Value;
use thiserror::Error;

use crate::bearer_proxy::Gate;
use crate::child::{self, ChildError, Finished};
use crate::fixture;
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;
use crate::world::{World, WorldError};

const LIMIT: Duration = Duration::from_secs(180);

/// How much of the suite's summary is shown when it is not as expected.
const LAST_LINES: usize = 40;

const PROGRAM: &str = "@modelcontextprotocol/conformance/dist/index.js";

/// The revisions whose requirements are run: the one of each era.
pub(crate) const REVISIONS: [&str; 2] = ["2026-07-28", "2025-11-25"];

/// What the suite is run against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject {
    /// The connector as it is.
    Product,
    /// The connector's transport with what the suite asks for by name.
    Fixture,
}

impl Subject {
    pub(crate) const ALL: [Self; 2] = [Self::Product, Self::Fixture];

    pub(crate) fn name(self, revision: &str) -> String {
        format!("conformance {} {revision}", self.word())
    }

    fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Fixture => "fixture",
        }
    }

    /// Scenarios that a revision does not count, and that shall pass all the same.
    fn beyond_requirements(self, revision: &str) -> &'static [&'static str] {
        match (self, revision) {
            (Self::Product, "2026-07-28") => &["http-header-validation"],
            (Self::Product, _) => &[],
            (Self::Fixture, "2026-07-28") => {
                &["http-header-validation", "http-custom-header-server-validation", "json-schema-2020-12"]
            }
            (Self::Fixture, _) => &["json-schema-2020-12"],
        }
    }

    fn catalogue(self) -> Catalogue {
        match self {
            Self::Product => Catalogue::MICROSOFT_365,
            Self::Fixture => fixture::CATALOGUE,
        }
    }
}

#[derive(Debug, Error)]
enum ConformanceError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    World(#[from] WorldError),
    #[error("{0}")]
    Files(#[from] std::io::Error),
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("a result is no JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs what a revision requires. What stands in the baseline is expected to fail, and to fail only.
pub(crate) async fn run(subject: Subject, revision: &'static str, workshop: &Workshop) -> Outcome {
    let name = subject.name(revision);
    let mut checks = Checks::of(name.as_str());
    let folder = name.replace(' ', "-");
    if let Some(finished) = checks.note("the suite runs", start(subject, revision, &folder, workshop).await) {
        let results = workshop.results(&folder);
        if let Some(scenarios) = checks.note("its results can be read", scenarios(&results)) {
            checks.note_held(scenarios.iter().map(Scenario::passed).sum());
            for name in subject.beyond_requirements(revision) {
                checks.note(&format!("{name} passes, uncounted as it is"), passes(&scenarios, name));
            }
        }
        checks.note("nothing else fails than the baseline has", verdict(&finished));
    }
    checks.end()
}

async fn start(
    subject: Subject,
    revision: &str,
    folder: &str,
    workshop: &Workshop,
) -> Result<Finished, ConformanceError> {
    let gate = Gate::bind().await?;
    let port = gate.port();
    let (catalogue, options) = (subject.catalogue(), StageOptions::default());
    let stage = Stage::start_offering(catalogue, options, TelemetryHandle::disabled(), |settings| {
        settings.http.allowed_hosts.extend([format!("127.0.0.1:{port}"), format!("localhost:{port}")]);
    })
    .await?;
    let upstream = stage.connector.public_address();
    let world = World::of(stage)?;
    let finished = match world.person(0) {
        Ok(person) => {
            let token = world.token(&person.upn).await?;
            let _proxy = gate.open(upstream, token);
            suite(subject, revision, folder, port, workshop).await
        }
        Err(error) => Err(error.into()),
    };
    world.stop().await;
    finished
}

async fn suite(
    subject: Subject,
    revision: &str,
    folder: &str,
    port: u16,
    workshop: &Workshop,
) -> Result<Finished, ConformanceError> {
    let folder = workshop.folder(folder)?;
    let baseline = workshop.source(format!("baselines/{}-{revision}.yml", subject.word()));
    let mut command = child::command(&workshop.node(), &folder);
    command.arg(workshop.package(PROGRAM)).args([
        "server",
        "--url",
        &format!("http://localhost:{port}/mcp"),
        "--requirements",
        revision,
    ]);
    command.arg("--expected-failures").arg(baseline).arg("--output-dir").arg(folder.join("results"));
    let finished = child::finish(child::start(&mut command)?, LIMIT).await?;
    fs::write(folder.join("suite.log"), format!("{}\n{}", finished.stdout, finished.stderr))?;
    Ok(finished)
}

/// What came of one scenario.
struct Scenario {
    /// With the time of the run at its end.
    folder: String,
    checks: Vec<Value>,
}

impl Scenario {
    fn passed(&self) -> usize {
        self.checks.iter().filter(|check| check["status"] == "SUCCESS").count()
    }
}

fn scenarios(results: &Path) -> Result<Vec<Scenario>, ConformanceError> {
    let mut scenarios = Vec::new();
    for folder in fs::read_dir(results)? {
        let folder = folder?;
        let checks = serde_json::from_slice(&fs::read(folder.path().join("checks.json"))?)?;
        scenarios.push(Scenario { folder: folder.file_name().to_string_lossy().into_owned(), checks });
    }
    Ok(scenarios)
}

/// Nothing of the scenario failed, and something passed.
fn passes(scenarios: &[Scenario], name: &str) -> Result<(), String> {
    let folder = format!("server-{name}-2");
    let scenario = scenarios.iter().find(|scenario| scenario.folder.starts_with(&folder));
    let scenario = scenario.ok_or_else(|| "it did not run".to_owned())?;
    let failed = scenario.checks.iter().filter(|check| check["status"] == "FAILURE");
    let failed: Vec<String> =
        failed.map(|check| format!("{}: {}", check["id"], check["errorMessage"])).collect();
    ensure(failed.is_empty() && scenario.passed() > 0, || failed.join("; "))
}

/// The suite's own: by its exit code, with what it says at its end.
fn verdict(finished: &Finished) -> Result<(), String> {
    ensure(finished.code == Some(0), || {
        let lines: Vec<&str> = finished.stdout.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        format!("{}\n{}", finished.last_words(), last.join("\n"))
    })
}
