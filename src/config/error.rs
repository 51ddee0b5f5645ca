//! Why a configuration is none.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// `CONNECTOR__LISTEN__PUBLIC=0.0.0.0:80` stands for `public` in `[listen]`.
pub(super) const ENVIRONMENT_PREFIX: &str = "CONNECTOR__";

/// The variables that stand for keys in `[telemetry]`.
pub(super) const TELEMETRY_PREFIX: &str = "CONNECTOR__TELEMETRY__";

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// The message names line and column.
    #[error("{}: {message}", path.display())]
    Malformed { path: PathBuf, message: String },
    #[error("environment variables {ENVIRONMENT_PREFIX}*: {0}")]
    Environment(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{key}: {reason}")]
    Invalid { key: &'static str, reason: String },
}
