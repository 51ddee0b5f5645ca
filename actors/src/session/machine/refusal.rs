//! What a session remembers of a failed exchange.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ports::ExchangeError;

/// For an operator who has just put a registration right.
const MISCONFIGURED_MEMORY: Duration = Duration::from_secs(10);
/// When Entra throttles without saying for how long.
const UNSPECIFIED_THROTTLE: Duration = Duration::from_secs(5);

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
            | ExchangeError::ConsentRequired(_)
            | ExchangeError::Blocked(_) => memory,
            ExchangeError::Misconfigured(_) => memory.min(MISCONFIGURED_MEMORY),
            ExchangeError::Throttled { retry_after } => retry_after.unwrap_or(UNSPECIFIED_THROTTLE),
            ExchangeError::Unavailable(_) => return None,
        };
        Some(Self { error: error.clone(), until: now + remembered_for })
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
            ExchangeError::Throttled { .. } => {
                ExchangeError::Throttled { retry_after: Some(now.until(self.until)) }
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
        | ExchangeError::ConsentRequired(_)
        | ExchangeError::Blocked(_) => true,
        ExchangeError::Misconfigured(_) | ExchangeError::Throttled { .. } | ExchangeError::Unavailable(_) => {
            false
        }
    }
}
