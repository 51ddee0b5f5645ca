//! The command line of the connector's own process.

use std::process::{Command, Output};

use rstest::rstest;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_m365-connector")).args(arguments).output().unwrap()
}

/// If this failed, a script that asks for help or the version would be told that it did something wrong.
#[rstest]
#[case::help("--help", "usage: m365-connector [serve | check-config] [--config FILE]")]
#[case::short_help("-h", "usage: m365-connector")]
#[case::version("--version", concat!("m365-connector ", env!("CARGO_PKG_VERSION")))]
fn help_and_version_are_printed(#[case] argument: &str, #[case] expected: &str) {
    let ended = run(&[argument]);
    assert_eq!(ended.status.code(), Some(0));
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(text.contains(expected) && ended.stderr.is_empty(), "{text}");
}

/// If this failed, an argument could be passed over, and the service run with other settings than were meant.
#[rstest]
#[case::misspelt(&["--confg", "x.toml"], "unknown argument '--confg'")]
#[case::command(&["start"], "unknown argument 'start'")]
#[case::no_file(&["serve", "--config"], "--config needs a value")]
fn a_wrong_argument_is_named_and_ends_with_2(#[case] arguments: &[&str], #[case] expected: &str) {
    let ended = run(arguments);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), ended.stdout.is_empty()), (Some(2), true), "{text}");
    assert!(text.contains(expected) && text.contains("usage: m365-connector"), "{text}");
}
