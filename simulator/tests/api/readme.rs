//! The README's claims about the tests.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A behaviour that is said to be proved by a test which was renamed or dropped is proved by nothing.
#[test]
fn every_test_that_the_readme_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let read = |path: &PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    let files: Vec<(PathBuf, String)> = files.iter().map(read).collect();
    let rows =
        readme.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth_back(1));
    let named: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let tests = named.iter().filter(|name| {
        let plain = |character: char| character.is_ascii_lowercase() || "_:".contains(character);
        name.len() > 20 && name.chars().all(plain) && name.contains('_')
    });
    let mut count = 0;
    for name in tests {
        let (module, function) = name.rsplit_once("::").unwrap_or(("", name));
        let file = format!("{}.rs", module.rsplit("::").next().unwrap_or_default());
        let holds = |(path, text): &(PathBuf, String)| {
            let has_test = text.contains(&format!("fn {function}("));
            (module.is_empty() || path.ends_with(&file)) && has_test
                || path.ends_with(format!("{function}.rs"))
        };
        assert!(files.iter().any(holds), "neither a test nor a file of tests is called {name}");
        count += 1;
    }
    assert!(count > 50, "{count} tests are named");
}
