//! Arithmetic of stretches of time, and nothing else.

use jiff::{SignedDuration, Timestamp};

/// From a moment on (inclusive) until a later one (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Interval {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// `None` where nothing lies between.
    pub(super) fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    pub(super) const fn start(self) -> Timestamp {
        self.start
    }

    pub(super) const fn end(self) -> Timestamp {
        self.end
    }

    pub(super) fn length(self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// What only touches does not overlap.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What both have in common.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Stretches in the order of time, none of which overlaps or touches another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intervals(Vec<Interval>);

/// Their union: what overlaps or touches becomes one.
impl FromIterator<Interval> for Intervals {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut sorted: Vec<Interval> = intervals.into_iter().collect();
        sorted.sort_unstable();
        let mut union: Vec<Interval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match union.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => union.push(next),
            }
        }
        Self(union)
    }
}

impl From<Interval> for Intervals {
    fn from(only: Interval) -> Self {
        Self(vec![only])
    }
}

impl Intervals {
    pub(super) fn iter(&self) -> impl Iterator<Item = Interval> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What both have in common.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        let mut common = Vec::new();
        while let ([a, after_a @ ..], [b, after_b @ ..]) = (left, right) {
            common.extend(a.common(*b));
            // Whichever ends first has nothing in common with what follows the other.
            if a.end <= b.end { left = after_a } else { right = after_b }
        }
        Self(common)
    }

    /// What is here and not there.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for interval in &self.0 {
            let mut from = interval.start;
            for gap in other.0.iter().filter(|gap| gap.overlaps(*interval)) {
                left.extend(Interval::new(from, gap.start));
                from = from.max(gap.end);
            }
            left.extend(Interval::new(from, interval.end));
        }
        Self(left)
    }

    /// Whether all of `interval` lies within.
    pub(super) fn cover(&self, interval: Interval) -> bool {
        self.0.iter().any(|own| own.holds(interval))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn intervals() -> impl Strategy<Value = Vec<Interval>> {
        prop::collection::vec((0_i64..60, 1_i64..20), 0..8).prop_map(|pairs| {
            pairs
                .into_iter()
                .filter_map(|(start, length)| Interval::new(at(start), at(start + length)))
                .collect()
        })
    }

    /// Which of the first 90 seconds lie within.
    fn seconds(intervals: impl IntoIterator<Item = Interval>) -> Vec<bool> {
        let mut within = vec![false; 90];
        for interval in intervals {
            for second in interval.start.as_second()..interval.end.as_second() {
                within[usize::try_from(second).unwrap()] = true;
            }
        }
        within
    }

    fn is_tidy(intervals: &Intervals) -> bool {
        intervals.0.iter().all(|interval| interval.start < interval.end)
            && intervals.0.windows(2).all(|pair| pair[0].end < pair[1].start)
    }

    fn combined(left: &[Interval], right: &[Interval], both: fn(bool, bool) -> bool) -> Vec<bool> {
        let (left, right) = (seconds(left.iter().copied()), seconds(right.iter().copied()));
        left.into_iter().zip(right).map(|(left, right)| both(left, right)).collect()
    }

    proptest! {
        /// If this failed, somebody would be called free while two meetings follow each other.
        #[test]
        fn a_union_is_every_second_of_its_parts(parts in intervals()) {
            let union: Intervals = parts.iter().copied().collect();
            prop_assert!(is_tidy(&union));
            prop_assert_eq!(seconds(union.iter()), seconds(parts));
        }

        /// If this failed, people would be told to meet when one of them can't.
        #[test]
        fn an_intersection_is_every_second_of_both(left in intervals(), right in intervals()) {
            let (a, b): (Intervals, Intervals) = (left.iter().copied().collect(), right.iter().copied().collect());
            let common = a.intersection(&b);
            prop_assert!(is_tidy(&common));
            prop_assert_eq!(&common, &b.intersection(&a));
            prop_assert_eq!(seconds(common.iter()), combined(&left, &right, |left, right| left && right));
        }

        /// If this failed, free time would reach into a meeting, or end before it has to.
        #[test]
        fn a_difference_is_every_second_of_one_alone(left in intervals(), right in intervals()) {
            let (a, b): (Intervals, Intervals) = (left.iter().copied().collect(), right.iter().copied().collect());
            let rest = a.without(&b);
            prop_assert!(is_tidy(&rest));
            prop_assert_eq!(seconds(rest.iter()), combined(&left, &right, |left, right| left && !right));
            prop_assert!(rest.intersection(&b).is_empty());
        }

        /// If this failed, a day would count as free that is not.
        #[test]
        fn what_is_covered_lies_within(parts in intervals(), start in 0_i64..60, length in 1_i64..20) {
            let union: Intervals = parts.iter().copied().collect();
            let wanted = Interval::new(at(start), at(start + length)).unwrap();
            prop_assert_eq!(union.cover(wanted), Intervals::from(wanted).without(&union).is_empty());
        }
    }
}
