//! How long a fault makes a request wait.

use std::time::Duration;

use crate::directory::random::SplitMix64;

/// No wait is longer than this, in milliseconds: ten minutes.
pub(crate) const LONGEST_MS: f64 = 600_000.0;
/// The same.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// A distribution of waits, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Latency {
    Fixed(f64),
    Uniform {
        from: f64,
        to: f64,
    },
    /// Most are short, and one in a hundred is 4.6 times the mean.
    Exponential {
        mean: f64,
    },
    /// A long tail: no wait is shorter than `from`, and the smaller `shape` is, the more of them are very long.
    Pareto {
        from: f64,
        shape: f64,
    },
}

impl Latency {
    pub(crate) fn draw(self, random: &mut SplitMix64) -> Duration {
        let milliseconds = match self {
            Self::Fixed(milliseconds) => milliseconds,
            Self::Uniform { from, to } => from + (to - from) * random.unit(),
            Self::Exponential { mean } => -mean * (1.0 - random.unit()).ln(),
            Self::Pareto { from, shape } => from / (1.0 - random.unit()).powf(1.0 / shape),
        };
        Duration::from_secs_f64(milliseconds.clamp(0.0, LONGEST_MS) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn drawn(latency: Latency, seed: u64) -> Vec<Duration> {
        let mut random = SplitMix64::derived(seed, b"latency");
        let mut waits: Vec<Duration> = (0..10_000).map(|_| latency.draw(&mut random)).collect();
        waits.sort_unstable();
        waits
    }

    /// Fails when a distribution is another one than its name says: median and 99th percentile, in milliseconds.
    #[rstest]
    #[case(Latency::Fixed(80.0), (80, 80), (80, 80))]
    #[case(Latency::Uniform { from: 100.0, to: 200.0 }, (145, 155), (198, 200))]
    #[case(Latency::Exponential { mean: 100.0 }, (65, 74), (420, 500))]
    #[case(Latency::Pareto { from: 50.0, shape: 1.0 }, (95, 105), (4_000, 6_500))]
    fn waits_follow_their_distribution(
        #[case] latency: Latency,
        #[case] median: (u128, u128),
        #[case] tail: (u128, u128),
    ) {
        let waits = drawn(latency, 1);
        let (half, late) = (waits[5_000].as_millis(), waits[9_900].as_millis());
        assert!((median.0..=median.1).contains(&half), "{half}");
        assert!((tail.0..=tail.1).contains(&late), "{late}");
        assert!(waits[9_999] <= Duration::from_secs(600));
    }

    /// Fails when a test that depends on a seed sees other waits in every run.
    #[test]
    fn the_same_seed_gives_the_same_waits() {
        let latency = Latency::Exponential { mean: 100.0 };
        assert_eq!(drawn(latency, 7), drawn(latency, 7));
        assert_ne!(drawn(latency, 7), drawn(latency, 8));
    }
}
