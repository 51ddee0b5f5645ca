//! The token in an Authorization header.

use super::jwt::MAX_TOKEN_BYTES;
use super::refusal::TokenRefusal;
use crate::many_bytes;

/// Takes the bearer token out of the values of a request's Authorization headers (RFC 6750 section 2.1). There
/// must be exactly one: with two, a proxy and this service could each believe another.
pub fn bearer_token<'a>(values: &[&'a [u8]]) -> Result<&'a str, TokenRefusal> {
    let value = match values {
        [] => return Err(TokenRefusal::Missing),
        [value] => *value,
        _ => return Err(TokenRefusal::RepeatedHeader),
    };
    let value = value.trim_ascii();
    let scheme_length = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(scheme_length);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(TokenRefusal::NotBearer);
    }
    let token = rest.trim_ascii_start();
    if token.is_empty() {
        return Err(TokenRefusal::Malformed("it is empty"));
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenRefusal::Malformed("it is too long"));
    }
    if !many_bytes::every(token, |byte| !is_stray(byte)) {
        return Err(TokenRefusal::Malformed("it holds a character that no token has"));
    }
    std::str::from_utf8(token).map_err(|_| TokenRefusal::Malformed("it holds a character that no token has"))
}

/// What can't be part of one token: blanks, controls, anything beyond ASCII, and the comma that would begin another.
/// The token's own parser is stricter. Written without branches, as [`many_bytes`] wants it.
#[expect(clippy::needless_bitwise_bool, reason = "with a branch, bytes are looked at one by one")]
const fn is_stray(byte: u8) -> bool {
    (byte.wrapping_sub(b'!') > b'~' - b'!') | (byte == b',')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a client that writes the header in another legal way would be shut out.
    #[rstest]
    #[case::usual(b"Bearer a.b.c")]
    #[case::lower_case(b"bearer a.b.c")]
    #[case::two_spaces(b"BEARER  a.b.c")]
    fn the_scheme_is_read_without_regard_to_case(#[case] value: &[u8]) {
        assert_eq!(bearer_token(&[value]), Ok("a.b.c"));
    }

    /// If this failed, an ambiguous or malformed header would reach the token parser.
    #[rstest]
    #[case::none(&[], TokenRefusal::Missing)]
    #[case::two(&[b"Bearer a".as_slice(), b"Bearer a"], TokenRefusal::RepeatedHeader)]
    #[case::other_scheme(&[b"Basic YTpi".as_slice()], TokenRefusal::NotBearer)]
    #[case::scheme_runs_on(&[b"Bearera.b.c".as_slice()], TokenRefusal::NotBearer)]
    #[case::empty_value(&[b"".as_slice()], TokenRefusal::NotBearer)]
    #[case::no_token(&[b"Bearer ".as_slice()], TokenRefusal::Malformed("it is empty"))]
    #[case::two_tokens(
        &[b"Bearer a.b.c d".as_slice()],
        TokenRefusal::Malformed("it holds a character that no token has")
    )]
    #[case::two_in_one(
        &[b"Bearer a.b.c,Bearer a.b.c".as_slice()],
        TokenRefusal::Malformed("it holds a character that no token has")
    )]
    #[case::not_ascii(&[b"Bearer \xff".as_slice()], TokenRefusal::Malformed("it holds a character that no token has"))]
    fn anything_but_one_bearer_token_is_refused(#[case] values: &[&[u8]], #[case] expected: TokenRefusal) {
        assert_eq!(bearer_token(values), Err(expected));
    }

    /// If this failed, a control character or the beginning of a second token would pass, or a legal one would not.
    #[test]
    fn visible_ascii_but_the_comma_is_what_tokens_are_made_of() {
        for byte in 0..=u8::MAX {
            let value = [b"Bearer a".as_slice(), &[byte], b"a"].concat();
            let is_legal = byte.is_ascii_graphic() && byte != b',';
            assert_eq!(bearer_token(&[&value]).is_ok(), is_legal, "{byte:#04x}");
        }
    }

    /// If this failed, the bound would be off, and a huge header would cost hashing and parsing.
    #[test]
    fn the_length_is_bounded() {
        let longest = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES));
        assert_eq!(bearer_token(&[longest.as_bytes()]).map(str::len), Ok(MAX_TOKEN_BYTES));
        let too_long = format!("{longest}a");
        assert_eq!(bearer_token(&[too_long.as_bytes()]), Err(TokenRefusal::Malformed("it is too long")));
    }
}
