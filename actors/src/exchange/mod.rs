//! When an exchange may go out to Entra: the pace of the whole process, and Entra's own wish to be left alone.
//!
//! A session decides *that* it needs an exchange, and asks here for its turn. [`pace::Pace`] is the pure decision:
//! never more than the set rate, calls before renewals, tenants in turn. Nobody who reads a lease comes here.

mod actor;
mod fair_queue;
mod pace;
#[cfg(test)]
mod properties;
mod quiet;
#[cfg(test)]
mod tests;

pub(crate) use actor::PaceDoor;
pub(crate) use fair_queue::Ticket;
#[cfg(test)]
pub(crate) use pace::{Pace, Told};

use std::time::Duration;

use crate::ports::ThrottledBy;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A call waits for it.
    Call,
    /// Nobody waits: the lease is still served.
    Renewal,
}

/// What became of a wish to exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    Refused(Refused),
}

/// Why an exchange is not made, and when asking again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) by: ThrottledBy,
    pub(crate) retry_after: Duration,
}
