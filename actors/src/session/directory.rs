//! Which sessions there are.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};

use super::handle::SessionHandle;
use crate::clock::Timestamp;
use crate::identity::{ByIdentity, Principal, TenantId};
use crate::revocation::Subject;

/// The sessions of one process by their principals.
#[derive(Debug, Default)]
pub(crate) struct SessionDirectory {
    sessions: ByIdentity<Principal, Arc<SessionHandle>>,
    /// Those that have crashed, for as long as calls go on that were in them: revocation must reach these, too.
    crashed: Mutex<Vec<(Principal, Weak<SessionHandle>)>>,
}

/// What a call finds of its session.
pub(crate) enum Found {
    Entered(Arc<SessionHandle>, OwnedSemaphorePermit),
    /// There is a session, and as many calls in it as it takes.
    Full(Arc<SessionHandle>),
    Nothing,
}

impl SessionDirectory {
    pub(crate) fn count(&self) -> usize {
        self.sessions.len()
    }

    /// How many leases of all sessions are usable, and how many have lapsed.
    pub(crate) fn count_leases(&self, now: Timestamp) -> (usize, usize) {
        self.sessions
            .iter()
            .map(|session| session.count_leases(now))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Enters the principal's session. The permit is taken under the map's guard: whoever ends an empty session
    /// holds the same guard, so that none is ended with a call in it.
    pub(crate) fn enter(&self, principal: &Principal) -> Found {
        let Some(session) = self.sessions.get(principal) else { return Found::Nothing };
        match session.try_enter() {
            Ok(permit) => Found::Entered(Arc::clone(&session), permit),
            Err(TryAcquireError::NoPermits) => Found::Full(Arc::clone(&session)),
            Err(TryAcquireError::Closed) => Found::Nothing,
        }
    }

    /// The principal's session, unless it is over.
    pub(crate) fn open_session(&self, principal: &Principal) -> Option<Arc<SessionHandle>> {
        self.sessions.get(principal).filter(|session| session.is_open()).map(|session| Arc::clone(&session))
    }

    pub(crate) fn remember(&self, principal: Principal, session: Arc<SessionHandle>) {
        self.sessions.insert(principal, session);
    }

    /// Takes out this very session, and no successor of it. One that nobody has ended has crashed.
    pub(crate) fn forget(&self, principal: Principal, session: &Arc<SessionHandle>) {
        if !session.cancellation().is_cancelled() {
            let mut crashed = self.crashed.lock().unwrap_or_else(PoisonError::into_inner);
            crashed.retain(|(_, session)| session.strong_count() > 0);
            crashed.push((principal, Arc::downgrade(session)));
        }
        self.sessions.remove_if(&principal, |_, known| Arc::ptr_eq(known, session));
    }

    /// Ends this very session when no call is in it; says whether it did. It is closed and taken out first and ended then, so
    /// that no call is ever sent to a session that is stopping.
    pub(crate) fn end_idle(&self, principal: Principal, session: &Arc<SessionHandle>) -> bool {
        let is_idle = |known: &Arc<SessionHandle>| Arc::ptr_eq(known, session) && known.close_if_empty();
        let is_over = self.sessions.remove_if(&principal, |_, known| is_idle(known)).is_some();
        if is_over {
            session.end_idle();
        }
        is_over
    }

    /// Lets so many calls into each session of the tenant at once. Must be called inside a tokio runtime.
    pub(crate) fn resize(&self, tenant: TenantId, capacity: usize) {
        self.sessions
            .iter()
            .filter(|session| session.key().tenant == tenant)
            .for_each(|session| session.resize(capacity));
    }

    /// Ends the sessions of every principal that `subject` covers, their leases and their calls with them.
    pub(crate) fn revoke(&self, subject: &Subject) {
        self.sessions
            .iter()
            .filter(|session| subject.covers(session.key()))
            .for_each(|session| session.revoke());
        let mut crashed = self.crashed.lock().unwrap_or_else(PoisonError::into_inner);
        crashed.retain(|(_, session)| session.strong_count() > 0);
        crashed
            .iter()
            .filter(|(principal, _)| subject.covers(principal))
            .filter_map(|(_, session)| session.upgrade())
            .for_each(|session| session.revoke());
    }
}
