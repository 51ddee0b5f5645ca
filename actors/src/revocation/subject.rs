//! What a revocation is about, and what it looks at in a token.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::clock::Timestamp;
use crate::identity::{ObjectId, Principal, TenantId};

/// Bytes of a `uti` at most; Entra's have 22.
const MAX_TOKEN_ID_BYTES: usize = 128;

/// The `uti` of one token: what Entra's sign-in log calls its unique token identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(Box<str>);

/// A text that should be the `uti` of a token and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a token id is 1 to {MAX_TOKEN_ID_BYTES} printable ASCII characters without blanks")]
pub struct NotATokenId;

impl TokenId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenId {
    type Err = NotATokenId;

    fn from_str(text: &str) -> Result<Self, NotATokenId> {
        let is_short = (1..=MAX_TOKEN_ID_BYTES).contains(&text.len());
        if is_short && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(NotATokenId)
        }
    }
}

impl Borrow<str> for TokenId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whose tokens are revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Every token of the tenant's users.
    Tenant(TenantId),
    /// Every token of one user, whichever client holds it.
    User(TenantId, ObjectId),
    /// The tokens that one client holds for one user.
    Client(Principal),
    /// One token.
    Token(TokenId),
}

impl Subject {
    /// One word for logs and lists.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::User(..) => "user",
            Self::Client(_) => "client",
            Self::Token(_) => "token",
        }
    }

    /// The tenant, where the subject names one.
    pub const fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Tenant(tenant) | Self::User(tenant, _) => Some(*tenant),
            Self::Client(principal) => Some(principal.tenant),
            Self::Token(_) => None,
        }
    }

    /// Whether every token of `principal` is meant. A single token says nothing of its principal's others.
    pub fn covers(&self, principal: &Principal) -> bool {
        match self {
            Self::Tenant(tenant) => *tenant == principal.tenant,
            Self::User(tenant, user) => (*tenant, *user) == (principal.tenant, principal.user),
            Self::Client(covered) => covered == principal,
            Self::Token(_) => false,
        }
    }
}

/// What a revocation looks at in a verified token.
#[derive(Debug, Clone, Copy)]
pub struct TokenMarks<'t> {
    pub principal: &'t Principal,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `uti`.
    pub id: &'t str,
}
