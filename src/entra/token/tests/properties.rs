//! What holds for every token.

use proptest::prelude::*;

use super::*;

proptest! {
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
