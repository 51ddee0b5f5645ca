//! Somebody else, who uses the same allowances.

use std::time::Duration;

use super::limits::Scope;
use super::meter::{Allowance, Meter};

/// Whose program somebody else runs, which decides what is used together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignApplication {
    /// Another application: it uses what belongs to a tenant or a user as such.
    #[default]
    Another,
    /// A second deployment of the same application: it uses what belongs to the application as well.
    Same,
}

impl ForeignApplication {
    pub const ALL: [Self; 2] = [Self::Another, Self::Same];

    /// Its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Another => "another",
            Self::Same => "same",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|application| application.as_str() == name)
    }
}

/// Somebody else: uses a share of every allowance that is used together, evenly and whether there is room or not, for
/// some time, pauses, and begins again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreign {
    pub application: ForeignApplication,
    /// From 0 to below 1.
    pub share: f64,
    pub active: Duration,
    /// Zero for somebody who never pauses.
    pub pause: Duration,
}

/// In so many steps, at least, what is used within the time of an allowance is told to its meter.
const STEPS: u32 = 20;

impl Foreign {
    pub(super) const fn uses(&self, scope: Scope) -> bool {
        match self.application {
            ForeignApplication::Another => scope.is_shared(),
            ForeignApplication::Same => true,
        }
    }

    /// Charges what was used after `since` and until `now`. What is older than the allowance's time is forgiven.
    pub(super) fn catch_up(
        &self,
        meter: &mut dyn Meter,
        allowance: Allowance,
        since: Duration,
        now: Duration,
    ) {
        let step = (allowance.per / STEPS).max(Duration::from_nanos(1));
        let mut at = since.max(now.saturating_sub(allowance.per));
        let mut charged = self.used_until(at, allowance);
        while at < now {
            at = (at + step).min(now);
            let used = self.used_until(at, allowance);
            if used > charged {
                meter.charge(used - charged, at);
                charged = used;
            }
        }
    }

    /// The units used since the moment that is zero.
    fn used_until(&self, at: Duration, allowance: Allowance) -> u64 {
        let times = self.active_until(at).as_secs_f64() / allowance.per.as_secs_f64();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "published limits, over years, are far below 2^52, and nothing here is negative"
        )]
        let used = (allowance.units as f64 * self.share * times).floor() as u64;
        used
    }

    fn active_until(&self, at: Duration) -> Duration {
        let cycle = (self.active + self.pause).as_nanos();
        if cycle == 0 {
            return at;
        }
        let active = self.active.as_nanos();
        let nanos = at.as_nanos() / cycle * active + (at.as_nanos() % cycle).min(active);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::super::meter::Algorithm;
    use super::*;

    const ALLOWANCE: Allowance = Allowance { units: 100, per: Duration::from_secs(10) };

    fn by(active: u64, pause: u64) -> Foreign {
        let (active, pause) = (Duration::from_secs(active), Duration::from_secs(pause));
        Foreign { application: ForeignApplication::Another, share: 0.3, active, pause }
    }

    /// Fails when somebody who is looked at often uses more, or less, than one who is looked at once.
    #[test]
    fn as_much_is_used_however_often_it_is_looked_at() {
        let used = |looks: u32| {
            let mut meter = Algorithm::SlidingWindow.meter(ALLOWANCE);
            let mut since = Duration::from_secs(1_000);
            for look in 1..=looks {
                let now = Duration::from_secs(1_000) + Duration::from_secs(8) * look / looks;
                by(60, 0).catch_up(meter.as_mut(), ALLOWANCE, since, now);
                since = now;
            }
            meter.used(since)
        };
        assert_eq!([1, 3, 977].map(used), [24, 24, 24]);
    }

    /// Fails when a pause is no pause, or what comes after it is not the same again.
    #[test]
    fn a_pause_uses_nothing() {
        let used = |until: u64| by(20, 40).used_until(Duration::from_secs(until), ALLOWANCE);
        assert_eq!([10, 20, 60, 70, 600].map(used), [30, 60, 60, 90, 600]);
    }
}
