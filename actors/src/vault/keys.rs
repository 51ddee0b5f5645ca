//! Keys: one master key, and from it one for each tenant.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use crate::identity::TenantId;

/// In bytes: AES-256.
pub(super) const KEY_BYTES: usize = 32;

/// Separates these keys from all others that may ever be derived from the same master key.
const SALT: &[u8] = b"m365-connector/lease-vault";
const PURPOSE: &[u8] = b"v1/lease/";

/// Which master key sealed a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub u32);

/// The bytes of a key, in one place from first to last: whoever moves them moves a pointer, and leaves no copy behind.
/// Wiped when they are dropped.
type KeyBytes = Box<Zeroizing<[u8; KEY_BYTES]>>;

/// A secret of 256 random bits. Wiped when it is dropped.
pub struct MasterKey {
    id: KeyId,
    bytes: KeyBytes,
}

impl MasterKey {
    /// A copy of `bytes`, which stay the caller's to wipe.
    pub fn new(id: KeyId, bytes: &[u8; KEY_BYTES]) -> Self {
        let mut own = KeyBytes::default();
        own.copy_from_slice(bytes);
        Self { id, bytes: own }
    }

    pub(super) fn id(&self) -> KeyId {
        self.id
    }

    /// The tenant's key (HKDF-SHA256, RFC 5869). `None` when the machine fails to compute it.
    pub(super) fn of_tenant(&self, tenant: TenantId) -> Option<KeyBytes> {
        let mut key = KeyBytes::default();
        let info = [PURPOSE, tenant.as_uuid().as_bytes().as_slice()];
        derive(SALT, &**self.bytes, &info, &mut **key)?;
        Some(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The key that seals, and those that still open what they have sealed: a change of keys loses nothing.
#[derive(Debug)]
pub struct SealingKeys {
    current: MasterKey,
    former: Vec<MasterKey>,
}

impl SealingKeys {
    pub fn new(current: MasterKey, former: Vec<MasterKey>) -> Self {
        Self { current, former }
    }

    pub(super) fn current(&self) -> &MasterKey {
        &self.current
    }

    pub(super) fn find(&self, id: KeyId) -> Option<&MasterKey> {
        std::iter::once(&self.current).chain(&self.former).find(|key| key.id == id)
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-SHA256: extract and expand.
pub(super) fn derive(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) -> Option<()> {
    let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(secret);
    pseudorandom.expand(info, Length(out.len())).ok()?.fill(out).ok()
}
