//! PEM, the text form of certificates and keys (RFC 7468).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What the first section of this label holds; `None` when there is none, or nothing in it. All of it may be secret: nothing
/// of what was read on the way is left in memory.
pub(super) fn first_section(text: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, after_begin) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after_begin.split_once(&format!("-----END {label}-----"))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    let der = STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)?;
    (!der.is_empty()).then_some(der)
}
