use std::path::PathBuf;

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::*;

pub(super) const CERTIFICATE: &str = include_str!("../testdata/client.cert.pem");
pub(super) const OTHER_CERTIFICATE: &str = include_str!("../testdata/other.cert.pem");
pub(super) const PRIVATE_KEY: &str = include_str!("../testdata/client.key.pem");
const PRIVATE_KEY_PKCS1: &str = include_str!("../testdata/client.pkcs1.key.pem");
const WEAK_KEY: &str = include_str!("../testdata/weak.key.pem");
/// What `openssl x509 -outform der | openssl dgst -sha256` says of the certificate, in base64url.
const THUMBPRINT: &str = "RAU69TxVGok2W9qyD6zErRXJrpfcSSRFsK2dslM-j5E";

pub(super) const CLIENT: ClientId = ClientId::from_uuid(Uuid::from_u128(0x44));
const NOW: Timestamp = Timestamp::from_unix_seconds(1_900_000_000);

/// A directory that goes away with the test.
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("m365-connector-test-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn write(&self, name: &str, mode: u32, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        path
    }

    fn certificate(&self, certificate: &str, key: &str) -> Result<ClientCredential, CredentialError> {
        let certificate = self.write("certificate", 0o644, certificate);
        let key = self.write("key", 0o600, key);
        ClientCredential::from_certificate_files(&certificate, &key)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A certificate credential for the tests of the exchange.
pub(in super::super) fn certificate_for_tests() -> ClientCredential {
    Files::new().certificate(CERTIFICATE, PRIVATE_KEY).unwrap()
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// If this failed, Entra would refuse the connector's own proof, or accept it for longer than meant.
#[rstest]
#[case::pkcs8(PRIVATE_KEY)]
#[case::pkcs1(PRIVATE_KEY_PKCS1)]
fn a_client_assertion_has_the_form_that_entra_asks_for(#[case] key: &str) {
    let Ok(ClientCredential::Certificate(certificate)) = Files::new().certificate(CERTIFICATE, key) else {
        panic!("the certificate is not accepted");
    };
    let assertion =
        certificate.client_assertion(CLIENT, "https://login.example/t/oauth2/v2.0/token", NOW).unwrap();
    let parts: Vec<&str> = assertion.split('.').collect();
    let header = part(parts[0]);
    assert_eq!(header, serde_json::json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": THUMBPRINT }));
    let claims = part(parts[1]);
    assert_eq!(claims["aud"], "https://login.example/t/oauth2/v2.0/token");
    assert_eq!((&claims["iss"], &claims["sub"]), (&claims["sub"], &serde_json::json!(CLIENT)));
    assert_eq!((claims["nbf"].as_u64(), claims["iat"].as_u64()), (Some(1_900_000_000), Some(1_900_000_000)));
    assert_eq!(claims["exp"], 1_900_000_600_u64);
    assert!(claims["jti"].as_str().unwrap().parse::<Uuid>().is_ok());
    let (_, public_key) = private_key::read(key).unwrap();
    let signed = assertion.rsplit_once('.').unwrap().0;
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public_key)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap())
        .unwrap();
}

/// If this failed, Entra could take one assertion for a replay of another.
#[test]
fn every_client_assertion_is_another() {
    let Ok(ClientCredential::Certificate(certificate)) = Files::new().certificate(CERTIFICATE, PRIVATE_KEY)
    else {
        panic!("the certificate is not accepted");
    };
    let jti = || {
        let assertion = certificate.client_assertion(CLIENT, "https://login.example/", NOW).unwrap();
        part(assertion.split('.').nth(1).unwrap())["jti"].clone()
    };
    assert_ne!(jti(), jti());
}

/// If this failed, a secret saved by an editor would be refused by Entra, or lose characters of its own.
#[test]
fn a_secret_is_read_without_its_trailing_newline() {
    let files = Files::new();
    let path = files.write("secret", 0o600, " s3cr~t \r\n");
    let Ok(ClientCredential::Secret(secret)) = ClientCredential::from_secret_file(&path) else {
        panic!("the secret is not accepted");
    };
    assert_eq!(secret.expose_secret(), " s3cr~t");
}

/// If this failed, a container could not read the secrets that Kubernetes mounts for its group.
#[rstest]
#[case::owner(0o600)]
#[case::read_only(0o400)]
#[case::group_may_read(0o640)]
#[case::mounted_for_a_group(0o440)]
fn a_secret_file_that_is_closed_to_others_is_read(#[case] mode: u32) {
    let files = Files::new();
    let path = files.write("secret", mode, "secret");
    assert!(ClientCredential::from_secret_file(&path).is_ok());
}

/// If this failed, a credential that others can read, or that is none, would be used.
#[rstest]
#[case::group_may_write(0o660, b"secret".as_slice(), CredentialProblem::OpenToOthers)]
#[case::all_may_read(0o604, b"secret".as_slice(), CredentialProblem::OpenToOthers)]
#[case::all_may_write(0o602, b"secret".as_slice(), CredentialProblem::OpenToOthers)]
#[case::empty(0o600, b" \n".as_slice(), CredentialProblem::Empty)]
#[case::not_text(0o600, b"\xff\xfe".as_slice(), CredentialProblem::NotText)]
#[case::too_large(0o600, &vec![b'a'; 64 * 1024 + 1], CredentialProblem::TooLarge)]
fn an_unfit_secret_file_is_refused(
    #[case] mode: u32,
    #[case] content: &[u8],
    #[case] expected: CredentialProblem,
) {
    let files = Files::new();
    let path = files.write("secret", mode, content);
    let refused = ClientCredential::from_secret_file(&path).unwrap_err();
    assert_eq!(refused, CredentialError { path, problem: expected });
}

/// If this failed, the operator would search in the wrong file.
#[rstest]
#[case::no_certificate("no certificate", PRIVATE_KEY, "certificate", CredentialProblem::NoCertificate)]
#[case::another_certificate(OTHER_CERTIFICATE, PRIVATE_KEY, "certificate", CredentialProblem::OtherKey)]
#[case::certificate_as_key(CERTIFICATE, CERTIFICATE, "key", CredentialProblem::NoPrivateKey)]
#[case::weak_key(CERTIFICATE, WEAK_KEY, "key", CredentialProblem::NoPrivateKey)]
#[case::no_key(CERTIFICATE, "no key", "key", CredentialProblem::NoPrivateKey)]
fn an_unfit_certificate_or_key_is_refused_by_its_file(
    #[case] certificate: &str,
    #[case] key: &str,
    #[case] file: &str,
    #[case] expected: CredentialProblem,
) {
    let files = Files::new();
    let refused = files.certificate(certificate, key).unwrap_err();
    assert_eq!(refused, CredentialError { path: files.0.join(file), problem: expected });
}

/// If this failed, a private key could lie open beside its certificate.
#[test]
fn a_private_key_must_not_be_open_to_others() {
    let files = Files::new();
    let certificate = files.write("certificate", 0o644, CERTIFICATE);
    let key = files.write("key", 0o644, PRIVATE_KEY);
    let refused = ClientCredential::from_certificate_files(&certificate, &key).unwrap_err();
    assert_eq!(refused.problem, CredentialProblem::OpenToOthers);
}

/// If this failed, an error or a debug line would show a secret.
#[test]
fn neither_errors_nor_debug_show_what_a_file_holds() {
    let files = Files::new();
    let path = files.write("secret", 0o600, "hunter2-hunter2");
    assert!(!format!("{:?}", ClientCredential::from_secret_file(&path)).contains("hunter2"));
    let key_line = PRIVATE_KEY.lines().nth(1).unwrap();
    assert!(!format!("{:?}", files.certificate(CERTIFICATE, PRIVATE_KEY)).contains(key_line));
    let missing = ClientCredential::from_secret_file(&files.0.join("missing")).unwrap_err();
    assert!(missing.to_string().ends_with("missing: cannot be read (entity not found)"), "{missing}");
}
