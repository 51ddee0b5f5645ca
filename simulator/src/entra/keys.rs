//! The test keys: what signs tokens, what is published, and the connector's certificate.

use std::io;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

macro_rules! pem {
    ($name:literal) => {
        (
            include_str!(concat!("../../keys/", $name, ".key.pem")),
            include_str!(concat!("../../keys/", $name, ".crt.pem")),
        )
    };
}

const SIGNING_ACTIVE: (&str, &str) = pem!("signing-active");
const SIGNING_NEXT: (&str, &str) = pem!("signing-next");
const GRAPH: (&str, &str) = pem!("graph");
const CONNECTOR: (&str, &str) = pem!("connector");

/// The connector's private key (PKCS #8) and certificate, both PEM.
pub(crate) const CONNECTOR_KEY_AND_CERTIFICATE: (&str, &str) = CONNECTOR;

/// A key pair with its certificate.
pub(crate) struct KeyPair {
    pub(crate) private: EncodingKey,
    pub(crate) public: DecodingKey,
    /// base64url of the certificate's SHA-1: Entra's `kid` and `x5t`.
    pub(crate) thumbprint_sha1: String,
    /// base64url of the certificate's SHA-256: `x5t#S256`.
    pub(crate) thumbprint_sha256: String,
    /// base64 of the certificate's DER, as `x5c` has it.
    certificate: String,
    modulus: String,
    exponent: String,
}

/// Every key of the simulated Entra.
pub(crate) struct Keys {
    /// Signs the tokens of our own API, and id tokens.
    pub(crate) active: KeyPair,
    /// Published beside the active key, not used yet.
    pub(crate) next: KeyPair,
    /// Signs tokens for Graph; never published, so that whoever tries to validate such a token is caught.
    pub(crate) graph: KeyPair,
    /// The connector's certificate credential.
    pub(crate) connector: KeyPair,
}

impl Keys {
    pub(crate) fn load() -> io::Result<Self> {
        Ok(Self {
            active: KeyPair::load(SIGNING_ACTIVE)?,
            next: KeyPair::load(SIGNING_NEXT)?,
            graph: KeyPair::load(GRAPH)?,
            connector: KeyPair::load(CONNECTOR)?,
        })
    }

    /// The published key of that id.
    pub(crate) fn published(&self, kid: &str) -> Option<&KeyPair> {
        [&self.active, &self.next].into_iter().find(|key| key.thumbprint_sha1 == kid)
    }

    /// The key set. `issuer` is the template that names every work tenant.
    pub(crate) fn to_jwks(&self, issuer: &str) -> Value {
        json!({ "keys": [self.active.to_jwk(issuer), self.next.to_jwk(issuer)] })
    }
}

impl KeyPair {
    fn load((private, certificate): (&str, &str)) -> io::Result<Self> {
        let private = EncodingKey::from_rsa_pem(private.as_bytes()).map_err(io::Error::other)?;
        let jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(io::Error::other)?;
        let public = DecodingKey::from_jwk(&jwk).map_err(io::Error::other)?;
        let AlgorithmParameters::RSA(parameters) = jwk.algorithm else {
            return Err(io::Error::other("a test key is not an RSA key"));
        };
        let certificate: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(&certificate).map_err(io::Error::other)?;
        Ok(Self {
            private,
            public,
            thumbprint_sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der)),
            thumbprint_sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
            certificate,
            modulus: parameters.n,
            exponent: parameters.e,
        })
    }

    fn to_jwk(&self, issuer: &str) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.thumbprint_sha1,
            "x5t": self.thumbprint_sha1,
            "n": self.modulus,
            "e": self.exponent,
            "x5c": [self.certificate],
            "issuer": issuer,
        })
    }
}
