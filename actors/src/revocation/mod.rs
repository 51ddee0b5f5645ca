//! Tokens that are no longer taken, although they have not expired: by tenant, user, client, or one by one.
//!
//! Revoking ends the tokens issued so far. A client that holds a refresh token may come back with a new one without
//! asking anybody: only a block in the tenant's policy, or in Entra ID, ends access for good.
//!
//! The rules are pure ([`RevocationTable`], [`RecentTokens`]). [`Revocations`] keeps them, writes each revocation to
//! the store before anything else, and publishes a snapshot that a call reads without a lock. Which tokens were in use it
//! leaves in the store as the process stops; after a crash nobody knows, and for a while revocations refuse by time alone.

mod keeper;
#[cfg(test)]
mod properties;
mod recent;
mod store;
mod subject;
mod table;

pub use keeper::{Revocations, RevokeError};
pub use recent::RecentTokens;
pub use store::{
    LastShutdown, RecentSnapshot, RecentToken, Revocation, RevocationStore, RevocationStoreError,
    VolatileRevocations,
};
pub use subject::{NotATokenId, Subject, TokenId, TokenMarks};
pub use table::RevocationTable;

use std::time::Duration;

/// How far Entra dates a token back at most: `iat` lies about five minutes before the token was issued.
pub const BACKDATING: Duration = Duration::from_secs(300);

/// How long a revocation is kept. No token that it concerns lives longer: Entra's live for 28 hours at most.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
