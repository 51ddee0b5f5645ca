//! From when to when a lease is served.

use crate::clock::Timestamp;
use crate::ports::ExchangedToken;
use crate::settings::LeaseSettings;

/// The earliest share of its life at which a lease is renewed, and how much later chance may put it.
const EARLIEST_RENEWAL: f64 = 0.75;
const RENEWAL_SPREAD: f64 = 0.15;

/// The end of a lease, and the moment to look for its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) usable_until: Timestamp,
    /// Never later than `usable_until`; equal to it when a renewal could not outlast this lease.
    pub(super) renew_at: Timestamp,
}

impl Term {
    /// Everything is counted from `started`, the beginning of the exchange: the token can't be older than that.
    /// `fraction` in `0.0..1.0` spreads the renewals of leases that were won together.
    pub(super) fn of(
        token: &ExchangedToken,
        assertion_expires_at: Timestamp,
        started: Timestamp,
        fraction: f64,
        settings: &LeaseSettings,
    ) -> Self {
        let life = token.expires_in.saturating_sub(settings.expiry_margin).min(settings.max_lease);
        let usable_until = (started + life).min(assertion_expires_at);
        if usable_until == assertion_expires_at {
            return Self { usable_until, renew_at: usable_until };
        }

        let early = life.mul_f64(EARLIEST_RENEWAL + RENEWAL_SPREAD * fraction.clamp(0.0, 1.0));
        let asked_for = token.refresh_in.map_or(early, |refresh_in| refresh_in.max(life / 2));
        Self { usable_until, renew_at: started + early.min(asked_for) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::testing::exchanged_token;

    const STARTED: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    /// A lease that outlives its token, its assertion or the operator's bound would serve a dead or a withdrawn
    /// permission; a renewal outside its window would come in waves.
    #[rstest]
    #[case::the_token_ends_first(600, None, 10_000, 0.0, 300, 225)]
    #[case::the_operators_bound_is_first(4_500, None, 10_000, 0.0, 900, 675)]
    #[case::renewals_are_spread(4_500, None, 10_000, 1.0, 900, 810)]
    #[case::the_assertion_ends_first_and_needs_no_renewal(4_500, None, 500, 0.0, 500, 500)]
    #[case::a_token_within_its_margin_is_never_usable(200, None, 10_000, 0.0, 0, 0)]
    #[case::entra_asks_for_an_earlier_renewal(4_500, Some(500), 10_000, 0.0, 900, 500)]
    #[case::but_not_before_half_the_life(4_500, Some(0), 10_000, 0.0, 900, 450)]
    fn a_lease_ends_with_the_first_of_its_bounds(
        #[case] expires_in: u64,
        #[case] refresh_in: Option<u64>,
        #[case] assertion_left: u64,
        #[case] fraction: f64,
        #[case] usable_for: u64,
        #[case] renewed_after: u64,
    ) {
        let token = ExchangedToken {
            expires_in: Duration::from_secs(expires_in),
            refresh_in: refresh_in.map(Duration::from_secs),
            ..exchanged_token("graph")
        };
        let assertion_expires_at = STARTED + Duration::from_secs(assertion_left);

        let term = Term::of(&token, assertion_expires_at, STARTED, fraction, &LeaseSettings::default());

        assert_eq!(STARTED.until(term.usable_until), Duration::from_secs(usable_for));
        assert_eq!(STARTED.until(term.renew_at), Duration::from_secs(renewed_after));
    }
}
