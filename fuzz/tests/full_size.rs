//! What must hold for every message and token, held against such as fill the limits. The corpus and the fuzzer's are short.

use m365_connector::entra::jwt::MAX_TOKEN_BYTES;
use m365_fuzz::large::{Family, families};
use m365_fuzz::modern;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Header and payload of a token that is as long as it may be, before they are base64: the signature and two dots go off,
/// and what does not come out even.
const LONGEST_CLAIMS: usize = MAX_TOKEN_BYTES * 3 / 4 - 400;

/// How much of that the header may have.
const HEADER_ROOM: usize = 2 * 1024;

/// What happens to bytes on their way.
#[derive(Debug, Clone)]
enum Damage {
    None,
    Changed(Index, u8),
    CutOff(Index),
    Doubled(Index),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::None => {}
            Self::Changed(place, byte) => {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            Self::CutOff(place) => bytes.truncate(place.index(bytes.len())),
            Self::Doubled(place) => {
                let end = bytes[place.index(bytes.len())..].to_vec();
                bytes.extend(end);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::None),
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Damage::Changed(place, byte)),
        any::<Index>().prop_map(Damage::CutOff),
        any::<Index>().prop_map(Damage::Doubled),
    ]
}

/// A way to fill a message of either era.
#[derive(Debug, Clone, Copy)]
enum Filled {
    Legacy(&'static Family),
    Modern(modern::Family),
}

/// Both eras equally often.
fn filled() -> impl Strategy<Value = Filled> {
    prop_oneof![
        select(families().collect::<Vec<_>>()).prop_map(Filled::Legacy),
        select(modern::FAMILIES.to_vec()).prop_map(Filled::Modern),
    ]
}

impl Filled {
    /// The bytes to check, damaged in the body.
    fn message(self, size: usize, damage: &Damage) -> Vec<u8> {
        let mut body = match self {
            Self::Legacy(family) => family.message(size),
            Self::Modern(family) => family.message(size),
        };
        damage.apply(&mut body);
        body.truncate(BODY_LIMIT);
        match self {
            Self::Legacy(_) => body,
            Self::Modern(family) => family.with_headers(&body),
        }
    }

    /// What becomes of it undamaged, where that is sure.
    fn is_accepted(self) -> Option<bool> {
        match self {
            Self::Legacy(family) => (family.answer == (200, None)).then_some(true),
            Self::Modern(family) => Some(family.is_accepted),
        }
    }
}

/// Header or payload of a token: JSON of at most `room` bytes that is long in one of many ways.
fn claims(room: usize) -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        "[a-z]{1,3}".prop_map(|name| format!(r#""{name}":0"#)),
        ".{0,200}"
            .prop_map(|text| serde_json::json!({ "x": text }).to_string())
            .prop_map(|value| format!(r#""y":{value}"#)),
        (1_usize..200).prop_map(|depth| format!(r#""z":{}{}"#, "[".repeat(depth), "]".repeat(depth))),
        "-?[0-9]{1,300}".prop_map(|number| format!(r#""exp":{number}"#)),
    ];
    prop::collection::vec(member, 1..400).prop_map(move |members| {
        let mut left = room - "{}".len();
        let fits = |member: &String| {
            let after = left.checked_sub(member.len() + ",".len());
            left = after.unwrap_or(left);
            after.is_some()
        };
        let members: Vec<_> = members.into_iter().filter(fits).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// If this failed, a message that is long could end the thread that reads it, or be answered with what no short one is.
    #[test]
    fn what_must_hold_for_messages_holds_up_to_the_limit(
        filled in filled(),
        size in 64 * 1024..=BODY_LIMIT,
        damage in damage(),
    ) {
        let accepted = m365_fuzz::envelope::check(&filled.message(size, &damage));
        if let (Damage::None, Some(expected)) = (&damage, filled.is_accepted()) {
            prop_assert_eq!(accepted, expected, "{:?}", filled);
        }
    }

    /// If this failed, a token that is long could end the thread that reads it, or be taken for a good one.
    #[test]
    fn what_must_hold_for_tokens_holds_up_to_the_cap(
        header in prop_oneof![Just(br#"{"alg":"RS256","kid":"key-1"}"#.to_vec()), claims(HEADER_ROOM)],
        payload in claims(LONGEST_CLAIMS - HEADER_ROOM),
        damage in damage(),
    ) {
        let mut token = [header.as_slice(), b"\n", payload.as_slice()].concat();
        damage.apply(&mut token);
        token.truncate(LONGEST_CLAIMS);
        prop_assert!(m365_fuzz::token::length(&token) <= MAX_TOKEN_BYTES);
        prop_assert!(!m365_fuzz::token::check(&token));
    }
}
