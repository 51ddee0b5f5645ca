//! Counts how often something comes within a while: one window after the other, each from its first time on.

use std::hash::Hash;

use dashmap::DashMap;

/// Above so many keys, those of past windows are forgotten.
const SWEEP_ABOVE: usize = 10_000;

#[derive(Debug)]
struct Window {
    since: i64,
    times: u32,
}

/// Times are seconds since 1970.
#[derive(Debug)]
pub(crate) struct Windows<Key: Eq + Hash> {
    open: DashMap<Key, Window>,
}

/// What a window has seen, this time included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) times: u32,
    /// Seconds until the window is over, at least 1.
    pub(crate) left_s: i64,
}

impl<Key: Eq + Hash> Default for Windows<Key> {
    fn default() -> Self {
        Self { open: DashMap::default() }
    }
}

impl<Key: Eq + Hash> Windows<Key> {
    /// Counts `key` in windows of `length_s` seconds.
    pub(crate) fn count(&self, key: Key, length_s: i64, now: i64) -> Counted {
        if self.open.len() > SWEEP_ABOVE {
            self.open.retain(|_, window| now < window.since.saturating_add(length_s));
        }
        let mut window = self.open.entry(key).or_insert(Window { since: now, times: 0 });
        if now >= window.since.saturating_add(length_s) {
            *window = Window { since: now, times: 0 };
        }
        window.times = window.times.saturating_add(1);
        let left_s = window.since.saturating_add(length_s).saturating_sub(now);
        Counted { times: window.times, left_s: left_s.max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wait that is told too short sends a client back into the refusal; one that never ends locks it out.
    #[test]
    fn a_window_tells_how_long_it_lasts_and_ends() {
        let windows = Windows::default();
        let count = |key, now| {
            let Counted { times, left_s } = windows.count(key, 10, now);
            (times, left_s)
        };
        assert_eq!(count("a", 100), (1, 10));
        assert_eq!(count("a", 109), (2, 1));
        assert_eq!(count("b", 109), (1, 10));
        assert_eq!(count("a", 110), (1, 10));
    }
}
