//! The simulator's own process, asked for something else than to serve.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

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

/// Ends the process with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Scripts wait for the first line; people configure a connector by the next ones.
#[test]
fn the_first_line_says_ready_and_the_next_ones_what_to_configure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m365-simulator"));
    command.args(["--port", "0", "--app-id-uri", "http://127.0.0.1:7/mcp"]).stdout(Stdio::piped());
    let mut serving = Serving(command.spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("ready simulator=http://127.0.0.1:"));
    let directory = m365_simulator::directory::Directory::generate(1);
    let connector = lines.next().unwrap();
    let expected = format!(
        "connector client_id={} client_secret={} scope=access_as_user app_id_uri=http://127.0.0.1:7/mcp",
        directory.connector.client_id, directory.connector.client_secret
    );
    assert_eq!(connector, expected);
    for client in &directory.clients {
        assert_eq!(lines.next().unwrap(), format!("client id={} name=\"{}\"", client.id, client.name));
    }
}
