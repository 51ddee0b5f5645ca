//! What holds for every token.

use proptest::prelude::*;

use super::*;
use crate::entra::bearer_token;

/// If this failed, a bit of a token would be covered neither by its signature nor by the strict decoding.
#[test]
fn a_good_token_with_any_bit_changed_is_refused() {
    let keys = KeySet::parse(jwks(&[&KEY]).as_bytes()).unwrap();
    let token = mint(&KEY, &claims());
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let header = [b"Bearer ", changed.as_slice()].concat();
            let read = bearer_token(&[&header]).and_then(|token| verify(token, &keys, &expectations(), NOW));
            assert!(read.is_err(), "byte {at}, bit {bit}");
        }
    }
}

/// If this failed, a token that was cut off, or that lost or doubled a character on its way, would still be good.
#[test]
fn a_good_token_with_a_character_less_or_more_is_refused() {
    let keys = KeySet::parse(jwks(&[&KEY]).as_bytes()).unwrap();
    let token = mint(&KEY, &claims());
    for at in 0..token.len() {
        let (before, after) = token.split_at(at);
        for changed in
            [before.to_owned(), format!("{before}{}", &after[1..]), format!("{before}{}{after}", &after[..1])]
        {
            assert!(verify(&changed, &keys, &expectations(), NOW).is_err(), "byte {at}");
        }
    }
}

proptest! {
    /// If this failed, bytes that are no token could end the thread that reads them, or be taken for one.
    #[test]
    fn no_bytes_are_a_token(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let header = [b"Bearer ", bytes.as_slice()].concat();
        let keys = KeySet::parse(jwks(&[&KEY]).as_bytes()).unwrap();
        let read = bearer_token(&[&header]).and_then(|token| verify(token, &keys, &expectations(), NOW));
        prop_assert!(read.is_err());
    }

    /// If this failed, the cap would be asked for too late, after something has been made of what came.
    #[test]
    fn what_is_too_long_is_refused_for_that(length in MAX_TOKEN_BYTES + 1..4 * MAX_TOKEN_BYTES, filling in "[A-Za-z0-9._=]") {
        let long = filling.repeat(length);
        prop_assert_eq!(UnverifiedToken::read(&long).err(), Some(TokenRefusal::Malformed("it is too long")));
        let header = format!("Bearer {long}");
        prop_assert_eq!(bearer_token(&[header.as_bytes()]), Err(TokenRefusal::Malformed("it is too long")));
    }

    /// If this failed, a crafted header could end the thread that reads it.
    #[test]
    fn inspecting_never_panics(text in ".*", parts in prop::array::uniform3("[A-Za-z0-9_-]{0,40}")) {
        prop_assert!(UnverifiedToken::read(&text).is_err() || text.matches('.').count() == 2);
        let joined = parts.join(".");
        if let Ok(token) = UnverifiedToken::read(&joined) {
            prop_assert!(!token.key_id().is_empty());
        }
    }

    /// If this failed, a payload could end the thread that reads it, or pass without its claims.
    #[test]
    fn reading_claims_never_panics(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Claims::parse(&payload).is_err());
    }

    /// If this failed, some part of a token would not be covered by its signature or by the strict decoding.
    #[test]
    fn a_token_with_any_character_changed_is_refused(place in any::<prop::sample::Index>(), other in any::<char>()) {
        let token = mint(&KEY, &claims());
        let at = place.index(token.len());
        prop_assume!(!token[at..].starts_with(other));
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert!(check(&changed).is_err());
    }

    /// As above, with the characters that base64url is made of, which get further.
    #[test]
    fn a_token_with_a_likely_character_changed_is_refused(
        place in any::<prop::sample::Index>(),
        other in "[A-Za-z0-9_.=+/-]",
    ) {
        let token = mint(&KEY, &claims());
        let at = place.index(token.len());
        prop_assume!(!token[at..].starts_with(&other));
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert!(check(&changed).is_err());
    }
}
