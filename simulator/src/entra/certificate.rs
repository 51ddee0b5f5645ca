//! Certificates with which applications sign their assertions.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::jws::Jws;
use super::refusal::Refusal;

/// A certificate with an RSA key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) public: DecodingKey,
    /// base64url of its SHA-1: Entra's `kid` and `x5t`.
    pub(crate) thumbprint_sha1: String,
    /// base64url of its SHA-256: `x5t#S256`.
    pub(crate) thumbprint_sha256: String,
    /// base64 of its DER, as `x5c` has it.
    pub(crate) encoded: String,
}

impl Certificate {
    /// `None` when that is no PEM of one certificate with an RSA key.
    pub(crate) fn parse(pem: &str) -> Option<Self> {
        let public = DecodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
        let body =
            pem.split_once("-----BEGIN CERTIFICATE-----")?.1.split_once("-----END CERTIFICATE-----")?.0;
        let encoded: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(&encoded).ok()?;
        Some(Self {
            public,
            thumbprint_sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der)),
            thumbprint_sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
            encoded,
        })
    }

    /// SHA-256 in hexadecimal.
    pub(crate) fn thumbprint_hex(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.decode(&self.thumbprint_sha256).unwrap_or_default();
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }

    pub(crate) fn to_pem(&self) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", self.encoded)
    }

    /// Whether an assertion names this certificate and is signed by its key: PS256 with `x5t#S256`, or the older RS256
    /// with `x5t`.
    pub(crate) fn check(&self, assertion: &Jws<'_>) -> Result<(), Refusal> {
        let algorithm = match assertion.header_text("alg") {
            Some("PS256") => Algorithm::PS256,
            Some("RS256") => Algorithm::RS256,
            _ => return Err(Refusal::ClientAssertionInvalid("its algorithm is not PS256 or RS256")),
        };
        // MSAL for Python pads them.
        let thumbprint = |name| assertion.header_text(name).map(|value| value.trim_end_matches('='));
        let named = match algorithm {
            Algorithm::PS256 => thumbprint("x5t#S256") == Some(&self.thumbprint_sha256),
            _ => {
                thumbprint("x5t") == Some(&self.thumbprint_sha1)
                    || thumbprint("x5t#S256") == Some(&self.thumbprint_sha256)
            }
        };
        if !named {
            return Err(Refusal::ClientAssertionInvalid("its key is not registered for the application"));
        }
        if !assertion.is_signed_by(&self.public, algorithm) {
            return Err(Refusal::ClientAssertionInvalid("its signature is wrong"));
        }
        Ok(())
    }
}
