//! How often tokens with unknown keys may cause a fetch of the key set.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket: full at first, so that a real rollover is followed at once; forged key ids soon find it empty.
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

    /// Takes one fetch out of the budget, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + self.interval;
        if full_at.duration_since(now) > self.interval * self.burst {
            return false;
        }
        self.full_at = Some(full_at);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, forged key ids could make this service hammer Entra, or a rollover would not be followed.
    #[tokio::test]
    async fn a_burst_passes_then_one_each_interval() {
        let start = Instant::now();
        let minute = Duration::from_secs(60);
        let mut budget = RefetchBudget::new(5, minute);
        let at_once = (0..8).filter(|_| budget.take(start)).count();
        assert_eq!(at_once, 5);
        assert!(!budget.take(start + minute - Duration::from_millis(1)));
        assert!(budget.take(start + minute));
        assert!(!budget.take(start + minute));
        let after_a_rest = (0..8).filter(|_| budget.take(start + minute * 60)).count();
        assert_eq!(after_a_rest, 5);
    }
}
