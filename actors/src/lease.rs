//! A Graph access token on loan to one principal.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use crate::assertion::AssertionHash;
use crate::clock::Timestamp;
use crate::graph_token::GraphToken;
use crate::identity::Principal;

/// The delegated permissions that Entra put into a Graph token, by their short names (`Mail.Read`), sorted. Clones share
/// one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantedScopes(Arc<[Box<str>]>);

impl GrantedScopes {
    /// Reads the `scope` field of a token response: fully qualified or short names, separated by spaces.
    /// The resource prefix, `.default` and the OpenID scopes are left out, for they open nothing in Graph.
    pub fn parse(scope: &str) -> Self {
        let mut names: Vec<Box<str>> = scope
            .split_ascii_whitespace()
            .map(|name| name.rsplit_once('/').map_or(name, |(_, short)| short))
            .filter(|name| !matches!(*name, ".default" | "openid" | "profile" | "email" | "offline_access"))
            .map(Into::into)
            .collect();
        names.sort_unstable();
        names.dedup();
        Self(names.into())
    }

    pub fn contains(&self, scope: &str) -> bool {
        self.0.binary_search_by(|name| (**name).cmp(scope)).is_ok()
    }

    /// Whether both are clones of one list, and not merely equal.
    pub fn is_same_list(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// Whose lease it is: nobody else may ever have it, not even another assertion of the same user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseOwner {
    pub principal: Principal,
    pub assertion: AssertionHash,
}

/// A Graph token of one principal, won with one assertion.
pub struct Lease {
    owner: LeaseOwner,
    token: GraphToken,
    scopes: GrantedScopes,
    usable_until: Timestamp,
}

impl Lease {
    pub fn new(owner: LeaseOwner, token: GraphToken, scopes: GrantedScopes, usable_until: Timestamp) -> Self {
        Self { owner, token, scopes, usable_until }
    }

    pub fn owner(&self) -> &LeaseOwner {
        &self.owner
    }

    pub fn expose_token(&self) -> &str {
        self.token.expose()
    }

    /// The value of an `Authorization` header, marked as sensitive.
    pub fn authorization(&self) -> &HeaderValue {
        self.token.authorization()
    }

    pub fn scopes(&self) -> &GrantedScopes {
        &self.scopes
    }

    /// From here on the lease must not be handed out.
    pub fn usable_until(&self) -> Timestamp {
        self.usable_until
    }

    pub fn is_usable(&self, now: Timestamp) -> bool {
        now < self.usable_until
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lease")
            .field("scopes", &self.scopes)
            .field("usable_until", &self.usable_until)
            .finish_non_exhaustive()
    }
}
