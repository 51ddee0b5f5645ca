//! What a limit is used less for a while because Graph has refused inside it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::rate::{Nanos, Rate, nanos};

/// Of the share, in thousandths: nothing is held back.
pub(super) const WHOLE: u64 = 1_000;
/// What is left at least: somebody else can't take everything away.
const LEAST: u64 = 250;
/// What is left of what was used before, in thousandths.
const CUT: u64 = 850;
/// Refusals so close to each other are one: the requests under way at the time all meet it.
const ONE_REFUSAL: Nanos = nanos(Duration::from_secs(2));
/// So long nothing is given back, at least; and not before so many units could come, for each time that too much is given
/// back costs a refusal or two of them, or the service has forgotten all, whichever is sooner.
const HELD: Nanos = nanos(Duration::from_secs(30));
const HELD_UNITS: u64 = 150;
/// After that, a hundredth comes back in each such part of that time.
const STEPS_OF_HELD: Nanos = 10;
const STEP_WIDTH: u64 = 10;

/// In thousandths of the share. Additive increase, multiplicative decrease: a limit that others use too, or that is
/// smaller than published, is found and kept to with few refusals.
#[derive(Debug, Default)]
pub(super) struct Restraint {
    /// Zero while there is none; else what was left after the last cut.
    left: AtomicU64,
    /// From when on it is given back, and how long each step of that takes.
    held_until: AtomicU64,
    step: AtomicU64,
}

impl Restraint {
    /// How much of the share may be used.
    pub(super) fn thousandths(&self, now: Nanos) -> u64 {
        match self.left.load(Ordering::Relaxed) {
            0 => WHOLE,
            left => {
                let step = self.step.load(Ordering::Relaxed).max(1);
                let steps = now.saturating_sub(self.held_until.load(Ordering::Relaxed)) / step;
                left.saturating_add(steps.saturating_mul(STEP_WIDTH)).min(WHOLE)
            }
        }
    }

    /// Graph has refused, or says that it soon will. `rate` is how quickly units come of what is restrained, where it is
    /// a rate, and `counted` for how long the service counts it.
    pub(super) fn tighten(&self, rate: Option<Rate>, counted: Nanos, now: Nanos) {
        let held = rate.map_or(HELD, |rate| rate.time_of(HELD_UNITS).min(counted).max(HELD));
        let held_until = now.saturating_add(held);
        let is_known = self.left.load(Ordering::Relaxed) != 0
            && held_until < self.held_until.load(Ordering::Relaxed).saturating_add(ONE_REFUSAL);
        if is_known {
            return;
        }
        let left = (self.thousandths(now) * CUT / WHOLE).max(LEAST);
        self.held_until.store(held_until, Ordering::Relaxed);
        self.step.store(held / STEPS_OF_HELD, Ordering::Relaxed);
        self.left.store(left, Ordering::Relaxed);
    }

    pub(super) fn is_lifted(&self, now: Nanos) -> bool {
        self.thousandths(now) == WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Nanos {
        nanos(Duration::from_secs(seconds))
    }

    /// Graph would refuse on and on, or a limit that was reached once be shunned for ever.
    #[test]
    fn a_cut_is_given_back_step_by_step() {
        let restraint = Restraint::default();
        restraint.tighten(None, 0, seconds(100));
        restraint.tighten(None, 0, seconds(101));
        assert_eq!(restraint.thousandths(seconds(101)), 850, "one refusal was counted twice");
        assert_eq!(restraint.thousandths(seconds(130)), 850);
        assert_eq!(restraint.thousandths(seconds(133)), 860);
        assert!(!restraint.is_lifted(seconds(172)) && restraint.is_lifted(seconds(175)));
    }

    /// Of a limit of one a second, every thirtieth request would be a refusal beside somebody else; or a chat be read slowly for
    /// half an hour, of which the service forgets all in half a minute.
    #[test]
    fn what_comes_slowly_is_given_back_slowly_where_the_service_counts_for_long() {
        let rate = Rate::within(300, Duration::from_secs(300), 100, (1, 300));
        let restraint = Restraint::default();
        restraint.tighten(Some(rate), seconds(300), seconds(100));
        assert_eq!([250, 264, 265, 280].map(|at| restraint.thousandths(seconds(at))), [850, 850, 860, 870]);
        let restraint = Restraint::default();
        restraint.tighten(Some(rate), seconds(30), seconds(100));
        assert_eq!([130, 132, 133, 136].map(|at| restraint.thousandths(seconds(at))), [850, 850, 860, 870]);
    }

    /// A service that refuses everything would stop its users for ever.
    #[test]
    fn a_quarter_is_always_left() {
        let restraint = Restraint::default();
        (0..100).for_each(|time| restraint.tighten(None, 0, seconds(time * 3)));
        assert_eq!(restraint.thousandths(seconds(300)), LEAST);
    }
}
