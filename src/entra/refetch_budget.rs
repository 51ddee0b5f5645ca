//! How often tokens with unknown keys may cause a fetch of the key set.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket that promises: a fetch for which there is nothing in it is not refused, but begins when there is. Full
/// at first, so that a real rollover is followed at once; forged key ids that empty it delay that by one `interval`.
#[derive(Debug)]
pub(super) struct RefetchBudget {
    burst: u32,
    interval: Duration,
    /// When the bucket will be full again.
    full_at: Option<Instant>,
}

impl RefetchBudget {
    /// `burst` fetches at once, and one more each `interval`.
    pub(super) const fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval, full_at: None }
    }

    /// When the next fetch may begin that somebody wants at `now`: within one `interval`, if none is taken before.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + self.interval;
        now + full_at.duration_since(now).saturating_sub(self.interval * self.burst)
    }

    /// Takes one fetch out of the budget, and says when it may begin.
    pub(super) fn take(&mut self, now: Instant) -> Instant {
        let next = self.next(now);
        self.full_at = Some(self.full_at.map_or(now, |at| at.max(now)) + self.interval);
        next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);

    /// If this failed, forged key ids could make this service hammer Entra, or a rollover would not be followed.
    #[tokio::test]
    async fn a_burst_passes_then_one_each_interval() {
        let start = Instant::now();
        let mut budget = RefetchBudget::new(5, INTERVAL);
        let begins: Vec<_> = (0..8).map(|_| budget.take(start).duration_since(start)).collect();
        let zero = Duration::ZERO;
        assert_eq!(begins, [zero, zero, zero, zero, zero, INTERVAL, INTERVAL * 2, INTERVAL * 3]);
        let much_later = start + INTERVAL * 60;
        assert!(
            (0..5).all(|_| budget.take(much_later) == much_later),
            "a rest fills it, and no more than that"
        );
        assert_eq!(budget.take(much_later), much_later + INTERVAL);
    }

    proptest! {
        /// If this failed, somebody's pattern of forged key ids could delay a rollover, or have Entra asked more often.
        #[test]
        fn one_who_waits_waits_for_an_interval_at_most_whatever_came_before(
            burst in 1_u32..6,
            pauses in prop::collection::vec(0_u64..200, 1..60),
        ) {
            let start = Instant::now();
            let mut budget = RefetchBudget::new(burst, INTERVAL);
            let (mut now, mut begun) = (start, Vec::new());
            for pause in pauses {
                now += Duration::from_secs(pause);
                let begins = budget.take(now);
                prop_assert!(begins >= now && begins <= now + INTERVAL);
                begun.push(begins);
                // Those who come meanwhile share this one.
                now = begins;
            }
            for (at, first) in begun.iter().enumerate() {
                for (more, later) in begun[at..].iter().enumerate() {
                    let intervals = later.duration_since(*first).as_secs() / INTERVAL.as_secs();
                    prop_assert!(more as u64 <= intervals + u64::from(burst));
                }
            }
        }
    }
}
