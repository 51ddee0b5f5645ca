//! What the documents promise to hold whole, held against the code.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

use std::collections::BTreeSet;
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

/// The numbers that `fn code` of the protocol's errors gives, and those that have a name beside it.
fn numbers(source: &str) -> BTreeSet<i32> {
    let number = |line: &str| {
        let (_, number) = line.split_once(" => ").or_else(|| line.split_once(": i32 = "))?;
        number.trim_end_matches([',', ';']).parse().ok()
    };
    let numbers: BTreeSet<i32> = source.lines().filter_map(number).collect();
    assert!(numbers.len() >= 11, "src/mcp/error.rs has been read wrongly: {numbers:?}");
    numbers
}

/// If this failed, whoever meets an error of the protocol would look for its number in vain.
#[test]
fn every_number_of_an_error_is_explained_to_clients() {
    let (numbers, guide) = (numbers(&read("src/mcp/error.rs")), read("docs/CLIENTS.md"));
    let missing: Vec<_> =
        numbers.iter().filter(|number| !guide.contains(&format!("error `{number}`"))).collect();
    assert!(missing.is_empty(), "docs/CLIENTS.md lacks {missing:?}");
}

/// If this failed, an error could be taken for what a server of the past meant by its number: MCP 2026-07-28 gives out none
/// of these. One is from there, for clients of its time.
#[test]
fn no_error_has_a_number_that_the_past_has_left_behind() {
    let of_the_past = numbers(&read("src/mcp/error.rs"))
        .into_iter()
        .filter(|number| (-32019..=-32000).contains(number))
        .collect::<Vec<_>>();
    assert_eq!(of_the_past, [-32002]);
}
