//! None of the memory that is freed holds a secret of an exchange still: neither what is asked with, nor what is answered,
//! nor what this service's own credential is read from.
//!
//! What the HTTP library has received lies in a buffer of its own, which nobody else can reach: with an answer no more is found
//! than whoever does nothing but receive it leaves behind. Below TLS the library has such buffers, too, and a signed client
//! assertion, which is good for ten minutes, is put together by one; what AWS-LC frees, it wipes by itself. None of these is
//! looked at here.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

#[path = "../actors/tests/freed_memory/mod.rs"]
mod freed_memory;

use std::future::ready;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connector_actors::assertion::{Assertion, AssertionHash};
use connector_actors::clock::{Clock, SystemClock};
use connector_actors::identity::{ClientId, ObjectId, Principal, TenantId};
use connector_actors::ports::{ExchangeError, ExchangeRequest, ExchangedToken, SecondTurn, TokenExchange};
use connector_observability::TraceId;
use m365_connector::entra::{EntraTokenExchange, ExchangeSettings};
use m365_connector::{ClaimsCapability, ClientCredential, Cloud, CredentialSource, ManagedIdentity};
use rstest::rstest;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use self::freed_memory::{Mark, found_of};

/// A directory of this test alone, gone when it is dropped.
struct Files(PathBuf);

impl Files {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("m365-connector-wiped-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn certificate(&self, key: &str) -> CredentialSource {
        let certificate = self.write("certificate", CERTIFICATE);
        CredentialSource::CertificateFiles { certificate, private_key: self.write("key", key) }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

const CERTIFICATE: &str = include_str!("../src/entra/testdata/client.cert.pem");
const PKCS8: &str = include_str!("../src/entra/testdata/client.key.pem");
const PKCS1: &str = include_str!("../src/entra/testdata/client.pkcs1.key.pem");
/// One that nothing but the control reads, for that leaves it in memory.
const LEFT: &str = include_str!("../src/entra/testdata/signing-1.key.pem");

/// A part of a private key: what the eleventh line of its file begins with.
fn part_of(key: &str) -> Mark {
    Mark::of(key.lines().nth(10).unwrap().as_bytes()[..16].try_into().unwrap())
}

/// Entra's refusal, which ends the exchange.
const REFUSAL: &str =
    r#"{"error":"invalid_grant","error_codes":[50173],"error_description":"AADSTS50173: it has ended."}"#;

fn refused() -> &'static [u8] {
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n";
    format!("{head}content-length: {}\r\n\r\n{REFUSAL}", REFUSAL.len()).leak().as_bytes()
}

/// An answer in pieces that holds the token in the middle. It is never freed, and made without a copy that is.
fn granted(before: &str, token: &str, after: &str) -> &'static [u8] {
    let mut answer = Vec::with_capacity(8_192);
    answer.extend_from_slice(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    for piece in [before.as_bytes()].into_iter().chain(token.as_bytes().chunks(600)).chain([after.as_bytes()])
    {
        answer.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        answer.extend_from_slice(piece);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    assert!(answer.len() < 8_192, "it did not fit, or does not into the buffer that receives it");
    answer.leak()
}

fn granted_by_entra(token: &str) -> &'static [u8] {
    granted(
        r#"{"token_type":"Bearer","scope":"https://graph.microsoft.com/Mail.Read","expires_in":3600,"access_token":""#,
        token,
        r#""}"#,
    )
}

fn granted_by_the_machine(token: &str) -> &'static [u8] {
    granted(r#"{"expires_on":"4000000000","access_token":""#, token, r#""}"#)
}

/// Somebody who gives this answer to whatever is asked as is expected, and frees nothing of it.
fn answering(answer: &'static [u8], is_expected: impl Fn(&[u8]) -> bool + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            while takes_request(&mut connection, &is_expected) {
                connection.write_all(answer).unwrap();
            }
        }
    });
    address
}

/// Reads one request; `false` when none comes any more, or another than is expected.
fn takes_request(connection: &mut TcpStream, is_expected: impl Fn(&[u8]) -> bool) -> bool {
    let mut request = [0; 16 * 1024];
    let mut length = 0;
    loop {
        match connection.read(&mut request[length..]) {
            Ok(0) | Err(_) => return false,
            Ok(more) => length += more,
        }
        if is_whole(&request[..length]) {
            return is_expected(&request[..length]);
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = str::from_utf8(&request[..end]).unwrap();
    let body = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    request.len() == end + 4 + body.map_or(0, |length| length.parse().unwrap())
}

/// On the thread of the test: nobody else is given what has just been freed before it is looked at.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One exchange of `assertion` from the first to the last; then its connections are gone, too.
fn exchange(
    entra: SocketAddr,
    credential: CredentialSource,
    assertion: &str,
) -> Result<ExchangedToken, ExchangeError> {
    let runtime = runtime();
    let settings = ExchangeSettings {
        cloud: Cloud::custom(&format!("http://{entra}"), &format!("http://{entra}/v1.0"), None).unwrap(),
        client_id: ClientId::from_uuid(Uuid::from_u128(1)),
        credential,
        capability: ClaimsCapability::default(),
        timeout: Duration::from_secs(10),
    };
    let exchange =
        EntraTokenExchange::new(settings, runtime.handle().clone(), Arc::new(SystemClock)).unwrap();
    let request = ExchangeRequest {
        principal: Principal {
            tenant: TenantId::from_uuid(Uuid::from_u128(2)),
            user: ObjectId::from_uuid(Uuid::from_u128(3)),
            client: ClientId::from_uuid(Uuid::from_u128(4)),
        },
        assertion: Assertion::new(
            assertion,
            AssertionHash::of(assertion),
            SystemClock.now() + Duration::from_secs(3_600),
        ),
        claims: None,
        correlation_id: Uuid::from_u128(5),
        trace_id: TraceId::random(),
    };
    runtime.block_on(exchange.exchange(request, SecondTurn::new(|| Box::pin(ready(false)))))
}

/// In how many freed blocks such a token stands after as little as can be done with an answer. With a mark of its own, for what
/// is left lies in the memory that comes next.
fn left_by_who_receives(granted: fn(&str) -> &'static [u8]) -> usize {
    let mark = Mark::fresh();
    let address = answering(granted(long_token(mark)), |_| true);
    let left = found_of(mark, || receive(address));
    assert!(left > 0, "the library leaves nothing, and so we need not");
    left
}

fn receive(address: SocketAddr) {
    let runtime = runtime();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut response = client.get(format!("http://{address}/")).send().await.unwrap();
        while let Some(chunk) = response.chunk().await.unwrap() {
            drop(chunk);
        }
    });
}

/// A token that comes in several pieces.
fn long_token(mark: Mark) -> &'static str {
    mark.text(&[200], "")
}

/// A user's token.
fn jwt(mark: Mark) -> &'static str {
    mark.text(&[20, 60, 20], "")
}

/// All below would hold of anything: a key that is left in memory would not be found, in whichever form.
#[rstest]
#[case::as_text(|| drop(black_box(LEFT.to_owned())))]
#[case::as_the_library_reads_it(|| drop(jsonwebtoken::EncodingKey::from_rsa_pem(LEFT.as_bytes()).unwrap()))]
fn a_key_that_is_left_is_found(#[case] life: fn()) {
    assert!(found_of(part_of(LEFT), life) > 0);
}

/// The user's token and the service's own proof would lie about in memory long after the exchange, for a core dump or the next
/// reader to find.
#[rstest]
#[case::a_secret(|_: &Files, mark: Mark| {
    ClientCredential::Secret(mark.text(&[3], "").into()).into()
})]
#[case::a_secret_in_a_file(|files: &Files, mark: Mark| {
    let path = files.write("secret", mark.text(&[3], "\n"));
    CredentialSource::SecretFile { path, expires_at: None }
})]
#[case::a_federated_token(|files: &Files, mark: Mark| {
    CredentialSource::FederatedTokenFile(files.write("token", jwt(mark)))
})]
fn what_an_exchange_is_asked_with_is_wiped(#[case] credential: fn(&Files, Mark) -> CredentialSource) {
    let (files, mark) = (Files::new(), Mark::fresh());
    let token = jwt(mark);
    let entra = answering(refused(), move |request| mark.is_in(request));
    let found = found_of(mark, || {
        let refused = exchange(entra, credential(&files, mark), token);
        assert!(matches!(refused, Err(ExchangeError::AssertionRejected(_))), "{refused:?}");
    });
    assert_eq!(found, 0);
}

/// The key by which this service is known would lie about in memory, in whichever form it was read.
#[rstest]
#[case::pkcs8(PKCS8)]
#[case::pkcs1(PKCS1)]
fn a_private_key_is_wiped(#[case] key: &str) {
    let files = Files::new();
    let entra = answering(refused(), |_| true);
    let found = found_of(part_of(key), || {
        let refused = exchange(entra, files.certificate(key), "a.b.c");
        assert!(matches!(refused, Err(ExchangeError::AssertionRejected(_))), "{refused:?}");
    });
    assert_eq!(found, 0);
}

/// Graph tokens would lie about in memory long after the session that they were exchanged for.
#[test]
fn of_the_token_in_an_answer_nothing_is_left_but_what_was_received() {
    let received = left_by_who_receives(granted_by_entra);
    let mark = Mark::fresh();
    let token = long_token(mark);
    let entra = answering(granted_by_entra(token), |_| true);
    let found = found_of(mark, || {
        let credential = ClientCredential::Secret("s".into());
        let exchanged = exchange(entra, credential.into(), "a.b.c").unwrap();
        assert_eq!(exchanged.token.expose(), token);
    });
    assert!(found <= received, "{found} blocks, and {received} are the library's own");
}

/// As above, of the token by which Azure says who this process is; it goes out again at once.
#[test]
fn of_a_managed_identitys_token_nothing_is_left_but_what_was_received() {
    let received = left_by_who_receives(granted_by_the_machine);
    let mark = Mark::fresh();
    let machine = answering(granted_by_the_machine(long_token(mark)), |_| true);
    let entra = answering(refused(), move |request| mark.is_in(request));
    let found = found_of(mark, || {
        let endpoint = format!("http://{machine}/token");
        let authority = "https://login.microsoftonline.com".parse().unwrap();
        let identity = ManagedIdentity::of_app_service(&endpoint, "s".into(), None, &authority).unwrap();
        let refused = exchange(entra, CredentialSource::ManagedIdentity(identity), "a.b.c");
        assert!(matches!(refused, Err(ExchangeError::AssertionRejected(_))), "{refused:?}");
    });
    assert!(found <= received, "{found} blocks, and {received} are the library's own");
}
