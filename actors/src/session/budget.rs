//! How many exchanges calls may still cause, as one time alone: when the allowance will be whole again.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::settings::Allowance;

/// What has been used of an [`Allowance`]. Fresh, it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Budget {
    whole_at: Timestamp,
}

impl Budget {
    /// How long until one more is allowed; `None` when it is now.
    pub(super) fn wait(self, allowance: Allowance, now: Timestamp) -> Option<Duration> {
        let after_one_more = self.whole_at.max(now) + allowance.one_more_every;
        let latest = now + span(allowance);
        (after_one_more > latest).then(|| latest.until(after_one_more))
    }

    pub(super) fn take(&mut self, allowance: Allowance, now: Timestamp) {
        self.whole_at = self.whole_at.max(now) + allowance.one_more_every;
    }

    /// One was taken for nothing.
    pub(super) fn give_back(&mut self, allowance: Allowance) {
        self.whole_at = self.whole_at.before(allowance.one_more_every);
    }

    /// Allows nothing for so long, and one by one after that.
    pub(super) fn rest(&mut self, allowance: Allowance, rest: Duration, now: Timestamp) {
        let all_but_one = span(allowance).saturating_sub(allowance.one_more_every);
        self.whole_at = self.whole_at.max(now + all_but_one + rest);
    }

    pub(super) fn is_whole(self, now: Timestamp) -> bool {
        self.whole_at <= now
    }
}

/// In how long an allowance fills up from nothing.
fn span(allowance: Allowance) -> Duration {
    allowance.one_more_every.saturating_mul(allowance.at_once)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::EPOCH;

    const THREE: Allowance = Allowance { at_once: 3, one_more_every: Duration::from_secs(10) };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A client could ask for ever, or a good one be shut out, or be told a time at which it is refused again.
    #[test]
    fn so_many_are_allowed_at_once_and_one_more_each_time_a_span_has_passed() {
        let mut budget = Budget::default();
        for _ in 0..3 {
            assert_eq!(budget.wait(THREE, EPOCH), None);
            budget.take(THREE, EPOCH);
        }
        assert_eq!(budget.wait(THREE, EPOCH), Some(seconds(10)));
        assert_eq!(budget.wait(THREE, EPOCH + seconds(4)), Some(seconds(6)));
        assert_eq!(budget.wait(THREE, EPOCH + seconds(10)), None);
        budget.take(THREE, EPOCH + seconds(10));
        assert!(budget.wait(THREE, EPOCH + seconds(10)).is_some());
        assert!(!budget.is_whole(EPOCH + seconds(39)) && budget.is_whole(EPOCH + seconds(40)));
    }

    /// An outage of Entra would use up what its users need after it.
    #[test]
    fn what_was_taken_for_nothing_comes_back() {
        let mut budget = Budget::default();
        for _ in 0..20 {
            assert_eq!(budget.wait(THREE, EPOCH), None);
            budget.take(THREE, EPOCH);
            budget.give_back(THREE);
        }
    }

    /// A loop would be kept alive by the very calls that are told to wait.
    #[test]
    fn a_rest_lasts_as_long_as_it_is_told() {
        let mut budget = Budget::default();
        budget.rest(THREE, seconds(60), EPOCH);
        assert_eq!(budget.wait(THREE, EPOCH), Some(seconds(60)));
        assert_eq!(budget.wait(THREE, EPOCH + seconds(59)), Some(seconds(1)));
        assert_eq!(budget.wait(THREE, EPOCH + seconds(60)), None);
    }
}
