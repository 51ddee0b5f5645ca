//! How many exchanges the calls of one user may still cause, by whatever clients they come.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::Budget;
use crate::clock::{CLOCK_TOLERANCE, Timestamp};
use crate::settings::Allowance;

/// What a user has used of an [`Allowance`], shared by the user's sessions. Fresh, it is whole. The sessions of a tenant
/// live on one thread: nobody ever waits for the lock.
#[derive(Debug, Default)]
pub(crate) struct UserBudget(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    budget: Budget,
    /// The latest time that was looked at it.
    latest: Timestamp,
}

impl UserBudget {
    /// How long until one more is allowed; `None` when it is now.
    pub(super) fn wait(&self, allowance: Allowance, now: Timestamp) -> Option<Duration> {
        self.used(now).budget.wait(allowance, now)
    }

    pub(crate) fn take(&self, allowance: Allowance, now: Timestamp) {
        self.used(now).budget.take(allowance, now);
    }

    /// One was taken for nothing.
    pub(super) fn give_back(&self, allowance: Allowance, now: Timestamp) {
        self.used(now).budget.give_back(allowance);
    }

    /// Allows nothing for so long, and one by one after that.
    pub(super) fn rest(&self, allowance: Allowance, rest: Duration, now: Timestamp) {
        self.used(now).budget.rest(allowance, rest, now);
    }

    pub(crate) fn is_whole(&self, now: Timestamp) -> bool {
        self.used(now).budget.is_whole(now)
    }

    /// A clock that was set back would let what has been used last: it is given up, once for all of the user's sessions.
    fn used(&self, now: Timestamp) -> MutexGuard<'_, Used> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now + CLOCK_TOLERANCE < used.latest {
            *used = Used::default();
        }
        used.latest = used.latest.max(now);
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::EPOCH;

    const ONE: Allowance = Allowance { at_once: 1, one_more_every: Duration::from_secs(3_600) };

    /// A clock that was an hour ahead would keep a user out for an hour; or one that jumps to and fro be no bound at all.
    #[test]
    fn a_clock_that_was_set_back_begins_the_budget_anew_and_once() {
        let budget = UserBudget::default();
        let ahead = EPOCH + Duration::from_secs(3_600);
        budget.take(ONE, ahead);
        assert!(budget.wait(ONE, ahead.before(CLOCK_TOLERANCE)).is_some(), "a small step back");
        assert_eq!(budget.wait(ONE, EPOCH), None);
        budget.take(ONE, EPOCH);
        assert!(budget.wait(ONE, EPOCH).is_some(), "another session of the user finds it new once more");
    }
}
