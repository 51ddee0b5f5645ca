//! What a verified token says about its bearer.

use std::sync::Arc;

use connector_actors::assertion::AssertionHash;
use connector_actors::clock::Timestamp;
use connector_actors::identity::{AccountKind, GroupMembership, Principal};
use connector_actors::revocation::TokenMarks;

/// Whom a verified token speaks for, and what later steps need to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub principal: Principal,
    /// Whether the tenant calls the user a member or a guest, where the token says so.
    pub account: AccountKind,
    /// Of which groups of the tenant the user is, where the token says so.
    pub groups: GroupMembership,
    /// The token's own `iat`: some five minutes before it was issued.
    pub issued_at: Timestamp,
    /// The token's own `exp`, without any allowance for skew.
    pub expires_at: Timestamp,
    /// `uti`: names this one token in Entra's sign-in log.
    pub token_id: Box<str>,
    /// `sid`: names the sign-in session, where the registration asks for the claim.
    pub session_id: Option<Box<str>>,
    /// True when `xms_cc` holds `cp1`: the client answers a claims challenge by a new sign-in.
    pub handles_claims_challenges: bool,
}

/// A token that has been found good, and the hash that names it.
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    pub identity: Arc<Identity>,
    pub hash: AssertionHash,
    pub acquaintance: Acquaintance,
}

/// Whether a token was verified before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// Verified in full just now. A token that was forgotten meanwhile counts as new again.
    New,
    Known,
}

impl Identity {
    /// What a revocation looks at.
    pub fn marks(&self) -> TokenMarks<'_> {
        TokenMarks { principal: &self.principal, issued_at: self.issued_at, id: &self.token_id }
    }
}
