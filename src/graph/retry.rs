//! The one place that decides whether a request to Graph is made again. Pure: facts in, a step out.

use std::time::Duration;

use connector_actors::ClaimsChallenge;
use connector_actors::throttle::ThrottleScope;

use super::codes::GraphCodes;
use super::error::{GraphError, GraphFault};

/// Attempts of one request, the first included.
const ATTEMPTS: u8 = 3;
/// The same after a 500: it may pass, and often does not.
const ATTEMPTS_AFTER_SERVER_ERROR: u8 = 2;
/// How often the lease of one request is replaced: once where Graph just refuses it, and again where the next one meets
/// a challenge. Whether a challenge is final, the session knows, which knows what the lease was won for.
const LEASES_REPLACED: u8 = 3;
/// The first backoff after a fault; it doubles with each attempt, and the wait is drawn from all of it.
const FAULT_BACKOFF: Duration = Duration::from_millis(50);
/// The first wait where Graph throttles without saying for how long; it doubles with each attempt.
const THROTTLE_BACKOFF: Duration = Duration::from_secs(1);

/// Why an attempt brought no answer.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The lease is refused: 401, or 403 with a claims challenge.
    LeaseRefused { codes: GraphCodes, claims: Option<ClaimsChallenge> },
    /// 429, 509, or 503 with `Retry-After`.
    Throttled { status: u16, retry_after: Option<Duration>, scope: ThrottleScope },
    /// A status that says nothing about what was asked (408, 409, 421, 425, 500, 502, 503, 504), or no answer at all.
    Fault(GraphFault),
    /// Nothing that another attempt would change.
    Final(GraphError),
}

impl Failure {
    /// Whether the next attempt must not go out on a pooled connection: behind it there may be the very server that
    /// can't serve, and Graph asks for a new one after a 503. A conflict, or a request that came too early, says
    /// nothing against the server.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Self::Fault(GraphFault::Status(status)) => !matches!(status, 409 | 425),
            Self::Fault(_) | Self::Throttled { status: 503, .. } => true,
            Self::LeaseRefused { .. } | Self::Throttled { .. } | Self::Final(_) => false,
        }
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    /// Attempts made so far; 1 after the first.
    pub(super) attempts: u8,
    /// Leases that were replaced so far.
    pub(super) replaced: u8,
    /// Until the call's deadline.
    pub(super) remaining: Duration,
    /// A fresh random number from 0 to 1.
    pub(super) jitter: f64,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Wait, then try again with the same lease.
    Retry {
        after: Duration,
    },
    /// Ask the session for another lease, then try again at once.
    ReplaceLease {
        claims: Option<ClaimsChallenge>,
    },
    GiveUp(GraphError),
}

/// What to do after `failure`. A wait that would reach the deadline is not begun, and a request that could be made again
/// is given up when the tenant's `budget`, which is asked last, does not pay for it.
pub(super) fn next_step(progress: Progress, failure: Failure, budget: impl FnOnce() -> bool) -> Step {
    match failure {
        Failure::Final(error) => Step::GiveUp(error),
        Failure::LeaseRefused { claims: Some(claims), .. } if progress.replaced < LEASES_REPLACED => {
            Step::ReplaceLease { claims: Some(claims) }
        }
        Failure::LeaseRefused { claims: None, .. } if progress.replaced == 0 => {
            Step::ReplaceLease { claims: None }
        }
        Failure::LeaseRefused { codes, .. } => Step::GiveUp(GraphError::LeaseRefused { codes }),
        Failure::Throttled { status, retry_after, .. } => {
            let wait = retry_after.unwrap_or_else(|| {
                let longest = doubled(THROTTLE_BACKOFF, progress.attempts);
                longest.mul_f64(0.75 + progress.jitter.clamp(0.0, 1.0) / 4.0)
            });
            let lasting = match status {
                // Short of capacity, whoever asks.
                503 => GraphError::Unavailable(GraphFault::LeftAlone { retry_after: wait }),
                _ => GraphError::Throttled { retry_after: wait },
            };
            retry_or(progress, ATTEMPTS, wait, lasting, budget)
        }
        Failure::Fault(fault) => {
            let wait = doubled(FAULT_BACKOFF, progress.attempts).mul_f64(progress.jitter.clamp(0.0, 1.0));
            let attempts = match fault {
                GraphFault::Status(500) => ATTEMPTS_AFTER_SERVER_ERROR,
                GraphFault::Status(_)
                | GraphFault::Unreachable
                | GraphFault::Interrupted
                | GraphFault::LeftAlone { .. } => ATTEMPTS,
            };
            retry_or(progress, attempts, wait, GraphError::Unavailable(fault), budget)
        }
    }
}

/// Another attempt where there are fewer than `attempts` so far, and time for the wait.
fn retry_or(
    progress: Progress,
    attempts: u8,
    after: Duration,
    error: GraphError,
    budget: impl FnOnce() -> bool,
) -> Step {
    if progress.attempts >= attempts || after >= progress.remaining || !budget() {
        return Step::GiveUp(error);
    }
    Step::Retry { after }
}

/// `first` after the first attempt, twice that after the second, and so on.
fn doubled(first: Duration, attempts: u8) -> Duration {
    first.saturating_mul(1 << attempts.saturating_sub(1).min(8))
}

#[cfg(test)]
mod tests {
    use connector_actors::RetryBudget;
    use connector_actors::clock::Timestamp;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn progress(attempts: u8) -> Progress {
        Progress { attempts, replaced: 0, remaining: Duration::from_secs(20), jitter: 1.0 }
    }

    fn refusal(status: u16, retry_after: Option<Duration>) -> Failure {
        Failure::Throttled { status, retry_after, scope: ThrottleScope::Request }
    }

    fn throttled(seconds: u64) -> Failure {
        refusal(429, Some(Duration::from_secs(seconds)))
    }

    fn describe(step: &Step) -> String {
        match step {
            Step::Retry { after } => format!("retry after {} ms", after.as_millis()),
            Step::ReplaceLease { claims } => format!("replace, claims {}", claims.is_some()),
            Step::GiveUp(error) => format!("give up: {error}"),
        }
    }

    /// If this failed, a storm of errors would be multiplied by the retries, or calls be charged for retries that are not
    /// made.
    #[rstest]
    #[case::fault(
        1,
        Failure::Fault(GraphFault::Unreachable),
        "give up: Graph is not available: no connection",
        1
    )]
    #[case::throttle(1, throttled(2), "give up: throttled for 2000 ms", 1)]
    #[case::last_attempt(3, throttled(2), "give up: throttled for 2000 ms", 0)]
    #[case::too_long(1, throttled(20), "give up: throttled for 20000 ms", 0)]
    fn a_retry_that_the_budget_does_not_pay_for_is_not_made(
        #[case] attempts: u8,
        #[case] failure: Failure,
        #[case] expected: &str,
        #[case] asked: usize,
    ) {
        let times = std::cell::Cell::new(0);
        let budget = || {
            times.set(times.get() + 1);
            false
        };
        assert_eq!(describe(&next_step(progress(attempts), failure, budget)), expected);
        assert_eq!(times.get(), asked);
    }

    /// If this failed, a passing fault would fail a call, or a lasting one would be hammered.
    #[rstest]
    #[case::fault(1, Failure::Fault(GraphFault::Unreachable), "retry after 50 ms")]
    #[case::second_fault(2, Failure::Fault(GraphFault::Status(503)), "retry after 100 ms")]
    #[case::third_fault(
        3,
        Failure::Fault(GraphFault::Status(503)),
        "give up: Graph is not available: status 503"
    )]
    #[case::server_error(1, Failure::Fault(GraphFault::Status(500)), "retry after 50 ms")]
    #[case::second_server_error(
        2,
        Failure::Fault(GraphFault::Status(500)),
        "give up: Graph is not available: status 500"
    )]
    #[case::short_throttle(1, throttled(2), "retry after 2000 ms")]
    #[case::long_throttle(1, throttled(20), "give up: throttled for 20000 ms")]
    #[case::third_throttle(3, throttled(1), "give up: throttled for 1000 ms")]
    #[case::silent_throttle(1, refusal(429, None), "retry after 1000 ms")]
    #[case::silent_throttle_again(2, refusal(429, None), "retry after 2000 ms")]
    #[case::final_error(
        1,
        Failure::Final(GraphError::Unintelligible),
        "give up: Graph's answer is unintelligible"
    )]
    fn failures_are_answered_step_by_step(
        #[case] attempts: u8,
        #[case] failure: Failure,
        #[case] expected: &str,
    ) {
        assert_eq!(describe(&next_step(progress(attempts), failure, || true)), expected);
    }

    /// If this failed, a revoked token would be replaced for ever, or never; or a challenge would not reach Entra because
    /// Graph has refused another lease before.
    #[rstest]
    #[case::first(0, None, "replace, claims false")]
    #[case::challenged(0, Some("{}"), "replace, claims true")]
    #[case::replaced(1, None, "give up: Graph refuses the user's token (no code)")]
    #[case::challenged_after_a_refusal(1, Some("{}"), "replace, claims true")]
    #[case::challenged_for_a_third_time(2, Some("{}"), "replace, claims true")]
    #[case::without_end(3, Some("{}"), "give up: Graph refuses the user's token (no code)")]
    fn a_refused_lease_is_replaced_once_and_for_challenges(
        #[case] replaced: u8,
        #[case] claims: Option<&str>,
        #[case] expected: &str,
        #[values(1, 3)] attempts: u8,
    ) {
        let claims = claims.map(ClaimsChallenge::new);
        let failure = Failure::LeaseRefused { codes: GraphCodes::default(), claims };
        let step = next_step(Progress { replaced, ..progress(attempts) }, failure, || true);
        assert_eq!(describe(&step), expected);
    }

    /// If this failed, a retry would meet the same sick server again, or throttling would cost a handshake.
    #[rstest]
    #[case::broken(Failure::Fault(GraphFault::Interrupted), true)]
    #[case::unavailable(Failure::Fault(GraphFault::Status(503)), true)]
    #[case::unavailable_for_a_while(refusal(503, Some(Duration::ZERO)), true)]
    #[case::failed(Failure::Fault(GraphFault::Status(500)), true)]
    #[case::wrong_server(Failure::Fault(GraphFault::Status(421)), true)]
    #[case::conflict(Failure::Fault(GraphFault::Status(409)), false)]
    #[case::throttled(throttled(1), false)]
    fn a_server_that_cannot_serve_is_not_asked_on_the_same_connection(
        #[case] failure: Failure,
        #[case] spoils: bool,
    ) {
        assert_eq!(failure.spoils_connection(), spoils);
    }

    /// If this failed, Graph in trouble would be asked much more than Graph in health.
    #[test]
    fn a_storm_of_errors_is_not_multiplied() {
        const CALLS_PER_SECOND: u64 = 200;
        const CALLS: u64 = 20_000;
        let began = Timestamp::from_unix_seconds(1_800_000_000);
        let (budget, mut drawn, mut requests) = (RetryBudget::new(began), 0_u64, 0_u64);
        for call in 0..CALLS {
            let now = began + Duration::from_millis(call * 1_000 / CALLS_PER_SECOND);
            budget.note_request();
            for attempts in 1.. {
                requests += 1;
                drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let has_failed = (drawn >> 33) % 100 < 30;
                let fault = Failure::Fault(GraphFault::Status(503));
                let step = has_failed.then(|| next_step(progress(attempts), fault, || budget.try_retry(now)));
                if !matches!(step, Some(Step::Retry { .. })) {
                    break;
                }
            }
        }
        // In thousandths, so that nothing is rounded in our favour.
        let amplification = (requests * 1_000).div_ceil(CALLS);
        println!(
            "{CALLS_PER_SECOND} calls a second of a tenant, 30 % errors: {amplification} requests for 1,000 calls"
        );
        assert!(amplification <= 1_200, "{amplification}");
    }

    proptest! {
        /// If this failed, a call could wait past its deadline or try without end.
        #[test]
        fn no_wait_reaches_the_deadline(
            attempts in 1_u8..=255,
            remaining_ms in 0_u64..30_000,
            retry_after_ms in proptest::option::of(0_u64..100_000),
            jitter in 0.0_f64..=1.0,
        ) {
            let remaining = Duration::from_millis(remaining_ms);
            let progress = Progress { attempts, replaced: 0, remaining, jitter };
            let throttled =
                refusal(429, retry_after_ms.map(Duration::from_millis));
            for failure in [throttled, Failure::Fault(GraphFault::Interrupted)] {
                if let Step::Retry { after } = next_step(progress, failure, || true) {
                    prop_assert!(after < remaining && attempts < ATTEMPTS);
                }
            }
        }
    }
}
