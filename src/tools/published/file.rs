//! A file that is written from what the code does, and checked in. Tests of the connector from outside use it, too.

use std::fs;
use std::path::PathBuf;

/// Of the repository.
pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Writes the file where that was asked for, and holds it against `expected` otherwise.
pub(super) fn publish(path: &str, expected: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_PUBLISHED").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "{path} is missing or stale: run `make published` and look at what has changed"
    );
}
