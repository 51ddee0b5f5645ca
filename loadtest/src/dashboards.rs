//! `make dashboards-check`: a real Prometheus scrapes the connector under mixed load, and every query of every dashboard,
//! every recording rule and every alert is asked of it. Every panel shows something, no alert fires without a reason, and
//! the main figures are those that the simulator counted.

mod agreement;
mod boards;
mod page;
mod prometheus;
mod rules;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::mixed::MixedWorld;
use boards::Board;
use prometheus::{Prometheus, Window, now};

type Failure = Box<dyn std::error::Error>;

/// Two scrapes and an evaluation of the rules after them.
const SETTLING: Duration = Duration::from_secs(4);

/// Plays the load for `duration`, asks everything, and draws the dashboards into `pictures` where that is wanted.
pub(crate) async fn run(duration: Duration, pictures: Option<&Path>) -> Result<(), Failure> {
    let world = MixedWorld::start().await?;
    let operations = world.connector.operations.ok_or("the connector has no operations listener")?;
    let prometheus = Prometheus::start(operations).await?;
    let begin = now();
    let tally = world.play(duration).await?;
    tokio::time::sleep(SETTLING).await;
    let window = Window { begin, end: now() };

    let boards = boards::read()?;
    let mut wrong = Vec::new();
    wrong.extend(check_panels(&prometheus, &boards, window).await?);
    wrong.extend(rules::check(&prometheus).await?);
    wrong.extend(agreement::check(&prometheus, &world.simulator.asked().await?, &tally).await?);
    if let Some(directory) = pictures {
        for board in &boards {
            page::write(&prometheus, board, window, directory).await?;
        }
    }
    write!(io::stdout(), "{tally}")?;
    prometheus.stop()?;
    world.stop()?;
    if wrong.is_empty() {
        let queries: usize =
            boards.iter().flat_map(|board| &board.panels).map(|panel| panel.queries.len()).sum();
        writeln!(
            io::stdout(),
            "{} dashboards, {queries} queries, all rules: as they should be",
            boards.len()
        )?;
        return Ok(());
    }
    Err(wrong
        .iter()
        .fold(String::from("not as it should be:"), |mut text, line| {
            // Writing to a text cannot fail.
            let _written = write!(text, "\n  {line}");
            text
        })
        .into())
}

async fn check_panels(
    prometheus: &Prometheus,
    boards: &[Board],
    window: Window,
) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for board in boards {
        for panel in &board.panels {
            for query in &panel.queries {
                let place = format!("{}, {:?}", board.uid, panel.title);
                match prometheus.range(&query.expression, window).await {
                    Err(error) => wrong.push(format!("{place}: {error}: {}", query.expression)),
                    Ok(series) if series.is_empty() => {
                        wrong.push(format!("{place} is empty: {}", query.expression));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
    Ok(wrong)
}
