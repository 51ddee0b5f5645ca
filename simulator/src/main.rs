//! Runs the simulator alone, until Ctrl-C.

use std::env;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use m365_simulator::{Simulator, SimulatorOptions};
use thiserror::Error;

const USAGE: &str = "\
m365-simulator: a simulated Microsoft 365 on loopback

  --port N           where to listen; 0 takes a free port (default 8081, or SIMULATOR_PORT)
  --seed N           which world to generate (default 1)
  --app-id-uri URL   an App ID URI of the connector, its full MCP URL; may be repeated
                     (default http://127.0.0.1:8080/mcp)
";

#[derive(Debug, Error)]
enum ArgumentError {
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("{name}: '{value}' is not a number that fits")]
    NotANumber { name: String, value: String },
    #[error("unknown argument '{0}'")]
    Unknown(String),
}

#[actix_web::main]
async fn main() -> ExitCode {
    if env::args().any(|argument| matches!(argument.as_str(), "--help" | "-h")) {
        return say(&mut io::stdout(), USAGE, ExitCode::SUCCESS);
    }
    let options = match options(env::args().skip(1), env::var("SIMULATOR_PORT").ok()) {
        Ok(options) => options,
        Err(error) => return say(&mut io::stderr(), &format!("{error}\n\n{USAGE}"), ExitCode::from(2)),
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(&mut io::stderr(), &format!("{error}\n"), ExitCode::FAILURE),
    }
}

async fn serve(options: SimulatorOptions) -> io::Result<()> {
    let simulator = Simulator::start(options).await?;
    writeln!(io::stdout(), "ready simulator={}", simulator.base_url())?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}

fn say(out: &mut impl io::Write, text: &str, code: ExitCode) -> ExitCode {
    // A closed terminal leaves nobody to tell.
    match out.write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn options(
    mut arguments: impl Iterator<Item = String>,
    port: Option<String>,
) -> Result<SimulatorOptions, ArgumentError> {
    let mut options = SimulatorOptions::default();
    let mut port = number("SIMULATOR_PORT", port.unwrap_or_else(|| "8081".to_owned()))?;
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| ArgumentError::NoValue(name.clone()));
        match name.as_str() {
            "--port" => port = number("--port", value()?)?,
            "--seed" => options.seed = number("--seed", value()?)?,
            "--app-id-uri" => options.connector_app_id_uris.push(value()?),
            _ => return Err(ArgumentError::Unknown(name)),
        }
    }
    if options.connector_app_id_uris.is_empty() {
        options.connector_app_id_uris.push("http://127.0.0.1:8080/mcp".to_owned());
    }
    options.address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(options)
}

fn number<T: std::str::FromStr>(name: &str, value: String) -> Result<T, ArgumentError> {
    value.parse().map_err(|_| ArgumentError::NotANumber { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn parse(arguments: &[&str], port: Option<&str>) -> Result<SimulatorOptions, ArgumentError> {
        options(arguments.iter().map(|argument| (*argument).to_owned()), port.map(str::to_owned))
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
        assert_eq!(parse(arguments, environment).unwrap().address.port(), port);
    }

    /// An ignored argument is a setting that its user believes in.
    #[rstest]
    #[case(&["--port"], "--port needs a value")]
    #[case(&["--port", "70000"], "--port: '70000' is not a number that fits")]
    #[case(&["--prot", "1"], "unknown argument '--prot'")]
    fn a_wrong_argument_is_named(#[case] arguments: &[&str], #[case] message: &str) {
        assert_eq!(parse(arguments, None).unwrap_err().to_string(), message);
    }
}
