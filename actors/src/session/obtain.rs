//! A caller's wish for a lease.

use std::sync::Arc;

use actix::Message;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::lease_wait::LeaseWait;
use super::machine::Rejection;
use crate::assertion::Assertion;
use crate::lease::Lease;
use crate::ports::ExchangeError;

/// A caller who waits, and how it is answered. Dropped unanswered, it tells the caller that the session is gone.
pub(super) struct Waiter {
    pub(super) reply: oneshot::Sender<Result<Arc<Lease>, ExchangeError>>,
    pub(super) wait: LeaseWait,
}

/// A caller wants a lease.
pub(super) struct Obtain {
    pub(super) assertion: Assertion,
    pub(super) rejected: Option<Rejection>,
    pub(super) correlation_id: Uuid,
    pub(super) waiter: Waiter,
}

impl Message for Obtain {
    type Result = ();
}
