//! PEM, the text form of certificates and keys (RFC 7468).

use base64::engine::general_purpose::STANDARD;
use base64::{Engine, decoded_len_estimate};
use zeroize::Zeroizing;

/// What the first section of one of these labels holds, and which label that is; `None` when there is none, or nothing in it.
/// All of it may be secret: nothing of what was read on the way is left in memory.
pub(super) fn first_section<'l>(text: &str, labels: &[&'l str]) -> Option<(&'l str, Zeroizing<Vec<u8>>)> {
    let begins = labels.iter().filter_map(|label| {
        let begin = format!("-----BEGIN {label}-----");
        Some((text.find(&begin)? + begin.len(), *label))
    });
    let (begin, label) = begins.min()?;
    let (body, _) = text[begin..].split_once(&format!("-----END {label}-----"))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    let der = decoded(&STANDARD, base64.as_bytes())?;
    (!der.is_empty()).then_some((label, der))
}

/// Decodes what may be secret. A decoder that makes its own room frees it as it is when it meets an error.
pub(super) fn decoded(alphabet: &impl Engine, base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; decoded_len_estimate(base64.len())]);
    let length = alphabet.decode_slice(base64, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}
