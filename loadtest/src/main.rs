//! `make bench`: what the connector costs beside a bare pass-through. `make load`: how it fares under users who work.
//! `make dashboards-check`: what a Prometheus, dashboards and alerts see of that.

mod bench;
mod callgrind;
mod child;
mod dashboards;
mod figures;
mod load;
mod mixed;
mod roles;
mod scenario;
mod sessions;
mod tokens;
mod verdict;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use mimalloc::MiMalloc;
use roles::{ConnectorRole, Told};

/// The connector's own, for everything that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "usage: m365-loadtest bench [instructions | sessions] | load mixed SECONDS | load running CONNECTOR SIMULATOR SECONDS | dashboards SECONDS [DIRECTORY FOR PICTURES]
roles of its own: upstream CROWD | connector URL WORKERS CROWD TOLD IDLE_S | connector-of-operator URL DIRECTORY COLLECTOR | connector-for-many URL WORKERS TENANTS | passthrough UPSTREAM REQUEST WORKERS | collector";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = actix_web::rt::System::new().block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["bench"] => bench::run().await,
            ["bench", "instructions"] => bench::run_instructions().await,
            ["bench", "sessions"] => sessions::run().await,
            ["load", "mixed", seconds] => mixed::run(Duration::from_secs(seconds.parse()?)).await,
            ["load", "running", connector, simulator, seconds] => {
                mixed::run_at(connector, simulator.parse()?, Duration::from_secs(seconds.parse()?)).await
            }
            ["dashboards", seconds] => dashboards::run(Duration::from_secs(seconds.parse()?), None).await,
            ["dashboards", seconds, pictures] => {
                dashboards::run(Duration::from_secs(seconds.parse()?), Some(pictures.as_ref())).await
            }
            ["upstream", crowd] => roles::upstream(crowd.parse()?).await,
            ["connector", url, workers, crowd, told, idle_s] => {
                roles::connector(ConnectorRole {
                    simulator_url: (*url).to_owned(),
                    workers: workers.parse()?,
                    crowd: crowd.parse()?,
                    told: Told::parse(told),
                    session_idle: Duration::from_secs(idle_s.parse()?),
                })
                .await
            }
            ["connector-of-operator", url, premises, collector] => {
                roles::connector_of_operator(url, premises.as_ref(), (*collector).to_owned()).await
            }
            ["connector-for-many", url, workers, tenants] => {
                roles::connector_for_many(url, workers.parse()?, tenants.parse()?).await
            }
            ["passthrough", upstream, asked, workers] => {
                roles::passthrough(upstream.parse()?, &serde_json::from_str(asked)?, workers.parse()?).await
            }
            ["collector"] => roles::collector().await,
            _ => Err(USAGE.into()),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(std::io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}
