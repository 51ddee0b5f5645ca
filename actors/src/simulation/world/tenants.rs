//! Tenants: who comes into which session, what a supervisor hears and decides, and the end of a tenant and of all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::books::{Broken, hold};
use super::super::graph::Errand;
use super::super::sabotage::Sabotage;
use super::happenings::{Happening, Report};
use super::{Call, Kept, Life, World};
use crate::clock::Clock;
use crate::identity::{Principal, TenantId};
use crate::permits::Permits;
use crate::ports::TenantLimits;
use crate::retry_budget::RetryBudget;
use crate::revocation::Subject;
use crate::session::{Found, SessionHandle};
use crate::tenant::{Grant, Opening, Supervision};
use crate::tenant_size::TenantSize;
use crate::testing::principal;

/// A tenant as its supervisor has it.
pub(super) struct Tenant {
    pub(super) supervision: Supervision,
    pub(super) permits: Permits,
    /// Limits that its supervisor has not heard of yet.
    pub(super) unheard: VecDeque<TenantLimits>,
    pub(super) cancel: CancellationToken,
    pub(super) retries: Arc<RetryBudget>,
}

impl World {
    /// The tenant, started when it has not been called for yet, or was ended.
    pub(super) fn tenant(&mut self, id: TenantId) -> &mut Tenant {
        let (now, limits) = (self.clock.now(), self.policies.of(id).limits);
        let (ending, whole) = (&self.ending, &self.retries);
        let (gate, admitted) = (&self.gate, &mut self.books.admitted);
        let is_alone = self.sabotage == Some(Sabotage::TenantsRepeatWithoutTheWhole);
        self.tenants.entry(id).or_insert_with(|| {
            gate.set_size(id, limits.size);
            admitted.most_calls(id, limits);
            admitted.most_calls_of_sessions(id, limits);
            Tenant {
                supervision: Supervision::new(limits),
                permits: Permits::new(limits.concurrent_calls),
                unheard: VecDeque::new(),
                cancel: ending.child_token(),
                retries: Arc::new(if is_alone {
                    RetryBudget::new(now)
                } else {
                    RetryBudget::part_of(whole, now)
                }),
            }
        })
    }

    /// A message takes its time from one actor to the other.
    pub(super) fn send_soon(&mut self, happening: Happening) {
        let takes = self.chance.millis(0, 5);
        self.put_after(takes, happening);
    }

    /// A call looks for its session.
    pub(super) fn enter(&mut self, which: usize) -> Kept {
        if self.calls[which].is_over || self.is_turned_away(which) {
            return Ok(());
        }
        match self.directory.enter(&self.calls[which].principal) {
            Found::Entered(handle, place) => {
                let session = self.index_of(&handle);
                self.books.enters(session, which, self.calls[which].principal.tenant)?;
                self.calls[which].session = Some(session);
                self.calls[which].place = Some(place);
                self.want_lease(which, None)
            }
            Found::Full(_) => {
                self.played.crowded += 1;
                let wait = self.chance.millis(20, 500);
                self.put_after(wait, Happening::Enters(which));
                Ok(())
            }
            Found::Nothing => {
                self.send_soon(Happening::Opens(which));
                Ok(())
            }
        }
    }

    /// While all ends, nobody comes in any more.
    fn is_turned_away(&mut self, which: usize) -> bool {
        let is_turned_away = self.is_draining && !self.suffers(Sabotage::DrainLetsCallsIn);
        if is_turned_away {
            self.end(which);
        }
        is_turned_away
    }

    /// A supervisor is asked for the session of a call.
    pub(super) fn opens(&mut self, which: usize) -> Kept {
        if self.calls[which].is_over || self.is_turned_away(which) {
            return Ok(());
        }
        let (who, now) = (self.calls[which].principal, self.clock.now());
        if !self.policies.of(who.tenant).is_served {
            self.end(which);
            return Ok(());
        }
        self.tenant(who.tenant);
        let Some(tenant) = self.tenants.get_mut(&who.tenant) else { return Ok(()) };
        let session = match tenant.supervision.open(&who, &self.directory, now) {
            Opening::Found(_) if self.suffers(Sabotage::OpensASecondSession) => {
                self.begin_session(who, Grant { capacity: 4, exchanges: Arc::default() })?
            }
            Opening::Found(handle) => self.index_of(&handle),
            Opening::Granted(grant) => self.begin_session(who, grant)?,
            Opening::Later(_) if self.suffers(Sabotage::RestartsAtOnce) => {
                self.begin_session(who, Grant { capacity: 4, exchanges: Arc::default() })?
            }
            Opening::Later(wait) => {
                self.books.is_put_off(&who, wait, self.instant())?;
                self.played.put_off += 1;
                self.end(which);
                return Ok(());
            }
        };
        // Whoever has come out of a session that crashed goes on where it stopped.
        if self.calls[which].place.is_none() {
            return self.enter(which);
        }
        self.calls[which].session = Some(session);
        let rejected = self.calls[which].rejected.take();
        self.want_lease(which, rejected)
    }

    fn begin_session(&mut self, who: Principal, mut grant: Grant) -> Result<usize, Broken> {
        let has_one = self.sessions.iter().any(|other| other.principal == who && other.life == Life::Open);
        hold(!has_one, Broken::SecondSession)?;
        hold(!self.is_draining, Broken::BegunAfterDrain)?;
        self.books.session_begins(&who, self.instant())?;
        if self.suffers(Sabotage::BudgetsAreTheClients) {
            grant.exchanges = Arc::default();
        }
        Ok(self.play_session(who, grant))
    }

    pub(super) fn index_of(&self, handle: &Arc<SessionHandle>) -> usize {
        let place = self.sessions.iter().rposition(|session| Arc::ptr_eq(&session.handle, handle));
        place.unwrap_or_else(|| unreachable!("the directory knows the sessions that are played"))
    }

    /// What a session's actor says to its owner.
    fn reports(&mut self, report: Report) {
        self.send_soon(Happening::OwnerHears(report));
    }

    /// A session that has idled long enough says so; and sometimes a call comes before its owner has heard it.
    pub(super) fn asks_to_end(&mut self, which: usize) -> Kept {
        self.books.session_rests(which)?;
        if self.chance.happens(30) {
            let device = self.chance.below(3);
            self.send_soon(Happening::CallComes(self.sessions[which].principal, device, Errand::Anything));
        }
        self.reports(Report::Idle(which));
        Ok(())
    }

    pub(super) fn owner_hears(&mut self, report: Report) -> Kept {
        match report {
            Report::Crashed(who) => {
                let now = self.clock.now();
                if !self.tenants.contains_key(&who.tenant) {
                    return Ok(());
                }
                self.books.crash_is_heard(&who, self.instant());
                let neighbour = principal(who.tenant.as_uuid().as_u128(), who.user.as_uuid().as_u128() ^ 1);
                let blames_it = self.suffers(Sabotage::CrashesDelayNeighbours);
                let supervision = &mut self.tenant(who.tenant).supervision;
                supervision.crashed(who, now);
                if blames_it {
                    supervision.crashed(neighbour, now);
                }
                Ok(())
            }
            Report::Idle(which) => self.idle_is_heard(which),
        }
    }

    fn idle_is_heard(&mut self, which: usize) -> Kept {
        let session = &self.sessions[which];
        let (who, handle) = (session.principal, Arc::clone(&session.handle));
        if session.life != Life::Open {
            return Ok(());
        }
        let is_over = self.directory.end_idle(who, &handle);
        if is_over || self.suffers(Sabotage::IdleEndsBusySessions) {
            self.books.session_ends_idle(which)?;
            self.is_over(which, Life::Idle);
        }
        Ok(())
    }

    /// The session's actor hears of its end soon.
    fn is_over(&mut self, which: usize, life: Life) {
        let session = &mut self.sessions[which];
        session.life = life;
        session.witness.session_ended();
        self.send_soon(Happening::Stops(which));
    }

    /// What a session's actor does when it stops.
    pub(super) fn stops(&mut self, which: usize) {
        let session = &self.sessions[which];
        self.directory.forget(session.principal, &session.handle);
        session.handle.close();
    }

    /// The session is gone, with all that it holds. Its callers ask once for its successor.
    pub(super) fn crash(&mut self, who: Principal) {
        let Some(handle) = self.directory.open_session(&who) else { return };
        let session = self.index_of(&handle);
        self.played.crashes += 1;
        self.stops(session);
        self.sessions[session].life = Life::Crashed;
        self.sessions[session].witness.session_ended();
        self.reports(Report::Crashed(who));
        for call in self.calls_in(session, |call| call.lease.is_none()) {
            self.look_for_successor(call);
        }
    }

    pub(super) fn look_for_successor(&mut self, call: usize) {
        if std::mem::replace(&mut self.calls[call].has_successor, true) {
            return self.end(call);
        }
        self.send_soon(Happening::Opens(call));
    }

    fn calls_in(&self, session: usize, which: impl Fn(&Call) -> bool) -> Vec<usize> {
        let is_meant = |call: &Call| call.session == Some(session) && !call.is_over && which(call);
        (0..self.calls.len()).filter(|call| is_meant(&self.calls[*call])).collect()
    }

    /// Ends sessions, their leases, and the calls in them.
    pub(super) fn revoke(&mut self, subject: &Subject) -> Kept {
        self.played.revocations += 1;
        match subject {
            Subject::Tenant(tenant) => self.end_tenant(*tenant),
            _ if self.suffers(Sabotage::RevocationSparesSessions) => {}
            _ => self.directory.revoke(subject),
        }
        hold(self.sessions.iter().all(|session| !session.is_spared_by(subject)), Broken::SparedByRevocation)?;
        self.end_what_is_cancelled(Life::Revoked, Sabotage::RevocationSparesCalls);
        self.tokens.revoke(subject, self.clock.now(), self.sabotage)?;
        if !self.suffers(Sabotage::RevocationSparesCalls) {
            self.ring();
        }
        Ok(())
    }

    pub(super) fn end_tenant(&mut self, id: TenantId) {
        self.gate.set_size(id, TenantSize::UNKNOWN);
        if let Some(tenant) = self.tenants.remove(&id) {
            tenant.cancel.cancel();
            tenant.permits.close();
            self.books.tenant_ends(id);
        }
    }

    /// The process ends: no session goes on, and no call.
    pub(super) fn drain(&mut self) {
        self.played.drains += 1;
        self.is_draining = true;
        self.ending.cancel();
        self.end_what_is_cancelled(Life::Drained, Sabotage::DrainSparesCalls);
    }

    pub(super) fn end_what_is_cancelled(&mut self, life: Life, spares_calls: Sabotage) {
        for which in 0..self.sessions.len() {
            let session = &self.sessions[which];
            if !session.handle.cancellation().is_cancelled() {
                continue;
            }
            match session.life {
                Life::Open => self.is_over(which, life),
                Life::Crashed => self.sessions[which].life = life,
                Life::Idle | Life::Revoked | Life::Drained => continue,
            }
            if self.suffers(spares_calls) {
                continue;
            }
            for call in self.calls_in(which, |_| true) {
                self.end(call);
            }
        }
    }

    /// A supervisor forgets now and then what nobody uses.
    pub(super) fn sweep(&mut self, later: Duration) {
        let now = self.clock.now() + later;
        self.learned.forget_quiet(self.instant() + later);
        self.tenants.values_mut().for_each(|tenant| tenant.supervision.forget_whole(now));
    }
}
