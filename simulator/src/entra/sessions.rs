//! Sign-ins: when each was, and which demands of Conditional Access it has met.

use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use uuid::Uuid;

/// Above so many sessions the older half is forgotten.
const REMEMBERED: usize = 50_000;

/// A sign-in of one person at one client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// Seconds since 1970.
    pub(crate) signed_in_at: i64,
    /// Its place in the order of all sign-ins and revocations: clocks have no two equal moments for these.
    pub(crate) order: u64,
    /// The policies whose demands it has met.
    pub(crate) satisfied: Vec<Uuid>,
}

/// The sign-ins of this process, by their id (`sid`).
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    last_order: AtomicU64,
    sessions: DashMap<Uuid, Session>,
}

impl Sessions {
    /// The next place in the order of sign-ins and revocations.
    pub(crate) fn next_order(&self) -> u64 {
        self.last_order.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Starts a session that has met the demands of these policies.
    pub(crate) fn begin(&self, now: i64, satisfied: Vec<Uuid>) -> Uuid {
        let order = self.next_order();
        if self.sessions.len() >= REMEMBERED {
            let newer = order.saturating_sub(REMEMBERED as u64 / 2);
            self.sessions.retain(|_, session| session.order > newer);
        }
        let id = Uuid::new_v4();
        self.sessions.insert(id, Session { signed_in_at: now, order, satisfied });
        id
    }

    /// A session that nobody signed in for, such as that of a token made to order, comes before every revocation
    /// and has met no demand.
    pub(crate) fn find(&self, id: Uuid) -> Option<Session> {
        self.sessions.get(&id).map(|session| session.clone())
    }
}
