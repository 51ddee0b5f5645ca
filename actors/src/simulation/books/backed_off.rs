//! Refusals that name no time, and how long they keep somebody away.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Broken, Refused, hold};

/// Refusals so long after the last one begin anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(60);
const SHORTEST: Duration = Duration::from_millis(250);

/// The refusals in a row of each one, and when the latest was heard of.
#[derive(Debug, Default)]
pub(super) struct BackedOff(HashMap<Refused, (u32, Instant)>);

/// How long somebody is to stay away after a refusal.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulation) struct PauseOwed {
    pub(super) shortest: Duration,
    longest: Duration,
}

impl BackedOff {
    /// 1, 2, 4, 8, 8, … seconds at most, and of that what chance wants.
    pub(super) fn refused(&mut self, who: Refused, fraction: f64, now: Instant) -> PauseOwed {
        let (in_a_row, last) = self.0.entry(who).or_insert((0, now));
        let is_forgiven = now.saturating_duration_since(*last) >= FORGIVEN_AFTER;
        *in_a_row = if is_forgiven { 1 } else { *in_a_row + 1 };
        *last = now;
        let longest = Duration::from_secs(1 << (*in_a_row - 1).min(3));
        PauseOwed { shortest: longest.mul_f64(fraction).max(SHORTEST), longest }
    }
}

impl PauseOwed {
    pub(in crate::simulation) fn is_kept_by(self, pause: Duration) -> Result<(), Broken> {
        hold(pause >= self.shortest, Broken::BackOffTooShort)?;
        hold(pause <= self.longest, Broken::BackOffTooLong)
    }
}
