//! The scripts behind `make`, as far as they decide something.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

use std::process::{Command, Output};

/// Asks for a tool that nobody has, with nothing in reach that could install it.
fn with_a_missing_tool(ci: Option<&str>) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-tools.sh");
    let mut command = Command::new("/bin/bash");
    command.args([script, "no-such-package", "no-such-tool", "scripts/alerts.sh"]);
    command.env_clear().env("PATH", "/nowhere").envs(ci.map(|ci| ("CI", ci)));
    command.output().unwrap()
}

/// If this failed, a contributor without a tool would be stopped by it, or not be told what was left out.
#[test]
fn a_contributor_without_a_tool_is_told_what_is_skipped() {
    let output = with_a_missing_tool(None);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "skipped: alerts.sh needs no-such-tool (apt-get install no-such-package)\n");
}

/// If this failed, CI would be green without having looked.
#[test]
fn a_missing_tool_is_an_error_in_ci() {
    let output = with_a_missing_tool(Some("true"));
    assert!(!output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no-such-tool is missing, and could not be installed"), "{said}");
}
