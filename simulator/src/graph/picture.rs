//! Pictures: PNG (RFC 2083), 8-bit RGB, made of a few colours.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use uuid::Uuid;

type Colour = [u8; 3];

const PAPER: Colour = [0xf2, 0xf2, 0xee];
/// Squares on each side of a pattern.
const SQUARES: u32 = 5;

/// A symmetrical pattern of squares that follows from `id`, `side` pixels wide and high.
pub(super) fn pattern(id: Uuid, side: u32) -> Vec<u8> {
    let bytes = id.as_bytes();
    let ink = [bytes[0] | 0x20, bytes[1] & 0xbf, bytes[2] | 0x40];
    png(side, |column, row| {
        let square = |place: u32| place * SQUARES / side.max(1);
        let (column, row) = (square(column), square(row));
        // The right half mirrors the left one.
        let number = usize::try_from(row * 3 + column.min(SQUARES - 1 - column)).unwrap_or_default();
        if bytes[number % bytes.len()] & 1 == 0 { PAPER } else { ink }
    })
}

fn png(side: u32, pixel: impl Fn(u32, u32) -> Colour) -> Vec<u8> {
    let mut raw = Vec::new();
    for row in 0..side {
        // No filter.
        raw.push(0);
        raw.extend((0..side).flat_map(|column| pixel(column, row)));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory can't fail.
    let packed = encoder.write_all(&raw).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut head = Vec::with_capacity(13);
    head.extend_from_slice(&side.to_be_bytes());
    head.extend_from_slice(&side.to_be_bytes());
    // Eight bits, RGB, and the only methods of compression, filtering and interlacing that we use.
    head.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(*b"IHDR", head), (*b"IDAT", packed), (*b"IEND", Vec::new())] {
        chunk(&mut file, kind, &content);
    }
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(content);
    file.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(&kind);
    file.extend_from_slice(content);
    file.extend_from_slice(&crc.sum().to_be_bytes());
}
