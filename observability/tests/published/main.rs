//! What is published about telemetry, written from its catalogue and checked in: the specification and the dashboards.
//! `make published` writes them again.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

mod alerts;
mod boards;
mod dashboard;
mod names;
mod pictures;
mod specification;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Whether what is published is written again, by tests that go on at the same time.
fn is_writing() -> bool {
    std::env::var_os("UPDATE_PUBLISHED").is_some()
}

/// Writes the file where that was asked for, and holds it against `expected` otherwise.
fn publish(path: &str, expected: &str) {
    let file = root().join(path);
    if is_writing() {
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "{path} is missing or stale: run `make published` and look at what has changed"
    );
}

/// A dashboard that is not the one in the code would be mended in one place and broken in the other.
#[test]
fn the_dashboards_are_as_the_code_has_them() {
    for board in boards::all() {
        let json = serde_json::to_string_pretty(&board.to_grafana()).unwrap() + "\n";
        publish(&format!("observability/dashboards/{}.json", board.uid), &json);
    }
}

/// Whoever builds an alert on a metric would look for it in vain.
#[test]
fn the_specification_is_as_the_code_has_it() {
    publish("docs/OBSERVABILITY.md", &specification::document());
}

/// A panel or a rule over a metric that nobody makes would stay empty, and nobody would know whether that is good news.
#[test]
fn every_query_names_metrics_of_the_catalogue() {
    let mut known = names::in_prometheus();
    known.extend(names::labels());
    let mut queries: Vec<(String, String)> = boards::all()
        .iter()
        .flat_map(|board| board.queries().map(|query| (board.uid.to_owned(), query.to_owned())))
        .collect();
    for file in fs::read_dir(root().join("observability/alerts")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            queries.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    for (place, query) in queries {
        for name in names::mentioned(&query) {
            assert!(known.contains(&name), "{place} asks for {name}, which is not in the catalogue");
        }
    }
}
