mod contract;
mod in_memory;

use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;

use super::codec::{decode, encode};
use super::keys::derive;
use super::sealer::{decrypt, encrypt};
use super::{KeyId, LeaseSealer, MasterKey, NotOpened, SealedLease, SealingKeys};
use crate::assertion::AssertionHash;
use crate::identity::{ClientId, Principal};
use crate::lease::{GrantedScopes, Lease, LeaseOwner};
use crate::testing::{EPOCH, graph_token, principal};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn run(from: u8, to: u8) -> Vec<u8> {
    (from..=to).collect()
}

/// The keys of tenants would be others than everybody else computes from the same secret. RFC 5869, appendix A.1 to A.3.
#[rstest]
#[case::a_1(
    vec![0x0b; 22], run(0x00, 0x0c), run(0xf0, 0xf9),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
)]
#[case::a_2(
    run(0x00, 0x4f),
    run(0x60, 0xaf),
    run(0xb0, 0xff),
    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
     da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
)]
#[case::a_3(
    vec![0x0b; 22], Vec::new(), Vec::new(),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
)]
fn keys_are_derived_as_published(
    #[case] secret: Vec<u8>,
    #[case] salt: Vec<u8>,
    #[case] info: Vec<u8>,
    #[case] expected: &str,
) {
    let expected = hex(expected);
    let mut derived = vec![0; expected.len()];
    derive(&salt, &secret, &[&info], &mut derived).unwrap();
    assert_eq!(derived, expected);
}

const KEY: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const PLAIN: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                     1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
const CIPHER: &str = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                      8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
const ZERO_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Leases would be encrypted in a way of our own. Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of
/// Operation (GCM)", as submitted to NIST (the basis of SP 800-38D).
#[rstest]
#[case::case_13(ZERO_KEY, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
#[case::case_14(
    ZERO_KEY,
    "000000000000000000000000",
    "",
    "00000000000000000000000000000000",
    "cea7403d4d606b6e074ec5d3baf39d18",
    "d0d1c8a799996bf0265b98b5d48ab919"
)]
#[case::case_15(KEY, "cafebabefacedbaddecaf888", "", PLAIN, CIPHER, "b094dac5d93471bdec1a502270e3cc6c")]
#[case::case_16(
    KEY, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    &PLAIN[..PLAIN.len() - 8], &CIPHER[..CIPHER.len() - 8], "76fc6ece0f4e1768cddf8853bb2d551b"
)]
fn bytes_are_encrypted_as_published(
    #[case] key: &str,
    #[case] nonce: &str,
    #[case] bound: &str,
    #[case] plain: &str,
    #[case] cipher: &str,
    #[case] tag: &str,
) {
    let (key, nonce) = (hex(key).try_into().unwrap(), hex(nonce).try_into().unwrap());
    let mut bytes = hex(plain);
    encrypt(&key, nonce, &hex(bound), &mut bytes).unwrap();
    assert_eq!(bytes, [hex(cipher), hex(tag)].concat());
    assert_eq!(decrypt(&key, nonce, &hex(bound), &mut bytes).unwrap(), hex(plain));
}

fn key(id: u32) -> MasterKey {
    MasterKey::new(KeyId(id), &[u8::try_from(id).unwrap(); 32])
}

fn sealer(current: u32, former: &[u32]) -> LeaseSealer {
    LeaseSealer::new(SealingKeys::new(key(current), former.iter().map(|id| key(*id)).collect()))
}

fn owner() -> LeaseOwner {
    LeaseOwner { principal: principal(1, 1), assertion: AssertionHash::of("a") }
}

fn lease(token: &str) -> Lease {
    Lease::new(owner(), graph_token(token), GrantedScopes::parse("Mail.Read User.Read"), EPOCH)
}

/// A lease would come back as another, or never.
#[test]
fn what_was_sealed_is_opened_for_its_owner() {
    let sealed = sealer(1, &[]).seal(&lease("to.ke.n")).unwrap();
    let opened = sealer(1, &[]).open(owner(), &SealedLease::from_bytes(sealed.as_bytes())).unwrap();
    assert_eq!(opened.expose_token(), "to.ke.n");
    assert_eq!(opened.scopes(), &GrantedScopes::parse("Mail.Read User.Read"));
    assert_eq!((opened.usable_until(), opened.owner()), (EPOCH, &owner()));
}

/// A request would go out with what can't stand in a header, because a store gave it and not Entra.
#[rstest]
#[case::cut_off("")]
#[case::a_line_break("to\r\nken")]
#[case::beyond_ascii("tökén")]
fn a_lease_without_a_token_is_not_opened(#[case] token: &str) {
    let mut bytes = encode(&lease("token"), 0).unwrap().to_vec();
    assert!(decode(owner(), &bytes).is_some());
    bytes.truncate(bytes.len() - "token".len());
    bytes.extend_from_slice(token.as_bytes());
    assert!(decode(owner(), &bytes).is_none());
}

/// A change of the master key would lose every lease, or a withdrawn key go on opening them.
#[test]
fn a_former_key_opens_and_an_unknown_one_does_not() {
    let sealed = sealer(1, &[]).seal(&lease("token")).unwrap();
    assert!(sealer(2, &[1]).open(owner(), &sealed).is_ok());
    assert_eq!(sealer(2, &[]).open(owner(), &sealed).unwrap_err(), NotOpened);
}

/// Whoever reads a store or a log would find tokens or keys in it, or see which leases are the same.
#[test]
fn neither_what_is_sealed_nor_debug_shows_a_secret() {
    let sealer = sealer(1, &[]);
    let (one, other) = (sealer.seal(&lease("canary")).unwrap(), sealer.seal(&lease("canary")).unwrap());
    assert_ne!(one, other);
    assert!(!one.as_bytes().windows(6).any(|window| window == b"canary"));
    assert_eq!(format!("{:?}", key(7)), "MasterKey { id: KeyId(7), .. }");
    assert!(!format!("{one:?} {:?}", lease("canary")).contains("canary"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Somebody with access to the store could give a lease to another user, tenant, client or assertion.
    #[test]
    fn nobody_but_its_owner_opens_a_lease(
        tenant in 1_u128..4,
        user in 1_u128..4,
        client in 7_u128..9,
        assertion in "[ab]",
    ) {
        let sealed = sealer(1, &[]).seal(&lease("token")).unwrap();
        let client = ClientId::from_uuid(uuid::Uuid::from_u128(client));
        let principal = Principal { client, ..principal(tenant, user) };
        let other = LeaseOwner { principal, assertion: AssertionHash::of(&assertion) };
        prop_assert_eq!(sealer(1, &[]).open(other, &sealed).is_ok(), other == owner());
    }

    /// Somebody with access to the store could alter a lease, or crash whoever opens it.
    #[test]
    fn a_changed_byte_or_a_cut_is_noticed(token in "[a-z.]{1,80}", at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let sealer = sealer(1, &[2]);
        let sealed = sealer.seal(&lease(&token)).unwrap();
        let mut bytes = sealed.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(sealer.open(owner(), &SealedLease::from_bytes(bytes)).is_err());
        prop_assert!(sealer.open(owner(), &SealedLease::from_bytes(&sealed.as_bytes()[..at])).is_err());
    }

    /// Rubbish in the store would crash whoever reads it.
    #[test]
    fn rubbish_is_not_opened(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(sealer(1, &[]).open(owner(), &SealedLease::from_bytes(bytes)).is_err());
    }
}
