//! Opaque identifiers in the shapes that Entra gives them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// A token id (`uti`): 22 letters of base64url.
pub(crate) fn token_id() -> String {
    URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes())
}

/// 244 random bits as base64url: a code, or any other secret that is only looked up.
pub(crate) fn text() -> String {
    let mut text = format!("A{}", token_id());
    text.push_str(&token_id());
    text
}
