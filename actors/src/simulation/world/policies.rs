//! Tenants' files that change, and what that means for the calls in progress and for those to come.

use std::collections::HashMap;

use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::super::books::{Broken, hold};
use super::super::policy::Policy;
use super::super::sabotage::Sabotage;
use super::happenings::Happening;
use super::{Kept, Life, World};
use crate::identity::{Principal, TenantId};
use crate::ports::TenantLimits;

/// The latest version of each tenant's file, and the first.
#[derive(Debug, Default)]
pub(super) struct Policies(HashMap<TenantId, (Policy, Policy)>);

impl Policies {
    pub(super) fn of(&self, tenant: TenantId) -> Policy {
        self.0.get(&tenant).map_or(Policy::OPEN, |(_, latest)| *latest)
    }

    pub(super) fn for_admission(&self, tenant: TenantId, sabotage: Option<Sabotage>) -> Policy {
        if sabotage == Some(Sabotage::PolicyIsReadOnce) {
            return self.0.get(&tenant).map_or(Policy::OPEN, |(first, _)| *first);
        }
        self.of(tenant)
    }

    fn change(&mut self, tenant: TenantId, policy: Policy) {
        self.0.entry(tenant).or_insert((Policy::OPEN, policy)).1 = policy;
    }
}

/// Nothing in it ever waits for time.
fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap_or_else(|error| panic!("no runtime: {error}"))
}

impl World {
    pub(super) fn may_enter(&self, who: &Principal) -> bool {
        self.policies.of(who.tenant).lets_in(who)
    }

    /// A tenant that is served no more ends with all of its calls; of another, each call goes on that the new policy lets
    /// go on.
    pub(super) fn policy_changes(&mut self, id: TenantId) -> Kept {
        self.played.policies += 1;
        let policy = Policy::of(&mut self.chance);
        self.policies.change(id, policy);
        self.books.admitted.policy_is(id, policy);
        let in_progress: Vec<usize> =
            (0..self.calls.len()).filter(|call| !self.calls[*call].is_over).collect();
        if !self.suffers(Sabotage::PolicySparesCalls) {
            self.ring();
        }
        if policy.is_served && !self.suffers(Sabotage::PolicyEndsAllCalls) {
            self.set_limits(id, policy.limits);
        } else {
            self.end_tenant(id);
            self.end_what_is_cancelled(Life::Revoked, Sabotage::PolicySparesCalls);
        }
        let goes_on = |call: &usize| {
            let call = &self.calls[*call];
            !call.is_over
                || !policy.is_served && call.principal.tenant == id
                || !self.may_enter(&call.principal)
        };
        hold(in_progress.iter().all(goes_on), Broken::EndedForNothing)
    }

    /// Something has changed about who may go on: each call in progress asks for itself.
    pub(super) fn ring(&mut self) {
        for call in 0..self.calls.len() {
            let asks = &self.calls[call];
            if !asks.is_over
                && (self.tokens.refuse(&asks.token, &asks.principal) || !self.may_enter(&asks.principal))
            {
                self.end(call);
            }
        }
    }

    /// Calls in progress keep their places. The supervisor hears of it soon, and in the order of the changes.
    fn set_limits(&mut self, id: TenantId, limits: TenantLimits) {
        let Some(tenant) = self.tenants.get_mut(&id) else { return };
        self.gate.set_size(id, limits.size);
        self.books.admitted.most_calls(id, limits);
        tenant.unheard.push_back(limits);
        let permits = tenant.permits.clone();
        if !self.suffers(Sabotage::LimitsReachNoTenant) {
            self.is_unsettled = true;
            let _inside = self.runtime.get_or_init(runtime).enter();
            permits.resize(limits.concurrent_calls);
        }
        self.send_soon(Happening::LimitsAreHeard(id));
    }

    pub(super) fn limits_are_heard(&mut self, id: TenantId) {
        let Some(tenant) = self.tenants.get_mut(&id) else { return };
        let Some(limits) = tenant.unheard.pop_front() else { return };
        tenant.supervision.set_limits(limits);
        self.books.admitted.most_calls_of_sessions(id, limits);
        if !self.suffers(Sabotage::LimitsReachNoSession) {
            self.is_unsettled = true;
            let _inside = self.runtime.get_or_init(runtime).enter();
            self.directory.resize(id, limits.concurrent_calls_per_session);
        }
    }

    /// Places that are too many are taken out as calls leave them.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.is_unsettled)
            && let Some(runtime) = self.runtime.get()
        {
            runtime.block_on(yield_now());
        }
    }
}
