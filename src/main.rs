//! The process: command line, configuration, signals.

mod command_line;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use command_line::{Command, USAGE, command};
use connector_actors::clock::{Clock, SystemClock};
use connector_observability::event::{Panicked, StartFailed};
use connector_observability::{Telemetry, emit};
use m365_connector::app::{forbid_core_dumps, observe_allocator};
use m365_connector::state::TenantTable;
use m365_connector::{Application, Catalogue, Listeners, Profile, Settings, StartError, environment};
use mimalloc::MiMalloc;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// A call makes and drops some hundred small values on one thread: this allocator does so at a fraction of the cost
/// of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The exit code for a command line that is not understood.
const WRONG_USAGE: u8 = 2;

/// The exit code of a stop that a second signal ended.
const CUT_SHORT: i32 = 1;

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
        Ok(Command::CheckConfig(path)) => configured(&path, |settings| tell(check(&settings, &path))),
        Ok(Command::Serve(path)) => configured(&path, serve),
        Ok(Command::Revoke(path, subject)) => {
            configured(&path, |settings| tell(command_line::revoke(&settings, subject)))
        }
        Ok(Command::ListRevocations(path)) => {
            configured(&path, |settings| tell(command_line::list(&settings)))
        }
        Err(error) => {
            fail(&format!("{error}\n\n{}", USAGE.trim_end()));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

/// Does `what` with the configuration at `path`, or says what is wrong with that. Reading it reads keys, too.
fn configured(path: &Path, what: impl FnOnce(Settings) -> ExitCode) -> ExitCode {
    if let Err(error) = forbid_core_dumps() {
        return fail(&format!("core dumps can't be switched off: {error}"));
    }
    match m365_connector::load(path, environment()) {
        Ok(settings) => what(settings),
        Err(error) => fail(&error.to_string()),
    }
}

/// Reads the tenant files as `serve` would, and says what is wrong with them: each fault a line.
fn check(settings: &Settings, path: &Path) -> Result<String, String> {
    let table =
        TenantTable::open(&settings.tenants, Catalogue::every_name()).map_err(|error| error.to_string())?;
    let faults: Vec<_> = table.faults().iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let (path, credential) = (path.display(), credential_end(settings));
    let tenants = match table.len() {
        0 => "there is no tenant file yet, so that everybody is refused".to_owned(),
        count => format!("tenant files in order: {count}"),
    };
    Ok(format!("{path} is in order{credential}; {tenants}"))
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

fn tell<E: std::fmt::Display>(outcome: Result<String, E>) -> ExitCode {
    match outcome {
        Ok(text) => say(&text),
        Err(error) => fail(&error.to_string()),
    }
}

fn serve(settings: Settings) -> ExitCode {
    let telemetry = match Telemetry::install(settings.telemetry.of_version(env!("CARGO_PKG_VERSION"))) {
        Ok(telemetry) => Arc::new(telemetry),
        Err(error) => return fail(&error.to_string()),
    };
    observe_allocator();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        emit(Panicked { place: &place });
    }));
    let outcome = actix_web::rt::System::new().block_on(run(settings, &telemetry));
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if let RunError::CutShort = &error {
        // Whoever signals twice waits for no collector; and what pushes to one would be waited for as it is dropped.
        fail(&error.to_string());
        std::process::exit(CUT_SHORT);
    }
    if let RunError::Start(error) = &error {
        emit(StartFailed { reason: &error.to_string() });
    }
    telemetry.shutdown();
    fail(&error.to_string())
}

/// Serves until a signal, and stops in order.
async fn run(settings: Settings, telemetry: &Arc<Telemetry>) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listeners = Listeners::bind(settings.http.public_address, settings.http.operations_address)?;
    let catalogue = match settings.profile {
        Profile::Microsoft365 => Catalogue::MICROSOFT_365,
        Profile::OpenAi => Catalogue::OPEN_AI,
    };
    let application = Application::start(catalogue, &settings, listeners, telemetry.handle())?;
    next(&mut terminate, &mut interrupt).await;
    let stop = async {
        application.stop().await;
        flush(telemetry).await;
    };
    // The second signal ends at once.
    tokio::select! {
        () = stop => Ok(()),
        () = next(&mut terminate, &mut interrupt) => Err(RunError::CutShort),
    }
}

/// Pushes what waits, on a thread of its own: a runtime would wait for one of its threads, whatever a second signal says.
async fn flush(telemetry: &Arc<Telemetry>) {
    let (telemetry, (done, flushed)) = (Arc::clone(telemetry), oneshot::channel());
    std::thread::spawn(move || {
        telemetry.shutdown();
        drop(done);
    });
    drop::<Result<(), _>>(flushed.await);
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
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
