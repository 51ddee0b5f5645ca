//! What Office makes of a document with a password (MS-OFFCRYPTO, agile encryption, in a compound file of MS-CFB). Nobody
//! has the password: salts, keys and ciphertext are noise of the right sizes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::directory::random::SplitMix64;

const SECTOR: usize = 512;
const MINI_SECTOR: usize = 64;
/// Bytes of the document before it was encrypted.
const DOCUMENT: usize = 24_500;
const BLOCK: usize = 16;

const FREE: u32 = 0xffff_ffff;
const END: u32 = 0xffff_fffe;
const TABLE: u32 = 0xffff_fffd;

/// Sector 0 is the table of sectors, 1 the directory, 2 the table of mini sectors; then come the mini stream, which holds
/// the small stream, and the large one.
const FIRST_DATA: u32 = 3;

pub(super) fn office(random: &mut SplitMix64) -> Vec<u8> {
    let (information, package) = (information(random), package(random));
    let mini_stream = padded(&information, MINI_SECTOR);
    let (small, large) = (padded(&mini_stream, SECTOR), padded(&package, SECTOR));
    let first_large = FIRST_DATA + count(small.len() / SECTOR);
    let mut table = vec![TABLE, END, END];
    table.extend(chain(FIRST_DATA, small.len() / SECTOR));
    table.extend(chain(first_large, large.len() / SECTOR));
    let directory = [
        entry(&Entry {
            name: "Root Entry",
            kind: 5,
            tree: [FREE, FREE, 1],
            start: FIRST_DATA,
            size: mini_stream.len(),
        }),
        entry(&Entry {
            name: "EncryptionInfo",
            kind: 2,
            tree: [FREE, 2, FREE],
            start: 0,
            size: information.len(),
        }),
        entry(&Entry {
            name: "EncryptedPackage",
            kind: 2,
            tree: [FREE; 3],
            start: first_large,
            size: package.len(),
        }),
        entry(&Entry { name: "", kind: 0, tree: [FREE; 3], start: 0, size: 0 }),
    ];
    let mini_table = sector_of(&chain(0, mini_stream.len() / MINI_SECTOR));
    [head(), sector_of(&table), directory.concat(), mini_table, small, large].concat()
}

/// Version 4.4, the flag of agile encryption, and the description in XML.
fn information(random: &mut SplitMix64) -> Vec<u8> {
    let mut noise = |length| STANDARD.encode(bytes(random, length));
    let algorithm = "saltSize=\"16\" blockSize=\"16\" keyBits=\"256\" hashSize=\"64\" cipherAlgorithm=\"AES\" \
                     cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"SHA512\"";
    let office = "http://schemas.microsoft.com/office/2006";
    let description = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<encryption xmlns=\"{office}/encryption\" \
         xmlns:p=\"{office}/keyEncryptor/password\"><keyData {algorithm} saltValue=\"{}\"/><dataIntegrity \
         encryptedHmacKey=\"{}\" encryptedHmacValue=\"{}\"/><keyEncryptors><keyEncryptor \
         uri=\"{office}/keyEncryptor/password\"><p:encryptedKey spinCount=\"100000\" {algorithm} saltValue=\"{}\" \
         encryptedVerifierHashInput=\"{}\" encryptedVerifierHashValue=\"{}\" encryptedKeyValue=\"{}\"/></keyEncryptor>\
         </keyEncryptors></encryption>",
        noise(16),
        noise(64),
        noise(64),
        noise(16),
        noise(16),
        noise(64),
        noise(32)
    );
    [&[4, 0, 4, 0, 0x40, 0, 0, 0], description.as_bytes()].concat()
}

/// The length of the document, and so many blocks of ciphertext.
fn package(random: &mut SplitMix64) -> Vec<u8> {
    let length = u64::try_from(DOCUMENT).unwrap_or_default().to_le_bytes();
    [&length[..], &bytes(random, DOCUMENT.next_multiple_of(BLOCK))].concat()
}

/// Versions 0x3e and 3, little endian, sectors of 2^9 and mini sectors of 2^6 bytes, streams of 4096 bytes and more in
/// sectors of their own; one sector of each table.
fn head() -> Vec<u8> {
    let mut head = vec![0; 76];
    head[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    head[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    for (offset, value) in [(44, 1), (48, 1), (56, 4_096), (60, 2), (64, 1), (68, END), (72, 0)] {
        head[offset..offset + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    head.extend_from_slice(&u32::to_le_bytes(0));
    head.resize(SECTOR, 0xff);
    head
}

struct Entry {
    name: &'static str,
    kind: u8,
    /// Left and right sibling, and child.
    tree: [u32; 3],
    start: u32,
    size: usize,
}

fn entry(entry: &Entry) -> Vec<u8> {
    let mut bytes: Vec<u8> = entry.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = if bytes.is_empty() { 0 } else { bytes.len() + 2 };
    bytes.resize(64, 0);
    bytes.extend_from_slice(&u16::try_from(length).unwrap_or_default().to_le_bytes());
    // Black but for the last leaf, as the tree is balanced by.
    let is_red = entry.kind == 2 && entry.tree == [FREE; 3];
    bytes.extend_from_slice(&[entry.kind, u8::from(!is_red)]);
    bytes.extend(entry.tree.iter().flat_map(|place| place.to_le_bytes()));
    bytes.resize(116, 0);
    bytes.extend_from_slice(&entry.start.to_le_bytes());
    bytes.extend_from_slice(&u64::from(count(entry.size)).to_le_bytes());
    bytes
}

/// The part of a table that tells of `length` sectors from `first` on, one after the other.
fn chain(first: u32, length: usize) -> Vec<u32> {
    let last = first + count(length);
    (first + 1..=last).map(|next| if next == last { END } else { next }).collect()
}

fn sector_of(table: &[u32]) -> Vec<u8> {
    let mut sector: Vec<u8> = table.iter().flat_map(|next| next.to_le_bytes()).collect();
    sector.resize(SECTOR, 0xff);
    sector
}

fn padded(bytes: &[u8], to: usize) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(to), 0);
    padded
}

/// So many bytes of noise.
pub(super) fn bytes(random: &mut SplitMix64, length: usize) -> Vec<u8> {
    let words = std::iter::repeat_with(|| random.next_u64().to_le_bytes());
    words.flatten().take(length).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
