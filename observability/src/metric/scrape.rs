//! What a Prometheus server reads.

use prometheus::{Encoder, TextEncoder};
use thiserror::Error;

use super::installed;

/// Why there is nothing to read.
#[derive(Debug, Error)]
pub enum ScrapeError {
    #[error("no telemetry is installed in this process")]
    NotInstalled,
    #[error("the metrics cannot be written: {0}")]
    Encoding(#[from] prometheus::Error),
}

/// All metrics in the text format of Prometheus (version 0.0.4), observed ones as they are now.
pub fn prometheus_text() -> Result<Vec<u8>, ScrapeError> {
    let meters = installed().ok_or(ScrapeError::NotInstalled)?;
    let mut text = Vec::with_capacity(64 << 10);
    TextEncoder::new().encode(&meters.registry().gather(), &mut text)?;
    Ok(text)
}
