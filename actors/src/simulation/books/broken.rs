//! The promises, each as what is seen when it is broken.

use thiserror::Error;

use crate::session::Violation;

/// A broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(in crate::simulation) enum Broken {
    #[error("{0}")]
    Session(#[from] Violation),
    #[error("a call is answered with what belongs to somebody else")]
    ForeignAnswer,
    #[error("Graph is asked by a call that a revocation should have ended")]
    AskedAfterRevocation,
    #[error("a session is not reached by the revocation of its user")]
    SparedByRevocation,
    #[error("Graph is asked by a call that the end of all should have ended")]
    AskedAfterDrain,
    #[error("a session begins although all ends")]
    BegunAfterDrain,
    #[error("a principal has two sessions")]
    SecondSession,
    #[error("a session that crashes again and again is made anew too early")]
    RestartedTooEarly,
    #[error("somebody is put off, or for longer, whose sessions have not crashed so often")]
    PutOffForNothing,
    #[error("a session is ended as idle with a call in it")]
    EndedWithACallInIt,
    #[error("more exchanges of one user than the calls of all clients may cause")]
    TooManyExchangesOfAUser,
    #[error("more requests are repeated than may be")]
    TooManyRepetitions,
    #[error("a request is not repeated although few have been")]
    NotRepeatedForNothing,
    #[error("more calls in the process than may be")]
    TooManyCalls,
    #[error("more calls in a tenant than may be")]
    TooManyCallsOfATenant,
    #[error("more calls in a session than may be")]
    TooManyCallsInASession,
    #[error("a call is let in that the policy of the moment refuses")]
    AdmittedAgainstPolicy,
    #[error("a call is turned away that policy lets in, and for which there is room")]
    TurnedAwayForNothing,
    #[error("Graph is asked for somebody whom policy lets in no more")]
    AskedAfterBlock,
    #[error("a call ends by a change of policy that lets it go on")]
    EndedForNothing,
    #[error("a token is refused that was issued after the revocation")]
    FreshTokenRefused,
    #[error("a token is taken that was revoked")]
    RevokedTokenTaken,
    #[error("Graph is asked with a lease that has expired")]
    AskedWithExpiredLease,
    #[error("more requests at once for one user or mailbox than may be")]
    TooManyAtOnce,
    #[error("Graph is asked while it wants to be left alone")]
    AskedTooEarly,
    #[error(
        "more requests of a kind in a span of time, to one chat, of one user or in one tenant, than may be"
    )]
    TooManyOfAKind,
    #[error("a refusal without a time keeps nobody away, or for too short a time")]
    BackOffTooShort,
    #[error("refusals without a time keep somebody away for too long")]
    BackOffTooLong,
    #[error("a service is asked that is left alone because it fails")]
    AskedWhileItFails,
    #[error("more requests at once try whether a service is back than may")]
    TooManyProbes,
    #[error("a service that fails is not left alone")]
    NotLeftAlone,
    #[error("a service is left alone that does not fail so often, or that is back")]
    LeftAloneForNothing,
    #[error("a request waits although nothing has been asked in its tenant for long")]
    HeldUpForNothing,
    #[error("a request overtakes an earlier one of the same user")]
    Overtaken,
    #[error("more exchanges in a second, or at once, than may be")]
    TooManyExchanges,
    #[error("Entra is asked in a tenant in which it wants to be left alone")]
    EntraAskedTooEarly,
    #[error("a caller is answered who has asked for nothing, or twice")]
    AnsweredTwice,
    #[error("a session that asks for its end has left a caller without an answer")]
    NeverAnswered,
    #[error("a call is not over at its deadline")]
    Overdue,
    #[error("a refusal says to come back at once")]
    DishonestRefusal,
    #[error("it never comes to rest")]
    NoRest,
    #[error("something is remembered of everybody who has gone")]
    Remembered,
}

pub(in crate::simulation) fn hold(promise: bool, otherwise: Broken) -> Result<(), Broken> {
    if promise { Ok(()) } else { Err(otherwise) }
}
