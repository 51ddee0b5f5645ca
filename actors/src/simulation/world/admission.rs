//! A call at the door: who is let in, as the front of the connector decides it.

use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::super::books::Broken;
use super::super::graph::{Errand, items};
use super::super::sabotage::Sabotage;
use super::happenings::Happening;
use super::{Call, Kept, World};
use crate::clock::Clock;
use crate::identity::Principal;
use crate::permits::Permits;
use crate::testing::assertion;
use crate::throttle::GateRequest;

/// What a call holds from its admission to its end.
#[derive(Debug)]
pub(super) struct Places {
    _process: OwnedSemaphorePermit,
    pub(super) tenant: OwnedSemaphorePermit,
    /// One that it should not have.
    _second: Option<OwnedSemaphorePermit>,
}

impl World {
    pub(super) fn call_comes(&mut self, who: Principal, device: u64, errand: Errand) -> Kept {
        let mut deadline = self.instant() + self.chance.millis(1_000, 30_000);
        if self.suffers(Sabotage::CallsOutliveTheirLease) {
            deadline += Duration::from_secs(700);
        }
        let now = self.clock.now();
        let token = self.tokens.present(who, device, now, &mut self.chance)?;
        let items = items(&who, errand, &mut self.chance);
        let call = self.calls.len();
        let Some(places) = self.admit(call, &who, &items)? else {
            self.played.turned_away += 1;
            return Ok(());
        };
        self.played.batches += u64::from(items.len() > 1);
        self.calls.push(Call {
            principal: who,
            assertion: assertion(&token.id, token.expires_at),
            token,
            items,
            together: 0,
            session: None,
            places: Some(places),
            place: None,
            deadline,
            lease: None,
            has_replaced: false,
            attempt: 0,
            has_successor: false,
            rejected: None,
            waiting: None,
            permit: None,
            is_over: false,
        });
        self.played.calls += 1;
        self.put_at(deadline, Happening::Deadline(call));
        if self.chance.happens(15) {
            let after = self.chance.millis(0, 5_000);
            self.put_after(after, Happening::CallerLeaves(call));
        }
        self.enter(call)
    }

    /// One of the process's permits, what policy says, one of the tenant's permits: at once or not at all.
    fn admit(
        &mut self,
        call: usize,
        who: &Principal,
        items: &[GateRequest],
    ) -> Result<Option<Places>, Broken> {
        let Some(process) = self.try_take(&self.process, Sabotage::ProcessLetsAllIn) else {
            self.books.admitted.is_turned_away(who, items)?;
            return Ok(None);
        };
        let policy = self.policies.for_admission(who.tenant, self.sabotage);
        if !policy.lets_in(who) || !policy.allows(items) {
            self.books.admitted.is_turned_away(who, items)?;
            return Ok(None);
        }
        let permits = self.tenant(who.tenant).permits.clone();
        let Some(tenant) = self.try_take(&permits, Sabotage::TenantsLetAllIn) else {
            self.books.admitted.is_turned_away(who, items)?;
            return Ok(None);
        };
        self.books.admitted.enters(call, who, items)?;
        let second = self.suffers(Sabotage::CallsTakeTwoPlaces).then(|| permits.try_take().ok()).flatten();
        Ok(Some(Places { _process: process, tenant, _second: second }))
    }

    fn try_take(&self, permits: &Permits, lets_all_in: Sabotage) -> Option<OwnedSemaphorePermit> {
        let taken = permits.try_take().ok();
        if taken.is_none() && self.suffers(lets_all_in) {
            return Permits::new(1).try_take().ok();
        }
        taken
    }
}
