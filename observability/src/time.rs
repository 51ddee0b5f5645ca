//! Times in traces.

use std::ops::Add;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A wall-clock time in nanoseconds since the Unix epoch, good until the year 2554.
///
/// This crate reads no clock. Within a call, take the wall clock once, at its beginning, and add monotonic
/// time to it: spans then never overlap by a clock that was set, and a call of less than a millisecond keeps
/// its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixNanos(u64);

impl UnixNanos {
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The latest time that can be told stands for all later ones.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// How long it is from `self` until `later`; zero when `later` has passed.
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_nanos(later.0.saturating_sub(self.0))
    }
}

impl Add<Duration> for UnixNanos {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl From<UnixNanos> for SystemTime {
    fn from(time: UnixNanos) -> Self {
        UNIX_EPOCH + Duration::from_nanos(time.0)
    }
}
