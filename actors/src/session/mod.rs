//! One session for each principal: it wins, renews and gives up the principal's Graph tokens.

mod actor;
#[cfg(test)]
mod actor_tests;
mod budget;
mod directory;
mod error;
mod handle;
mod lease_wait;
mod machine;
mod obtain;
#[cfg(test)]
mod played;
mod published;
mod time_zone;
mod user_budget;
mod violation;
#[cfg(any(test, debug_assertions))]
mod witness;

#[cfg(test)]
pub(crate) use self::{
    machine::{Effect, Event, Generation, Rules, SessionMachine},
    published::Slot,
    violation::Violation,
    witness::Witness,
};
pub(crate) use actor::{Session, SessionReport};
pub(crate) use directory::{Found, SessionDirectory};
pub use error::SessionError;
pub(crate) use handle::{EntryError, LeaseError, SessionHandle, SessionTerms};
pub use lease_wait::LeaseWait;
pub(crate) use machine::Rejection;
pub use time_zone::{TimeZoneAnswer, TimeZoneInquiry, TimeZoneMemory, TimeZoneTurn};
pub(crate) use user_budget::UserBudget;
