//! Why a session gave no lease.

use std::time::Duration;

use thiserror::Error;

use crate::ports::ExchangeError;

/// Why a call got no session, or no lease from it.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum SessionError {
    /// Entra gave no token, now or a moment ago for the same assertion.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The call's deadline passed while it waited for a permit or for an exchange.
    #[error("the deadline passed before the session was ready")]
    DeadlineExceeded,
    /// The session, its tenant or the process is ending.
    #[error("the session is ending")]
    Ended,
    /// The principal's sessions crash again and again: there will be a new one after this time.
    #[error("the session is being restored")]
    Restoring { retry_after: Duration },
    /// The tenant is not served.
    #[error("the tenant is not known")]
    UnknownTenant,
}
