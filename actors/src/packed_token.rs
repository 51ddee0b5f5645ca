//! A token as it is kept: in three quarters of the bytes of its text.

use std::mem;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// A JWT has so many parts, with dots between them (RFC 7515 section 7.1).
const PARTS: usize = 3;

/// A token, wiped when it is dropped. Of a JWT, what its parts encode is kept, which is a quarter less.
pub(crate) enum PackedToken {
    Jwt {
        decoded: Zeroizing<Box<[u8]>>,
        lengths: [usize; PARTS],
    },
    /// What no JWT could be made of again.
    Other(Zeroizing<Box<str>>),
}

impl PackedToken {
    pub(crate) fn of(token: &str) -> Self {
        let packed = Self::of_jwt(token).unwrap_or_else(|| Self::Other(Zeroizing::new(token.into())));
        debug_assert!(*packed.expose() == token, "another token would be exchanged");
        packed
    }

    fn of_jwt(token: &str) -> Option<Self> {
        let parts: Vec<&str> = token.split('.').collect();
        let parts: [&str; PARTS] = parts.try_into().ok()?;
        let lengths = parts.map(decoded_length);
        let mut decoded = Zeroizing::new(vec![0; lengths.iter().sum()].into_boxed_slice());
        let mut room = &mut **decoded;
        for (part, length) in parts.into_iter().zip(lengths) {
            let (here, further) = room.split_at_mut(length);
            // Each text that it takes is the only one of its bytes: trailing bits must be zero.
            let written = URL_SAFE_NO_PAD.decode_slice(part, here).ok()?;
            if written != length {
                return None;
            }
            room = further;
        }
        Some(Self::Jwt { decoded, lengths })
    }

    /// Its text.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        let (decoded, lengths) = match self {
            Self::Jwt { decoded, lengths } => (decoded, lengths),
            Self::Other(token) => return Zeroizing::new(String::from(&***token)),
        };
        let room = lengths.iter().map(|length| encoded_length(*length)).sum::<usize>() + PARTS - 1;
        // Written where it stays: growing, or a buffer in between, would leave copies behind.
        let mut text = Zeroizing::new(vec![b'.'; room]);
        let (mut rest, mut at) = (&***decoded, 0);
        for length in *lengths {
            let (part, further) = rest.split_at(length);
            let written = URL_SAFE_NO_PAD.encode_slice(part, &mut text[at..]).unwrap_or_default();
            at += written + 1;
            rest = further;
        }
        Zeroizing::new(String::from_utf8(mem::take(&mut *text)).unwrap_or_default())
    }
}

/// In bytes: what base64url without padding takes for so many.
const fn encoded_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

const fn decoded_length(text: &str) -> usize {
    text.len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn is_packed(token: &str) -> bool {
        matches!(PackedToken::of(token), PackedToken::Jwt { .. })
    }

    /// If this failed, sessions would take a quarter more memory for what they keep of their users.
    #[test]
    fn a_jwt_is_kept_in_three_quarters_of_its_text() {
        let part = "A".repeat(700);
        let PackedToken::Jwt { decoded, .. } = PackedToken::of(&format!("{part}.{part}.{part}")) else {
            panic!("it is one");
        };
        assert_eq!(decoded.len(), 3 * 525);
    }

    /// If this failed, Entra would be given another token than the user's, and refuse it.
    #[rstest]
    #[case::bits_that_say_nothing("AB.AA.AA")]
    #[case::a_letter_alone("AAAAA.AA.AA")]
    #[case::padding("AA==.AA.AA")]
    #[case::the_other_alphabet("A+/A.AA.AA")]
    #[case::two_parts("AA.AA")]
    #[case::four_parts("AA.AA.AA.AA")]
    #[case::nothing("")]
    #[case::beyond_ascii("tökén.AA.AA")]
    fn what_no_jwt_could_be_made_of_again_is_kept_as_it_is(#[case] token: &str) {
        assert!(!is_packed(token));
        assert_eq!(*PackedToken::of(token).expose(), token);
    }

    /// A JWT with parts as long as real ones.
    fn jwt() -> impl Strategy<Value = String> {
        let part =
            || prop::collection::vec(any::<u8>(), 0..2_000).prop_map(|part| URL_SAFE_NO_PAD.encode(part));
        [part(), part(), part()].prop_map(|parts| parts.join("."))
    }

    proptest! {
        /// As above, of every JWT; or its text would be moved, and a copy of the token stay behind.
        #[test]
        fn what_was_packed_comes_out_again_where_it_was_written(token in jwt()) {
            prop_assert!(is_packed(&token));
            let text = PackedToken::of(&token).expose();
            prop_assert_eq!(&*text, &token);
            prop_assert_eq!(text.capacity(), token.len());
        }

        /// As above, of what may be none.
        #[test]
        fn what_looks_like_a_jwt_comes_out_as_it_was(token in r"[A-Za-z0-9_=-]{0,9}(\.[A-Za-z0-9_=-]{0,9}){2}") {
            prop_assert_eq!(&*PackedToken::of(&token).expose(), &token);
        }
    }
}
