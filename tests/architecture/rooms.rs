//! The map: rooms of `src/`, and the walls of the other crates.

use std::fs;
use std::path::{Path, PathBuf};

use super::imports::Import;

/// A module of `src/` and the ones it may name. Arrows may skip a room on the way down.
pub(crate) struct Room {
    pub(crate) name: &'static str,
    pub(crate) may_name: &'static [&'static str],
}

pub(crate) const ROOMS: &[Room] = &[
    Room { name: "main", may_name: &["command_line"] },
    Room { name: "command_line", may_name: &[] },
    Room {
        name: "app",
        may_name: &[
            "config", "control", "http", "mcp", "tools", "graph", "entra", "audit", "state", "policy",
        ],
    },
    Room { name: "config", may_name: &["http", "entra", "audit", "state", "policy"] },
    Room { name: "control", may_name: &[] },
    Room { name: "http", may_name: &["mcp", "tools", "graph", "entra", "audit", "state", "policy"] },
    Room { name: "mcp", may_name: &["tools", "graph", "policy"] },
    Room { name: "tools", may_name: &["graph", "policy", "many_bytes"] },
    Room { name: "graph", may_name: &["policy", "many_bytes"] },
    Room { name: "entra", may_name: &["many_bytes"] },
    Room { name: "audit", may_name: &[] },
    Room { name: "state", may_name: &["policy"] },
    Room { name: "policy", may_name: &[] },
    Room { name: "many_bytes", may_name: &[] },
];

impl Room {
    /// Whether code of this room may name `import`. Only names of rooms matter here.
    pub(crate) fn may_import(&self, import: &Import) -> bool {
        if import.root() != "crate" {
            return true;
        }
        // A glob or a new name for the whole crate would hide what is taken from it.
        let Some(target) = import.segment(1) else { return false };
        let is_a_room = ROOMS.iter().any(|room| room.name == target);
        !is_a_room || target == self.name || self.may_name.contains(&target)
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let file = PathBuf::from(format!("src/{}.rs", self.name));
        let folder = format!("src/{}", self.name);
        let inside = if Path::new(&folder).is_dir() { rust_files(&folder) } else { Vec::new() };
        file.is_file().then_some(file).into_iter().chain(inside).collect()
    }
}

/// A crate beside `src/`, and what its code must not name.
pub(crate) struct Walls {
    pub(crate) directory: &'static str,
    pub(crate) must_not_name: &'static [&'static str],
}

/// Not part of what is built: `SIM_SEED` and `SIM_SCHEDULES` come out of the environment, and spans are entered to see where
/// they end.
pub(crate) const FOR_TESTS_ALONE: &[&str] =
    &["actors/src/actix_facts/spans.rs", "actors/src/simulation/environment.rs"];

pub(crate) const CRATES: &[Walls] = &[
    Walls {
        directory: "actors/src",
        must_not_name: &[
            "reqwest",
            "hyper",
            "hyper_util",
            "actix_web",
            "rmcp",
            "serde_json",
            "std::env",
            "tracing",
            "m365_connector",
        ],
    },
    Walls {
        directory: "observability/src",
        must_not_name: &[
            "reqwest",
            "hyper",
            "hyper_util",
            "actix_web",
            "actix",
            "connector_actors",
            "m365_connector",
        ],
    },
    Walls {
        directory: "simulator/src",
        must_not_name: &["actix", "connector_actors", "connector_observability", "m365_connector"],
    },
    Walls { directory: "demo/src", must_not_name: &["actix", "tracing", "rmcp"] },
    Walls { directory: "fuzz/src", must_not_name: &["actix", "tracing", "rmcp", "jsonwebtoken"] },
    Walls { directory: "tests/interop/src", must_not_name: &["actix", "tracing", "jsonwebtoken"] },
    Walls { directory: "loadtest/src", must_not_name: &["actix", "tracing", "rmcp"] },
];

/// Every Rust file below `directory`, sorted.
pub(crate) fn rust_files(directory: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(Path::new(directory), &mut files);
    files.sort();
    files
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
