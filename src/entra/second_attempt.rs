//! Whether an exchange that failed is asked for a second time.

use std::time::Duration;

use connector_actors::ports::{ExchangeError, ExchangeFault};

/// Without a word from Entra a second attempt follows after this: long enough for a balancer to notice that one of
/// its servers is gone, short enough for a user who waits.
const SHORT_PAUSE: Duration = Duration::from_millis(100);

/// With less time than this for an answer, a second attempt would only load Entra.
pub(super) const SHORTEST_ATTEMPT: Duration = Duration::from_millis(50);

/// An attempt that brought no token.
#[derive(Debug)]
pub(super) struct FailedAttempt {
    pub(super) error: ExchangeError,
    /// What Entra asked for in `Retry-After`.
    pub(super) retry_after: Option<Duration>,
}

impl From<ExchangeError> for FailedAttempt {
    fn from(error: ExchangeError) -> Self {
        Self { error, retry_after: None }
    }
}

/// The pause before the second attempt, or `None` when the first answer stands: because it is an answer, or because
/// the exchange ends in `left`, before the pause that Entra asks for and another attempt are over.
///
/// A timeout is not tried again, for it has used the time up. Nor is throttling: asking again makes it last.
pub(super) fn pause_before_second(first: &FailedAttempt, left: Duration) -> Option<Duration> {
    match first.error {
        ExchangeError::Unavailable(ExchangeFault::ServerError(_) | ExchangeFault::Unreachable) => {}
        _ => return None,
    }
    let pause = first.retry_after.unwrap_or(SHORT_PAUSE);
    (pause + SHORTEST_ATTEMPT <= left).then_some(pause)
}

#[cfg(test)]
mod tests {
    use connector_actors::ports::{AadstsCode, Block, ThrottledBy};
    use rstest::rstest;

    use super::*;

    const SERVER_ERROR: ExchangeError = ExchangeError::Unavailable(ExchangeFault::ServerError(503));
    const NO_CONNECTION: ExchangeError = ExchangeError::Unavailable(ExchangeFault::Unreachable);
    const SECOND: Duration = Duration::from_secs(1);

    /// If this failed, a hiccup of Entra's would reach the user, or Entra would be asked while it wants to rest, or
    /// again for what it has answered.
    #[rstest]
    #[case::server_error(SERVER_ERROR, None, 10 * SECOND, Some(SHORT_PAUSE))]
    #[case::no_connection(NO_CONNECTION, None, 10 * SECOND, Some(SHORT_PAUSE))]
    #[case::a_wait_that_fits(SERVER_ERROR, Some(2 * SECOND), 10 * SECOND, Some(2 * SECOND))]
    #[case::no_wait_at_all(SERVER_ERROR, Some(Duration::ZERO), 10 * SECOND, Some(Duration::ZERO))]
    #[case::just_fits(SERVER_ERROR, Some(SECOND), SECOND + SHORTEST_ATTEMPT, Some(SECOND))]
    #[case::just_does_not_fit(SERVER_ERROR, Some(SECOND), Duration::from_millis(1_049), None)]
    #[case::too_long_a_wait(SERVER_ERROR, Some(30 * SECOND), 10 * SECOND, None)]
    #[case::no_time_left(NO_CONNECTION, None, SHORT_PAUSE, None)]
    #[case::timed_out(ExchangeError::Unavailable(ExchangeFault::TimedOut), None, 10 * SECOND, None)]
    #[case::rubbish(ExchangeError::Unavailable(ExchangeFault::Unintelligible), None, 10 * SECOND, None)]
    #[case::throttled(ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: None }, None, 10 * SECOND, None)]
    #[case::refused(ExchangeError::Blocked(Block::Policy, AadstsCode(53_003)), None, 10 * SECOND, None)]
    fn only_what_may_pass_is_asked_again(
        #[case] error: ExchangeError,
        #[case] retry_after: Option<Duration>,
        #[case] left: Duration,
        #[case] expected: Option<Duration>,
    ) {
        assert_eq!(pause_before_second(&FailedAttempt { error, retry_after }, left), expected);
    }
}
