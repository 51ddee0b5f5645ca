//! What the demo tells of itself: as a connector that serves, except that no line is between those of the visit.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};

use connector_observability::{Telemetry, TelemetryError};
use m365_connector::TelemetryChoice;
use thiserror::Error;

use crate::command::LOG_FILE;

/// Why the visit cannot be told of.
#[derive(Debug, Error)]
pub(crate) enum TelemetryNotStarted {
    #[error("{LOG_FILE}={}: {source}", path.display())]
    LogFile { path: OsString, source: io::Error },
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
}

/// Starts it for the process. Log lines are appended to `log_file`, or are written nowhere.
pub(crate) fn install(
    choice: &TelemetryChoice,
    log_file: Option<OsString>,
) -> Result<Telemetry, TelemetryNotStarted> {
    let lines: Box<dyn Write + Send> = match log_file {
        None => Box::new(io::sink()),
        Some(path) => match OpenOptions::new().create(true).append(true).open(&path) {
            Ok(file) => Box::new(file),
            Err(source) => return Err(TelemetryNotStarted::LogFile { path, source }),
        },
    };
    Ok(Telemetry::install_to(choice.of_version(env!("CARGO_PKG_VERSION")), lines)?)
}
