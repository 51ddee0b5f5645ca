//! A Graph access token, and the header that it stands in.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

/// The scheme in front of a token (RFC 6750 section 2.1).
const BEARER: &str = "Bearer ";

/// A Graph access token that can stand in a header. Opaque: it is never parsed, logged or serialised. Clones, of it and
/// of its header, share one text, which is wiped when the last of them is dropped.
#[derive(Clone)]
pub struct GraphToken {
    /// Made once: every request would look at each byte of the token again.
    authorization: HeaderValue,
}

/// The text of a header, wiped when it is dropped.
struct Wiped(Zeroizing<Box<str>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl GraphToken {
    /// `None`: empty, or not visible ASCII throughout.
    pub fn parse(token: &str) -> Option<Self> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let text = Wiped(Zeroizing::new([BEARER, token].concat().into_boxed_str()));
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
        authorization.set_sensitive(true);
        Some(Self { authorization })
    }

    /// The value of an `Authorization` header, marked as sensitive.
    pub fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// The token without its scheme.
    pub fn expose(&self) -> &str {
        let text = self.authorization.to_str().unwrap_or_default();
        text.strip_prefix(BEARER).unwrap_or_default()
    }
}

impl fmt::Debug for GraphToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("GraphToken").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A request would go out with something else than the token that Entra gave.
    #[rstest]
    #[case::a_jwt("eyJ0.eyJh.c2ln-_")]
    #[case::an_opaque_one("EwB4A8l6BAAU/+~==")]
    #[case::one_character("!")]
    fn a_token_stands_in_its_header_behind_the_scheme(#[case] text: &str) {
        let token = GraphToken::parse(text).unwrap();
        assert_eq!(token.expose(), text);
        assert_eq!(token.authorization(), &format!("Bearer {text}"));
    }

    /// A request would go out without its token, or with two.
    #[rstest]
    #[case::nothing("")]
    #[case::a_space("to ken")]
    #[case::a_space_before(" token")]
    #[case::a_line_break("token\r\nx-other: 1")]
    #[case::a_tab("token\t")]
    #[case::a_nul("to\0ken")]
    #[case::a_delete("token\x7f")]
    #[case::beyond_ascii("tökén")]
    fn what_cannot_stand_in_a_header_is_no_token(#[case] text: &str) {
        assert!(GraphToken::parse(text).is_none());
    }

    /// A log or a panic would show the token.
    #[test]
    fn debug_shows_nothing_of_a_token() {
        let token = GraphToken::parse("canary").unwrap();
        assert_eq!(format!("{token:?} {:?}", token.authorization()), "GraphToken { .. } Sensitive");
    }

    /// The header of a clone would show the token, for it would no longer be marked; or a copy would be made for each
    /// request.
    #[test]
    fn clones_are_the_same_bytes_and_as_sensitive() {
        let token = GraphToken::parse("token").unwrap();
        let (clone, header) = (token.clone(), token.authorization().clone());
        for other in [clone.authorization(), &header] {
            assert_eq!(other.as_bytes().as_ptr(), token.authorization.as_bytes().as_ptr());
            assert!(other.is_sensitive());
        }
    }

    /// A token would be gone from under a request that still sends it.
    #[test]
    fn a_header_outlives_its_token() {
        let header = GraphToken::parse("token").unwrap().authorization().clone();
        assert_eq!(header, "Bearer token");
    }
}
