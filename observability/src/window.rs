//! Lines counted second by second.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Which window it is, and how many lines it has had, in one word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    number: u32,
    lines: u32,
}

impl Window {
    /// Counts a line of the window of this number: which of them it is, from 1 on.
    pub(crate) fn count(counted: &AtomicU64, window: u32) -> u32 {
        let count = |state: u64| match Self::read(state) {
            Self { number, lines } if number == window => Self { number, lines: lines.saturating_add(1) },
            _ => Self { number: window, lines: 1 },
        };
        let before = counted
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(count(state).write()))
            .unwrap_or_default();
        count(before).lines
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of the word")]
    const fn read(state: u64) -> Self {
        Self { number: (state >> 32) as u32, lines: state as u32 }
    }

    const fn write(self) -> u64 {
        ((self.number as u64) << 32) | self.lines as u64
    }
}

/// Seconds since this was first asked: what lines are counted by.
#[expect(clippy::disallowed_methods, reason = "a log line comes from anywhere, and no clock is handed to it")]
pub(crate) fn seconds() -> u32 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u32::try_from(BEGIN.elapsed().as_secs()).unwrap_or(u32::MAX)
}
