//! Ids shaped as SharePoint's own: `b!…` drives, `01…` items, `host,guid,guid` sites.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Length of a drive id, and of an item id.
const DRIVE_LENGTH: usize = 66;
/// The unique id that every root folder has, everywhere.
pub(in crate::graph) const ROOT: Uuid = Uuid::from_u128(0xea8c_c6be_ffdb_43d7_976f_bc7d_a445_c639);

/// Where a document library is: three ids that make up the id of its drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct LibraryIds {
    pub(in crate::graph) site: Uuid,
    pub(in crate::graph) web: Uuid,
    pub(in crate::graph) list: Uuid,
}

impl LibraryIds {
    pub(super) fn drive_id(&self) -> String {
        let mut bytes = Vec::with_capacity(48);
        for id in [self.site, self.web, self.list] {
            bytes.extend_from_slice(&id.to_bytes_le());
        }
        format!("b!{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// An item id: a hash of the library, and the item's unique id.
    pub(super) fn item_id(&self, unique: Uuid) -> String {
        let mut bytes = [0; 20];
        let (library, item) = bytes.split_at_mut(4);
        let own = self.list.to_bytes_le();
        let web = self.web.to_bytes_le();
        for (place, byte) in library.iter_mut().enumerate() {
            *byte = own[place] ^ web[place + 8];
        }
        item.copy_from_slice(&unique.to_bytes_le());
        format!("01{}", base32(&bytes))
    }
}

/// Whether a text could be a drive's id at all.
pub(super) fn is_drive_id(id: &str) -> bool {
    id.len() == DRIVE_LENGTH && id.strip_prefix("b!").is_some_and(|rest| URL_SAFE_NO_PAD.decode(rest).is_ok())
}

/// Without padding: every five bytes make eight letters.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for chunk in bytes.chunks(5) {
        let number = chunk.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        for place in (0..8).rev() {
            let index = usize::try_from((number >> (place * 5)) & 31).unwrap_or_default();
            text.push(char::from(BASE32[index]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when ids stop looking like those that clients meet in production (length, alphabet, beginning).
    #[test]
    fn ids_have_the_shape_of_real_ones() {
        let ids = LibraryIds { site: Uuid::from_u128(1), web: Uuid::from_u128(2), list: Uuid::from_u128(3) };
        assert!(is_drive_id(&ids.drive_id()));
        assert!(!is_drive_id("b!abc") && !is_drive_id("me"));
        let root = ids.item_id(ROOT);
        assert_eq!(root.len(), 34);
        assert!(root.starts_with("01") && root.ends_with("6Y2GOVW7725BZO354PWSELRRZ"), "{root}");
    }
}
