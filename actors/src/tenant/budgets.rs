//! What each user of a tenant has used of the exchanges that calls may cause.

use std::collections::HashMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::identity::ObjectId;
use crate::session::UserBudget;

/// The budgets of the users who have sessions, or had some and have not yet regained what those have used: neither a crash
/// nor another client makes a budget whole.
#[derive(Debug, Default)]
pub(super) struct Budgets(HashMap<ObjectId, Arc<UserBudget>>);

impl Budgets {
    /// The user's budget, for one more of the user's sessions.
    pub(super) fn of(&mut self, user: ObjectId) -> Arc<UserBudget> {
        Arc::clone(self.0.entry(user).or_default())
    }

    /// Forgets those that no session holds and that are whole again: a fresh one is the same.
    pub(super) fn forget_whole(&mut self, now: Timestamp) {
        self.0.retain(|_, budget| Arc::strong_count(budget) > 1 || !budget.is_whole(now));
        self.0.shrink_to(2 * self.0.len());
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
