//! What machines that serve the same users rely on of the store between them, whichever it is.

use std::time::Duration;

use crate::assertion::AssertionHash;
use crate::clock::Timestamp;
use crate::identity::{ClientId, Principal};
use crate::lease::{GrantedScopes, Lease, LeaseOwner};
use crate::testing::{graph_token, principal};
use crate::vault::{KeyId, LeaseSealer, LeaseVault, MasterKey, SealingKeys, VaultUnavailable};

/// A store that several machines reach, and what a test may do to it.
pub(super) trait SharedStore {
    type Vault: LeaseVault;

    /// One more machine's way to it.
    fn reach(&self) -> Self::Vault;

    /// The store's own time.
    fn now(&self) -> Timestamp;

    async fn let_pass(&self, time: Duration);

    fn goes_down(&self);

    fn comes_back(&self);

    /// All that whoever has the store can read.
    fn contents(&self) -> Vec<u8>;
}

/// The part of the contract that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    NotShared,
    OlderLeaseGiven,
    OwnersConfused,
    GivenAfterItsEnd,
    FormerKeyUseless,
    WithdrawnKeyOpens,
    SilentWhenDown,
    SecretInTheStore,
}

/// So long a lease is kept in these tests.
const LIFE: Duration = Duration::from_secs(900);

/// One of several machines: its own way to the store, and the keys that it was given.
pub(super) struct Machine<V> {
    pub(super) vault: V,
    sealer: LeaseSealer,
}

impl<V: LeaseVault> Machine<V> {
    pub(super) async fn share(&self, lease: &Lease) -> Result<(), VaultUnavailable> {
        let sealed = self.sealer.seal(lease).unwrap();
        self.vault.put(*lease.owner(), sealed, lease.usable_until()).await
    }

    /// The token of the owner's lease, where there is one that opens.
    pub(super) async fn find(&self, owner: LeaseOwner) -> Result<Option<String>, VaultUnavailable> {
        let Some(sealed) = self.vault.get(owner).await? else {
            return Ok(None);
        };
        let lease = self.sealer.open(owner, &sealed);
        Ok(lease.ok().map(|lease| lease.expose_token().to_owned()))
    }
}

/// A machine that seals with the master key of this number, and opens what these former ones have sealed.
pub(super) fn machine<S: SharedStore>(store: &S, current: u8, former: &[u8]) -> Machine<S::Vault> {
    let key = |number: u8| MasterKey::new(KeyId(number.into()), &[number; 32]);
    let keys = SealingKeys::new(key(current), former.iter().map(|number| key(*number)).collect());
    Machine { vault: store.reach(), sealer: LeaseSealer::new(keys) }
}

pub(super) fn owner() -> LeaseOwner {
    LeaseOwner { principal: principal(1, 1), assertion: AssertionHash::of("one") }
}

/// As like the owner as may be: all but one of tenant, user, client and assertion are the same.
pub(super) fn others() -> [LeaseOwner; 4] {
    let client = ClientId::from_uuid(uuid::Uuid::from_u128(8));
    [
        LeaseOwner { principal: principal(2, 1), ..owner() },
        LeaseOwner { principal: principal(1, 2), ..owner() },
        LeaseOwner { principal: Principal { client, ..principal(1, 1) }, ..owner() },
        LeaseOwner { assertion: AssertionHash::of("another"), ..owner() },
    ]
}

pub(super) fn lease(store: &impl SharedStore, owner: LeaseOwner, token: &str) -> Lease {
    Lease::new(owner, graph_token(token), GrantedScopes::parse("Mail.Read"), store.now() + LIFE)
}

fn must(holds: bool, otherwise: Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Whatever may be lost at any time, a store in good order keeps all of this.
pub(super) async fn hold_to_the_contract<S: SharedStore>(new: impl Fn() -> S) -> Result<(), Broken> {
    what_one_machine_puts_another_gets(&new()).await?;
    a_newer_lease_takes_the_place_of_an_older(&new()).await?;
    nobody_gets_what_is_another_owners(&new()).await?;
    nothing_is_given_once_it_has_ended(&new()).await?;
    what_a_former_key_has_sealed_still_opens(&new()).await?;
    a_store_that_is_down_says_so(&new()).await?;
    nothing_secret_lies_there(&new()).await
}

/// Each machine would ask Entra all the same.
async fn what_one_machine_puts_another_gets(store: &impl SharedStore) -> Result<(), Broken> {
    let (one, another) = (machine(store, 1, &[]), machine(store, 1, &[]));
    must(another.find(owner()).await == Ok(None), Broken::NotShared)?;
    must(one.share(&lease(store, owner(), "token")).await == Ok(()), Broken::NotShared)?;
    for machine in [&one, &another] {
        must(machine.find(owner()).await == Ok(Some("token".to_owned())), Broken::NotShared)?;
    }
    Ok(())
}

/// A lease that Graph has refused would come back after it was replaced.
async fn a_newer_lease_takes_the_place_of_an_older(store: &impl SharedStore) -> Result<(), Broken> {
    let (one, another) = (machine(store, 1, &[]), machine(store, 1, &[]));
    must(one.share(&lease(store, owner(), "older")).await == Ok(()), Broken::NotShared)?;
    must(another.share(&lease(store, owner(), "newer")).await == Ok(()), Broken::NotShared)?;
    must(one.find(owner()).await == Ok(Some("newer".to_owned())), Broken::OlderLeaseGiven)
}

/// A user would read what another may read; or two who are alike push each other's leases out.
async fn nobody_gets_what_is_another_owners(store: &impl SharedStore) -> Result<(), Broken> {
    let machine = machine(store, 1, &[]);
    must(machine.share(&lease(store, owner(), "0")).await == Ok(()), Broken::NotShared)?;
    for (token, other) in (1..).zip(others()) {
        must(machine.find(other).await == Ok(None), Broken::OwnersConfused)?;
        let lease = lease(store, other, &token.to_string());
        must(machine.share(&lease).await == Ok(()), Broken::NotShared)?;
    }
    for (token, owner) in (0..).zip(std::iter::once(owner()).chain(others())) {
        must(machine.find(owner).await == Ok(Some(token.to_string())), Broken::OwnersConfused)?;
    }
    Ok(())
}

/// A permission that was taken away in Entra would live on in the store, beyond the longest life of a lease.
async fn nothing_is_given_once_it_has_ended(store: &impl SharedStore) -> Result<(), Broken> {
    let machine = machine(store, 1, &[]);
    must(machine.share(&lease(store, owner(), "token")).await == Ok(()), Broken::NotShared)?;
    store.let_pass(LIFE.saturating_sub(Duration::from_secs(1))).await;
    must(machine.vault.get(owner()).await.is_ok_and(|found| found.is_some()), Broken::NotShared)?;
    store.let_pass(Duration::from_secs(1)).await;
    must(machine.vault.get(owner()).await == Ok(None), Broken::GivenAfterItsEnd)
}

/// A change of the master key, which reaches one machine after the other, would send all users to Entra at once; or a key
/// that was withdrawn would still open what lies there.
async fn what_a_former_key_has_sealed_still_opens(store: &impl SharedStore) -> Result<(), Broken> {
    let (before, after, withdrawn) =
        (machine(store, 1, &[]), machine(store, 2, &[1]), machine(store, 2, &[]));
    must(before.share(&lease(store, owner(), "token")).await == Ok(()), Broken::NotShared)?;
    must(after.find(owner()).await == Ok(Some("token".to_owned())), Broken::FormerKeyUseless)?;
    must(withdrawn.find(owner()).await == Ok(None), Broken::WithdrawnKeyOpens)?;
    must(after.share(&lease(store, owner(), "newer")).await == Ok(()), Broken::NotShared)?;
    must(withdrawn.find(owner()).await == Ok(Some("newer".to_owned())), Broken::FormerKeyUseless)?;
    must(before.find(owner()).await == Ok(None), Broken::WithdrawnKeyOpens)
}

/// A machine would take a store that it can't reach for an empty one, and nobody learn of the outage.
async fn a_store_that_is_down_says_so(store: &impl SharedStore) -> Result<(), Broken> {
    let machine = machine(store, 1, &[]);
    must(machine.share(&lease(store, owner(), "token")).await == Ok(()), Broken::NotShared)?;
    store.goes_down();
    must(machine.find(owner()).await == Err(VaultUnavailable), Broken::SilentWhenDown)?;
    let put = machine.share(&lease(store, owner(), "newer")).await;
    must(put == Err(VaultUnavailable), Broken::SilentWhenDown)?;
    store.comes_back();
    must(machine.find(owner()).await == Ok(Some("token".to_owned())), Broken::SilentWhenDown)
}

/// Whoever reads the store, or a copy of its disk, could act as a user.
async fn nothing_secret_lies_there(store: &impl SharedStore) -> Result<(), Broken> {
    let machine = machine(store, 1, &[]);
    must(machine.share(&lease(store, owner(), "canary-of-a-token")).await == Ok(()), Broken::NotShared)?;
    let contents = store.contents();
    must(!contents.is_empty(), Broken::NotShared)?;
    let holds = |secret: &[u8]| contents.windows(secret.len()).any(|window| window == secret);
    must(!holds(b"canary") && !holds(&[1; 32]), Broken::SecretInTheStore)
}
