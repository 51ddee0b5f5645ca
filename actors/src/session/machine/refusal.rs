//! What a session remembers of a failed exchange.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ports::{ExchangeError, ThrottledBy};

/// For an administrator who has just consented, whose user goes on with the same sign-in: as often as an assertion may be
/// exchanged in the long run. A new sign-in is asked for at once.
const CONSENT_MEMORY: Duration = Duration::from_secs(60);
/// For an operator who has just put a registration right.
const MISCONFIGURED_MEMORY: Duration = Duration::from_secs(10);
/// How long a user's calls cause no exchange after Entra has detected a loop (AADSTS50196): going on makes it last.
/// Its own libraries wait as long after a 429.
pub(super) const LOOP_REST: Duration = Duration::from_secs(60);
/// When Entra throttles without saying for how long.
const UNSPECIFIED_THROTTLE: Duration = Duration::from_secs(5);
/// The bound of the pause after the second failure in a row; it doubles with each further one.
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// A refusal by Entra that answers further callers without asking again.
#[derive(Debug)]
pub(super) struct Refusal {
    error: ExchangeError,
    until: Timestamp,
}

impl Refusal {
    /// `None` for what may be different the next moment: then the next caller asks again.
    pub(super) fn of(error: &ExchangeError, now: Timestamp, memory: Duration) -> Option<Self> {
        let remembered_for = match error {
            ExchangeError::AssertionRejected(_)
            | ExchangeError::InteractionRequired { .. }
            | ExchangeError::Blocked(..) => memory,
            ExchangeError::ConsentRequired(..) => memory.min(CONSENT_MEMORY),
            ExchangeError::Misconfigured(..) => memory.min(MISCONFIGURED_MEMORY),
            ExchangeError::Throttled { by: ThrottledBy::LoopDetection, retry_after } => {
                retry_after.unwrap_or(LOOP_REST)
            }
            ExchangeError::Throttled { retry_after, .. } => retry_after.unwrap_or(UNSPECIFIED_THROTTLE),
            ExchangeError::Unavailable(_) => return None,
        };
        Some(Self { error: error.clone(), until: now + remembered_for })
    }

    /// Back-off with full jitter where Entra does not answer: the next caller asks at once after the first failure,
    /// and after `failures` in a row not before a time drawn from all of a span that doubles. `fraction` in `0.0..1.0`.
    pub(super) fn back_off(
        error: &ExchangeError,
        failures: u32,
        fraction: f64,
        now: Timestamp,
    ) -> Option<Self> {
        let doublings = failures.checked_sub(2)?;
        let bound = FIRST_BACK_OFF.saturating_mul(1 << doublings.min(8)).min(LONGEST_BACK_OFF);
        Some(Self { error: error.clone(), until: now + bound.mul_f64(fraction.clamp(0.0, 1.0)) })
    }

    pub(super) fn until(&self) -> Timestamp {
        self.until
    }

    pub(super) fn is_remembered(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// The refusal as it is true now: a throttled caller learns what is left of the wait.
    pub(super) fn answer(&self, now: Timestamp) -> ExchangeError {
        match &self.error {
            ExchangeError::Throttled { by, .. } => {
                ExchangeError::Throttled { by: *by, retry_after: Some(now.until(self.until)) }
            }
            error => error.clone(),
        }
    }
}

/// Whether Entra said no to the user, rather than failed to say anything: then a lease won earlier with the same
/// assertion must not be served either.
pub(super) fn ends_the_lease(error: &ExchangeError) -> bool {
    match error {
        ExchangeError::AssertionRejected(_)
        | ExchangeError::InteractionRequired { .. }
        | ExchangeError::ConsentRequired(..)
        | ExchangeError::Blocked(..) => true,
        ExchangeError::Misconfigured(..)
        | ExchangeError::Throttled { .. }
        | ExchangeError::Unavailable(_) => false,
    }
}
