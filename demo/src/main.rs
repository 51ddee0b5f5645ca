//! `make demo`: the connector and a simulated Microsoft 365, a scripted visit, and then both for your own client.

mod clients;
mod command;
mod operations;
mod screen;
mod telemetry;
mod visit;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use command::{Command, LOG_FILE, USAGE};
use connector_observability::TelemetryHandle;
use m365_connector::{TelemetryChoice, environment};
use m365_demo::{Stage, StageOptions};
use reqwest::redirect::Policy;
use screen::Screen;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code for a command line, or an environment, that is not understood.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let first = std::env::args_os().nth(1).map(|argument| argument.to_string_lossy().into_owned());
    match command::read(first.as_deref(), std::env::var) {
        Ok(Command::Help) => say(USAGE.trim_end()),
        Ok(Command::Version) => say(concat!("m365-demo ", env!("CARGO_PKG_VERSION"))),
        Ok(Command::Play(options)) => match command::telemetry(environment()) {
            Ok(choice) => observed(options, choice),
            Err(error) => fail(&error.to_string(), ExitCode::from(WRONG_USAGE)),
        },
        Err(error) => fail(&error.to_string(), ExitCode::from(WRONG_USAGE)),
    }
}

/// Plays with telemetry from before the start to after the stop.
fn observed(options: StageOptions, choice: TelemetryChoice) -> ExitCode {
    let telemetry = match telemetry::install(&choice, std::env::var_os(LOG_FILE)) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(&error.to_string(), ExitCode::FAILURE),
    };
    let played = actix_web::rt::System::new().block_on(play(options, choice, telemetry.handle()));
    telemetry.shutdown();
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), ExitCode::FAILURE),
    }
}

async fn play(
    options: StageOptions,
    choice: TelemetryChoice,
    telemetry: TelemetryHandle,
) -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::start(options, telemetry, |settings| settings.telemetry = choice).await;
    let stage = stage.map_err(|error| match command::remedy(&error, options) {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    })?;
    let screen = Screen::detect();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    screen.line(&format!("ready connector={} simulator={}", stage.connector_url(), stage.simulator_url()));
    tokio::select! {
        () = show(&screen, &stage) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stage.stop().await;
    Ok(())
}

/// The visit, where to look, the lines to copy, and nothing further: it does not end. A visit that goes wrong, as with a fault that
/// somebody has ordered meanwhile, takes the two away from nobody.
async fn show(screen: &Screen, stage: &Stage) {
    let http = reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).build();
    let visit = match http {
        Ok(http) => visit::play(screen, stage, &http).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = visit {
        screen.failure(&error.to_string());
    }
    operations::print(screen, stage);
    clients::print(screen, stage);
    std::future::pending::<()>().await;
}

fn say(text: &str) -> ExitCode {
    // Nothing is left to do when the terminal has gone.
    drop(writeln!(io::stdout(), "{text}"));
    ExitCode::SUCCESS
}

fn fail(text: &str, code: ExitCode) -> ExitCode {
    drop(writeln!(io::stderr(), "demo: {text}"));
    code
}
