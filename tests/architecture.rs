//! The arrows of `docs/ARCHITECTURE.md`, checked against the code: which room names which.
//!
//! The source is parsed, not searched, so that inline paths, re-exports, nested imports, `super` chains and paths
//! inside macros count as imports do.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

mod architecture {
    pub(crate) mod circles;
    pub(crate) mod imports;
    pub(crate) mod rooms;
}

use std::collections::BTreeSet;

use architecture::circles::circle_of;
use architecture::imports::imports_of;
use architecture::rooms::{CRATES, FOR_TESTS_ALONE, ROOMS, rust_files};
use rstest::rstest;

/// If this failed, data would flow against the arrows: a lower room would know a higher one.
#[test]
fn every_room_names_only_the_rooms_below_it() {
    let mut violations = Vec::new();
    for room in ROOMS {
        for file in room.files() {
            let upward = imports_of(&file).into_iter().filter(|import| !room.may_import(import));
            violations.extend(upward.map(|import| format!("{}: {import}", file.display())));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// If this failed, a framework would leak out of the one room that may know it.
#[rstest]
#[case::the_web_framework("actix_web", &["http", "app", "main"])]
#[case::the_server_below_it("actix_http", &["http", "app"])]
#[case::its_services("actix_service", &["app"])]
#[case::the_actor_framework("actix", &[])]
#[case::the_http_client("reqwest", &["entra"])]
#[case::graphs_http_client("hyper", &["graph"])]
#[case::its_pool("hyper_util", &["graph"])]
#[case::its_bodies("http_body_util", &["graph"])]
#[case::its_tls("hyper_rustls", &["graph"])]
#[case::tls("rustls", &["graph"])]
#[case::the_protocol_types("rmcp", &["mcp"])]
#[case::token_libraries("jsonwebtoken", &["entra"])]
#[case::log_macros("tracing", &[])]
#[case::the_trace_sdk("opentelemetry", &[])]
fn a_library_is_known_to_its_rooms_alone(#[case] library: &str, #[case] allowed: &[&str]) {
    let mut violations = Vec::new();
    for room in ROOMS.iter().filter(|room| !allowed.contains(&room.name)) {
        for file in room.files() {
            let leaks = imports_of(&file).into_iter().filter(|import| import.root() == library);
            violations.extend(leaks.map(|import| format!("{}: {import}", file.display())));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// If this failed, a crate could reach what its walls are there to keep out.
#[test]
fn every_crate_stays_within_its_walls() {
    let mut violations = Vec::new();
    for walls in CRATES {
        for file in rust_files(walls.directory) {
            if FOR_TESTS_ALONE.iter().any(|exempt| file.ends_with(exempt)) {
                continue;
            }
            for import in imports_of(&file) {
                if walls.must_not_name.iter().any(|banned| import.starts_with(banned)) {
                    violations.push(format!("{}: {import}", file.display()));
                }
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// If this failed, nobody could say which of two modules is the lower one, and neither could be read without the other.
#[rstest]
#[case::the_actors("actors/src", &["testing", "simulation", "actix_facts", "tests", "actor_tests", "isolation", "crashes", "properties"])]
#[case::what_is_told("observability/src", &["tests", "testing"])]
#[case::the_simulator("simulator/src", &["tests"])]
#[case::the_simulated_graph("simulator/src/graph", &["tests"])]
#[case::the_simulated_calendars("simulator/src/graph/calendar", &["tests"])]
#[case::the_load("loadtest/src", &[])]
#[case::the_protocol("src/mcp", &["tests"])]
// Markup becomes text, and text is cleaned of markup: what each takes of the other is one function.
#[case::the_tools("src/tools", &["html", "text"])]
#[case::what_is_read("src/tools/resource", &[])]
fn modules_lean_on_each_other_in_one_direction(#[case] directory: &str, #[case] apart: &[&str]) {
    assert_eq!(circle_of(directory, apart), BTreeSet::new(), "in {directory}");
}

/// If this failed, a room could be added that no rule speaks of.
#[test]
fn every_room_is_on_the_map() {
    let mut unknown: Vec<String> = std::fs::read_dir("src")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "lib" && !ROOMS.iter().any(|room| room.name == name))
        .collect();
    unknown.sort();
    assert_eq!(unknown, Vec::<String>::new());
}

/// If this failed, a file would have outgrown its room: split it by what it does.
#[test]
fn files_stay_small_enough_to_read() {
    const LINES: usize = 450;
    const LINES_OF_A_TEST: usize = 600;
    let long: Vec<String> = ["src", "actors", "observability", "simulator", "demo", "loadtest", "tests"]
        .iter()
        .flat_map(|directory| rust_files(directory))
        .filter_map(|file| {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            (lines > if is_test { LINES_OF_A_TEST } else { LINES })
                .then(|| format!("{}: {lines}", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// If this failed, a room could take everything of the crate under a name that no rule knows.
#[rstest]
#[case::a_glob("use crate::*;")]
#[case::a_new_name("use crate as all;")]
fn the_crate_as_a_whole_may_not_be_taken(#[case] source: &str) {
    let imports = architecture::imports::imports_in(source, &["crate", "tools"]);
    assert!(imports.iter().any(|import| !ROOMS[7].may_import(import)), "{imports:?}");
}

/// If this failed, the checks above would pass because they see nothing.
#[rstest]
#[case::an_import("use crate::tools::Tool;", &["crate::tools::Tool"])]
#[case::a_group("use crate::{tools::{self, Tool}, graph as g};", &["crate::tools", "crate::tools::Tool", "crate::graph"])]
#[case::a_reexport("pub use crate::mcp::*;", &["crate::mcp"])]
#[case::an_inline_path("fn f() -> crate::mcp::Reply { reqwest::get(1) }", &["crate::mcp::Reply", "reqwest::get"])]
#[case::a_macro("fn f() { vec![crate::mcp::reply()]; }", &["crate::mcp::reply"])]
#[case::a_super_chain("mod inner { use super::super::super::mcp::Reply; }", &["crate::mcp::Reply"])]
fn imports_are_seen_in_every_form(#[case] source: &str, #[case] expected: &[&str]) {
    let seen: Vec<String> = architecture::imports::imports_in(source, &["crate", "http", "auth"])
        .iter()
        .map(ToString::to_string)
        .collect();
    for path in expected {
        assert!(seen.iter().any(|seen| seen == path), "{path} is not among {seen:?}");
    }
}
