//! Tokens of people who exist nowhere else, as long as Entra's own are.

use std::io;
use std::net::SocketAddr;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use uuid::Uuid;

const KEY_ID: &str = "prepared";
/// Longer than any measurement.
const LIFE_S: u64 = 60 * 60;
/// Groups in a token: with them it is some two kilobytes long.
const GROUPS: u128 = 16;

/// What the connector expects of a token.
#[derive(Debug, Clone)]
pub(super) struct Audience {
    pub(super) client_id: String,
    pub(super) scope: String,
    /// The application that the user sits in front of.
    pub(super) from: Uuid,
}

/// Holds the one key.
pub(super) struct Signer {
    pair: RsaKeyPair,
    audience: Audience,
}

/// A tenant that exists nowhere else.
pub(super) fn tenant(number: usize) -> Uuid {
    Uuid::from_u128(0x7e4a_0000_0000_4000_8000_0000_0000_0000 + wide(number))
}

fn user(number: usize) -> Uuid {
    Uuid::from_u128(0x05e4_0000_0000_4000_8000_0000_0000_0000 + wide(number))
}

fn wide(number: usize) -> u128 {
    u128::try_from(number).unwrap_or(u128::MAX)
}

impl Signer {
    pub(super) fn new(audience: Audience) -> io::Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        Ok(Self { pair, audience })
    }

    /// The public half, as Entra at `address` would publish it.
    pub(super) fn key_set(&self, address: SocketAddr) -> Value {
        let modulus = self.pair.public_key().modulus().big_endian_without_leading_zero();
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "kid": KEY_ID, "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "issuer": format!("http://{address}/{{tenantid}}/v2.0"),
        }] })
    }

    /// An access token of that user for the connector.
    pub(super) fn token(&self, address: SocketAddr, in_tenant: usize, number: usize) -> io::Result<String> {
        let now = SystemClock.now().unix_seconds();
        let groups: Vec<Uuid> =
            (0..GROUPS).map(|group| Uuid::from_u128(wide(number) << 64 | group)).collect();
        let tenant = tenant(in_tenant);
        let payload = json!({
            "ver": "2.0",
            "iss": format!("http://{address}/{tenant}/v2.0"),
            "aud": self.audience.client_id,
            "tid": tenant,
            "oid": user(number),
            "sub": URL_SAFE_NO_PAD.encode(user(number)),
            "azp": self.audience.from,
            "azpacr": "0",
            "scp": self.audience.scope,
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + LIFE_S,
            "uti": URL_SAFE_NO_PAD.encode(Uuid::new_v4()),
            "sid": Uuid::new_v4(),
            "idtyp": "user",
            "acct": 0,
            "name": format!("Person {number}"),
            "preferred_username": format!("person.{number}@contoso.example"),
            "rh": URL_SAFE_NO_PAD.encode([0x5a; 40]),
            "groups": groups,
        });
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": KEY_ID });
        let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(io::Error::other)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature)))
    }
}
