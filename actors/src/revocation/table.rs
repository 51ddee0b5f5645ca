//! Which tokens are refused: the pure answer to one question.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::store::Revocation;
use super::subject::{Subject, TokenId, TokenMarks};
use crate::clock::Timestamp;
use crate::identity::{ObjectId, Principal, TenantId};

/// All revocations in force, for look-ups.
#[derive(Debug, Clone, Default)]
pub struct RevocationTable {
    tenants: HashMap<TenantId, Timestamp>,
    users: HashMap<(TenantId, ObjectId), Timestamp>,
    clients: HashMap<Principal, Timestamp>,
    tokens: HashSet<TokenId>,
}

impl RevocationTable {
    pub fn of<'r>(revocations: impl IntoIterator<Item = &'r Revocation>) -> Self {
        let mut table = Self::default();
        for revocation in revocations {
            table.apply(revocation);
        }
        table
    }

    /// Whether `token` is revoked. At most four look-ups; none where nothing has been revoked.
    pub fn refuses(&self, token: TokenMarks<'_>) -> bool {
        let Principal { tenant, user, .. } = *token.principal;
        is_before(&self.tenants, &tenant, token.issued_at)
            || is_before(&self.users, &(tenant, user), token.issued_at)
            || is_before(&self.clients, token.principal, token.issued_at)
            || (!self.tokens.is_empty() && self.tokens.contains(token.id))
    }

    fn apply(&mut self, revocation: &Revocation) {
        let before = revocation.issued_before;
        match &revocation.subject {
            Subject::Tenant(tenant) => raise(&mut self.tenants, *tenant, before),
            Subject::User(tenant, user) => raise(&mut self.users, (*tenant, *user), before),
            Subject::Client(principal) => raise(&mut self.clients, *principal, before),
            Subject::Token(token) => drop(self.tokens.insert(token.clone())),
        }
        self.tokens.extend(revocation.tokens.iter().cloned());
    }
}

/// A later revocation never lets in what an earlier one refuses.
fn raise<K: Hash + Eq>(limits: &mut HashMap<K, Timestamp>, key: K, before: Timestamp) {
    let limit = limits.entry(key).or_insert(before);
    *limit = before.max(*limit);
}

fn is_before<K: Hash + Eq>(limits: &HashMap<K, Timestamp>, key: &K, issued_at: Timestamp) -> bool {
    !limits.is_empty() && limits.get(key).is_some_and(|limit| issued_at < *limit)
}
