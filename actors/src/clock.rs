//! The one source of time.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use tokio::time::Instant;

/// A clock that was set back by more than this can't be trusted about anything that has happened before: within it,
/// the margin of every lease makes up for it.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// A wall-clock time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self(millis)
    }

    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    pub const fn unix_millis(self) -> u64 {
        self.0
    }

    pub const fn unix_seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// How long it is from `self` until `later`; zero when `later` has passed.
    pub const fn until(self, later: Timestamp) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

impl Timestamp {
    /// So long before; the epoch at the earliest.
    #[must_use]
    pub const fn before(self, span: Duration) -> Self {
        let millis = span.as_secs().saturating_mul(1_000).saturating_add(span.subsec_millis() as u64);
        Self(self.0.saturating_sub(millis))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Port: what time it is. Token lives are compared on the wall clock, deadlines on the monotonic one.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Timestamp;

    fn instant(&self) -> Instant;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's wall clock")]
    fn now(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}
