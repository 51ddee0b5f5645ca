//! Images within messages: small real PNG files, a pattern of their own for each.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;

use super::message::Picture;

/// Pixels of an edge.
pub(super) const EDGE: usize = 48;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Picture {
    /// The id of the hosted content: what Teams makes of the address of the object behind.
    pub(super) fn id(self) -> String {
        let object = self.object.simple();
        STANDARD_NO_PAD.encode(format!(
            "id=x_0-weu-d1-{object},type=1,url=https://eu-api.asm.teams.example/v1/objects/0-weu-d1-{object}/views/imgo"
        ))
    }

    /// The file, in 24-bit colour.
    pub(super) fn png(self) -> Vec<u8> {
        let mut png = SIGNATURE.to_vec();
        let mut header = Vec::with_capacity(13);
        let edge = u32::try_from(EDGE).unwrap_or_default().to_be_bytes();
        header.extend_from_slice(&edge);
        header.extend_from_slice(&edge);
        header.extend_from_slice(&[8, 2, 0, 0, 0]);
        chunk(&mut png, *b"IHDR", &header);
        chunk(&mut png, *b"IDAT", &compressed(&self.rows()));
        chunk(&mut png, *b"IEND", &[]);
        png
    }

    /// Squares of two colours, each row behind its filter byte.
    fn rows(self) -> Vec<u8> {
        let colours = self.object.as_bytes();
        let mut rows = Vec::with_capacity(EDGE * (EDGE * 3 + 1));
        for y in 0..EDGE {
            rows.push(0);
            for x in 0..EDGE {
                let bit = (x / 12 + y / 12 * 4) % 16;
                let start = if colours[8 + bit / 8] >> (bit % 8) & 1 == 1 { 0 } else { 3 };
                rows.extend_from_slice(&colours[start..start + 3]);
            }
        }
        rows
    }
}

/// In memory, where writing can't fail.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    png.extend_from_slice(&u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend_from_slice(&kind);
    png.extend_from_slice(data);
    png.extend_from_slice(&crc.sum().to_be_bytes());
}
