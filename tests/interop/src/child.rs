//! Child processes: with an environment of their own, bounded in time, ended by handle.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::process::{Child, Command};

/// How much of the end of standard error is shown, in bytes.
const TAIL: usize = 600;

/// Why a child has nothing to say.
#[derive(Debug, Error)]
pub(crate) enum ChildError {
    #[error("{0} does not start: {1}")]
    Start(String, std::io::Error),
    #[error("it was lost: {0}")]
    Lost(#[from] std::io::Error),
    #[error("it took longer than {} s", .0.as_secs())]
    TimeLimit(Duration),
}

/// A child that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// `None`: ended by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// The exit code and the end of standard error, for people.
    pub(crate) fn last_words(&self) -> String {
        let mut start = self.stderr.len().saturating_sub(TAIL);
        while !self.stderr.is_char_boundary(start) {
            start += 1;
        }
        let code = self.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        format!("{code}; {}", self.stderr[start..].trim())
    }
}

/// A command that sees nothing of the environment but the search path, with `home` as its home, and that dies with
/// its handle. A browser that it opens does nothing.
pub(crate) fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("BROWSER", "true").env("NO_COLOR", "1");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

pub(crate) fn start(command: &mut Command) -> Result<Child, ChildError> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    command.spawn().map_err(|error| ChildError::Start(program, error))
}

/// Waits for the end of `child`, or ends it when `limit` is over.
pub(crate) async fn finish(child: Child, limit: Duration) -> Result<Finished, ChildError> {
    let output = tokio::time::timeout(limit, child.wait_with_output())
        .await
        .map_err(|_| ChildError::TimeLimit(limit))??;
    Ok(Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
