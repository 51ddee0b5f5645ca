//! The command line and the environment of the demo.

use std::env::VarError;

use m365_demo::{StageError, StageOptions};
use thiserror::Error;

const CONNECTOR_PORT: &str = "CONNECTOR_PORT";
const SIMULATOR_PORT: &str = "SIMULATOR_PORT";

pub(crate) const USAGE: &str = "\
m365-demo: the connector and a simulated Microsoft 365 on loopback, with a scripted visit

usage: m365-demo

  --help, -h         print this text
  --version, -V      print the version

Environment:
  CONNECTOR_PORT     where the connector listens; 0 takes a free port (default 8080)
  SIMULATOR_PORT     where the simulator listens; 0 takes a free port (default 8081)
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Play(StageOptions),
    Help,
    Version,
}

/// What is wrong with the command line or the environment.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum UsageError {
    #[error("unknown argument '{0}'")]
    Unknown(String),
    #[error("{variable}='{value}' is no port: it must be a number from 0 to 65535")]
    NotAPort { variable: &'static str, value: String },
}

/// Reads the first argument, and the ports from `variable`.
pub(crate) fn read(
    first: Option<&str>,
    variable: impl Fn(&'static str) -> Result<String, VarError>,
) -> Result<Command, UsageError> {
    match first {
        Some("--help" | "-h") => Ok(Command::Help),
        Some("--version" | "-V") => Ok(Command::Version),
        Some(unknown) => Err(UsageError::Unknown(unknown.to_owned())),
        None => Ok(Command::Play(StageOptions {
            connector_port: port(CONNECTOR_PORT, variable(CONNECTOR_PORT), 8080)?,
            simulator_port: port(SIMULATOR_PORT, variable(SIMULATOR_PORT), 8081)?,
            newest: None,
        })),
    }
}

fn port(name: &'static str, value: Result<String, VarError>, default: u16) -> Result<u16, UsageError> {
    match value {
        Err(VarError::NotPresent) => Ok(default),
        Err(VarError::NotUnicode(value)) => {
            Err(UsageError::NotAPort { variable: name, value: value.to_string_lossy().into_owned() })
        }
        Ok(value) => value.parse().map_err(|_| UsageError::NotAPort { variable: name, value }),
    }
}

/// What to do about a stage that did not start; nothing to add for most reasons.
pub(crate) fn remedy(error: &StageError) -> Option<String> {
    let variable = match error {
        StageError::Connector(m365_connector::StartError::Listen { .. }) => CONNECTOR_PORT,
        StageError::Simulator(_) => SIMULATOR_PORT,
        _ => return None,
    };
    Some(format!("choose another port with {variable}=N; 0 takes a free one"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn command(first: Option<&str>, connector: Option<&str>) -> Result<Command, UsageError> {
        read(first, |name| match name {
            CONNECTOR_PORT => connector.map(str::to_owned).ok_or(VarError::NotPresent),
            _ => Err(VarError::NotPresent),
        })
    }

    /// If this failed, the demo would listen somewhere else than its user looks.
    #[rstest]
    #[case::defaults(None, 8080)]
    #[case::chosen(Some("80"), 80)]
    #[case::free(Some("0"), 0)]
    fn the_ports_come_from_the_environment(#[case] connector: Option<&str>, #[case] port: u16) {
        let expected = StageOptions { connector_port: port, simulator_port: 8081, newest: None };
        assert_eq!(command(None, connector), Ok(Command::Play(expected)));
    }

    /// If this failed, a slip would be answered with a riddle, or not at all.
    #[rstest]
    #[case::argument(Some("--prot"), None, "unknown argument '--prot'")]
    #[case::too_large(
        None,
        Some("65536"),
        "CONNECTOR_PORT='65536' is no port: it must be a number from 0 to 65535"
    )]
    #[case::text(None, Some("http"), "CONNECTOR_PORT='http' is no port: it must be a number from 0 to 65535")]
    #[case::empty(None, Some(""), "CONNECTOR_PORT='' is no port: it must be a number from 0 to 65535")]
    fn what_is_wrong_is_named(
        #[case] first: Option<&str>,
        #[case] connector: Option<&str>,
        #[case] message: &str,
    ) {
        assert_eq!(command(first, connector).unwrap_err().to_string(), message);
    }
}
