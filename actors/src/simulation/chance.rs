//! Chance out of a seed.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood, 2014): small, quick, and the same everywhere.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }

    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    pub(super) fn fraction(&mut self) -> f64 {
        u32::try_from(self.below(1_000)).map_or(0.0, f64::from) / 1_000.0
    }

    /// One of several, of which there is at least one.
    pub(super) fn pick<T: Copy>(&mut self, several: &[T]) -> T {
        let place = self.below(several.len() as u64);
        several[usize::try_from(place).unwrap_or_default()]
    }
}
