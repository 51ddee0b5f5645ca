//! How well limits were used.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What has been found.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    pub(crate) share_per_second: f64,
    pub(crate) admitted_units: u64,
    pub(crate) sent: u64,
    pub(crate) answered_429: u64,
    pub(crate) waited: u64,
    /// Calls that the gate refused with the time at which to come back.
    pub(crate) told_to_come_back: u64,
    /// Of the units admitted, those of batches.
    pub(crate) batched_units: u64,
    /// Units admitted, and how long calls took, by tenant.
    pub(crate) tenants: BTreeMap<usize, OfTenant>,
}

/// What one tenant got.
#[derive(Debug, Default)]
pub(crate) struct OfTenant {
    pub(crate) units: u64,
    pub(crate) times: Vec<Duration>,
    /// Calls that the gate has told to come back.
    pub(crate) turned_away: u64,
}

impl Figures {
    /// Of the configured share of the limit.
    pub(crate) fn share_used(&self) -> f64 {
        self.admitted_units as f64 / self.seconds / self.share_per_second
    }

    /// The part of the requests that were answered 429.
    pub(crate) fn refused(&self) -> f64 {
        self.answered_429 as f64 / self.sent.max(1) as f64
    }

    /// Jain's index: 1 when all tenants had the same.
    pub(crate) fn jain(&self) -> f64 {
        let units: Vec<f64> = self.tenants.values().map(|tenant| tenant.units as f64).collect();
        let sum: f64 = units.iter().sum();
        sum * sum / (units.len() as f64 * units.iter().map(|units| units * units).sum::<f64>())
    }

    /// The part of what was admitted that batches got.
    pub(crate) fn in_batches(&self) -> f64 {
        self.batched_units as f64 / self.admitted_units as f64
    }

    /// Of all calls of the tenant: one that was turned away took longer than any that was answered.
    pub(crate) fn p99_of_tenant(mut self, tenant: usize) -> Duration {
        let OfTenant { mut times, turned_away, .. } = self.tenants.remove(&tenant).unwrap();
        times.sort_unstable();
        times.extend((0..turned_away).map(|_| Duration::MAX));
        times[times.len() * 99 / 100]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, refused) = (self.share_used() * 100.0, self.refused() * 100.0);
        write!(out, "{used:.1} % of the share used, {refused:.3} % of {} requests answered 429", self.sent)
    }
}
