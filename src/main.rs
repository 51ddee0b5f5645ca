//! The process: command line, configuration, signals.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use connector_actors::clock::{Clock, SystemClock};
use connector_observability::event::{Panicked, StartFailed};
use connector_observability::{Telemetry, TelemetrySettings, emit};
use m365_connector::app::forbid_core_dumps;
use m365_connector::{Application, Catalogue, Listeners, Settings, StartError};
use mimalloc::MiMalloc;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A call makes and drops some hundred small values on one thread: this allocator does so at a fraction of the cost
/// of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The exit code for a command line that is not understood.
const WRONG_USAGE: u8 = 2;

const USAGE: &str = "\
m365-connector: read-only access to Microsoft 365 for AI clients

usage: m365-connector [serve | check-config] [--config FILE]

  serve              run the service; what is done when no command is given
  check-config       read the configuration, say what is wrong with it, and end
  --config FILE      the configuration file (default connector.toml)
  --help, -h         print this text
  --version, -V      print the version
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Serve(PathBuf),
    CheckConfig(PathBuf),
    Help,
    Version,
}

/// What is wrong with the command line.
#[derive(Debug, Error, PartialEq, Eq)]
enum UsageError {
    #[error("unknown argument '{0}'")]
    Unknown(String),
    #[error("--config needs the path of a file")]
    NoPath,
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

const A_DAY_S: u64 = 24 * 60 * 60;

fn main() -> ExitCode {
    match command(std::env::args_os().skip(1)) {
        Ok(Command::Help) => say(USAGE.trim_end()),
        Ok(Command::Version) => say(concat!("m365-connector ", env!("CARGO_PKG_VERSION"))),
        Ok(Command::CheckConfig(path)) => match m365_connector::load(&path, environment()) {
            Ok(settings) => say(&format!("{} is in order{}", path.display(), credential_end(&settings))),
            Err(error) => fail(&error.to_string()),
        },
        Ok(Command::Serve(path)) => match forbid_core_dumps() {
            Ok(()) => match m365_connector::load(&path, environment()) {
                Ok(settings) => serve(settings),
                Err(error) => fail(&error.to_string()),
            },
            Err(error) => fail(&format!("core dumps can't be switched off: {error}")),
        },
        Err(error) => {
            fail(&format!("{error}\n\n{}", USAGE.trim_end()));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

/// Until when the credential is good, where it says so.
fn credential_end(settings: &Settings) -> String {
    let Ok(Some(end)) = settings.entra.credential.check() else { return String::new() };
    let now = SystemClock.now();
    if end <= now {
        return "; the credential has expired".to_owned();
    }
    format!("; the credential is good for another {} days", now.until(end).as_secs() / A_DAY_S)
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
        otlp_protocol: settings.telemetry.otlp_protocol,
        metrics_interval: settings.telemetry.metrics_interval,
        sample_ratio: settings.telemetry.sample_ratio,
        service_version: env!("CARGO_PKG_VERSION"),
        ..TelemetrySettings::default()
    }) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error.to_string()),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        emit(Panicked { place: &place });
    }));
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
    let application = Application::start(Catalogue::MICROSOFT_365, &settings, listeners, telemetry.handle())?;
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

fn command(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut path = PathBuf::from("connector.toml");
    let mut make: fn(PathBuf) -> Command = Command::Serve;
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("serve") => make = Command::Serve,
            Some("check-config") => make = Command::CheckConfig,
            Some("--config") => path = arguments.next().ok_or(UsageError::NoPath)?.into(),
            Some("--help" | "-h") => return Ok(Command::Help),
            Some("--version" | "-V") => return Ok(Command::Version),
            _ => return Err(UsageError::Unknown(argument.to_string_lossy().into_owned())),
        }
    }
    Ok(make(path))
}

fn say(text: &str) -> ExitCode {
    // Nothing is left to do when the terminal has gone.
    drop(writeln!(std::io::stdout(), "{text}"));
    ExitCode::SUCCESS
}

fn fail(text: &str) -> ExitCode {
    drop(writeln!(std::io::stderr(), "m365-connector: {text}"));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Command, OsString, UsageError, command};

    fn parsed(arguments: &[&str]) -> Result<Command, UsageError> {
        command(arguments.iter().map(OsString::from))
    }

    /// If this failed, the service would start where a look at it was asked for, or with another file.
    #[rstest]
    #[case::nothing(&[], Command::Serve("connector.toml".into()))]
    #[case::file(&["--config", "a b.toml"], Command::Serve("a b.toml".into()))]
    #[case::check(&["check-config", "--config", "c"], Command::CheckConfig("c".into()))]
    #[case::check_after(&["--config", "c", "check-config"], Command::CheckConfig("c".into()))]
    #[case::help(&["serve", "--help"], Command::Help)]
    #[case::short_help(&["-h"], Command::Help)]
    #[case::version(&["--version"], Command::Version)]
    #[case::short_version(&["-V"], Command::Version)]
    fn a_command_line_is_read(#[case] arguments: &[&str], #[case] expected: Command) {
        assert_eq!(parsed(arguments), Ok(expected));
    }

    /// If this failed, a mistyped argument would go unsaid, and its reader search for it.
    #[rstest]
    #[case::misspelt(&["--confg", "x"], "unknown argument '--confg'")]
    #[case::command(&["start"], "unknown argument 'start'")]
    #[case::no_file(&["--config"], "--config needs the path of a file")]
    fn a_wrong_argument_is_named(#[case] arguments: &[&str], #[case] message: &str) {
        assert_eq!(parsed(arguments).unwrap_err().to_string(), message);
    }
}
