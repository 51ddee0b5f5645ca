//! The command line's side of the socket.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::SOCKET_NAME;
use super::protocol::{ControlAnswer, ControlRequest, MAX_ANSWER_BYTES};

/// Longer than the serving process may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a command got no answer.
#[derive(Debug, Error)]
pub enum ControlError {
    #[error(
        "no connector is running with the state directory {}: start one, or name its configuration with --config",
        directory.display()
    )]
    NotRunning { directory: PathBuf },
    #[error(
        "{} may be opened by the account alone that the connector runs as: run this command as that account",
        socket.display()
    )]
    NotPermitted { socket: PathBuf },
    #[error("the connector did not answer: {0}")]
    NoAnswer(#[from] io::Error),
    #[error("the connector's answer is not understood ({0}): is it of another version?")]
    Unintelligible(#[from] serde_json::Error),
}

/// Asks the process that serves with the state in `directory`, and waits for its answer.
pub fn ask(directory: &Path, request: &ControlRequest) -> Result<ControlAnswer, ControlError> {
    let socket = directory.join(SOCKET_NAME);
    let mut connection = UnixStream::connect(&socket).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            ControlError::NotRunning { directory: directory.to_owned() }
        }
        ErrorKind::PermissionDenied => ControlError::NotPermitted { socket: socket.clone() },
        _ => ControlError::NoAnswer(error),
    })?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    connection.write_all(&line)?;
    let mut answer = Vec::new();
    BufReader::new(connection.take(MAX_ANSWER_BYTES)).read_until(b'\n', &mut answer)?;
    Ok(serde_json::from_slice(&answer)?)
}
