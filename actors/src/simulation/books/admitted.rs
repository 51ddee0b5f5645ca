//! Who is let in, and how many at once.

use std::collections::{HashMap, HashSet};

use super::{Broken, hold};
use crate::identity::{Principal, TenantId};
use crate::ports::TenantLimits;
use crate::simulation::policy::{PROCESS_CALLS, Policy};
use crate::throttle::GateRequest;

/// Calls in progress, and what holds for them at the moment.
#[derive(Debug, Default)]
pub(in crate::simulation) struct Admitted {
    policies: HashMap<TenantId, Policy>,
    all: HashSet<usize>,
    of_tenants: HashMap<TenantId, HashSet<usize>>,
    limits: HashMap<TenantId, TenantLimits>,
}

impl Admitted {
    pub(in crate::simulation) fn policy_is(&mut self, tenant: TenantId, policy: Policy) {
        self.policies.insert(tenant, policy);
    }

    /// How many calls there may be in the tenant from now on.
    pub(in crate::simulation) fn most_calls(&mut self, tenant: TenantId, limits: TenantLimits) {
        let known = self.limits.entry(tenant).or_insert(limits);
        known.concurrent_calls = limits.concurrent_calls;
    }

    /// How many calls there may be in each of its sessions from now on.
    pub(in crate::simulation) fn most_calls_of_sessions(&mut self, tenant: TenantId, limits: TenantLimits) {
        let known = self.limits.entry(tenant).or_insert(limits);
        known.concurrent_calls_per_session = limits.concurrent_calls_per_session;
    }

    pub(super) fn most_in_a_session(&self, tenant: TenantId) -> usize {
        self.limits.get(&tenant).map_or(0, |limits| limits.concurrent_calls_per_session)
    }

    pub(in crate::simulation) fn enters(
        &mut self,
        call: usize,
        who: &Principal,
        items: &[GateRequest],
    ) -> Result<(), Broken> {
        hold(self.is_let_in(who, items), Broken::AdmittedAgainstPolicy)?;
        hold(self.all.len() < PROCESS_CALLS, Broken::TooManyCalls)?;
        hold(self.has_room(who.tenant), Broken::TooManyCallsOfATenant)?;
        self.all.insert(call);
        self.of_tenants.entry(who.tenant).or_default().insert(call);
        Ok(())
    }

    pub(in crate::simulation) fn is_turned_away(
        &self,
        who: &Principal,
        items: &[GateRequest],
    ) -> Result<(), Broken> {
        let has_room = self.all.len() < PROCESS_CALLS && self.has_room(who.tenant);
        hold(!has_room || !self.is_let_in(who, items), Broken::TurnedAwayForNothing)
    }

    /// Graph is asked for this user.
    pub(in crate::simulation) fn asks(&self, who: &Principal) -> Result<(), Broken> {
        let lets_in = |policy: &Policy| policy.is_served && policy.blocked != Some(who.user);
        hold(self.policies.get(&who.tenant).is_none_or(lets_in), Broken::AskedAfterBlock)
    }

    pub(super) fn leaves(&mut self, call: usize) {
        self.all.remove(&call);
        for calls in self.of_tenants.values_mut() {
            calls.remove(&call);
        }
    }

    /// Its calls are nobody's who comes after it.
    pub(super) fn tenant_ends(&mut self, tenant: TenantId) {
        self.of_tenants.remove(&tenant);
        self.limits.remove(&tenant);
    }

    fn has_room(&self, tenant: TenantId) -> bool {
        let calls = self.of_tenants.get(&tenant).map_or(0, HashSet::len);
        self.limits.get(&tenant).is_none_or(|limits| calls < limits.concurrent_calls)
    }

    fn is_let_in(&self, who: &Principal, items: &[GateRequest]) -> bool {
        let Some(policy) = self.policies.get(&who.tenant) else { return true };
        let is_off = |item: &GateRequest| policy.switched_off == Some(item.key.workload);
        policy.is_served && policy.blocked != Some(who.user) && !items.iter().any(is_off)
    }
}
