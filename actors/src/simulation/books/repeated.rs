//! How much of what Graph is asked is repetition.

use std::collections::HashMap;

use tokio::time::Instant;

use super::{Broken, hold};
use crate::identity::TenantId;

/// So many may be repeated without anything to earn them, and one more each time a span has passed.
const FLOOR: f64 = 5.0;
/// In seconds.
const ONE_MORE_EVERY: f64 = 5.0;
/// Of the requests that are made for the first time.
const SHARE: f64 = 0.15;

#[derive(Debug)]
pub(super) struct Repeated {
    whole: Count,
    tenants: HashMap<TenantId, Count>,
}

#[derive(Debug)]
struct Count {
    since: Instant,
    first: u32,
    repeated: u32,
}

impl Count {
    fn since(now: Instant) -> Self {
        Self { since: now, first: 0, repeated: 0 }
    }

    fn repeats(&mut self, now: Instant) -> Result<(), Broken> {
        self.repeated += 1;
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let most = FLOOR + seconds / ONE_MORE_EVERY + SHARE * f64::from(self.first);
        hold(f64::from(self.repeated) <= most, Broken::TooManyRepetitions)
    }
}

impl Repeated {
    pub(super) fn since(now: Instant) -> Self {
        Self { whole: Count::since(now), tenants: HashMap::new() }
    }

    pub(super) fn asks_first(&mut self, tenant: TenantId, now: Instant) {
        self.whole.first += 1;
        self.tenant(tenant, now).first += 1;
    }

    pub(super) fn repeats(&mut self, tenant: TenantId, now: Instant) -> Result<(), Broken> {
        self.whole.repeats(now)?;
        self.tenant(tenant, now).repeats(now)
    }

    /// What there is without anything to earn it must have been used before: of the tenant, or of the whole.
    pub(super) fn does_not_repeat(&self, tenant: TenantId) -> Result<(), Broken> {
        let of_tenant = self.tenants.get(&tenant).map_or(0, |count| count.repeated);
        let most = of_tenant.max(self.whole.repeated);
        hold(f64::from(most) >= FLOOR, Broken::NotRepeatedForNothing)
    }

    pub(super) fn tenant_ends(&mut self, tenant: TenantId) {
        self.tenants.remove(&tenant);
    }

    fn tenant(&mut self, tenant: TenantId, now: Instant) -> &mut Count {
        self.tenants.entry(tenant).or_insert_with(|| Count::since(now))
    }
}
