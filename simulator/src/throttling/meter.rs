//! How a limit counts. Microsoft says of few limits which of these ways is its own, so there are three.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::time::Duration;

/// So many units within so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// At least 1.
    pub units: u64,
    /// Longer than nothing.
    pub per: Duration,
}

impl Allowance {
    /// The allowance times `scale`. Where less than one unit would be left, one is left for a longer time.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "published limits are far below 2^52")]
        let wanted = self.units as f64 * scale;
        if wanted < 1.0 {
            return Self { units: 1, per: self.per.div_f64(wanted.max(f64::MIN_POSITIVE).max(1e-6)) };
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 1, and saturating"
        )]
        let units = wanted.floor() as u64;
        Self { units, per: self.per }
    }

    /// One unit in the same time.
    #[must_use]
    pub(super) const fn once(self) -> Self {
        Self { units: 1, per: self.per }
    }

    /// More than this is not remembered as used: refused requests that count can't shut somebody out for ever.
    fn most_used(self) -> u64 {
        self.units.saturating_mul(2)
    }

    fn per_nanos(self) -> u64 {
        nanos(self.per).max(1)
    }
}

/// Which way of counting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// A window opens with a request and everything is forgiven when it closes: up to twice the allowance can pass
    /// around that moment.
    FixedWindow,
    /// What was used counts until it is as old as the window.
    SlidingWindow,
    /// Refills evenly: the whole allowance at once, and then one unit at a time.
    #[default]
    TokenBucket,
}

impl Algorithm {
    pub const ALL: [Self; 3] = [Self::FixedWindow, Self::SlidingWindow, Self::TokenBucket];

    /// Its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixedWindow => "fixed_window",
            Self::SlidingWindow => "sliding_window",
            Self::TokenBucket => "token_bucket",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// A meter that nobody has used yet.
    pub fn meter(self, allowance: Allowance) -> Box<dyn Meter> {
        match self {
            Self::FixedWindow => Box::new(FixedWindow { allowance, opened: 0, used: 0 }),
            Self::SlidingWindow => Box::new(SlidingWindow { allowance, slots: VecDeque::new() }),
            Self::TokenBucket => Box::new(TokenBucket { allowance, missing: 0, at: 0 }),
        }
    }
}

/// What one holder has used of one allowance. Time is whatever the caller says, and should not go back.
pub trait Meter: Debug + Send {
    /// Units used at `now`; more than the allowance where refused requests count.
    fn used(&self, now: Duration) -> u64;

    /// How long until `cost` units fit beside those used: zero when they fit now. A cost above the whole allowance
    /// counts as the whole.
    fn wait(&self, cost: u64, now: Duration) -> Duration;

    /// Uses `cost` units, whether they fit or not. At most twice the allowance is remembered.
    fn charge(&mut self, cost: u64, now: Duration);

    /// How long until nothing is used any more. A meter for which that is zero is as good as a new one.
    fn reset(&self, now: Duration) -> Duration;
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn until(moment: u64, now: Duration) -> Duration {
    Duration::from_nanos(moment.saturating_sub(nanos(now)))
}

#[derive(Debug)]
struct FixedWindow {
    allowance: Allowance,
    opened: u64,
    used: u64,
}

impl FixedWindow {
    fn closes(&self) -> u64 {
        self.opened.saturating_add(self.allowance.per_nanos())
    }

    fn is_open(&self, now: Duration) -> bool {
        self.used > 0 && nanos(now) < self.closes()
    }
}

impl Meter for FixedWindow {
    fn used(&self, now: Duration) -> u64 {
        if self.is_open(now) { self.used } else { 0 }
    }

    fn wait(&self, cost: u64, now: Duration) -> Duration {
        let cost = cost.min(self.allowance.units);
        if self.used(now) + cost <= self.allowance.units { Duration::ZERO } else { self.reset(now) }
    }

    fn charge(&mut self, cost: u64, now: Duration) {
        if !self.is_open(now) {
            self.opened = nanos(now);
            self.used = 0;
        }
        self.used = self.used.saturating_add(cost).min(self.allowance.most_used());
    }

    fn reset(&self, now: Duration) -> Duration {
        if self.is_open(now) { until(self.closes(), now) } else { Duration::ZERO }
    }
}

/// Into so many parts a sliding window is divided: it forgets late by at most one of them, and never early.
const SLOTS: u64 = 20;

#[derive(Debug)]
struct SlidingWindow {
    allowance: Allowance,
    /// Number of the slot and units used in it, oldest first; only slots in which something was used.
    slots: VecDeque<(u64, u64)>,
}

impl SlidingWindow {
    fn slot_nanos(&self) -> u64 {
        self.allowance.per_nanos().div_ceil(SLOTS)
    }

    fn forgotten_at(&self, slot: u64) -> u64 {
        (slot + SLOTS + 1).saturating_mul(self.slot_nanos())
    }

    fn live(&self, now: Duration) -> impl Iterator<Item = (u64, u64)> {
        self.slots.iter().copied().filter(move |(slot, _)| self.forgotten_at(*slot) > nanos(now))
    }
}

impl Meter for SlidingWindow {
    fn used(&self, now: Duration) -> u64 {
        self.live(now).map(|(_, units)| units).sum()
    }

    fn wait(&self, cost: u64, now: Duration) -> Duration {
        let mut used = self.used(now) + cost.min(self.allowance.units);
        let mut wait = Duration::ZERO;
        for (slot, units) in self.live(now) {
            if used <= self.allowance.units {
                break;
            }
            used -= units;
            wait = until(self.forgotten_at(slot), now);
        }
        wait
    }

    fn charge(&mut self, cost: u64, now: Duration) {
        while self.slots.front().is_some_and(|(slot, _)| self.forgotten_at(*slot) <= nanos(now)) {
            self.slots.pop_front();
        }
        let cost = cost.min(self.allowance.most_used().saturating_sub(self.used(now)));
        let current = nanos(now) / self.slot_nanos();
        match self.slots.back_mut() {
            Some((slot, units)) if *slot >= current => *units += cost,
            _ => self.slots.push_back((current, cost)),
        }
    }

    fn reset(&self, now: Duration) -> Duration {
        self.slots.back().map_or(Duration::ZERO, |(slot, _)| until(self.forgotten_at(*slot), now))
    }
}

/// Kept as what is missing to a full bucket, in units times nanoseconds of the allowance's time: whole numbers, so that
/// nothing is lost to rounding.
#[derive(Debug)]
struct TokenBucket {
    allowance: Allowance,
    missing: u128,
    /// When so much was missing.
    at: u64,
}

impl TokenBucket {
    fn missing(&self, now: Duration) -> u128 {
        let refilled = u128::from(nanos(now).saturating_sub(self.at)) * u128::from(self.allowance.units);
        self.missing.saturating_sub(refilled)
    }

    fn weight(&self, units: u64) -> u128 {
        u128::from(units) * u128::from(self.allowance.per_nanos())
    }

    fn refill_time(&self, missing: u128) -> Duration {
        let span = missing.div_ceil(u128::from(self.allowance.units));
        Duration::from_nanos(u64::try_from(span).unwrap_or(u64::MAX))
    }
}

impl Meter for TokenBucket {
    fn used(&self, now: Duration) -> u64 {
        let units = self.missing(now).div_ceil(u128::from(self.allowance.per_nanos()));
        u64::try_from(units).unwrap_or(u64::MAX)
    }

    fn wait(&self, cost: u64, now: Duration) -> Duration {
        let wanted = self.missing(now) + self.weight(cost.min(self.allowance.units));
        self.refill_time(wanted.saturating_sub(self.weight(self.allowance.units)))
    }

    fn charge(&mut self, cost: u64, now: Duration) {
        self.missing = (self.missing(now) + self.weight(cost)).min(self.weight(self.allowance.most_used()));
        self.at = self.at.max(nanos(now));
    }

    fn reset(&self, now: Duration) -> Duration {
        self.refill_time(self.missing(now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const PER: Duration = Duration::from_secs(10);

    /// Admits what fits of the requests (gap in milliseconds, cost), and returns when and how much.
    fn admitted(algorithm: Algorithm, units: u64, requests: &[(u64, u64)]) -> Vec<(Duration, u64)> {
        let mut meter = algorithm.meter(Allowance { units, per: PER });
        let mut now = Duration::from_secs(1_000);
        let mut passed = Vec::new();
        for (gap, cost) in requests {
            now += Duration::from_millis(*gap);
            let cost = (*cost).min(units);
            if meter.wait(cost, now).is_zero() {
                meter.charge(cost, now);
                passed.push((now, cost));
            }
        }
        passed
    }

    fn most_in_any_window(passed: &[(Duration, u64)]) -> u64 {
        let within = |start: Duration| {
            passed.iter().filter(move |(at, _)| (start..start + PER).contains(at)).map(|(_, cost)| cost).sum()
        };
        passed.iter().map(|(start, _)| within(*start)).max().unwrap_or_default()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

        /// Fails when a way of counting lets more through than it may, and so a client looks better than it is.
        #[test]
        fn no_window_of_time_sees_more_than_the_way_of_counting_allows(
            units in 1_u64..40,
            requests in prop::collection::vec((0_u64..1_500, 1_u64..6), 1..200),
        ) {
            for algorithm in Algorithm::ALL {
                let most = if algorithm == Algorithm::SlidingWindow { units } else { 2 * units };
                let seen = most_in_any_window(&admitted(algorithm, units, &requests));
                prop_assert!(seen <= most, "{algorithm:?}: {seen} of {most}");
            }
        }

        /// Fails when somebody who waits as told is refused again: every such client would be blamed wrongly.
        #[test]
        fn after_the_wait_the_request_fits(
            units in 1_u64..5_000,
            charges in prop::collection::vec((0_u64..3_000, 1_u64..3_000), 1..40),
            cost in 1_u64..50,
        ) {
            for algorithm in Algorithm::ALL {
                let mut meter = algorithm.meter(Allowance { units, per: PER });
                let mut now = Duration::from_secs(77);
                for (gap, cost) in &charges {
                    now += Duration::from_millis(*gap);
                    meter.charge(*cost, now);
                    prop_assert!(meter.used(now) <= 2 * units + 1);
                }
                let wait = meter.wait(cost, now);
                prop_assert!(wait <= 2 * PER + PER / 10, "{algorithm:?}: {wait:?}");
                prop_assert_eq!(meter.wait(cost, now + wait), Duration::ZERO, "{:?}", algorithm);
                prop_assert!(meter.reset(now) >= wait);
                prop_assert_eq!(meter.used(now + meter.reset(now)), 0);
            }
        }
    }

    /// Fails when an allowance is not what the table says: its last unit must fit and one more must not.
    #[rstest]
    fn the_whole_allowance_fits_at_once_and_no_unit_more(
        #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)]
        algorithm: Algorithm,
        #[values(1, 3, 4, 7, 130_000)] units: u64,
    ) {
        let passed = admitted(algorithm, units, &vec![(0, 1); usize::try_from(units).unwrap() + 5]);
        assert_eq!(passed.len() as u64, units);
    }

    /// Fails when the three are one: a client that does well with one of them may do badly with another.
    #[test]
    fn the_three_ways_part_after_half_the_time() {
        let at = |algorithm: Algorithm, seconds: u64| {
            let mut meter = algorithm.meter(Allowance { units: 10, per: PER });
            meter.charge(10, Duration::from_secs(100));
            meter.used(Duration::from_secs(100 + seconds))
        };
        assert_eq!(Algorithm::ALL.map(|algorithm| at(algorithm, 5)), [10, 10, 5]);
        assert_eq!(Algorithm::ALL.map(|algorithm| at(algorithm, 11)), [0, 0, 0]);
    }

    /// Fails when a scale makes a limit vanish: half of one per second is one in two seconds.
    #[rstest]
    #[case(1, 0.5, 1, 20)]
    #[case(4, 0.5, 2, 10)]
    #[case(10_000, 0.001, 10, 10)]
    #[case(10, 3.0, 30, 10)]
    fn a_scale_changes_units_and_then_time(
        #[case] units: u64,
        #[case] scale: f64,
        #[case] scaled: u64,
        #[case] seconds: u64,
    ) {
        let expected = Allowance { units: scaled, per: Duration::from_secs(seconds) };
        assert_eq!(Allowance { units, per: PER }.scaled(scale), expected);
    }
}
