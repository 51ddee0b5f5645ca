//! Runs the simulator alone, until Ctrl-C.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use m365_simulator::scenario::{self, ScenarioError};
use m365_simulator::{Simulator, SimulatorOptions, TlsOptions, is_app_id_uri};
use thiserror::Error;

const DEFAULT_PORT: u16 = 8081;
const DEFAULT_TLS_PORT: u16 = 8443;
/// The exit code for a command line that is not understood.
const WRONG_USAGE: u8 = 2;

const USAGE: &str = "\
m365-simulator: a simulated Microsoft 365 on loopback

usage: m365-simulator [--listen ADDRESS] [--port N] [--seed N] [--scenario FILE]
                      [--app-id-uri URL]… [--tls] [--tls-port N] [--tls-ca FILE]

  --listen ADDRESS   where to listen with HTTP (default 127.0.0.1); another address is for containers
                     alone: whoever reaches it gets tokens for the asking
  --port N           and on which port; 0 takes a free one (default 8081, or SIMULATOR_PORT)
  --seed N           which world to generate (default 1)
  --scenario FILE    tenants, limits, faults and times of a TOML file; --seed goes before the file's own
  --app-id-uri URL   an App ID URI of the connector, its full MCP URL; may be repeated
                     (default http://127.0.0.1:8080/mcp)
  --tls              serves HTTPS beside HTTP, with certificates of a CA made at the start
  --tls-port N       where to serve it; 0 takes a free port (default 8443); implies --tls
  --tls-ca FILE      where the CA's certificate is written to; implies --tls
  --help, -h         print this text
  --version, -V      print the version
";

/// What the command line asks for.
#[derive(Debug)]
enum Command {
    Serve(Box<SimulatorOptions>),
    Help,
    Version,
}

#[derive(Debug, Error)]
enum ArgumentError {
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("{name}: '{value}' is not a number that fits")]
    NotANumber { name: String, value: String },
    #[error("--listen: '{0}' is not an IP address")]
    NotAnAddress(String),
    #[error("--app-id-uri: '{0}' is not a full URL without a slash at the end")]
    NotAnAppIdUri(String),
    #[error("{0} is there more than once")]
    Twice(String),
    #[error("unknown argument '{0}'")]
    Unknown(String),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

#[actix_web::main]
async fn main() -> ExitCode {
    match command(env::args_os().skip(1).map(|argument| lossy(&argument)), env::var("SIMULATOR_PORT").ok()) {
        Ok(Command::Help) => say(&mut io::stdout(), USAGE, ExitCode::SUCCESS),
        Ok(Command::Version) => say(
            &mut io::stdout(),
            concat!("m365-simulator ", env!("CARGO_PKG_VERSION"), "\n"),
            ExitCode::SUCCESS,
        ),
        Ok(Command::Serve(options)) => match serve(*options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => say(&mut io::stderr(), &format!("m365-simulator: {error}\n"), ExitCode::FAILURE),
        },
        Err(ArgumentError::Scenario(error)) => {
            say(&mut io::stderr(), &format!("m365-simulator: {error}\n"), ExitCode::from(WRONG_USAGE))
        }
        Err(error) => {
            let text = format!("m365-simulator: {error}\n\n{USAGE}");
            say(&mut io::stderr(), &text, ExitCode::from(WRONG_USAGE))
        }
    }
}

/// No argument of ours is anything but text; another one is named as well as it can be.
fn lossy(argument: &OsStr) -> String {
    argument.to_string_lossy().into_owned()
}

async fn serve(options: SimulatorOptions) -> io::Result<()> {
    let app_id_uris = options.connector_app_id_uris.clone();
    let simulator = Simulator::start(options).await?;
    writeln!(io::stdout(), "ready simulator={}", simulator.base_url())?;
    // Who reads only that line may have closed the pipe.
    drop(io::stdout().write_all(introduction(&simulator, &app_id_uris).as_bytes()));
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}

/// What a connector and an MCP client are configured with.
fn introduction(simulator: &Simulator, app_id_uris: &[String]) -> String {
    let connector = &simulator.directory().connector;
    let clients = &simulator.directory().clients;
    let mut lines = vec![format!(
        "connector client_id={} client_secret={} scope={} app_id_uri={}",
        connector.client_id,
        connector.client_secret,
        connector.scope,
        app_id_uris.join(",")
    )];
    lines.extend(clients.iter().map(|client| format!("client id={} name=\"{}\"", client.id, client.name)));
    lines.extend(simulator.secure_base_url().map(|base| format!("tls simulator={base}")));
    lines.push(format!("more at {}/_sim/registration and /_sim/directory\n", simulator.base_url()));
    lines.join("\n")
}

fn say(out: &mut impl io::Write, text: &str, code: ExitCode) -> ExitCode {
    // A closed terminal leaves nobody to tell.
    match out.write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn command(
    mut arguments: impl Iterator<Item = String>,
    port: Option<String>,
) -> Result<Command, ArgumentError> {
    let mut options = SimulatorOptions::default();
    let (mut chosen_port, mut chosen_seed, mut chosen_scenario) = (None, None, None);
    let mut listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut given: Vec<String> = Vec::new();
    while let Some(name) = arguments.next() {
        if name != "--app-id-uri" && given.contains(&name) {
            return Err(ArgumentError::Twice(name));
        }
        given.push(name.clone());
        let mut value = || arguments.next().ok_or_else(|| ArgumentError::NoValue(name.clone()));
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--listen" => listen = address(value()?)?,
            "--port" => chosen_port = Some(number("--port", value()?)?),
            "--seed" => chosen_seed = Some(number("--seed", value()?)?),
            "--scenario" => chosen_scenario = Some(PathBuf::from(value()?)),
            "--app-id-uri" => options.connector_app_id_uris.push(app_id_uri(value()?)?),
            "--tls" => drop(tls(&mut options)),
            "--tls-port" => tls(&mut options).address.set_port(number("--tls-port", value()?)?),
            "--tls-ca" => tls(&mut options).ca_file = Some(value()?.into()),
            _ => return Err(ArgumentError::Unknown(name)),
        }
    }
    if let Some(path) = chosen_scenario {
        options = scenario::load(&path, chosen_seed, options)?;
    }
    options.seed = chosen_seed.unwrap_or(options.seed);
    if options.connector_app_id_uris.is_empty() {
        options.connector_app_id_uris.push("http://127.0.0.1:8080/mcp".to_owned());
    }
    let port = match (chosen_port, port) {
        (Some(port), _) => port,
        (None, Some(port)) => number("SIMULATOR_PORT", port)?,
        (None, None) => DEFAULT_PORT,
    };
    options.address = SocketAddr::from((listen, port));
    Ok(Command::Serve(Box::new(options)))
}

/// The TLS options, which any of their arguments switches on.
fn tls(options: &mut SimulatorOptions) -> &mut TlsOptions {
    options.tls.get_or_insert_with(|| TlsOptions {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_TLS_PORT)),
        ..TlsOptions::default()
    })
}

fn address(value: String) -> Result<IpAddr, ArgumentError> {
    value.parse().map_err(|_| ArgumentError::NotAnAddress(value))
}

fn app_id_uri(value: String) -> Result<String, ArgumentError> {
    if is_app_id_uri(&value) { Ok(value) } else { Err(ArgumentError::NotAnAppIdUri(value)) }
}

fn number<T: std::str::FromStr>(name: &str, value: String) -> Result<T, ArgumentError> {
    value.parse().map_err(|_| ArgumentError::NotANumber { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn parse(arguments: &[&str], port: Option<&str>) -> Result<Command, ArgumentError> {
        command(arguments.iter().map(|argument| (*argument).to_owned()), port.map(str::to_owned))
    }

    /// A port that is silently another one leaves the connector talking to nobody.
    #[rstest]
    #[case(&[], None, 8081)]
    #[case(&[], Some("9000"), 9000)]
    #[case(&["--port", "0"], Some("9000"), 0)]
    fn the_port_comes_from_the_argument_then_the_environment(
        #[case] arguments: &[&str],
        #[case] environment: Option<&str>,
        #[case] port: u16,
    ) {
        let Ok(Command::Serve(options)) = parse(arguments, environment) else { panic!("it would not serve") };
        assert_eq!(options.address.port(), port);
    }

    /// Who gives tokens for the asking must not be reached from elsewhere unless that was asked for.
    #[rstest]
    #[case(&[], "127.0.0.1:8081")]
    #[case(&["--listen", "0.0.0.0"], "0.0.0.0:8081")]
    #[case(&["--port", "0", "--listen", "::1"], "[::1]:0")]
    fn it_listens_on_loopback_unless_it_is_told_otherwise(
        #[case] arguments: &[&str],
        #[case] expected: SocketAddr,
    ) {
        let Ok(Command::Serve(options)) = parse(arguments, None) else { panic!("it would not serve") };
        assert_eq!(options.address, expected);
    }

    /// An ignored argument is a setting that its user believes in.
    #[rstest]
    #[case(&["--port"], "--port needs a value")]
    #[case(&["--port", "70000"], "--port: '70000' is not a number that fits")]
    #[case(&["--tls-port", "x"], "--tls-port: 'x' is not a number that fits")]
    #[case(&["--tls-ca"], "--tls-ca needs a value")]
    #[case(&["--listen", "localhost"], "--listen: 'localhost' is not an IP address")]
    #[case(&["--app-id-uri", "127.0.0.1:8080/mcp"], "--app-id-uri: '127.0.0.1:8080/mcp' is not a full URL without a slash at the end")]
    #[case(&["--app-id-uri", "http://127.0.0.1:8080/"], "--app-id-uri: 'http://127.0.0.1:8080/' is not a full URL without a slash at the end")]
    #[case(&["--port", "1", "--seed", "2", "--port", "3"], "--port is there more than once")]
    #[case(&["--prot", "1"], "unknown argument '--prot'")]
    fn a_wrong_argument_is_named(#[case] arguments: &[&str], #[case] message: &str) {
        assert_eq!(parse(arguments, None).unwrap_err().to_string(), message);
    }

    /// Whoever names a file and gets the usual cloud would test the wrong one.
    #[rstest]
    #[case(&["--scenario", "scenarios/thousand-tenants.toml"], 42)]
    #[case(&["--seed", "5", "--scenario", "scenarios/thousand-tenants.toml"], 5)]
    fn a_scenario_counts_and_the_command_line_before_it(#[case] arguments: &[&str], #[case] seed: u64) {
        let Ok(Command::Serve(options)) = parse(arguments, None) else { panic!("it would not serve") };
        assert_eq!((options.seed, options.directory().tenant_count()), (seed, 3 + 1_201));
        let error = parse(&["--scenario", "no.toml"], None).unwrap_err().to_string();
        assert!(error.starts_with("no.toml: cannot be read"), "{error}");
    }

    /// Who is called what follows from the seed: an entry about nobody must be found where it stands, and before anything
    /// is served.
    #[test]
    fn an_entry_about_nobody_of_the_chosen_seed_is_named() {
        let error = parse(&["--seed", "2", "--scenario", "scenarios/sizes.toml"], None).unwrap_err();
        let line = 1 + include_str!("../scenarios/sizes.toml")
            .lines()
            .position(|line| line.starts_with("user ="))
            .unwrap();
        let expected = format!("scenarios/sizes.toml:{line}: `user` names nothing in the directory");
        assert_eq!(error.to_string(), expected);
    }

    /// Whoever asks for help would otherwise start a simulator.
    #[rstest]
    #[case(&["--help"], Some("rubbish"))]
    #[case(&["--port", "1", "-h"], None)]
    fn help_is_given_whatever_else_is_set(#[case] arguments: &[&str], #[case] port: Option<&str>) {
        assert!(matches!(parse(arguments, port), Ok(Command::Help)));
    }
}
