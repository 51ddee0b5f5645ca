//! Item and folder ids, shaped as Exchange's own: base64url of a store entry id.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use uuid::Uuid;

use crate::directory::random::SplitMix64;

/// The ids of one item, both forms of them.
#[derive(Debug, Clone)]
pub(in crate::graph) struct ItemIds {
    /// Changes when the item is moved.
    pub(in crate::graph) ordinary: String,
    /// Stays when the item is moved. Folders and attachments have none.
    pub(in crate::graph) immutable: Option<String>,
}

const PREFIX: [u8; 4] = [0x00, 0x03, 0x24, 0x00];
const IMMUTABLE_PREFIX: [u8; 27] = [
    0x00, 0x09, 0x00, 0x2e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1d, 0x84, 0x03, 0x11, 0xaa, 0x66, 0x11, 0xcd,
    0x9b, 0xc8, 0x00, 0xaa, 0x00, 0x2f, 0x84, 0x5a, 0x0d, 0x00,
];
/// The prefix, the mailbox and a zero, and the length of the entry id that follows.
const MAILBOX_LENGTH: usize = PREFIX.len() + 36 + 1 + 2;
/// A head of three bytes, and the length of the entry id that follows.
const IMMUTABLE_HEAD_LENGTH: usize = 3 + 2;
const FOLDER_LENGTH: usize = 89;
const MESSAGE_LENGTH: usize = 113;
const IMMUTABLE_LENGTH: usize = 52;
const ATTACHMENT_LENGTH: usize = 134;

/// Makes the ids of one mailbox. They depend on the seed, the tenant and the owner, so that no id of one mailbox
/// is ever one of another.
#[derive(Debug, Clone)]
pub(in crate::graph) struct IdMaker {
    /// As text, beginning with a letter: that is why ids begin with `AAMkAG`.
    mailbox: String,
    provider: [u8; 16],
    store: [u8; 16],
}

impl IdMaker {
    pub(in crate::graph) fn new(random: &mut SplitMix64) -> Self {
        let mut bytes: [u8; 16] = random.bytes();
        bytes[0] = 0xa0 | (bytes[0] & 0x0f);
        Self { mailbox: Uuid::from_bytes(bytes).to_string(), provider: random.bytes(), store: random.bytes() }
    }

    pub(in crate::graph) fn folder(&self, number: usize) -> String {
        URL_SAFE.encode(self.folder_bytes(number))
    }

    /// The ordinary id of a message: it holds the folder, and so changes on a move.
    pub(in crate::graph) fn message(&self, folder: usize, number: usize) -> String {
        URL_SAFE.encode(self.message_bytes(folder, number))
    }

    /// What `Prefer: IdType="ImmutableId"` asks for.
    pub(in crate::graph) fn immutable(&self, number: usize) -> String {
        let mut bytes = Vec::with_capacity(IMMUTABLE_LENGTH);
        bytes.extend_from_slice(&IMMUTABLE_PREFIX);
        bytes.extend_from_slice(&self.store);
        bytes.extend_from_slice(&(number as u64).to_be_bytes());
        bytes.push(0);
        URL_SAFE.encode(bytes)
    }

    pub(in crate::graph) fn attachment(&self, folder: usize, number: usize, place: usize) -> String {
        let mut bytes = self.message_bytes(folder, number);
        bytes.extend_from_slice(&[0x01, 0x12, 0x00, 0x10, 0x00]);
        bytes.extend_from_slice(&self.provider[..8]);
        bytes.extend_from_slice(&(place as u64).to_be_bytes());
        URL_SAFE.encode(bytes)
    }

    /// The id that the messages of one thread share.
    pub(in crate::graph) fn conversation(&self, number: usize) -> String {
        let mut bytes = Vec::with_capacity(66);
        bytes.extend_from_slice(&[0x00, 0x04, 0x24, 0x00]);
        bytes.extend_from_slice(self.mailbox.as_bytes());
        bytes.extend_from_slice(&[0x00, 0x10, 0x00]);
        bytes.extend_from_slice(&self.store[..8]);
        bytes.extend_from_slice(&(number as u64).to_be_bytes());
        URL_SAFE.encode(bytes)
    }

    fn folder_bytes(&self, number: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ATTACHMENT_LENGTH);
        bytes.extend_from_slice(&PREFIX);
        bytes.extend_from_slice(self.mailbox.as_bytes());
        bytes.extend_from_slice(&[0x00, 0x46, 0x00, 0x00, 0x00, 0x00, 0x00]);
        bytes.extend_from_slice(&self.provider);
        bytes.extend_from_slice(&[0x07, 0x00]);
        bytes.extend_from_slice(&self.store);
        bytes.extend_from_slice(&(number as u64 | 0x0100_0000_0000).to_be_bytes());
        bytes
    }

    fn message_bytes(&self, folder: usize, number: usize) -> Vec<u8> {
        let mut bytes = self.folder_bytes(folder);
        bytes.extend_from_slice(&self.store);
        bytes.extend_from_slice(&((number as u64) << 16).to_be_bytes());
        bytes
    }
}

/// A change key, which is what stands in an etag.
pub(in crate::graph) fn change_key(random: &mut SplitMix64) -> String {
    let mut bytes = vec![0x09, 0x00, 0x00, 0x00, 0x16, 0x00, 0x00, 0x00];
    bytes.extend_from_slice(&random.bytes::<16>());
    STANDARD.encode(bytes)
}

/// The entry id of MAPI that an id is made around: of a folder or an item, and of neither attachments nor occurrences.
pub(in crate::graph) fn entry(id: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE.decode(id).ok()?;
    let (start, end) = match bytes.len() {
        FOLDER_LENGTH | MESSAGE_LENGTH => (MAILBOX_LENGTH, bytes.len()),
        IMMUTABLE_LENGTH => (IMMUTABLE_HEAD_LENGTH, IMMUTABLE_LENGTH - 1),
        _ => return None,
    };
    bytes.get(start..end).map(<[u8]>::to_vec)
}

/// Whether a text could be an id at all. If not, Exchange answers `ErrorInvalidIdMalformed` without looking.
pub(in crate::graph) fn is_well_formed(id: &str) -> bool {
    let Ok(bytes) = URL_SAFE.decode(id) else { return false };
    match bytes.len() {
        FOLDER_LENGTH | MESSAGE_LENGTH | ATTACHMENT_LENGTH => bytes.starts_with(&PREFIX),
        IMMUTABLE_LENGTH => bytes.starts_with(&IMMUTABLE_PREFIX),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when ids stop looking like those that clients meet in production (length, alphabet, beginning).
    #[test]
    fn ids_have_the_shape_of_real_ones() {
        let ids = IdMaker::new(&mut SplitMix64::derived(1, b"mailbox"));
        assert_eq!(ids.folder(3).len(), 120);
        assert_eq!(ids.message(3, 7).len(), 152);
        assert_eq!(ids.immutable(7).len(), 72);
        assert!(ids.message(3, 7).starts_with("AAMkAG"));
        assert!(ids.immutable(7).starts_with("AAkALg"));
        for id in [ids.folder(3), ids.message(3, 7), ids.immutable(7), ids.attachment(3, 7, 0)] {
            assert!(is_well_formed(&id), "{id}");
        }
        assert!(!is_well_formed("inbocks"));
    }
}
