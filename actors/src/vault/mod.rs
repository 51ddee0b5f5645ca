//! Leases outside of the process: sealed, and worth nothing to whoever holds them without the key.
//!
//! One machine needs none of this. Where several serve the same users, a lease that one has won saves the others an
//! exchange; [`LeaseVault`] is the seam for the store that they share, and [`LeaseSealer`] what goes into it.

mod codec;
mod keys;
mod sealer;
#[cfg(test)]
mod tests;

use std::fmt;

use futures_util::future::BoxFuture;
use thiserror::Error;

use crate::clock::Timestamp;
use crate::lease::LeaseOwner;

pub use keys::{KeyId, MasterKey, SealingKeys};
pub use sealer::{LeaseSealer, NotOpened, NotSealed, SealedLease};

/// The store can't be reached, or does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the store of sealed leases is not available")]
pub struct VaultUnavailable;

/// Port: a store that several processes share. It sees sealed leases alone, and may lose any of them at any time.
pub trait LeaseVault: Send + Sync + fmt::Debug {
    /// Keeps the lease until `until` at most, in the place of an older one of the same owner.
    fn put(
        &self,
        owner: LeaseOwner,
        lease: SealedLease,
        until: Timestamp,
    ) -> BoxFuture<'static, Result<(), VaultUnavailable>>;

    fn get(&self, owner: LeaseOwner) -> BoxFuture<'static, Result<Option<SealedLease>, VaultUnavailable>>;
}
