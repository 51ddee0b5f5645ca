//! `make dashboards-check`: a real Prometheus scrapes the connector under mixed load, and every query of every dashboard,
//! every recording rule and every alert is asked of it. Every panel shows what the load has made happen, no alert fires
//! without a reason, and the main figures are those that the simulator and the users counted.

mod agreement;
mod boards;
mod origin;
mod page;
mod prometheus;
mod rest;
mod rules;
mod words;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::mixed::MixedWorld;
use boards::{Board, Panel};
use prometheus::{Prometheus, Window, now};
use rest::{AtRest, Rests};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

/// Two scrapes and an evaluation of the rules after them.
const SETTLING: Duration = Duration::from_secs(4);

/// Plays the load for `duration`, asks everything, and draws the dashboards into `pictures` where that is wanted.
pub(crate) async fn run(duration: Duration, pictures: Option<&Path>) -> Result<(), Failure> {
    let mut world = MixedWorld::start().await?;
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
    wrong.extend(agreement::check(&prometheus, &world, &tally).await?);
    if let Some(directory) = pictures {
        for board in &boards {
            page::write(&prometheus, board, window, directory).await?;
        }
        origin::write(&boards, directory)?;
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
    let mut wrong: Vec<String> = rest::unknown(boards).chain(words::unknown(boards)).collect();
    for board in boards {
        for panel in &board.panels {
            wrong.extend(check_panel(prometheus, board, panel, window).await);
        }
    }
    Ok(wrong)
}

async fn check_panel(prometheus: &Prometheus, board: &Board, panel: &Panel, window: Window) -> Vec<String> {
    let (mut wrong, mut shown) = (Vec::new(), Vec::new());
    let place = format!("{}, {:?}", board.uid, panel.title);
    for query in &panel.queries {
        let problem = match prometheus.range(&query.expression, window).await {
            Err(error) => Some(error.to_string()),
            Ok(series) => {
                let problem = problem(&series, rest::of(board, panel, query));
                shown.extend(series);
                problem
            }
        };
        wrong.extend(problem.map(|problem| format!("{place} {problem}: {}", query.expression)));
    }
    let missing = words::missing(board, panel, &shown);
    wrong.extend(missing.iter().map(|word| format!("{place} has nothing for {word:?}")));
    wrong
}

/// What is wrong with the series of a query that `rests`, or does not.
fn problem(series: &[Value], rests: Option<&AtRest>) -> Option<String> {
    let moves = series.iter().any(is_more_than_zero);
    match rests {
        _ if series.is_empty() => Some("is empty".to_owned()),
        None if !moves => Some("is never more than zero".to_owned()),
        Some(rest) if moves && rest.rests == Rests::Always => {
            Some(format!("is more than zero, although {}", rest.reason))
        }
        _ => None,
    }
}

fn is_more_than_zero(series: &Value) -> bool {
    let points = series["values"].as_array().into_iter().flatten();
    points.filter_map(|point| point[1].as_str()?.parse::<f64>().ok()).any(|value| value > 0.0)
}
