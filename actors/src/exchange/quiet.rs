//! Tenants in which Entra wants to hear nothing of this application for a while.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::identity::TenantId;

/// The first bound where Entra throttles without saying for how long; it doubles each time.
const FIRST: Duration = Duration::from_secs(5);
/// Microsoft's own libraries wait this long when they are not told.
const LONGEST: Duration = Duration::from_secs(60);
/// Less would be no pause.
const SHORTEST: Duration = Duration::from_secs(1);
/// After this long without a word of it, throttling counts as over.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);

/// Entra's wish of one tenant.
#[derive(Debug)]
struct Wish {
    until: Instant,
    /// How often it has come, without a pause of [`FORGOTTEN_AFTER`].
    times: u32,
}

/// Entra's 429s, by tenant: it counts the requests of an application in a tenant.
#[derive(Debug, Default)]
pub(super) struct QuietTenants(HashMap<TenantId, Wish>);

impl QuietTenants {
    /// What is left of the tenant's quiet.
    pub(super) fn left(&self, tenant: TenantId, now: Instant) -> Option<Duration> {
        let left = self.0.get(&tenant)?.until.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Takes in a 429. Where it does not say for how long, back-off with full jitter; `fraction` in `0.0..1.0`.
    pub(super) fn heed(&mut self, tenant: TenantId, asked: Option<Duration>, fraction: f64, now: Instant) {
        self.0.retain(|_, wish| now < wish.until + FORGOTTEN_AFTER);
        let wish = self.0.entry(tenant).or_insert(Wish { until: now, times: 0 });
        wish.times = wish.times.saturating_add(1);
        let pause = asked.unwrap_or_else(|| {
            let bound = FIRST.saturating_mul(1 << wish.times.saturating_sub(1).min(8)).min(LONGEST);
            bound.mul_f64(fraction.clamp(0.0, 1.0)).max(SHORTEST)
        });
        wish.until = wish.until.max(now + pause);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
