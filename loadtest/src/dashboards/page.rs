//! A dashboard as a page of its own, with the data of this load: for a picture, without Grafana.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::boards::Board;
use super::prometheus::{Prometheus, Window};

type Failure = Box<dyn std::error::Error>;

/// Draws what stands in place of the mark.
const PAGE: &str = include_str!("page.html");
const MARK: &str = "/*DATA*/null";

/// Writes `<uid>.html` into `directory`.
pub(super) async fn write(
    prometheus: &Prometheus,
    board: &Board,
    window: Window,
    directory: &Path,
) -> Result<(), Failure> {
    let mut panels = Vec::new();
    for panel in &board.panels {
        let mut series = Vec::new();
        for query in &panel.queries {
            for one in prometheus.range(&query.expression, window).await? {
                series
                    .push(json!({ "name": legend(&query.legend, &one["metric"]), "points": one["values"] }));
            }
        }
        panels.push(json!({
            "title": panel.title,
            "shape": panel.shape,
            "unit": panel.unit,
            "stacked": panel.stacked,
            "place": panel.place,
            "series": series,
        }));
    }
    let data = json!({ "title": board.title, "begin": window.begin, "end": window.end, "panels": panels });
    fs::create_dir_all(directory)?;
    // A `<` in data would end the script.
    let data = data.to_string().replace('<', "\\u003c");
    fs::write(directory.join(format!("{}.html", board.uid)), PAGE.replace(MARK, &data))?;
    Ok(())
}

/// Grafana's legend: `{{label}}` becomes the label's value.
fn legend(format: &str, labels: &Value) -> String {
    let labels = labels.as_object().into_iter().flatten();
    labels.fold(format.to_owned(), |text, (label, value)| {
        text.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap_or_default())
    })
}
