//! Writes ZIP archives (APPNOTE 6.3): what office documents are. Always the same bytes for the same parts.

use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, Crc, FlushCompress};
use std::io::Write as _;

/// 1 January 2026, midnight, as DOS writes it.
const DATE: u16 = (46 << 9) | (1 << 5) | 1;
const VERSION: u16 = 20;
const DEFLATED: u16 = 8;

/// An archive under construction.
#[derive(Debug, Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

/// A part as it stands in the archive.
struct Packed {
    crc: u32,
    size: u32,
    data: Vec<u8>,
}

impl Archive {
    #[must_use]
    pub(super) fn part(mut self, name: &str, content: &str) -> Self {
        self.push(name, &packed(content.as_bytes()));
        self
    }

    /// A part that unpacks to `before`, then `repeats` times 64 KiB of spaces, then `after`.
    #[must_use]
    pub(super) fn inflated_part(mut self, name: &str, before: &str, repeats: usize, after: &str) -> Self {
        self.push(name, &inflated(before.as_bytes(), repeats, after.as_bytes()));
        self
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let start = length(self.bytes.len());
        let directory = std::mem::take(&mut self.directory);
        self.bytes.extend_from_slice(&directory);
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes.extend_from_slice(&length(directory.len()).to_le_bytes());
        self.bytes.extend_from_slice(&start.to_le_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes
    }

    fn push(&mut self, name: &str, packed: &Packed) {
        let offset = length(self.bytes.len());
        let name_length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let mut head = Vec::with_capacity(26);
        // Version needed, no flags, method, time, date.
        for field in [VERSION, 0, DEFLATED, 0, DATE] {
            head.extend_from_slice(&field.to_le_bytes());
        }
        for field in [packed.crc, length(packed.data.len()), packed.size] {
            head.extend_from_slice(&field.to_le_bytes());
        }
        head.extend_from_slice(&name_length.to_le_bytes());
        head.extend_from_slice(&[0, 0]);

        self.bytes.extend_from_slice(b"PK\x03\x04");
        self.bytes.extend_from_slice(&head);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(&packed.data);

        self.directory.extend_from_slice(b"PK\x01\x02");
        self.directory.extend_from_slice(&VERSION.to_le_bytes());
        self.directory.extend_from_slice(&head);
        // No comment, first disk, no attributes.
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.entries += 1;
    }
}

fn packed(content: &[u8]) -> Packed {
    let mut crc = Crc::new();
    crc.update(content);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory can't fail.
    let data = encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_default();
    Packed { crc: crc.sum(), size: length(content.len()), data }
}

/// A deflated block that ends at a byte may be written as often as one likes: that is how little becomes much
/// without much work.
fn inflated(before: &[u8], repeats: usize, after: &[u8]) -> Packed {
    static BLOCK: [u8; 65_536] = [b' '; 65_536];
    let mut crc = Crc::new();
    crc.update(before);
    let mut data = block(before);
    let (spaces, mut spaces_crc) = (block(&BLOCK), Crc::new());
    spaces_crc.update(&BLOCK);
    for _ in 0..repeats {
        data.extend_from_slice(&spaces);
        crc.combine(&spaces_crc);
    }
    let mut after_crc = Crc::new();
    after_crc.update(after);
    crc.combine(&after_crc);
    data.extend_from_slice(&packed(after).data);
    Packed { crc: crc.sum(), size: length(before.len() + repeats * BLOCK.len() + after.len()), data }
}

/// Deflated, not final, ending at a byte, and without looking back at what stands before.
fn block(content: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(content.len() + 1_024);
    let mut compress = Compress::new(Compression::default(), false);
    let written = compress.compress_vec(content, &mut data, FlushCompress::Full);
    debug_assert!(written.is_ok(), "deflating into memory that is large enough");
    data
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// Fails when the large part is not what its entry promises: a reader would refuse it for the wrong reason.
    #[test]
    fn a_little_becomes_as_much_as_it_says() {
        let packed = inflated(b"<a>", 40, b"</a>");
        let mut unpacked = Vec::new();
        flate2::read::DeflateDecoder::new(packed.data.as_slice()).read_to_end(&mut unpacked).unwrap();
        let mut crc = Crc::new();
        crc.update(&unpacked);
        assert_eq!((length(unpacked.len()), crc.sum()), (packed.size, packed.crc));
        assert!(unpacked.starts_with(b"<a> ") && unpacked.ends_with(b" </a>"));
        assert!(packed.data.len() * 200 < unpacked.len());
    }
}
