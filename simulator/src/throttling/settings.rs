//! What can be chosen about throttling.

use std::collections::BTreeMap;

use super::foreign::Foreign;
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
    /// Somebody else who uses the same allowances.
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
