//! How well limits were used.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
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
    /// Everything admitted, one after the other.
    pub(crate) admitted: Vec<Admitted>,
}

/// What Graph has carried out.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) at: Duration,
    pub(crate) user: usize,
    pub(crate) units: u64,
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

    /// The same, of some users in a part of the time.
    pub(crate) fn share_of(&self, users: &Range<usize>, time: &Range<Duration>) -> f64 {
        let admitted = self.admitted_to(users, time);
        let units: u64 = admitted.map(|admitted| admitted.units).sum();
        units as f64 / time.end.saturating_sub(time.start).as_secs_f64() / self.share_per_second
    }

    /// The part of an equal share among these users that the one has who had the least.
    pub(crate) fn least(&self, users: &Range<usize>, time: &Range<Duration>) -> f64 {
        let mut units = vec![0; users.len()];
        for admitted in self.admitted_to(users, time) {
            units[admitted.user - users.start] += admitted.units;
        }
        let (all, least) = (units.iter().sum::<u64>(), units.iter().min().copied().unwrap_or_default());
        least as f64 * units.len() as f64 / all as f64
    }

    /// The longest time in which none of them was answered.
    pub(crate) fn longest_silence(&self, users: &Range<usize>, time: &Range<Duration>) -> Duration {
        let answered = self.admitted_to(users, time).map(|admitted| admitted.at).chain([time.end]);
        let mut last = time.start;
        answered.map(|at| at.saturating_sub(std::mem::replace(&mut last, at))).max().unwrap_or_default()
    }

    fn admitted_to(&self, users: &Range<usize>, time: &Range<Duration>) -> impl Iterator<Item = &Admitted> {
        self.admitted
            .iter()
            .filter(move |admitted| users.contains(&admitted.user) && time.contains(&admitted.at))
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
