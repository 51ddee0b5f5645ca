//! A store of sealed leases as several machines would share it, in the memory of a test.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use rstest::rstest;
use uuid::Uuid;

use super::contract::{Broken, SharedStore, hold_to_the_contract, lease, machine, others, owner};
use crate::assertion::AssertionHash;
use crate::clock::{Clock, Timestamp};
use crate::identity::{ClientId, ObjectId, TenantId};
use crate::lease::LeaseOwner;
use crate::testing::{EPOCH, RuntimeClock};
use crate::vault::{LeaseVault, SealedLease, VaultUnavailable};

/// How a store may fail whoever relies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    SharesNothing,
    KeepsTheFirst,
    ForgetsTheTenant,
    ForgetsTheUser,
    ForgetsTheClient,
    ForgetsTheAssertion,
    KeepsForEver,
    IsEmptyWhenDown,
}

type Kept = Mutex<HashMap<LeaseOwner, (SealedLease, Timestamp)>>;

/// The store itself, or one machine's way to it. Its time is tokio's.
#[derive(Debug)]
pub(super) struct InMemory {
    kept: Arc<Kept>,
    is_down: Arc<AtomicBool>,
    clock: RuntimeClock,
    fault: Fault,
}

impl InMemory {
    pub(super) fn new() -> Self {
        Self::with(Fault::None)
    }

    pub(super) fn with(fault: Fault) -> Self {
        let clock = RuntimeClock::starting_at(EPOCH);
        Self { kept: Arc::default(), is_down: Arc::default(), clock, fault }
    }

    /// What it knows the owner by.
    fn known_as(&self, mut owner: LeaseOwner) -> LeaseOwner {
        match self.fault {
            Fault::ForgetsTheTenant => owner.principal.tenant = TenantId::from_uuid(Uuid::nil()),
            Fault::ForgetsTheUser => owner.principal.user = ObjectId::from_uuid(Uuid::nil()),
            Fault::ForgetsTheClient => owner.principal.client = ClientId::from_uuid(Uuid::nil()),
            Fault::ForgetsTheAssertion => owner.assertion = AssertionHash::of(""),
            _ => {}
        }
        owner
    }

    fn keep(&self, owner: LeaseOwner, lease: SealedLease, until: Timestamp) -> Result<(), VaultUnavailable> {
        if self.is_down.load(Ordering::SeqCst) {
            return if self.fault == Fault::IsEmptyWhenDown { Ok(()) } else { Err(VaultUnavailable) };
        }
        let mut kept = self.kept.lock().unwrap();
        let owner = self.known_as(owner);
        if self.fault == Fault::KeepsTheFirst && kept.contains_key(&owner) {
            return Ok(());
        }
        kept.insert(owner, (lease, until));
        Ok(())
    }

    fn find(&self, owner: LeaseOwner) -> Result<Option<SealedLease>, VaultUnavailable> {
        if self.is_down.load(Ordering::SeqCst) {
            return if self.fault == Fault::IsEmptyWhenDown { Ok(None) } else { Err(VaultUnavailable) };
        }
        let (now, mut kept) = (self.clock.now(), self.kept.lock().unwrap());
        if self.fault != Fault::KeepsForEver {
            kept.retain(|_, (_, until)| now < *until);
        }
        Ok(kept.get(&self.known_as(owner)).map(|(lease, _)| lease.clone()))
    }
}

impl LeaseVault for InMemory {
    fn put(
        &self,
        owner: LeaseOwner,
        lease: SealedLease,
        until: Timestamp,
    ) -> BoxFuture<'static, Result<(), VaultUnavailable>> {
        ready(self.keep(owner, lease, until)).boxed()
    }

    fn get(&self, owner: LeaseOwner) -> BoxFuture<'static, Result<Option<SealedLease>, VaultUnavailable>> {
        ready(self.find(owner)).boxed()
    }
}

impl SharedStore for InMemory {
    type Vault = Self;

    fn reach(&self) -> Self {
        let kept = match self.fault {
            Fault::SharesNothing => Arc::default(),
            _ => Arc::clone(&self.kept),
        };
        Self { kept, is_down: Arc::clone(&self.is_down), ..*self }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn let_pass(&self, time: Duration) {
        tokio::time::advance(time).await;
    }

    fn goes_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    fn comes_back(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    fn contents(&self) -> Vec<u8> {
        let kept = self.kept.lock().unwrap();
        kept.values().flat_map(|(lease, _)| lease.as_bytes()).copied().collect()
    }
}

/// The double would promise what no store need keep, or less than all must.
#[actix_rt::test]
async fn a_store_in_memory_keeps_the_contract() {
    tokio::time::pause();
    assert_eq!(hold_to_the_contract(InMemory::new).await, Ok(()));
}

/// The contract would let a store pass that breaks it.
#[rstest]
#[case::each_machine_has_its_own(Fault::SharesNothing, Broken::NotShared)]
#[case::the_first_lease_stays(Fault::KeepsTheFirst, Broken::OlderLeaseGiven)]
#[case::tenants_are_one_to_it(Fault::ForgetsTheTenant, Broken::OwnersConfused)]
#[case::users_are_one_to_it(Fault::ForgetsTheUser, Broken::OwnersConfused)]
#[case::clients_are_one_to_it(Fault::ForgetsTheClient, Broken::OwnersConfused)]
#[case::assertions_are_one_to_it(Fault::ForgetsTheAssertion, Broken::OwnersConfused)]
#[case::it_knows_no_end(Fault::KeepsForEver, Broken::GivenAfterItsEnd)]
#[case::it_is_empty_when_it_is_down(Fault::IsEmptyWhenDown, Broken::SilentWhenDown)]
#[actix_rt::test]
async fn a_store_that_breaks_the_contract_is_noticed(#[case] fault: Fault, #[case] broken: Broken) {
    tokio::time::pause();
    assert_eq!(hold_to_the_contract(|| InMemory::with(fault)).await, Err(broken));
}

/// A store that gives everybody whatever it has, by mistake or by malice, would give a user what another may read.
#[actix_rt::test]
async fn what_a_confused_store_gives_to_the_wrong_owner_does_not_open() {
    tokio::time::pause();
    for fault in
        [Fault::ForgetsTheTenant, Fault::ForgetsTheUser, Fault::ForgetsTheClient, Fault::ForgetsTheAssertion]
    {
        let store = InMemory::with(fault);
        let machine = machine(&store, 1, &[]);
        machine.share(&lease(&store, owner(), "token")).await.unwrap();
        let mut given = 0;
        for other in others() {
            given += usize::from(machine.vault.get(other).await.unwrap().is_some());
            assert_eq!(machine.find(other).await, Ok(None), "{fault:?}");
        }
        assert_eq!(given, 1, "{fault:?}: it has confused nobody");
    }
}
