//! One session for each principal: it wins, renews and gives up the principal's Graph tokens.

mod actor;
#[cfg(test)]
mod actor_tests;
mod error;
mod handle;
mod invariants;
mod lease_wait;
mod machine;
mod published;
mod visit;

#[cfg(test)]
pub(crate) use self::{
    invariants::{Violation, Witness},
    machine::{Effect, Event, Generation, Rejection, Rules, SessionMachine},
    published::{Published, Slot},
};
pub(crate) use actor::{EndIdle, Session};
pub use error::SessionError;
pub(crate) use handle::{EntryError, SessionHandle};
pub use lease_wait::LeaseWait;
pub use visit::Visit;
