//! The command line and the environment of the demo.

use std::env::VarError;

use m365_connector::{ConfigError, StartError, TelemetryChoice, load_telemetry};
use m365_demo::{StageError, StageOptions};
use thiserror::Error;

const CONNECTOR_PORT: &str = "CONNECTOR_PORT";
const OPERATIONS_PORT: &str = "CONNECTOR_OPERATIONS_PORT";
const SIMULATOR_PORT: &str = "SIMULATOR_PORT";

/// The file that log lines are appended to.
pub(crate) const LOG_FILE: &str = "CONNECTOR_LOG_FILE";

/// What the demo has otherwise than a connector that serves, unless the environment says something else: a visit is short,
/// and each of its calls is to be seen.
const USUAL_TELEMETRY: [(&str, &str); 2] =
    [("CONNECTOR__TELEMETRY__SAMPLE_RATIO", "1.0"), ("CONNECTOR__TELEMETRY__METRICS_INTERVAL_S", "5")];

pub(crate) const USAGE: &str = "\
m365-demo: the connector and a simulated Microsoft 365 on loopback, with a scripted visit

usage: m365-demo

  --help, -h         print this text
  --version, -V      print the version

Environment; as a port, 0 takes a free one:
  CONNECTOR_PORT               where the connector listens (default 8080)
  CONNECTOR_OPERATIONS_PORT    where its metrics and probes are (default 0)
  SIMULATOR_PORT               where the simulator listens (default 8081)
  CONNECTOR_LOG_FILE           the file that log lines are appended to (default none)
  CONNECTOR__TELEMETRY__OTLP_ENDPOINT
                               a collector of traces, metrics and logs, such as
                               http://127.0.0.1:4318 (default none); the other
                               keys of [telemetry] are read likewise
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Play(StageOptions),
    Help,
    Version,
}

/// What is wrong with the command line or the environment.
#[derive(Debug, Error)]
pub(crate) enum UsageError {
    #[error("unknown argument '{0}'")]
    Unknown(String),
    #[error("{variable}='{value}' is no port: it must be a number from 0 to 65535")]
    NotAPort { variable: &'static str, value: String },
    #[error(transparent)]
    Telemetry(#[from] ConfigError),
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
            operations_port: port(OPERATIONS_PORT, variable(OPERATIONS_PORT), 0)?,
            simulator_port: port(SIMULATOR_PORT, variable(SIMULATOR_PORT), 8081)?,
            newest: None,
        })),
    }
}

/// What is told of the visit, and to whom: from the variables that a connector without a file would read.
pub(crate) fn telemetry(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<TelemetryChoice, UsageError> {
    let usual = USUAL_TELEMETRY.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(load_telemetry(usual.into_iter().chain(environment))?)
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
pub(crate) fn remedy(error: &StageError, options: StageOptions) -> Option<String> {
    let variable = match error {
        StageError::Connector(StartError::Listen { address, .. })
            if address.port() == options.connector_port =>
        {
            CONNECTOR_PORT
        }
        StageError::Connector(StartError::Listen { .. }) => OPERATIONS_PORT,
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

    fn told(variables: &[(&str, &str)]) -> Result<TelemetryChoice, UsageError> {
        telemetry(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    /// If this failed, the demo would listen somewhere else than its user looks.
    #[rstest]
    #[case::defaults(None, 8080)]
    #[case::chosen(Some("80"), 80)]
    #[case::free(Some("0"), 0)]
    fn the_ports_come_from_the_environment(#[case] connector: Option<&str>, #[case] port: u16) {
        let expected = StageOptions { connector_port: port, simulator_port: 8081, ..StageOptions::default() };
        assert_eq!(command(None, connector).unwrap(), Command::Play(expected));
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

    /// If this failed, somebody who has a collector would see a tenth of the visit, or none of it.
    #[test]
    fn every_call_of_the_visit_is_told_to_the_collector_that_the_environment_names() {
        let choice = told(&[("CONNECTOR__TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:4318")]).unwrap();
        assert_eq!(choice.otlp_endpoint.as_deref(), Some("http://127.0.0.1:4318"));
        assert!((choice.sample_ratio - 1.0).abs() < f64::EPSILON);
        let fewer = told(&[("CONNECTOR__TELEMETRY__SAMPLE_RATIO", "0.5")]).unwrap();
        assert!((fewer.sample_ratio - 0.5).abs() < f64::EPSILON);
        assert_eq!(fewer.otlp_endpoint, None);
    }

    /// If this failed, a variable that is wrong would be passed over in silence.
    #[rstest]
    #[case::value("CONNECTOR__TELEMETRY__OTLP_PROTOCOL", "telemetry.otlp_protocol: must be")]
    #[case::key("CONNECTOR__TELEMETRY__OTLP_ENDPIONT", "unknown field `otlp_endpiont`")]
    fn a_slip_in_a_variable_of_telemetry_is_named(#[case] variable: &str, #[case] message: &str) {
        let error = told(&[(variable, "smoke signals")]).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
