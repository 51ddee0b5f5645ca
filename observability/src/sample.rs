//! Lines that are welcome, and not all of them needed.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::window::{Window, seconds};

/// Lets so many lines through in a second and counts those that it keeps back, so that the next one can say how many it
/// stands for. What it keeps back was not wanted, and is no loss.
#[derive(Debug)]
pub(crate) struct Sample {
    lines: u32,
    window: AtomicU64,
    kept_back: AtomicU64,
}

impl Sample {
    pub(crate) const fn a_second(lines: u32) -> Self {
        Self { lines, window: AtomicU64::new(0), kept_back: AtomicU64::new(0) }
    }

    /// Whether a line is written now: then, how many were kept back since the last one.
    pub(crate) fn take(&self) -> Option<u64> {
        self.take_in(seconds())
    }

    fn take_in(&self, second: u32) -> Option<u64> {
        if Window::count(&self.window, second) <= self.lines {
            return Some(self.kept_back.swap(0, Ordering::Relaxed));
        }
        self.kept_back.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node under load would spend its time and its disk on saying that all is well, or nobody could count any more.
    #[test]
    fn of_many_lines_some_are_written_and_they_say_how_many_there_were() {
        let sample = Sample::a_second(3);
        let written = |second| (0..10).filter_map(|_| sample.take_in(second)).collect::<Vec<_>>();
        assert_eq!(written(1), [0, 0, 0]);
        assert_eq!(written(2), [7, 0, 0]);
        assert_eq!(sample.take_in(9), Some(7));
    }
}
