//! Claims challenges in `WWW-Authenticate` (continuous access evaluation and Conditional Access).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde::de::IgnoredAny;

/// In bytes, of the header; a longer one is not looked at.
const LONGEST: usize = 8 * 1024;

/// The claims JSON of a challenge with `error="insufficient_claims"`; `None` when the header is no such thing.
/// Parameters come in any order.
/// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.
pub(super) fn claims(header: &str) -> Option<Arc<str>> {
    if header.len() > LONGEST || parameter(header, "error")? != "insufficient_claims" {
        return None;
    }
    let encoded = parameter(header, "claims")?.trim_end_matches('=').as_bytes();
    let decoded = URL_SAFE_NO_PAD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    let json = String::from_utf8(decoded).ok()?;
    serde_json::from_str::<IgnoredAny>(&json).ok()?;
    Some(json.into())
}

/// The value of `name="value"`, where `name` stands as a parameter of its own.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = header;
    while let Some(found) = rest.find(name) {
        let separate =
            rest[..found].chars().next_back().is_none_or(|before| matches!(before, ' ' | ',' | '\t'));
        let after = &rest[found + name.len()..];
        let value = after
            .trim_start()
            .strip_prefix('=')
            .map(str::trim_start)
            .and_then(|value| value.strip_prefix('"'));
        if let (true, Some(value)) = (separate, value) {
            return value.split('"').next();
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use rstest::rstest;

    use super::*;

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}"#;

    fn header(encoded: &str) -> String {
        format!(
            r#"Bearer realm="", authorization_uri="https://login/common/oauth2/authorize", error="insufficient_claims", claims="{encoded}""#
        )
    }

    /// If this failed, Conditional Access would end in a dead end instead of a new sign-in.
    #[rstest]
    #[case::as_documented(header(&STANDARD.encode(CLAIMS)))]
    #[case::without_padding(header(STANDARD.encode(CLAIMS).trim_end_matches('=')))]
    #[case::other_order(format!(r#"Bearer claims="{}", error="insufficient_claims""#, STANDARD.encode(CLAIMS)))]
    fn the_claims_of_a_challenge_are_read(#[case] header: String) {
        assert_eq!(claims(&header).as_deref(), Some(CLAIMS));
    }

    /// If this failed, an ordinary refusal would be taken for a challenge, or rubbish would be sent to Entra.
    #[rstest]
    #[case::no_claims(r#"Bearer error="insufficient_claims""#)]
    #[case::other_error(r#"Bearer error="invalid_token", claims="e30=""#)]
    #[case::other_parameter(r#"Bearer xerror="insufficient_claims", claims="e30=""#)]
    #[case::not_base64(r#"Bearer error="insufficient_claims", claims="%%%""#)]
    #[case::not_json(r#"Bearer error="insufficient_claims", claims="aGVsbG8=""#)]
    #[case::empty("")]
    fn anything_else_is_no_challenge(#[case] header: &str) {
        assert_eq!(claims(header), None);
    }
}
