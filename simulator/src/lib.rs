//! A simulated Microsoft 365 on loopback: Entra ID at `/{tenant}/…`, Microsoft Graph at `/v1.0/…` and a control
//! API at `/_sim/…`, all on one listener; files are given out by another. On demand both serve HTTPS too.
//!
//! It is written from the published protocols alone and imports nothing of the connector, so that it cannot
//! share a bug with what it tests. What is simulated, and the control API, is described in `README.md`.

pub mod directory;
pub mod graph;
pub mod scenario;
pub mod throttling;

/// The domain below which every tenant has its files.
pub const FILE_DOMAIN: &str = "sharepoint.example";

mod batch;
mod body;
mod cache;
mod compression;
mod control;
mod download;
mod entra;
mod faults;
mod front;
mod graph_front;
mod graph_paths;
mod message;
mod options;
mod origins;
mod outage;
mod page;
mod record;
mod refused_writes;
mod server;
mod throttle_door;
mod tls;
mod world;

pub use options::{SimulatorOptions, TlsOptions, is_app_id_uri};
pub use server::{ConnectorCredentials, Simulator};
