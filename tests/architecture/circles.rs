//! Which modules at the top of a crate lean on each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use super::imports::imports_of;
use super::rooms::rust_files;

/// The modules at the top of `directory`, a crate or a room, that cannot be put in an order in which each names only those
/// after it. Modules and files named in `apart` are left out.
pub(crate) fn circle_of(directory: &str, apart: &[&str]) -> BTreeSet<String> {
    let (_, room) = directory.rsplit_once("src").unwrap_or_default();
    let above = format!("crate{}", room.replace('/', "::"));
    let depth = above.split("::").count();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in rust_files(directory) {
        let Some(module) = top_module(&file, directory, apart) else { continue };
        let named = imports_of(&file)
            .into_iter()
            .filter(|import| import.starts_with(&above))
            .filter_map(|import| import.segment(depth).map(str::to_owned))
            .filter(|name| *name != module);
        names.entry(module.clone()).or_default().extend(named);
    }
    while let Some(lowest) =
        names.keys().find(|module| names[*module].iter().all(|name| !names.contains_key(name)))
    {
        let lowest = lowest.clone();
        names.remove(&lowest);
    }
    names.into_keys().collect()
}

/// `None` for the face of the crate or room, and for what is apart.
fn top_module(file: &Path, directory: &str, apart: &[&str]) -> Option<String> {
    let inside = file.strip_prefix(directory).ok()?;
    let names: Vec<&str> = inside
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .map(|name| name.trim_end_matches(".rs"))
        .collect();
    if names.iter().any(|name| apart.contains(name)) {
        return None;
    }
    let first = *names.first()?;
    (!matches!(first, "lib" | "main" | "mod")).then(|| first.to_owned())
}
