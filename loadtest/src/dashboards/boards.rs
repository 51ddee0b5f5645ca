//! The dashboards as they are published.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Digest, SHA256, digest};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

/// Grafana's `$__rate_interval` for a scrape each second.
const RATE_INTERVAL: &str = "10s";

#[derive(Debug)]
pub(super) struct Board {
    /// As the file is named.
    pub(super) uid: String,
    /// SHA-256 of the file.
    pub(super) digest: Digest,
    pub(super) title: String,
    pub(super) panels: Vec<Panel>,
}

#[derive(Debug)]
pub(super) struct Panel {
    pub(super) title: String,
    /// Grafana's word for the shape, for the unit, and the place in 24 columns.
    pub(super) shape: String,
    pub(super) unit: String,
    /// Whether the series add up to a whole.
    pub(super) stacked: bool,
    pub(super) place: Value,
    pub(super) queries: Vec<Query>,
}

#[derive(Debug)]
pub(super) struct Query {
    /// With Grafana's variables filled in: every node.
    pub(super) expression: String,
    pub(super) legend: String,
}

/// The repository's `observability/`.
pub(super) fn observability() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../observability")
}

pub(super) fn read() -> Result<Vec<Board>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    for file in fs::read_dir(observability().join("dashboards"))? {
        files.push(file?.path());
    }
    files.sort();
    files.iter().map(|file| board(file)).collect()
}

fn board(file: &Path) -> Result<Board, Failure> {
    let written = fs::read(file)?;
    let json: Value = serde_json::from_slice(&written)?;
    let uid = file.file_stem().and_then(|name| name.to_str()).ok_or("a dashboard without a name")?;
    let panels = json["panels"].as_array().ok_or_else(|| format!("{uid} has no panels"))?;
    Ok(Board {
        uid: uid.to_owned(),
        digest: digest(&SHA256, &written),
        title: text(&json["title"]),
        panels: panels.iter().map(panel).collect(),
    })
}

fn panel(json: &Value) -> Panel {
    let defaults = &json["fieldConfig"]["defaults"];
    let targets = json["targets"].as_array().into_iter().flatten();
    Panel {
        title: text(&json["title"]),
        shape: text(&json["type"]),
        unit: text(&defaults["unit"]),
        stacked: defaults["custom"]["stacking"]["mode"] == "normal",
        place: json["gridPos"].clone(),
        queries: targets
            .map(|target| Query {
                expression: text(&target["expr"])
                    .replace("$__rate_interval", RATE_INTERVAL)
                    .replace("$instance", ".*"),
                legend: text(&target["legendFormat"]),
            })
            .collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
