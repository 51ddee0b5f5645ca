//! A limit, applied to one request.

use std::time::Duration;

use super::holder::Key;
use super::limits::Limit;
use super::meter::Allowance;

/// A limit, applied to one request.
pub(super) struct Applied {
    pub(super) limit: Limit,
    pub(super) allowance: Allowance,
    pub(super) key: Key,
    pub(super) cost: u64,
    pub(super) wait: Duration,
}

/// The limit without room that takes longest to have some.
pub(super) fn longest_wait(applied: &[Applied]) -> Option<&Applied> {
    applied.iter().filter(|one| !one.wait.is_zero()).max_by_key(|one| one.wait)
}
