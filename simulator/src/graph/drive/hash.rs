//! QuickXorHash, the hash by which OneDrive and SharePoint name the content of a file (code snippet of Microsoft's
//! documentation of `hashes`): every byte is XORed into 160 bits, eleven bits further each time; the length last.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const WIDTH: usize = 160;
const SHIFT: usize = 11;
const BYTES: usize = WIDTH / 8;

/// The hash of `content`, in Base64.
pub(super) fn quick_xor(content: &[u8]) -> String {
    let mut hash = [0_u8; BYTES];
    let mut bit = 0;
    for byte in content {
        let (place, shift) = (bit / 8, bit % 8);
        hash[place] ^= byte << shift;
        if shift > 0 {
            hash[(place + 1) % BYTES] ^= byte >> (8 - shift);
        }
        bit = (bit + SHIFT) % WIDTH;
    }
    let length = (content.len() as u64).to_le_bytes();
    for (slot, byte) in hash[BYTES - length.len()..].iter_mut().zip(length) {
        *slot ^= byte;
    }
    STANDARD.encode(hash)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Fails when a client that checks what it has downloaded would find it damaged.
    #[rstest]
    #[case::nothing(&[], "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    #[case::one_byte(&[0x4a], "SgAAAAAAAAAAAAAAAQAAAAAAAAA=")]
    #[case::two_bytes(&[0xb5, 0xb4], "taAFAAAAAAAAAAAAAgAAAAAAAAA=")]
    fn it_is_the_published_hash(#[case] content: &[u8], #[case] hash: &str) {
        assert_eq!(quick_xor(content), hash);
    }
}
