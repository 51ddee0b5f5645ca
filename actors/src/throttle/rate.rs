//! A rate with a burst, as arithmetic: the generic cell rate algorithm, with weights.

use std::time::Duration;

/// Nanoseconds since a while before the gate was made.
pub(super) type Nanos = u64;

/// At most what fits, which is 584 years.
pub(super) const fn nanos(span: Duration) -> Nanos {
    let whole = span.as_secs().saturating_mul(1_000_000_000);
    whole.saturating_add(span.subsec_nanos() as u64)
}

/// One unit each `spacing`, of which some may be saved up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    spacing: Nanos,
    at_once: u64,
}

impl Rate {
    /// The rate at which `percent` of `units` are used in any `window`: `at_once` of them saved up at most, and the
    /// rest evenly.
    pub(super) fn within(units: u64, window: Duration, percent: u16, at_once: (u64, u64)) -> Self {
        let usable_percent = units * u64::from(percent.max(1));
        let (part, whole) = at_once;
        let at_once = (usable_percent * part / whole / 100).max(1);
        // A limit too small for a burst is kept by spacing its units evenly.
        let refill_percent = if at_once > 1 { usable_percent - at_once * 100 } else { usable_percent };
        let spacing = nanos(window).saturating_mul(100).div_ceil(refill_percent.max(1));
        Self { spacing, at_once }
    }

    /// The same rate, used to so many thousandths; so much less is saved up, in the same time.
    pub(super) fn scaled(self, thousandths: u64) -> Self {
        let spacing = u128::from(self.spacing) * 1_000 / u128::from(thousandths.max(1));
        let at_once = (self.at_once.saturating_mul(thousandths) / 1_000).max(1);
        Self { spacing: u64::try_from(spacing).unwrap_or(u64::MAX), at_once }
    }

    /// How long so many units take to come.
    pub(super) fn time_of(self, units: u64) -> Nanos {
        self.spacing.saturating_mul(units)
    }

    /// When `units` fit, where the units used so far are paid back at `paid_at`. For more than are saved up otherwise,
    /// nothing may have been used for as long before as the rest takes to come: so no window sees more of a batch than of
    /// what comes alone.
    pub(super) fn fits_at(self, paid_at: Nanos, units: u64) -> Nanos {
        let saved = self.time_of(self.at_once.saturating_sub(units));
        let unused = self.time_of(units.saturating_sub(self.at_once));
        paid_at.saturating_sub(saved).saturating_add(unused)
    }

    /// When everything is paid back after `units` were used at `now`.
    pub(super) fn paid_after(self, paid_at: Nanos, units: u64, now: Nanos) -> Nanos {
        paid_at.max(now).saturating_add(self.time_of(units))
    }

    /// When everything would be paid back if at `moment` nothing were saved up, and the first unit had just come.
    pub(super) fn paid_where_unsaved(self, moment: Nanos) -> Nanos {
        moment.saturating_add(self.time_of(self.at_once.saturating_sub(1)))
    }

    /// What is saved up.
    pub(super) fn at_once(self) -> u64 {
        self.at_once
    }

    /// The most that may be used in `span`, whenever in it.
    pub(super) fn most_within(self, span: Duration) -> u64 {
        self.at_once + nanos(span) / self.spacing.max(1)
    }
}

#[cfg(test)]
impl Rate {
    pub(super) fn in_a_span(self, span: Duration) -> f64 {
        span.as_secs_f64() / Duration::from_nanos(self.spacing).as_secs_f64()
    }
}
