//! Every decision of a tenant's supervisor, without an actor and without a clock.

use std::sync::Arc;
use std::time::Duration;

use super::budgets::Budgets;
use super::restarts::Restarts;
use crate::clock::Timestamp;
use crate::identity::Principal;
use crate::ports::TenantLimits;
use crate::session::{SessionDirectory, SessionHandle, UserBudget};

/// What becomes of a call that needs its principal's session.
#[derive(Debug)]
pub(crate) enum Opening {
    /// There is one.
    Found(Arc<SessionHandle>),
    /// There is none, and one may be made.
    Granted(Grant),
    /// The principal's sessions crash again and again: there may be one after this time.
    Later(Duration),
}

/// What a new session is given.
#[derive(Debug)]
pub(crate) struct Grant {
    /// How many calls may be in it at once.
    pub(crate) capacity: usize,
    /// The user's, shared with the user's other sessions.
    pub(crate) exchanges: Arc<UserBudget>,
}

/// The state of one supervisor.
#[derive(Debug)]
pub(crate) struct Supervision {
    limits: TenantLimits,
    restarts: Restarts,
    budgets: Budgets,
}

impl Supervision {
    pub(crate) fn new(limits: TenantLimits) -> Self {
        Self { limits, restarts: Restarts::default(), budgets: Budgets::default() }
    }

    /// Whoever is granted a session makes it and puts it into the directory before anything else is decided.
    pub(crate) fn open(
        &mut self,
        principal: &Principal,
        sessions: &SessionDirectory,
        now: Timestamp,
    ) -> Opening {
        if let Some(session) = sessions.open_session(principal) {
            return Opening::Found(session);
        }
        if let Err(wait) = self.restarts.may_start(principal, now) {
            return Opening::Later(wait);
        }
        let capacity = self.limits.concurrent_calls_per_session;
        Opening::Granted(Grant { capacity, exchanges: self.budgets.of(principal.user) })
    }

    pub(crate) fn crashed(&mut self, principal: Principal, now: Timestamp) {
        self.restarts.crashed(principal, now);
    }

    pub(crate) fn set_limits(&mut self, limits: TenantLimits) {
        self.limits = limits;
    }

    /// Forgets what nobody would notice the loss of.
    pub(crate) fn forget_whole(&mut self, now: Timestamp) {
        self.budgets.forget_whole(now);
    }

    /// Users of whom something is remembered.
    #[cfg(test)]
    pub(crate) fn users(&self) -> usize {
        self.budgets.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::ClientId;
    use crate::settings::Allowance;
    use crate::tenant_size::TenantSize;
    use crate::testing::{EPOCH, principal};

    const LIMITS: TenantLimits =
        TenantLimits { concurrent_calls: 10, concurrent_calls_per_session: 2, size: TenantSize::UNKNOWN };

    fn granted(supervision: &mut Supervision, principal: &Principal, now: Timestamp) -> Grant {
        match supervision.open(principal, &SessionDirectory::default(), now) {
            Opening::Granted(grant) => grant,
            opening => panic!("{opening:?}"),
        }
    }

    /// A user could have as many exchanges as clients, or lose some to another user.
    #[test]
    fn clients_of_one_user_share_a_budget_and_users_do_not() {
        let mut supervision = Supervision::new(LIMITS);
        let client = ClientId::from_uuid(uuid::Uuid::from_u128(8));
        let one = granted(&mut supervision, &principal(1, 1), EPOCH);
        let other = granted(&mut supervision, &Principal { client, ..principal(1, 1) }, EPOCH);
        let neighbour = granted(&mut supervision, &principal(1, 2), EPOCH);
        assert!(Arc::ptr_eq(&one.exchanges, &other.exchanges));
        assert!(!Arc::ptr_eq(&one.exchanges, &neighbour.exchanges));
        assert_eq!(one.capacity, 2);
    }

    /// Memory would grow with everybody who ever came; or a user have a whole budget again after a crash.
    #[test]
    fn a_budget_is_forgotten_when_no_session_holds_it_and_it_is_whole() {
        let mut supervision = Supervision::new(LIMITS);
        let later = EPOCH + Duration::from_secs(60);
        let (held, dropped) = (principal(1, 1), principal(1, 2));
        let grant = granted(&mut supervision, &held, EPOCH);
        let used = granted(&mut supervision, &dropped, EPOCH).exchanges;
        used.take(Allowance { at_once: 1, one_more_every: Duration::from_secs(120) }, EPOCH);
        let before = Arc::downgrade(&used);
        drop(used);
        supervision.forget_whole(later);
        assert_eq!(supervision.users(), 2);
        let again = granted(&mut supervision, &dropped, later).exchanges;
        assert!(before.upgrade().is_some_and(|before| Arc::ptr_eq(&before, &again)));
        drop((grant, again));
        supervision.forget_whole(EPOCH + Duration::from_secs(3_600));
        assert_eq!(supervision.users(), 0);
    }

    /// A tenant's new limit would hold for the sessions that there are, and for none that come.
    #[test]
    fn a_new_session_has_the_limits_of_the_moment() {
        let mut supervision = Supervision::new(LIMITS);
        supervision.set_limits(TenantLimits { concurrent_calls_per_session: 5, ..LIMITS });
        assert_eq!(granted(&mut supervision, &principal(1, 1), EPOCH).capacity, 5);
    }
}
