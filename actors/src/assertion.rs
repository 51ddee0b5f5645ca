//! The user's own access token, as the assertion of an On-Behalf-Of exchange.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::packed_token::PackedToken;

/// SHA-256 of an assertion: how an assertion is named without holding it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AssertionHash([u8; 32]);

impl AssertionHash {
    pub fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AssertionHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AssertionHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// The verified access token that a call came with, where it stands in the request: a warm call needs no copy of it.
/// Never logged, never serialised.
#[derive(Clone, Copy)]
pub struct PresentedToken<'t> {
    token: &'t str,
    hash: AssertionHash,
    expires_at: Timestamp,
}

impl<'t> PresentedToken<'t> {
    /// `hash` must be [`AssertionHash::of`] the token; the caller has it already from its own look-up.
    pub fn new(token: &'t str, hash: AssertionHash, expires_at: Timestamp) -> Self {
        debug_assert!(hash == AssertionHash::of(token), "the hash names another token");
        Self { token, hash, expires_at }
    }

    pub fn hash(&self) -> AssertionHash {
        self.hash
    }

    /// A copy that outlives the request, for whoever exchanges it.
    pub fn to_assertion(&self) -> Assertion {
        Assertion::new(self.token, self.hash, self.expires_at)
    }
}

impl fmt::Debug for PresentedToken<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PresentedToken")
            .field("hash", &self.hash)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A verified access token of the user for this service, kept for exchanges. Never logged, never serialised.
#[derive(Clone)]
pub struct Assertion {
    token: Arc<PackedToken>,
    hash: AssertionHash,
    expires_at: Timestamp,
}

impl Assertion {
    /// `hash` must be [`AssertionHash::of`] the token.
    pub fn new(token: &str, hash: AssertionHash, expires_at: Timestamp) -> Self {
        debug_assert!(hash == AssertionHash::of(token), "the hash names another token");
        Self { token: Arc::new(PackedToken::of(token)), hash, expires_at }
    }

    /// Its text, made anew, and wiped when it is dropped.
    pub fn expose_token(&self) -> Zeroizing<String> {
        self.token.expose()
    }

    pub fn hash(&self) -> AssertionHash {
        self.hash
    }

    /// The token's own `exp`.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Assertion")
            .field("hash", &self.hash)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
