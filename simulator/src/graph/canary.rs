//! Texts by which a mix-up of two mailboxes shows.

use uuid::Uuid;

use crate::directory::random::SplitMix64;

/// A text that stands in every mail of one mailbox and in no other: whoever shows it without being its owner has
/// mixed two mailboxes up.
pub fn canary(tenant: Uuid, owner: Uuid) -> String {
    format!("canary-{tenant}-{owner}")
}

/// A short text that stands at the beginning of every mail of one mailbox, so in every `bodyPreview`, and in no other
/// mailbox.
pub fn mailbox_token(tenant: Uuid, owner: Uuid) -> String {
    let mut label = [0; 32];
    label[..16].copy_from_slice(tenant.as_bytes());
    label[16..].copy_from_slice(owner.as_bytes());
    let number = SplitMix64::derived(0, &label).next_u64();
    format!("mbx-{:08x}", number >> 32)
}
