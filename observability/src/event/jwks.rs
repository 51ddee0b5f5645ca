//! Entra's signing keys.

use tracing::{info, warn};

use super::{Event, TARGET};
use crate::metric::{Attribute, Meters, Metric};

/// The signing keys were fetched and are in force.
#[derive(Debug, Clone, Copy)]
pub struct JwksRefreshed {
    /// How many usable keys there are now.
    pub keys: usize,
}

impl Event for JwksRefreshed {
    fn log(&self) {
        info!(target: TARGET, { jwks.keys = self.keys }, "signing keys refreshed");
    }

    fn count(&self, meters: &Meters) {
        count_refresh(meters, "refreshed");
    }
}

/// The signing keys could not be fetched; those known stay in force.
#[derive(Debug, Clone, Copy)]
pub struct JwksRefreshFailed {
    pub reason: &'static str,
}

impl Event for JwksRefreshFailed {
    fn log(&self) {
        warn!(target: TARGET, { jwks.reason = self.reason }, "refresh of signing keys failed");
    }

    fn count(&self, meters: &Meters) {
        count_refresh(meters, self.reason);
    }
}

/// Discovery did not say where the signing keys are; they are fetched from where it said last time.
#[derive(Debug, Clone, Copy)]
pub struct JwksAddressKept {
    pub reason: &'static str,
}

impl Event for JwksAddressKept {
    fn log(&self) {
        warn!(target: TARGET, { jwks.reason = self.reason }, "look-up of signing keys' address failed");
    }
}

fn count_refresh(meters: &Meters, outcome: &'static str) {
    meters.add(Metric::JwksRefreshes, 1, &[Attribute::Outcome.with(outcome)]);
}
