//! How much of a tenant's load, and of the whole process's, may be repetition.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::clock::Timestamp;

/// In thousandths of a repeated request.
const A_RETRY: i64 = 1_000;

/// What each first request earns: less than a fifth of a retry, for the floor and what was kept come on top of it.
const EARNED: i64 = A_RETRY * 15 / 100;

/// Earned retries are kept up to so many: a quiet hour must not pay for a storm.
const MOST: i64 = 10 * A_RETRY;

/// Without anything earned, so many may be made at once, and then one every [`FLOOR_EVERY_MS`]: a quiet tenant's only call
/// may fail, too.
const FLOOR: i64 = 5 * A_RETRY;

/// In milliseconds.
const FLOOR_EVERY_MS: i64 = 5_000;

/// Retries: at most a fifth of the requests, and a small floor. When Graph is in trouble, what is asked of it grows by that
/// and no more, however often each single request might be repeated. A tenant's is a part of the process's, so that the
/// floors of many small tenants do not add up to a storm.
#[derive(Debug)]
pub struct RetryBudget {
    balance: AtomicI64,
    /// Unix milliseconds.
    floor_paid_at: AtomicU64,
    whole: Option<Arc<Self>>,
}

impl RetryBudget {
    pub fn new(now: Timestamp) -> Self {
        let floor_paid_at = AtomicU64::new(now.unix_millis());
        Self { balance: AtomicI64::new(FLOOR), floor_paid_at, whole: None }
    }

    /// A budget whose requests and retries count for `whole`, too.
    pub fn part_of(whole: &Arc<Self>, now: Timestamp) -> Self {
        Self { whole: Some(Arc::clone(whole)), ..Self::new(now) }
    }

    /// A request is made for the first time.
    pub fn note_request(&self) {
        if self.balance.load(Ordering::Relaxed) < MOST {
            self.balance.fetch_add(EARNED, Ordering::Relaxed);
        }
        if let Some(whole) = &self.whole {
            whole.note_request();
        }
    }

    /// Whether a request may be repeated. If so, the retry is taken out of the budget.
    #[must_use = "the retry has been paid for"]
    pub fn try_retry(&self, now: Timestamp) -> bool {
        self.pay_floor(now);
        let taken = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
            (balance >= A_RETRY).then(|| balance - A_RETRY)
        });
        if taken.is_err() {
            return false;
        }
        let is_granted = self.whole.as_ref().is_none_or(|whole| whole.try_retry(now));
        if !is_granted {
            self.balance.fetch_add(A_RETRY, Ordering::Relaxed);
        }
        is_granted
    }

    /// How many requests could be repeated now: of the part, no more than of the whole.
    pub fn left(&self, now: Timestamp) -> u64 {
        self.pay_floor(now);
        let own = u64::try_from(self.balance.load(Ordering::Relaxed) / A_RETRY).unwrap_or_default();
        self.whole.as_ref().map_or(own, |whole| own.min(whole.left(now)))
    }

    /// What the time since the last payment is worth, up to the floor. Payments are for whole thousandths of a retry: what
    /// has not yet come to one is left for the next.
    fn pay_floor(&self, now: Timestamp) {
        let step = FLOOR_EVERY_MS.unsigned_abs() / A_RETRY.unsigned_abs();
        let now = now.unix_millis() / step * step;
        let paid_at = self.floor_paid_at.fetch_max(now, Ordering::Relaxed);
        let due = i64::try_from(now.saturating_sub(paid_at) / step).unwrap_or(FLOOR).min(FLOOR);
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
        assert_eq!(retries(&budget, EPOCH), 5);
        (0..60).for_each(|_| budget.note_request());
        assert_eq!(retries(&budget, EPOCH), 9);
    }

    /// If this failed, a quiet tenant's only call would fail at the first hiccup, for ever after.
    #[test]
    fn the_floor_comes_back_by_one_in_five_seconds() {
        let budget = RetryBudget::new(EPOCH);
        retries(&budget, EPOCH);
        assert_eq!(budget.left(EPOCH), 0);
        // Asked every millisecond, it is paid no less.
        let asked = (0..=15_000).map(|after| budget.left(EPOCH + Duration::from_millis(after)));
        assert_eq!(asked.max(), Some(3));
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(15)), 3);
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(3_600)), 5);
    }

    /// If this failed, a thousand tenants with a call a second each would repeat every one that fails.
    #[test]
    fn the_floors_of_many_tenants_are_not_all_used_in_a_storm() {
        let whole = Arc::new(RetryBudget::new(EPOCH));
        let tenants: Vec<_> = (0..1_000).map(|_| RetryBudget::part_of(&whole, EPOCH)).collect();
        let (mut first, mut repeated) = (0_u32, 0_u32);
        for second in 1..=120_u64 {
            let now = EPOCH + Duration::from_secs(second);
            for (number, tenant) in tenants.iter().enumerate() {
                tenant.note_request();
                first += 1;
                // Three in ten fail, and so do three in ten of their repetitions.
                let fails = |attempt: usize| {
                    (number * 7 + usize::try_from(second).unwrap() * 3 + attempt * 5) % 10 < 3
                };
                for attempt in 0..2 {
                    if !fails(attempt) || !tenant.try_retry(now) {
                        break;
                    }
                    repeated += 1;
                }
            }
        }
        let amplification = f64::from(first + repeated) / f64::from(first);
        println!("1,000 tenants with a call a second, 30 % errors: amplification {amplification:.3}");
        assert!(amplification > 1.12, "retries that may be made are: {amplification}");
        assert!(amplification <= 1.2, "{amplification}");
    }

    /// If this failed, a tenant would lose the retries that the process did not grant.
    #[test]
    fn what_the_whole_refuses_is_not_paid_for() {
        let whole = Arc::new(RetryBudget::new(EPOCH));
        let (busy, quiet) = (RetryBudget::part_of(&whole, EPOCH), RetryBudget::part_of(&whole, EPOCH));
        assert_eq!(retries(&busy, EPOCH), 5);
        assert_eq!((quiet.left(EPOCH), retries(&quiet, EPOCH)), (0, 0));
        let later = EPOCH + Duration::from_secs(25);
        assert_eq!(retries(&quiet, later), 5);
    }

    /// If this failed, a quiet day would pay for a storm.
    #[test]
    fn only_so_many_are_saved() {
        let budget = RetryBudget::new(EPOCH);
        (0..100_000).for_each(|_| budget.note_request());
        assert_eq!(retries(&budget, EPOCH + Duration::from_secs(3_600)), 10);
    }
}
