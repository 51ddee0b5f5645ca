//! How much of a tenant's load may be repetition.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::clock::Timestamp;

/// In thousandths of a repeated request.
const A_RETRY: i64 = 1_000;

/// What each first request earns: somewhat less than a fifth of a retry, for the floor comes on top of it.
const EARNED: i64 = A_RETRY * 19 / 100;

/// Earned retries are kept up to so many: a quiet hour must not pay for a storm.
const MOST: i64 = 100 * A_RETRY;

/// Without anything earned, so many may be made at once, and then one a second: a quiet tenant's only call may fail, too.
const FLOOR: i64 = 10 * A_RETRY;

/// A tenant's retries: at most a fifth of its requests, and a small floor. When Graph is in trouble, what is asked of it
/// grows by that and no more, however often each single request might be repeated.
#[derive(Debug)]
pub struct RetryBudget {
    balance: AtomicI64,
    /// Unix milliseconds.
    floor_paid_at: AtomicU64,
}

impl RetryBudget {
    pub fn new(now: Timestamp) -> Self {
        Self { balance: AtomicI64::new(FLOOR), floor_paid_at: AtomicU64::new(now.unix_millis()) }
    }

    /// A request is made for the first time.
    pub fn note_request(&self) {
        if self.balance.load(Ordering::Relaxed) < MOST {
            self.balance.fetch_add(EARNED, Ordering::Relaxed);
        }
    }

    /// Whether a request may be repeated. If so, the retry is taken out of the budget.
    #[must_use = "the retry has been paid for"]
    pub fn try_retry(&self, now: Timestamp) -> bool {
        self.pay_floor(now);
        let taken = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
            (balance >= A_RETRY).then(|| balance - A_RETRY)
        });
        taken.is_ok()
    }

    /// How many requests could be repeated now.
    pub fn left(&self, now: Timestamp) -> u64 {
        self.pay_floor(now);
        u64::try_from(self.balance.load(Ordering::Relaxed) / A_RETRY).unwrap_or_default()
    }

    /// A thousandth of a retry for each millisecond, up to the floor.
    fn pay_floor(&self, now: Timestamp) {
        let paid_at = self.floor_paid_at.fetch_max(now.unix_millis(), Ordering::Relaxed);
        let due = i64::try_from(now.unix_millis().saturating_sub(paid_at)).unwrap_or(FLOOR).min(FLOOR);
        let raise = |balance: i64| (balance < FLOOR).then(|| (balance + due).min(FLOOR));
        // An error says that there is nothing to pay: the balance is at the floor already.
        let _paid = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raise);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::EPOCH;

    fn retries(budget: &RetryBudget, now: Timestamp) -> usize {
        std::iter::from_fn(|| budget.try_retry(now).then_some(())).take(1_000).count()
    }

    /// If this failed, a storm of errors would be answered with a storm of retries.
    #[test]
    fn retries_are_less_than_a_fifth_of_the_requests_beyond_the_floor() {
        let budget = RetryBudget::new(EPOCH);
        assert_eq!(retries(&budget, EPOCH), 10);
        (0..100).for_each(|_| budget.note_request());
        assert_eq!(retries(&budget, EPOCH), 19);
    }

    /// If this failed, a quiet tenant's only call would fail at the first hiccup, for ever after.
    #[test]
    fn the_floor_comes_back_by_one_a_second() {
        let budget = RetryBudget::new(EPOCH);
        retries(&budget, EPOCH);
        assert_eq!(budget.left(EPOCH), 0);
        assert_eq!(budget.left(EPOCH + Duration::from_secs(3)), 3);
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(3)), 3);
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(3_600)), 10);
    }

    /// If this failed, a quiet day would pay for a storm.
    #[test]
    fn only_so_many_are_saved() {
        let budget = RetryBudget::new(EPOCH);
        (0..100_000).for_each(|_| budget.note_request());
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(3_600)), 100);
    }
}
