//! Sessions that crash, and when there may be others in their places.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Broken, hold};
use crate::identity::{Principal, TenantId};

/// Who has not crashed for so long begins anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(5 * 60);

/// The crashes in a row of each principal, and when the latest was heard of.
#[derive(Debug, Default)]
pub(super) struct Restarted(HashMap<Principal, (u32, Instant)>);

/// The first two are forgiven at once; the third costs a second, each further one twice as much, a minute at most.
fn pause(crashes: u32) -> Duration {
    let seconds = crashes.checked_sub(3).map_or(0, |doublings| 1 << doublings.min(6));
    Duration::from_secs(seconds.min(60))
}

impl Restarted {
    pub(super) fn crash_is_heard(&mut self, who: &Principal, now: Instant) {
        let (crashes, last) = self.0.entry(*who).or_insert((0, now));
        let is_forgiven = now.saturating_duration_since(*last) >= FORGIVEN_AFTER;
        *crashes = if is_forgiven { 1 } else { *crashes + 1 };
        *last = now;
    }

    pub(super) fn session_begins(&self, who: &Principal, now: Instant) -> Result<(), Broken> {
        hold(self.left(who, now).is_zero(), Broken::RestartedTooEarly)
    }

    pub(super) fn is_put_off(&self, who: &Principal, wait: Duration, now: Instant) -> Result<(), Broken> {
        hold(!wait.is_zero() && wait <= self.left(who, now), Broken::PutOffForNothing)
    }

    pub(super) fn tenant_ends(&mut self, tenant: TenantId) {
        self.0.retain(|who, _| who.tenant != tenant);
    }

    fn left(&self, who: &Principal, now: Instant) -> Duration {
        self.0.get(who).map_or(Duration::ZERO, |(crashes, last)| {
            (*last + pause(*crashes)).saturating_duration_since(now)
        })
    }
}
