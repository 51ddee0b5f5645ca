//! The life of the process.

use std::net::SocketAddr;

use tracing::{error, info};

use super::{Event, TARGET};
use crate::metric::{Meters, Metric};

/// A listener accepts connections.
#[derive(Debug, Clone, Copy)]
pub struct ListenerStarted {
    /// `public` or `operations`.
    pub listener: &'static str,
    /// Where it is bound, with the port that was really given.
    pub address: SocketAddr,
}

impl Event for ListenerStarted {
    fn log(&self) {
        info!(
            target: TARGET,
            { listener.name = self.listener, listener.address = %self.address },
            "listener started"
        );
    }
}

/// The configuration was read and is in force.
#[derive(Debug, Clone, Copy)]
pub struct ConfigurationLoaded {
    /// How many tenants are served.
    pub tenants: usize,
}

impl Event for ConfigurationLoaded {
    fn log(&self) {
        info!(target: TARGET, { tenants.count = self.tenants }, "configuration loaded");
    }
}

/// No new calls are taken; those in progress may end.
#[derive(Debug, Clone, Copy)]
pub struct Draining;

impl Event for Draining {
    fn log(&self) {
        info!(target: TARGET, "draining");
    }
}

/// Everything has ended in order.
#[derive(Debug, Clone, Copy)]
pub struct Stopped;

impl Event for Stopped {
    fn log(&self) {
        info!(target: TARGET, "stopped");
    }
}

/// A bug: some task of the process has panicked. What it said is not written, for it may hold anything.
#[derive(Debug, Clone, Copy)]
pub struct Panicked<'a> {
    /// In the source, as `file:line`.
    pub place: &'a str,
}

impl Event for Panicked<'_> {
    fn log(&self) {
        error!(target: TARGET, { panic.place = self.place }, "panicked");
    }

    fn count(&self, meters: &Meters) {
        meters.add(Metric::Panics, 1, &[]);
    }
}

/// The process could not start and ends.
#[derive(Debug, Clone, Copy)]
pub struct StartFailed<'a> {
    /// The error's text. Errors name what is wrong and never hold a secret.
    pub reason: &'a str,
}

impl Event for StartFailed<'_> {
    fn log(&self) {
        error!(target: TARGET, { error.reason = self.reason }, "start failed");
    }
}
