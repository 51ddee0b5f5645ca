//! The corpus, in every test run.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

use std::fs;
use std::path::PathBuf;

/// Runs `check` over the corpus `name`. What is good says so at the beginning of its name. Returns how many there are.
fn run(name: &str, check: fn(&[u8]) -> bool) -> usize {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus").join(name);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_good = name.starts_with("good");
        assert_eq!(check(&fs::read(&path).unwrap()), is_good, "{name}");
        count += 1;
    }
    count
}

/// If this failed, a token that is known to be wrong would be let in, or would end the thread that reads it.
#[test]
fn what_must_hold_for_tokens_holds_for_the_corpus() {
    let count = run("token", m365_fuzz::token::check);
    assert!(count >= 60, "{count} files");
}

/// If this failed, a body that is known to be odd would be read differently by the fast reader, or end its thread.
#[test]
fn what_must_hold_for_bodies_holds_for_the_corpus() {
    let count = run("body", m365_fuzz::body::check);
    assert!(count >= 25, "{count} files");
}

/// If this failed, a message that is known to be odd would be read wrongly, or would end the thread that reads it.
#[test]
fn what_must_hold_for_messages_holds_for_the_corpus() {
    let count = run("envelope", m365_fuzz::envelope::check);
    assert!(count >= 60, "{count} files");
}
