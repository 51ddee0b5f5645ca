//! What must be true of every session at all times.

use thiserror::Error;

/// A broken promise of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Violation {
    #[error("more assertions are held than may be")]
    TooManyAssertions,
    #[error("an assertion is held twice")]
    AssertionHeldTwice,
    #[error("a lease is held that must not be handed out")]
    UnusableLeaseHeld,
    #[error("a lease outlives the assertion that it was won with")]
    LeaseOutlivesAssertion,
    #[error("an exchange is in flight that never began")]
    UnknownGeneration,
    #[error("a lease serves another tenant, user, client or assertion than its own")]
    ForeignLease,
    #[error("a remembered refusal asked Entra")]
    RefusalAskedEntra,
    #[cfg(any(test, debug_assertions))]
    #[error("an expired lease is handed out or published")]
    UnusableLease,
    #[cfg(any(test, debug_assertions))]
    #[error("a session that has ended hands out a lease")]
    RevokedLease,
    #[cfg(any(test, debug_assertions))]
    #[error("two exchanges of one assertion are in flight")]
    SecondFlight,
    #[cfg(any(test, debug_assertions))]
    #[error("a generation is used twice")]
    GenerationReused,
    #[cfg(any(test, debug_assertions))]
    #[error("a stale completion changed something")]
    StaleCompletion,
}
