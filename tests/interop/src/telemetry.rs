//! A receiver of OTLP that shares no code with the exporter: what a connector pushes must be, to OpenTelemetry's own
//! Python types, what docs/OBSERVABILITY.md says of it.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use connector_observability::{OtlpProtocol, Telemetry, TelemetryError, TelemetrySettings};
use m365_demo::{Stage, StageError, StageOptions};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;

use crate::child::{self, ChildError, Finished};
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;
use crate::world::{World, WorldError};

const LIMIT: Duration = Duration::from_secs(60);

/// Of the caller, whose trace the call's is linked to.
const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// The protocols, as the connector's configuration names them.
pub(crate) const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

#[derive(Debug, Error)]
pub(crate) enum TelemetryCheckError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("{0}")]
    Files(#[from] io::Error),
    #[error("the simulator or the connector: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Wrong(String),
}

/// For the table.
pub(crate) fn name(protocol: &str) -> String {
    format!("otlp {protocol}")
}

/// Starts the receiver, has a connector in a process of its own push to it, and lets the receiver judge.
pub(crate) async fn run(protocol: &'static str, workshop: &Workshop) -> Outcome {
    let mut checks = Checks::of(name(protocol));
    if let Some(finished) = checks.note("it runs", judge(protocol, workshop).await) {
        checks.note_lines(&finished.stdout);
        let explained = !finished.stdout.is_empty() && (finished.code == Some(0) || !checks.all_held());
        checks.note("it reports", ensure(explained, || finished.last_words()));
    }
    checks.end()
}

async fn judge(protocol: &str, workshop: &Workshop) -> Result<Finished, TelemetryCheckError> {
    let folder = workshop.folder(&name(protocol).replace([' ', '/'], "-"))?;
    let mut command = child::command(&workshop.python(), &folder);
    command.arg(workshop.source("clients/python/otlp_receiver.py")).args([
        protocol,
        env!("CARGO_PKG_VERSION"),
        CALLERS_TRACE,
        CALLERS_SPAN,
    ]);
    let mut receiver = child::start(command.stdin(Stdio::piped()))?;
    let lost = || TelemetryCheckError::Wrong("the receiver has no messages".to_owned());
    let mut messages = BufReader::new(receiver.stderr.take().ok_or_else(lost)?);
    let mut address = String::new();
    tokio::time::timeout(LIMIT, messages.read_line(&mut address))
        .await
        .map_err(|_| ChildError::TimeLimit(LIMIT))??;

    let pushed = child::finish(pusher(protocol, address.trim())?, LIMIT).await?;
    ensure(pushed.code == Some(0), || TelemetryCheckError::Wrong(pushed.last_words()))?;

    // The end of its input tells it that nothing more comes.
    drop(receiver.stdin.take());
    let mut finished = child::finish(receiver, LIMIT).await?;
    messages.read_to_string(&mut finished.stderr).await?;
    Ok(finished)
}

/// This program again: telemetry is installed once a process.
fn pusher(protocol: &str, address: &str) -> Result<Child, TelemetryCheckError> {
    let program = std::env::current_exe()?;
    let mut command = child::command(&program, &std::env::temp_dir());
    command.args(["push", protocol, &format!("http://{address}")]);
    Ok(child::start(&mut command)?)
}

/// A connector that pushes everything to `endpoint`, and a call to it that has something to tell.
pub(crate) async fn push(protocol: &str, endpoint: &str) -> Result<(), TelemetryCheckError> {
    let otlp_protocol = match protocol {
        "grpc" => OtlpProtocol::Grpc,
        _ => OtlpProtocol::HttpProtobuf,
    };
    let telemetry = Telemetry::install_to(
        TelemetrySettings {
            log_filter: "connector=debug".to_owned(),
            otlp_endpoint: Some(endpoint.to_owned()),
            otlp_protocol,
            // Within the second that Graph asks the call to wait.
            metrics_interval: Duration::from_millis(500),
            sample_ratio: 1.0,
            service_version: env!("CARGO_PKG_VERSION"),
            ..TelemetrySettings::default()
        },
        io::sink(),
    )?;
    let stage = Stage::start(StageOptions::default(), telemetry.handle(), |_| {}).await?;
    let world = World::of(stage)?;
    let answer = call(&world).await?;
    world.stop().await;
    telemetry.shutdown();
    ensure(answer["result"]["structuredContent"]["items"].is_array(), || {
        TelemetryCheckError::Wrong(format!("the call has failed: {answer}"))
    })
}

/// Its session is cold; Graph refuses its first request and asks for a second's patience, and it reads several pages.
async fn call(world: &World) -> Result<Value, TelemetryCheckError> {
    let token = world.token(&world.person(0)?.upn).await?;
    let refusal = json!({ "service": "graph", "status": 429, "headers": { "Retry-After": "1" }, "times": 1 });
    let faults = world.http().post(format!("{}/_sim/faults", world.simulator_url()));
    let ordered = faults.header(CONTENT_TYPE, "application/json").body(refusal.to_string());
    ordered.send().await?.error_for_status()?;
    let message = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "outlook_email_search",
            // With a zone, so that none is asked for beside the pages.
            "arguments": { "query": "a", "order": "oldest", "limit": 3, "timeZone": "Europe/Berlin" },
            "_meta": { "traceparent": format!("00-{CALLERS_TRACE}-{CALLERS_SPAN}-01") },
        },
    });
    let request = world
        .http()
        .post(world.connector_url())
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, text/event-stream")
        .bearer_auth(token)
        .body(message.to_string());
    let body = request.send().await?.bytes().await?;
    serde_json::from_slice(&body).map_err(|error| TelemetryCheckError::Wrong(error.to_string()))
}
