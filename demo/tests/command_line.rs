//! The demo's own process, asked for something else than a visit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpListener;
use std::process::{Command, Output};

use rstest::rstest;

fn run(arguments: &[&str], ports: &[(&str, String)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m365-demo"));
    command.args(arguments).env_remove("CONNECTOR_PORT").env_remove("SIMULATOR_PORT");
    command.envs(ports.iter().map(|(name, port)| (name, port))).output().unwrap()
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
#[case::argument(&["--seed"], "", "unknown argument '--seed'")]
#[case::port(&[], "eighty", "CONNECTOR_PORT='eighty' is no port")]
fn a_slip_is_named_and_ends_with_2(#[case] arguments: &[&str], #[case] port: &str, #[case] expected: &str) {
    let ended = run(arguments, &[("CONNECTOR_PORT", port.to_owned())]);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{text}");
    assert!(text.contains(expected), "{text}");
}

/// If this failed, a port that is taken would be a riddle.
#[rstest]
#[case::connector("CONNECTOR_PORT", "SIMULATOR_PORT")]
#[case::simulator("SIMULATOR_PORT", "CONNECTOR_PORT")]
fn a_taken_port_is_named_with_the_way_to_choose_another(#[case] taken: &str, #[case] other: &str) {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let ended = run(&[], &[(taken, port.to_string()), (other, "0".to_owned())]);
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains(&format!("{taken}=N")), "{text}");
}
