//! What can be chosen about throttling.

use std::collections::BTreeMap;
use std::time::Duration;

use super::meter::Algorithm;
use super::workload::Workload;

/// How the published limits are applied. The default is to the number, as token buckets, with nobody else about.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How limits count, but for the services named below.
    pub algorithm: Algorithm,
    /// How the limits of single services count.
    pub by_workload: BTreeMap<Workload, Algorithm>,
    /// Every allowance is multiplied by this; above 0. Concurrency is not.
    pub scale: f64,
    /// Somebody else who uses the allowances that applications share.
    pub foreign: Option<Foreign>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { algorithm: Algorithm::default(), by_workload: BTreeMap::new(), scale: 1.0, foreign: None }
    }
}

impl Settings {
    pub(super) fn algorithm(&self, workload: Workload) -> Algorithm {
        self.by_workload.get(&workload).copied().unwrap_or(self.algorithm)
    }
}

/// Another application: it uses a share of every allowance that belongs to a tenant or a user as such, for some time,
/// pauses, and begins again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreign {
    /// From 0 to below 1.
    pub share: f64,
    pub active: Duration,
    /// Zero for somebody who never pauses.
    pub pause: Duration,
}

impl Foreign {
    /// The units that are gone at `now`.
    pub(super) fn reserve(&self, units: u64, now: Duration) -> u64 {
        if !self.is_active(now) {
            return 0;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "published limits are far below 2^52, and the share is positive"
        )]
        let used = (units as f64 * self.share).floor() as u64;
        used
    }

    fn is_active(&self, now: Duration) -> bool {
        let cycle = (self.active + self.pause).as_nanos();
        cycle == 0 || now.as_nanos() % cycle < self.active.as_nanos()
    }
}
