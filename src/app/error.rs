//! Why a start fails.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use connector_actors::revocation::RevocationStoreError;
use thiserror::Error;

use crate::entra::{ClientNotBuilt, ExchangeNotBuilt};
use crate::graph::ClientBuildError;
use crate::mcp::RegistryError;
use crate::state::{StateError, TenantSourceError};

/// Why the connector did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Tenants(#[from] TenantSourceError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Revocations(#[from] RevocationStoreError),
    #[error("control socket in {}: {source}", directory.display())]
    Control { directory: PathBuf, source: io::Error },
    #[error(transparent)]
    HttpClient(#[from] ClientNotBuilt),
    #[error(transparent)]
    Exchange(#[from] ExchangeNotBuilt),
    #[error("cannot make an HTTP client for Graph: {0}")]
    GraphClient(#[from] ClientBuildError),
    #[error(transparent)]
    Tools(#[from] RegistryError),
    #[error("the machine has no randomness")]
    Randomness,
    #[error(transparent)]
    Io(#[from] io::Error),
}
