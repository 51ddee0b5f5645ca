//! Tokens, claims and key sets.
//!
//! Bytes of three kinds are told apart: a key set begins with `{"keys"`; a header and a payload, one a line, begin with
//! `{` and are signed here, so that what lies behind the signature is reached, too; everything else is a token.

use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connector_actors::clock::Timestamp;
use connector_actors::identity::ClientId;
use m365_connector::entra::jwt::{self, Expectations, KeySet, MAX_TOKEN_BYTES};
use m365_connector::entra::{Identity, TokenRefusal, bearer_token};
use serde_json::{Value, json};
use uuid::Uuid;

/// When the good token of the corpus is good.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_900_000_000);
const SKEW: Duration = Duration::from_secs(60);
const AUDIENCE: ClientId = ClientId::from_uuid(Uuid::from_u128(0x44));
const SCOPE: &str = "access_as_user";
const KEY_ID: &str = "key-1";
const ISSUER: &str = "https://login.example/{tenantid}/v2.0";

/// The one token there is that the key has signed: nobody else's bytes may be accepted.
const GOOD_TOKEN: &[u8] = include_bytes!("../../tests/corpus/token/good");

static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    let pem = include_str!("../../src/entra/testdata/signing-1.key.pem");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap()
});

/// The modulus, as a key set writes it. In the RSAPublicKey DER of a 2048-bit key it stands at a fixed place.
static MODULUS: LazyLock<String> =
    LazyLock::new(|| URL_SAFE_NO_PAD.encode(&PAIR.public_key().as_ref()[9..9 + 256]));

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let key = json!({ "kty": "RSA", "kid": KEY_ID, "n": *MODULUS, "e": "AQAB", "issuer": ISSUER });
    KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap()
});

static EXPECTATIONS: LazyLock<Expectations> = LazyLock::new(|| Expectations::new(AUDIENCE, SCOPE, SKEW));

/// Sends `data` through what it is for. Says whether it was accepted.
pub fn check(data: &[u8]) -> bool {
    if data.starts_with(b"{\"keys\"") {
        return check_key_set(data);
    }
    match split_line(data) {
        Some((header, payload)) if header.starts_with(b"{") => check_signed(header, payload),
        _ => check_token(data),
    }
}

fn split_line(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((&data[..end], &data[end + 1..]))
}

fn verify(token: &str, keys: &KeySet) -> Result<Identity, TokenRefusal> {
    let checked = jwt::verify(token, keys, &EXPECTATIONS, NOW);
    assert!(checked.is_err() || token.len() <= MAX_TOKEN_BYTES, "the cap is not kept");
    if let Err(refusal) = &checked {
        assert_fits_a_header(*refusal);
    }
    checked
}

/// A refusal stands in `WWW-Authenticate`.
fn assert_fits_a_header(refusal: TokenRefusal) {
    let text = refusal.to_string();
    assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')), "{text}");
}

/// As a header brings it, and as it is.
fn check_token(data: &[u8]) -> bool {
    let value = [b"Bearer ", data].concat();
    let of_header = bearer_token(&[&value]).and_then(|token| {
        assert!(token.len() <= MAX_TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic()));
        verify(token, &KEYS)
    });
    assert!(of_header.is_err() || data.trim_ascii() == GOOD_TOKEN, "a token that nobody signed was accepted");
    let as_it_is = std::str::from_utf8(data).is_ok_and(|token| verify(token, &KEYS).is_ok());
    assert!(!as_it_is || data == GOOD_TOKEN, "a token that nobody signed was accepted");
    as_it_is
}

fn check_signed(header: &[u8], payload: &[u8]) -> bool {
    let (token, forged) = sign(header, payload);
    assert!(verify(&forged, &KEYS).is_err(), "a signature with one bit changed was accepted");
    let Ok(identity) = verify(&token, &KEYS) else { return false };
    assert_promises_are_kept(header, payload, &identity);
    true
}

/// How many bytes the token has that [`check`] makes of `data`.
pub fn length(data: &[u8]) -> usize {
    match split_line(data) {
        Some((header, payload)) if header.starts_with(b"{") => sign(header, payload).0.len(),
        _ => data.len(),
    }
}

/// A token of this payload whose header and signature are good.
pub fn minted(payload: &[u8]) -> String {
    sign(format!(r#"{{"alg":"RS256","kid":"{KEY_ID}"}}"#).as_bytes(), payload).0
}

/// Takes every step of validation that `token` comes to, and nothing else: for who counts what that costs.
pub fn read(token: &str) {
    drop(std::hint::black_box(jwt::verify(token, &KEYS, &EXPECTATIONS, NOW)));
}

/// A token with a good signature, and one whose signature has one bit changed.
fn sign(header: &[u8], payload: &[u8]) -> (String, String) {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mut signature = vec![0; PAIR.public_modulus_len()];
    PAIR.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
    let place = signed.len() % signature.len();
    signature[place] ^= 1;
    (token, format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature)))
}

/// Reads the accepted token once more, with a reader of its own.
fn assert_promises_are_kept(header: &[u8], payload: &[u8], identity: &Identity) {
    let header: Value = serde_json::from_slice(header).unwrap();
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &json!(KEY_ID)));
    for refused in ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "cty"] {
        assert!(header.get(refused).is_none(), "{refused}");
    }
    let claims: Value = serde_json::from_slice(payload).unwrap();
    let text = |name: &str| claims[name].as_str().unwrap();
    let tenant = identity.principal.tenant.to_string();
    assert_eq!(text("ver"), "2.0");
    assert_eq!(text("aud"), AUDIENCE.to_string());
    assert_eq!(text("iss"), ISSUER.replace("{tenantid}", &tenant));
    assert_eq!(text("tid").to_lowercase(), tenant);
    assert_ne!(tenant, "9188040d-6c67-4c5b-b112-36a304b66dad");
    assert_eq!(text("oid").to_lowercase(), identity.principal.user.to_string());
    assert_eq!(text("azp").to_lowercase(), identity.principal.client.to_string());
    assert_eq!(text("uti"), &*identity.token_id);
    assert!(text("scp").split_ascii_whitespace().any(|scope| scope == SCOPE), "a token for another scope");
    assert!(claims.get("idtyp").is_none_or(|kind| kind.as_str().unwrap().eq_ignore_ascii_case("user")));
    assert!(claims["exp"].as_u64().unwrap() + SKEW.as_secs() > NOW.unix_seconds());
    assert_eq!(claims["exp"].as_u64().unwrap(), identity.expires_at.unix_seconds());
    for begin in ["nbf", "iat"] {
        assert!(claims[begin].as_u64().unwrap() <= NOW.unix_seconds() + SKEW.as_secs(), "{begin}");
    }
}

fn check_key_set(document: &[u8]) -> bool {
    let Ok(keys) = KeySet::parse(document) else { return false };
    let reading: Value = serde_json::from_slice(document).unwrap();
    let listed = reading["keys"].as_array().unwrap();
    assert!((1..=listed.len()).contains(&keys.count()));
    for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(
            listed.iter().all(|key| key.get(secret).is_none()),
            "a set that gives away a {secret} was taken"
        );
    }
    assert!(listed.iter().all(|key| key["kty"] != "oct"), "a set with a shared secret was taken");
    if verify(std::str::from_utf8(GOOD_TOKEN).unwrap(), &keys).is_ok() {
        assert_is_our_key(listed);
    }
    true
}

/// Reads the key that has checked the good token once more.
fn assert_is_our_key(listed: &[Value]) {
    let ours: Vec<_> = listed.iter().filter(|key| key["kid"] == KEY_ID).collect();
    assert_eq!(ours.len(), 1, "a name that stands for two keys was used");
    let ours = ours[0];
    assert_eq!((&ours["kty"], &ours["n"], &ours["e"]), (&json!("RSA"), &json!(*MODULUS), &json!("AQAB")));
    assert!(ours.get("use").is_none_or(|purpose| purpose == "sig"));
    assert!(ours.get("alg").is_none_or(|algorithm| algorithm == "RS256"));
    let may_verify = |operations: &Value| operations.as_array().unwrap().contains(&json!("verify"));
    assert!(ours.get("key_ops").is_none_or(may_verify));
    let tenant = good_claim("tid");
    let issuer = ours["issuer"].as_str().unwrap().replace("{tenantid}", &tenant);
    assert_eq!(issuer, good_claim("iss"), "a key was used for an issuer that is not its own");
}

/// A claim of the good token.
fn good_claim(name: &str) -> String {
    let payload = GOOD_TOKEN.split(|byte| *byte == b'.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims[name].as_str().unwrap().to_owned()
}
