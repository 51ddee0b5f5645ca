//! The process: command line, configuration, signals.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use connector_observability::event::StartFailed;
use connector_observability::{Telemetry, TelemetrySettings, emit};
use m365_connector::{Application, Catalogue, Listeners, Settings, StartError};
use mimalloc::MiMalloc;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A call makes and drops some hundred small values on one thread: this allocator does so at a fraction of the cost
/// of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "usage: m365-connector [serve | check-config] [--config connector.toml]";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Serve(PathBuf),
    CheckConfig(PathBuf),
}

/// Why the process ends otherwise than in order.
#[derive(Debug, Error)]
enum RunError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Signals(#[from] std::io::Error),
    #[error("a second signal cut the stop short")]
    CutShort,
}

fn main() -> ExitCode {
    let Some(command) = command(std::env::args_os().skip(1)) else {
        return fail(USAGE);
    };
    let (Command::Serve(path) | Command::CheckConfig(path)) = &command;
    let settings = match m365_connector::load(path, environment()) {
        Ok(settings) => settings,
        Err(error) => return fail(&error.to_string()),
    };
    match command {
        Command::CheckConfig(path) => {
            say(&format!("{} is in order", path.display()));
            ExitCode::SUCCESS
        }
        Command::Serve(_) => serve(settings),
    }
}

/// The variables that are text; no setting is anything else.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn serve(settings: Settings) -> ExitCode {
    let telemetry = match Telemetry::install(TelemetrySettings {
        log_filter: settings.telemetry.log_filter.clone(),
        otlp_endpoint: settings.telemetry.otlp_endpoint.clone(),
        sample_ratio: settings.telemetry.sample_ratio,
        service_version: env!("CARGO_PKG_VERSION"),
        ..TelemetrySettings::default()
    }) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error.to_string()),
    };
    let outcome = actix_web::rt::System::new().block_on(run(settings, &telemetry));
    if let Err(RunError::Start(error)) = &outcome {
        emit(StartFailed { reason: &error.to_string() });
    }
    telemetry.shutdown();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(settings: Settings, telemetry: &Telemetry) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listeners = Listeners::bind(settings.http.public_address, settings.http.operations_address)?;
    let application = Application::start(Catalogue::MICROSOFT_365, &settings, listeners, telemetry.tracer())?;
    next(&mut terminate, &mut interrupt).await;
    // The second signal ends at once.
    tokio::select! {
        () = application.stop() => Ok(()),
        () = next(&mut terminate, &mut interrupt) => Err(RunError::CutShort),
    }
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn command(arguments: impl Iterator<Item = OsString>) -> Option<Command> {
    let mut path = PathBuf::from("connector.toml");
    let mut make: fn(PathBuf) -> Command = Command::Serve;
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.to_str()? {
            "serve" => make = Command::Serve,
            "check-config" => make = Command::CheckConfig,
            "--config" => path = arguments.next()?.into(),
            _ => return None,
        }
    }
    Some(make(path))
}

fn say(line: &str) {
    // Nothing is left to do when the terminal has gone.
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn fail(line: &str) -> ExitCode {
    drop(writeln!(std::io::stderr(), "m365-connector: {line}"));
    ExitCode::FAILURE
}
