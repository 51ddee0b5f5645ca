//! Assertions by which a client proves itself, right and wrong ones.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::support::{Pairs, World, with};

/// How a client assertion is made.
pub(crate) struct ClientAssertion {
    pub(crate) algorithm: Algorithm,
    pub(crate) thumbprint: &'static str,
    /// What follows the thumbprint.
    pub(crate) padding: &'static str,
    pub(crate) claims: Value,
}

impl ClientAssertion {
    pub(crate) fn of(world: &World) -> Self {
        let client = world.connector_id();
        let audience = world.url(&format!("/{}/oauth2/v2.0/token", world.tenant()));
        let claims = json!({
            "aud": audience, "iss": client, "sub": client, "jti": "1",
            "nbf": jiff::Timestamp::now().as_second(), "exp": jiff::Timestamp::now().as_second() + 600,
        });
        Self { algorithm: Algorithm::PS256, thumbprint: "x5t#S256", padding: "", claims }
    }

    pub(crate) fn sign(&self, world: &World) -> String {
        let credentials = world.simulator.connector_credentials();
        let certificate: String =
            credentials.certificate_pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(certificate).unwrap();
        let thumbprint = match self.thumbprint {
            "x5t" => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &der),
            _ => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der),
        };
        let mut header = json!({ "alg": format!("{:?}", self.algorithm), "typ": "JWT" });
        header[self.thumbprint] = format!("{}{}", URL_SAFE_NO_PAD.encode(thumbprint), self.padding).into();
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(self.claims.to_string())
        );
        let key = EncodingKey::from_rsa_pem(credentials.private_key_pem.as_bytes()).unwrap();
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

pub(crate) fn with_client_assertion(form: Pairs, assertion: &str) -> Pairs {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = with(form, "client_secret", "");
    with(with(form, "client_assertion_type", kind), "client_assertion", assertion)
}
