//! `make demo`: the connector and a simulated Microsoft 365, a scripted visit, and then both for your own client.

mod clients;
mod screen;
mod visit;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use connector_observability::CallTracer;
use m365_demo::{Stage, StageOptions};
use reqwest::redirect::Policy;
use screen::Screen;

const CONNECTOR_PORT: u16 = 8080;
const SIMULATOR_PORT: u16 = 8081;

fn main() -> ExitCode {
    match actix_web::rt::System::new().block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(io::stderr(), "demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let options = StageOptions {
        connector_port: port("CONNECTOR_PORT", CONNECTOR_PORT)?,
        simulator_port: port("SIMULATOR_PORT", SIMULATOR_PORT)?,
        ..StageOptions::default()
    };
    let stage = Stage::start(options, CallTracer::disabled(), |_| {}).await?;
    let screen = Screen::detect();
    screen.line(&format!("ready connector={} simulator={}", stage.connector_url(), stage.simulator_url()))?;
    let http =
        reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).build()?;
    visit::play(&screen, &stage, &http).await?;
    clients::print(&screen, &stage)?;
    tokio::signal::ctrl_c().await?;
    stage.stop().await;
    Ok(())
}

fn port(variable: &str, default: u16) -> Result<u16, String> {
    match std::env::var(variable) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().map_err(|error: std::num::ParseIntError| wrong(variable, &text, &error)),
    }
}

fn wrong(variable: &str, text: &str, error: &dyn Display) -> String {
    format!("{variable}={text}: {error}")
}
