//! Tokens as Entra issues them, and as it never would. Signed without the library that the checks use.

use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connector_actors::clock::Timestamp;
use connector_actors::identity::{AccountKind, ClientId, GroupMembership, ObjectId, Principal, TenantId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::entra::{Expectations, Identity};

pub(in super::super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_900_000_000);
pub(in super::super) const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(0x11));
pub(in super::super) const USER: ObjectId = ObjectId::from_uuid(Uuid::from_u128(0x22));
pub(in super::super) const CLIENT: ClientId = ClientId::from_uuid(Uuid::from_u128(0x33));
pub(in super::super) const AUDIENCE: ClientId = ClientId::from_uuid(Uuid::from_u128(0x44));
pub(in super::super) const SCOPE: &str = "access_as_user";

/// An RSA key of 2048 bits.
pub(in super::super) struct TestKey {
    pub(in super::super) id: &'static str,
    pair: RsaKeyPair,
}

pub(in super::super) static KEY: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::read("key-1", include_str!("../testdata/signing-1.key.pem")));
pub(in super::super) static FOREIGN_KEY: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::read("key-2", include_str!("../testdata/signing-2.key.pem")));

impl TestKey {
    fn read(id: &'static str, pem: &str) -> Self {
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        Self { id, pair: RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap() }
    }

    /// The modulus of a 2048-bit key stands at a fixed place in its RSAPublicKey DER.
    pub(in super::super) fn modulus(&self) -> &[u8] {
        &self.pair.public_key().as_ref()[9..9 + 256]
    }

    fn sign(&self, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        signature
    }
}

/// The key as Entra publishes it for all tenants.
pub(in super::super) fn jwk(key: &TestKey) -> Value {
    json!({
        "kty": "RSA", "use": "sig", "kid": key.id, "x5t": key.id, "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode(key.modulus()),
        "x5c": ["MIID"], "issuer": "https://login.example/{tenantid}/v2.0",
    })
}

pub(in super::super) fn jwks(keys: &[&TestKey]) -> String {
    json!({ "keys": keys.iter().map(|key| jwk(key)).collect::<Vec<_>>() }).to_string()
}

pub(in super::super) fn header(key: &TestKey) -> Value {
    json!({ "typ": "JWT", "alg": "RS256", "kid": key.id })
}

/// The claims of a good token.
pub(in super::super) fn claims() -> Value {
    let now = NOW.unix_seconds();
    json!({
        "ver": "2.0", "iss": format!("https://login.example/{TENANT}/v2.0"), "aud": AUDIENCE,
        "tid": TENANT, "oid": USER, "sub": "pairwise", "azp": CLIENT, "azpacr": "0", "scp": SCOPE,
        "iat": now - 300, "nbf": now - 300, "exp": now + 3_600, "uti": "uti-1", "sid": "sid-1",
        "idtyp": "user", "acct": 0, "xms_cc": ["cp1"],
    })
}

/// The claims of a good token but for one; `null` removes it.
pub(in super::super) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let object = claims.as_object_mut().unwrap();
    match value {
        Value::Null => object.remove(name),
        value => object.insert(name.to_owned(), value),
    };
    claims
}

/// Signs a header and a payload as they are, well-formed or not.
pub(in super::super) fn sign(key: &TestKey, header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&signed));
    format!("{signed}.{signature}")
}

pub(in super::super) fn mint(key: &TestKey, claims: &Value) -> String {
    sign(key, &header(key).to_string(), &claims.to_string())
}

pub(in super::super) fn expectations() -> Expectations {
    Expectations::new(AUDIENCE, SCOPE, Duration::from_secs(60))
}

pub(in super::super) fn identity_expiring_at(expires_at: Timestamp) -> Identity {
    Identity {
        principal: Principal { tenant: TENANT, user: USER, client: CLIENT },
        account: AccountKind::Member,
        issued_at: Timestamp::from_unix_seconds(NOW.unix_seconds() - 300),
        groups: GroupMembership::Unstated,
        expires_at,
        token_id: "uti-1".into(),
        session_id: Some("sid-1".into()),
        handles_claims_challenges: true,
    }
}
