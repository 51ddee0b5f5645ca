//! The simulator's own process, asked for something else than to serve.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

use rstest::rstest;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m365-simulator"));
    command.args(arguments).env_remove("SIMULATOR_PORT").output().unwrap()
}

/// A script that asks for help must not hang on a server.
#[rstest]
#[case("--help", "--app-id-uri URL")]
#[case("--version", concat!("m365-simulator ", env!("CARGO_PKG_VERSION")))]
fn help_and_version_are_printed(#[case] argument: &str, #[case] expected: &str) {
    let ended = run(&[argument]);
    assert_eq!(ended.status.code(), Some(0));
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(text.contains(expected) && ended.stderr.is_empty(), "{text}");
}

/// An argument that is passed over is a setting that its user believes in.
#[test]
fn an_unknown_argument_is_named_and_ends_with_2() {
    let ended = run(&["--prot", "1"]);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(text.contains("unknown argument '--prot'"), "{text}");
}
