//! The demo's own process, asked for something else than a visit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpListener;
use std::process::{Command, Output};

use rstest::rstest;

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m365-demo"));
    command
        .args(arguments)
        .envs(["CONNECTOR_PORT", "CONNECTOR_OPERATIONS_PORT", "SIMULATOR_PORT"].map(|name| (name, "0")));
    command.envs(variables.iter().copied()).output().unwrap()
}

/// If this failed, asking for help would start a demo that has to be stopped.
#[rstest]
#[case("--help", "usage: m365-demo")]
#[case("--version", concat!("m365-demo ", env!("CARGO_PKG_VERSION")))]
fn help_and_version_are_printed(#[case] argument: &str, #[case] expected: &str) {
    let ended = run(&[argument], &[]);
    assert_eq!(ended.status.code(), Some(0));
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(text.contains(expected) && ended.stderr.is_empty(), "{text}");
}

/// If this failed, a slip would be taken for something else.
#[rstest]
#[case::argument(&["--seed"], &[], "unknown argument '--seed'")]
#[case::port(&[], &[("CONNECTOR_PORT", "eighty")], "CONNECTOR_PORT='eighty' is no port")]
#[case::operations(
    &[],
    &[("CONNECTOR_OPERATIONS_PORT", "-1")],
    "CONNECTOR_OPERATIONS_PORT='-1' is no port"
)]
#[case::telemetry(&[], &[("CONNECTOR__TELEMETRY__SAMPLE_RATIO", "2")], "telemetry.sample_ratio: must lie")]
fn a_slip_is_named_and_ends_with_2(
    #[case] arguments: &[&str],
    #[case] variables: &[(&str, &str)],
    #[case] expected: &str,
) {
    let ended = run(arguments, variables);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{text}");
    assert!(text.contains(expected), "{text}");
}

/// If this failed, a port that is taken would be a riddle.
#[rstest]
fn a_taken_port_is_named_with_the_way_to_choose_another(
    #[values("CONNECTOR_PORT", "CONNECTOR_OPERATIONS_PORT", "SIMULATOR_PORT")] taken: &str,
) {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let ended = run(&[], &[(taken, port.to_string().as_str())]);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains(&format!("{taken}=N")), "{text}");
}

/// If this failed, what cannot be told would be lost in silence, or the visit would begin without it.
#[rstest]
#[case::log_file("CONNECTOR_LOG_FILE", "/nowhere/demo.log", "CONNECTOR_LOG_FILE=/nowhere/demo.log: ")]
#[case::collector(
    "CONNECTOR__TELEMETRY__OTLP_ENDPOINT",
    "127.0.0.1:4318",
    "the OTLP endpoint \"127.0.0.1:4318\" must be http://host:port"
)]
fn a_place_that_nothing_can_be_told_to_is_named(
    #[case] variable: &str,
    #[case] place: &str,
    #[case] expected: &str,
) {
    let ended = run(&[], &[(variable, place)]);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{text}");
    assert!(text.contains(expected) && ended.stdout.is_empty(), "{text}");
}
