//! Sealing and opening: AES-256-GCM, with the tenant's own key and the owner's identity bound in.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use thiserror::Error;
use zeroize::Zeroizing;

use super::codec;
use super::keys::{KEY_BYTES, KeyId, SealingKeys};
use crate::lease::{Lease, LeaseOwner};

const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;
/// Version, key, nonce.
const HEAD: usize = 1 + 4 + NONCE_LEN;

/// The lease could not be sealed: the machine has no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the lease could not be sealed")]
pub struct NotSealed;

/// What was found is no lease of this owner: it was sealed for another tenant, user, client or assertion, with a key
/// that is not known, or it was altered. Which of these, nobody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the sealed lease could not be opened")]
pub struct NotOpened;

/// A lease as it may lie anywhere: version, id of the master key, nonce, then what is encrypted, with its tag.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedLease(Box<[u8]>);

impl SealedLease {
    /// What a store gave back. Nothing is believed of it.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedLease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SealedLease({} bytes)", self.0.len())
    }
}

/// Seals leases and opens them. Nonces are random: a tenant's key is good for 2^32 of them (NIST SP 800-38D section
/// 8.3), which at an exchange a second is more than a hundred years.
#[derive(Debug)]
pub struct LeaseSealer {
    keys: SealingKeys,
}

impl LeaseSealer {
    pub fn new(keys: SealingKeys) -> Self {
        Self { keys }
    }

    pub fn seal(&self, lease: &Lease) -> Result<SealedLease, NotSealed> {
        let master = self.keys.current();
        let owner = lease.owner();
        let key = master.of_tenant(owner.principal.tenant).ok_or(NotSealed)?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| NotSealed)?;
        let mut sealed = codec::encode(lease, TAG_BYTES).ok_or(NotSealed)?;
        encrypt(&key, nonce, &bound(master.id(), owner), &mut sealed).ok_or(NotSealed)?;

        let mut bytes = Vec::with_capacity(HEAD + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&master.id().0.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(SealedLease(bytes.into()))
    }

    /// The lease, if it is this owner's. Whether it is still usable is for the caller to ask.
    pub fn open(&self, owner: LeaseOwner, sealed: &SealedLease) -> Result<Lease, NotOpened> {
        let (version, rest) = sealed.0.split_first().ok_or(NotOpened)?;
        let (id, rest) = rest.split_first_chunk::<4>().ok_or(NotOpened)?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotOpened)?;
        if *version != VERSION {
            return Err(NotOpened);
        }
        let id = KeyId(u32::from_be_bytes(*id));
        let master = self.keys.find(id).ok_or(NotOpened)?;
        let key = master.of_tenant(owner.principal.tenant).ok_or(NotOpened)?;
        let mut bytes = Zeroizing::new(encrypted.to_vec());
        let opened = decrypt(&key, *nonce, &bound(id, &owner), &mut bytes).ok_or(NotOpened)?;
        codec::decode(owner, opened).ok_or(NotOpened)
    }
}

/// The associated data: everything that a lease must not be moved away from.
fn bound(key: KeyId, owner: &LeaseOwner) -> Vec<u8> {
    let principal = &owner.principal;
    let ids = [principal.tenant.as_uuid(), principal.user.as_uuid(), principal.client.as_uuid()];
    let mut bound = vec![VERSION];
    bound.extend_from_slice(&key.0.to_be_bytes());
    for id in ids {
        bound.extend_from_slice(id.as_bytes());
    }
    bound.extend_from_slice(owner.assertion.as_bytes());
    bound
}

/// Encrypts in place and adds the tag.
pub(super) fn encrypt(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_LEN],
    bound: &[u8],
    bytes: &mut Vec<u8>,
) -> Option<()> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(bound), bytes).ok()
}

/// Decrypts in place; what comes back is the part without the tag.
pub(super) fn decrypt<'b>(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_LEN],
    bound: &[u8],
    bytes: &'b mut [u8],
) -> Option<&'b [u8]> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.open_in_place(nonce, Aad::from(bound), bytes).ok().map(|opened| &*opened)
}
