//! The private key of a certificate credential.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use jsonwebtoken::EncodingKey;
use zeroize::Zeroizing;

use super::der::{INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, contents};
use super::pem;
use crate::entra::private_file::CredentialProblem;

const MIN_MODULUS_BYTES: usize = 256;

/// The labels of the two forms (RFC 7468 section 10, RFC 8017 appendix A.1.2).
const PKCS8: &str = "PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";

/// 1.2.840.113549.1.1.1 (RFC 8017 appendix C).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

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
    let (label, key) = pem::first_section(text, &[PKCS8, PKCS1])?;
    if label == PKCS1 { Some(key) } else { Some(Zeroizing::new(wrapped_in_pkcs8(&key)?.to_vec())) }
}

/// Of RFC 5208 section 5, `PrivateKeyInfo`, the key, where it is one of RSA.
fn wrapped_in_pkcs8(key: &[u8]) -> Option<&[u8]> {
    let (key, _) = contents(SEQUENCE, key)?;
    let (_version, rest) = contents(INTEGER, key)?;
    let (algorithm, rest) = contents(SEQUENCE, rest)?;
    let (algorithm, _) = contents(OBJECT_IDENTIFIER, algorithm)?;
    let (key, _) = contents(OCTET_STRING, rest)?;
    (algorithm == RSA_ENCRYPTION).then_some(key)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rstest::rstest;

    use super::*;

    const KEY: &str = include_str!("../testdata/client.key.pem");
    const SAME_KEY: &str = include_str!("../testdata/client.pkcs1.key.pem");
    const OTHER_KEY: &str = include_str!("../testdata/signing-1.key.pem");
    const CERTIFICATE: &str = include_str!("../testdata/client.cert.pem");

    fn public_key(text: &str) -> Result<Vec<u8>, CredentialProblem> {
        read(text).map(|(_, public_key)| public_key)
    }

    /// If this failed, a file that a certificate authority or a tool has written would be refused, or the wrong one of two keys
    /// taken.
    #[rstest]
    #[case::pkcs1(SAME_KEY.to_owned())]
    #[case::line_ends_of_windows(KEY.replace('\n', "\r\n"))]
    #[case::in_one_line(KEY.lines().map(|line| if line.starts_with('-') { format!("\n{line}\n") } else { line.to_owned() }).collect())]
    #[case::behind_a_certificate(format!("{CERTIFICATE}{KEY}"))]
    #[case::behind_words(format!("Bag Attributes\n    friendlyName: connector\n{KEY}"))]
    #[case::before_another(format!("{KEY}{OTHER_KEY}"))]
    #[case::before_another_in_the_other_form(format!("{SAME_KEY}{OTHER_KEY}"))]
    fn a_key_is_read_in_whichever_form_it_is_written(#[case] text: String) {
        assert_eq!(public_key(&text), public_key(KEY));
    }

    /// What stands between the lines of a key's file.
    fn der_of(text: &str) -> Vec<u8> {
        pem::first_section(text, &[PKCS8]).unwrap().1.to_vec()
    }

    fn pkcs8(der: &[u8]) -> String {
        format!("-----BEGIN {PKCS8}-----\n{}\n-----END {PKCS8}-----\n", STANDARD.encode(der))
    }

    /// A key for RSASSA-PSS alone: Entra knows certificates with keys of plain RSA.
    fn of_pss(der: Vec<u8>) -> Vec<u8> {
        let place = der.windows(9).position(|window| window == RSA_ENCRYPTION).unwrap();
        let mut der = der;
        der[place + 8] = 0x0a;
        der
    }

    /// If this failed, the process would start with a key that Entra refuses, or end in a panic.
    #[rstest]
    #[case::nothing(String::new())]
    #[case::a_certificate(CERTIFICATE.to_owned())]
    #[case::no_end(KEY.split("-----END").next().unwrap().to_owned())]
    #[case::not_base64(KEY.replacen("MII", "M!I", 1))]
    #[case::encrypted(KEY.replace(PKCS8, "ENCRYPTED PRIVATE KEY"))]
    #[case::of_elliptic_curves(rcgen::KeyPair::generate().unwrap().serialize_pem())]
    #[case::of_another_use(pkcs8(&of_pss(der_of(KEY))))]
    #[case::empty(pkcs8(&[]))]
    fn anything_else_is_no_key(#[case] text: String) {
        assert_eq!(public_key(&text), Err(CredentialProblem::NoPrivateKey));
    }

    /// As above, of a file that was cut off.
    #[test]
    fn a_part_of_a_key_is_no_key() {
        let der = der_of(KEY);
        for length in (1..der.len()).step_by(7) {
            assert_eq!(public_key(&pkcs8(&der[..length])), Err(CredentialProblem::NoPrivateKey), "{length}");
        }
    }
}
