//! When what happens. On a busy machine things begin late; then all that follows moves, and lasts as long as it should.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::load::now;

/// Percent of the planned time, and how late it has become.
#[derive(Debug)]
pub(super) struct Schedule {
    started: Instant,
    duration: Duration,
    late_us: AtomicU64,
}

impl Schedule {
    pub(super) fn of(duration: Duration) -> Self {
        Self { started: now(), duration, late_us: AtomicU64::new(0) }
    }

    /// When so many percent have passed, as things stand.
    pub(super) fn at(&self, percent: u32) -> Instant {
        let late = Duration::from_micros(self.late_us.load(Ordering::Relaxed));
        self.started + self.duration * percent / 100 + late
    }

    /// So many percent of the time.
    pub(super) fn share(&self, percent: u32) -> Duration {
        self.duration * percent / 100
    }

    /// Waits until then. When that is past, all that follows is put off by as much.
    pub(super) async fn reach(&self, percent: u32) {
        let due = self.at(percent);
        let late = now().saturating_duration_since(due);
        let late_us = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        self.late_us.fetch_add(late_us, Ordering::Relaxed);
        sleep_until(due.into()).await;
    }
}
