//! Which calls are in progress: all of them, for the operators to see, and each user's, so that one user's calls can't
//! take every permit of the tenant.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connector_actors::identity::{ByIdentity, ObjectId, Principal, TenantId};
use dashmap::mapref::entry::Entry;

type User = (TenantId, ObjectId);

#[derive(Debug, Clone, Default)]
pub(crate) struct CallsInProgress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: AtomicUsize,
    /// Users without a call have no entry.
    of_users: ByIdentity<User, usize>,
}

/// One call that is in progress until this is dropped.
#[derive(Debug)]
pub(super) struct CountedCall {
    calls: CallsInProgress,
    user: User,
}

impl CallsInProgress {
    /// Counts a call of `principal`'s user, whichever client it comes through. `None`: the user has `most` already.
    pub(super) fn begin(&self, principal: &Principal, most: usize) -> Option<CountedCall> {
        let user = (principal.tenant, principal.user);
        let mut count = self.0.of_users.entry(user).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(count);
        self.0.all.fetch_add(1, Ordering::Relaxed);
        Some(CountedCall { calls: self.clone(), user })
    }

    pub(crate) fn get(&self) -> usize {
        self.0.all.load(Ordering::Relaxed)
    }
}

impl Drop for CountedCall {
    fn drop(&mut self) {
        let counts = &self.calls.0;
        counts.all.fetch_sub(1, Ordering::Relaxed);
        if let Entry::Occupied(mut count) = counts.of_users.entry(self.user) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use connector_actors::identity::ClientId;
    use uuid::Uuid;

    use super::*;

    fn principal(tenant: u128, user: u128, client: u128) -> Principal {
        Principal {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            user: ObjectId::from_uuid(Uuid::from_u128(user)),
            client: ClientId::from_uuid(Uuid::from_u128(client)),
        }
    }

    /// If this failed, a user could shut out colleagues, or be shut out by a twin of another tenant.
    #[test]
    fn a_user_has_so_many_calls_through_all_clients_together() {
        let calls = CallsInProgress::default();
        let first = calls.begin(&principal(1, 1, 1), 2).unwrap();
        let _second = calls.begin(&principal(1, 1, 2), 2).unwrap();
        assert!(calls.begin(&principal(1, 1, 3), 2).is_none());
        let _twin = calls.begin(&principal(2, 1, 1), 2).unwrap();
        assert_eq!(calls.get(), 3);
        drop(first);
        assert!(calls.begin(&principal(1, 1, 3), 2).is_some());
    }

    /// If this failed, every user who ever called would stay in memory.
    #[test]
    fn a_user_without_calls_is_forgotten() {
        let calls = CallsInProgress::default();
        drop(calls.begin(&principal(1, 1, 1), 1));
        assert!(calls.0.of_users.is_empty());
        assert_eq!(calls.get(), 0);
    }
}
