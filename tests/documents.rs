//! What the documents promise to hold whole, held against the code.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

use std::fs;
use std::path::Path;

use rstest::rstest;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The codes that the arms of `fn code` give.
fn codes(source: &str) -> Vec<&str> {
    let (_, function) = source.split_once("fn code(").unwrap();
    let (_, arms) = function.split_once("{\n").unwrap();
    let (arms, _) = arms.split_once("\n    }\n").unwrap();
    arms.lines().filter_map(|arm| arm.trim().split_once(" => \"")?.1.strip_suffix("\",")).collect()
}

/// If this failed, whoever meets a code would look for it in vain.
#[rstest]
#[case::of_the_front("src/http/refusal.rs", 27)]
#[case::of_policy("src/policy/decision.rs", 11)]
fn every_code_of_a_refusal_is_explained_to_clients(#[case] path: &str, #[case] at_least: usize) {
    let (source, guide) = (read(path), read("docs/CLIENTS.md"));
    let codes = codes(&source);
    assert!(codes.len() >= at_least, "{path} has been read wrongly: {codes:?}");
    let missing: Vec<_> = codes.iter().filter(|code| !guide.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "docs/CLIENTS.md lacks {missing:?}");
}
