//! The private key of a certificate credential.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use jsonwebtoken::EncodingKey;
use zeroize::Zeroizing;

use super::der::{INTEGER, OCTET_STRING, SEQUENCE, contents};
use super::pem;
use crate::entra::private_file::CredentialProblem;

const MIN_MODULUS_BYTES: usize = 256;

/// The labels of the two forms (RFC 7468 section 10, RFC 8017 appendix A.1.2).
const PKCS8: &str = "PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";

/// The RSA key for signing, and its public half as the DER that a certificate holds (RFC 8017 `RSAPublicKey`).
pub(super) fn read(text: &str) -> Result<(EncodingKey, Vec<u8>), CredentialProblem> {
    let der = rsa_private_key(text).ok_or(CredentialProblem::NoPrivateKey)?;
    let pair = RsaKeyPair::from_der(&der).map_err(|_| CredentialProblem::NoPrivateKey)?;
    if pair.public_modulus_len() < MIN_MODULUS_BYTES {
        return Err(CredentialProblem::WeakKey);
    }
    Ok((EncodingKey::from_rsa_der(&der), pair.public_key().as_ref().to_vec()))
}

/// RFC 8017 `RSAPrivateKey`, in whichever form it is written. Read here and not by `EncodingKey::from_rsa_pem`, which leaves
/// copies of it in memory.
fn rsa_private_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if let Some(key) = pem::first_section(text, PKCS1) {
        return Some(key);
    }
    let key = pem::first_section(text, PKCS8)?;
    Some(Zeroizing::new(wrapped_in_pkcs8(&key)?.to_vec()))
}

/// RFC 5208 section 5, `PrivateKeyInfo`. That it is one of RSA shows when it is parsed.
fn wrapped_in_pkcs8(key: &[u8]) -> Option<&[u8]> {
    let (key, _) = contents(SEQUENCE, key)?;
    let (_version, rest) = contents(INTEGER, key)?;
    let (_algorithm, rest) = contents(SEQUENCE, rest)?;
    contents(OCTET_STRING, rest).map(|(key, _)| key)
}
