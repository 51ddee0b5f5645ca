use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::{Clock, Timestamp};
use rstest::rstest;
use serde_json::json;

use super::keeper::{CredentialKeeper, Proof};
use super::term::days_until;
use super::tests::{CERTIFICATE, CLIENT, Files, OTHER_CERTIFICATE, PRIVATE_KEY};
use super::*;
use crate::entra::testing::{Answer, FakeEntra, ManualClock, NOW};

const ENDPOINT: &str = "https://login.example/t/oauth2/v2.0/token";

async fn proof(keeper: &CredentialKeeper) -> String {
    keeper.proof(CLIENT, ENDPOINT).await.unwrap().expose().to_owned()
}

fn keeper(source: CredentialSource) -> (CredentialKeeper, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    let keeper = CredentialKeeper::open(source, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    (keeper, clock)
}

fn projected(expires_at: u64) -> String {
    signed(&json!({ "exp": expires_at, "sub": "system:x" }))
}

fn signed(claims: &serde_json::Value) -> String {
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(claims))
}

/// If this failed, a token that Kubernetes has replaced would be sent until it has expired, or a restart be needed for
/// a new secret.
#[tokio::test]
async fn a_changed_file_is_read_again() {
    let files = Files::new();
    let path = files.write("token", 0o644, projected(1));
    let (keeper, clock) = keeper(CredentialSource::FederatedTokenFile(path));
    assert_eq!(proof(&keeper).await, projected(1));

    files.write("token", 0o644, format!("{}\n", projected(1_000_000)));
    clock.advance(Duration::from_secs(1));
    assert_eq!(proof(&keeper).await, projected(1_000_000));
}

/// If this failed, a rotation that is half done would take the service down.
#[tokio::test]
async fn a_file_that_is_wrong_leaves_the_last_good_credential_in_force() {
    let files = Files::new();
    let path = files.write("secret", 0o600, "first");
    let (keeper, clock) = keeper(CredentialSource::SecretFile { path: path.clone(), expires_at: None });
    for spoilt in ["", "  \n"] {
        files.write("secret", 0o600, spoilt);
        clock.advance(Duration::from_secs(1));
        assert_eq!(proof(&keeper).await, "first");
    }
    std::fs::remove_file(&path).unwrap();
    clock.advance(Duration::from_secs(1));
    assert_eq!(proof(&keeper).await, "first");
    files.write("secret", 0o600, "second");
    clock.advance(Duration::from_secs(1));
    assert_eq!(proof(&keeper).await, "second");
}

/// If this failed, a certificate would be used with the key of another while its files are replaced one by one.
#[tokio::test]
async fn a_certificate_is_replaced_together_with_its_key() {
    let files = Files::new();
    let certificate = files.write("certificate", 0o644, CERTIFICATE);
    let private_key = files.write("key", 0o600, PRIVATE_KEY);
    let (keeper, clock) = keeper(CredentialSource::CertificateFiles { certificate, private_key });
    let thumbprint = |assertion: &str| {
        let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<serde_json::Value>(&header).unwrap()["x5t#S256"].clone()
    };
    let before = thumbprint(&proof(&keeper).await);
    files.write("certificate", 0o644, OTHER_CERTIFICATE);
    clock.advance(Duration::from_secs(1));
    assert_eq!(thumbprint(&proof(&keeper).await), before);
}

/// If this failed, the start would go well with a credential that is none.
#[rstest]
#[case::empty("")]
#[case::no_jwt("token")]
#[case::two_tokens("a.b.c a.b.c")]
fn a_file_without_a_token_is_refused(#[case] text: &str) {
    let files = Files::new();
    let path = files.write("token", 0o644, text);
    let error = CredentialSource::FederatedTokenFile(path.clone()).check().unwrap_err();
    assert_eq!(error.path, path);
}

/// If this failed, check-config could not say how long the credential is good.
#[test]
fn a_credential_says_until_when_it_is_good_where_that_is_known() {
    let files = Files::new();
    let token = files.write("token", 0o644, projected(1_900_000_000));
    let source = CredentialSource::FederatedTokenFile(token);
    assert_eq!(source.check(), Ok(Some(Timestamp::from_unix_seconds(1_900_000_000))));
    let secret = files.write("secret", 0o600, "s");
    for expires_at in [None, Some(NOW)] {
        let source = CredentialSource::SecretFile { path: secret.clone(), expires_at };
        assert_eq!(source.check(), Ok(expires_at));
    }
    let certificate = files.write("certificate", 0o644, CERTIFICATE);
    let private_key = files.write("key", 0o600, PRIVATE_KEY);
    let source = CredentialSource::CertificateFiles { certificate, private_key };
    assert!(source.check().unwrap().unwrap() > Timestamp::from_unix_seconds(4_900_000_000));
}

/// If this failed, a secret would end on a day that somebody has stated, or a token that nobody writes anew run out, and
/// nobody see it come; or each good token would be a false alarm.
#[rstest]
#[case::secret_in_weeks(CredentialEnd::StatedInDays(40), Some(40))]
#[case::secret_over(CredentialEnd::StatedInDays(-2), Some(-3))]
#[case::secret_unknown(CredentialEnd::Unknown, None)]
#[case::token_in_its_life(CredentialEnd::TokenInSeconds(361), None)]
#[case::token_late(CredentialEnd::TokenInSeconds(360), Some(0))]
#[case::token_over(CredentialEnd::TokenInSeconds(-1), Some(-1))]
fn what_ends_is_seen_when_it_is_somebodys_business(#[case] end: CredentialEnd, #[case] days: Option<i64>) {
    let files = Files::new();
    let (keeper, _clock) = keeper(end.source(&files));
    assert_eq!(keeper.days_left().1, days);
}

/// If this failed, nobody could see that a token is not written anew before exchanges fail.
#[test]
fn the_seconds_that_are_left_are_told_of_whatever_ends() {
    let files = Files::new();
    let (token, clock) = keeper(CredentialEnd::TokenInSeconds(100).source(&files));
    assert_eq!(token.seconds_left(), ("federated_token", Some(100)));
    clock.advance(Duration::from_secs(160));
    assert_eq!(token.seconds_left().1, Some(-60));
    let (secret, _clock) = keeper(CredentialEnd::StatedInDays(1).source(&files));
    assert_eq!(secret.seconds_left(), ("secret", Some(24 * 3_600)));
    let (unknown, _clock) = keeper(CredentialEnd::Unknown.source(&files));
    assert_eq!(unknown.seconds_left().1, None);
}

#[derive(Debug, Clone, Copy)]
enum CredentialEnd {
    Unknown,
    StatedInDays(i64),
    /// With a life of an hour.
    TokenInSeconds(i64),
}

impl CredentialEnd {
    fn source(self, files: &Files) -> CredentialSource {
        let in_seconds = |seconds: i64| NOW.unix_seconds().checked_add_signed(seconds).unwrap();
        let secret = |expires_at| {
            let path = files.write("secret", 0o600, "s");
            CredentialSource::SecretFile { path, expires_at }
        };
        match self {
            Self::Unknown => secret(None),
            Self::StatedInDays(days) => {
                secret(Some(Timestamp::from_unix_seconds(in_seconds(days * 24 * 3_600))))
            }
            Self::TokenInSeconds(seconds) => {
                let exp = in_seconds(seconds);
                CredentialSource::FederatedTokenFile(files.write(
                    "token",
                    0o644,
                    signed(&json!({ "exp": exp, "iat": exp - 3_600 })),
                ))
            }
        }
    }
}

/// If this failed, a process that nobody calls would show the days of a certificate that was replaced long ago.
#[test]
fn a_look_reads_a_changed_file_without_an_exchange() {
    let files = Files::new();
    let expired = NOW.unix_seconds() - 1;
    let path = files.write("token", 0o644, projected(expired));
    let (keeper, clock) = keeper(CredentialSource::FederatedTokenFile(path));
    assert_eq!(keeper.days_left().1, Some(-1));

    files.write("token", 0o644, projected(expired + 1_000_000));
    clock.advance(Duration::from_secs(1));
    keeper.look();
    assert_eq!(keeper.days_left().1, None);
}

/// If this failed, operators would be warned of a day that is not the day.
#[rstest]
#[case::weeks(30 * 24, 30)]
#[case::hours(23, 0)]
#[case::just_over(-1, -1)]
#[case::days_ago(-50, -3)]
fn the_days_that_are_left_are_counted_in_whole(#[case] hours: i64, #[case] days: i64) {
    let span = Duration::from_secs(hours.unsigned_abs() * 3_600);
    let end = if hours < 0 { NOW.before(span) } else { NOW + span };
    assert_eq!(days_until(NOW, end), days);
}

fn identity_answer(token: &str, expires_on: u64) -> Answer {
    let body = json!({
        "access_token": token, "expires_on": expires_on.to_string(), "resource": "api://AzureADTokenExchange",
        "token_type": "Bearer",
    });
    Answer::Whole(200, "", body.to_string())
}

fn machine(entra: &FakeEntra, path: &str) -> ManagedIdentity {
    ManagedIdentity::at(&format!("{}{path}", entra.cloud().authority), Some(CLIENT))
}

/// If this failed, the machine would refuse to say who it is, or be asked with each exchange.
#[tokio::test]
async fn a_managed_identity_is_asked_as_azure_wants_it_and_its_token_kept() {
    let azure = FakeEntra::start().await;
    azure.answer_token(identity_answer("first", NOW.unix_seconds() + 3_600));
    // The fake answers at paths like those of a token endpoint.
    let identity = machine(&azure, "metadata/identity/oauth2/v2.0/token");
    let (keeper, clock) = keeper(CredentialSource::ManagedIdentity(identity));
    assert_eq!(proof(&keeper).await, "first");
    assert_eq!(proof(&keeper).await, "first");
    let asked = azure.asked_for("/metadata/identity/oauth2/v2.0/token");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].headers["metadata"], "true");
    let (_, query) = asked[0].path.split_once('?').unwrap();
    let client = CLIENT.to_string();
    let expected =
        format!("api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange&client_id={client}");
    assert_eq!(query, expected);

    azure.answer_token(identity_answer("second", NOW.unix_seconds() + 90_000));
    clock.advance(Duration::from_secs(3_301));
    assert_eq!(proof(&keeper).await, "second");
}

/// If this failed, a hiccup of the machine's metadata service would end every session.
#[tokio::test]
async fn while_the_machine_does_not_answer_the_last_token_serves_to_its_end() {
    let azure = FakeEntra::start().await;
    azure.answer_token(identity_answer("first", NOW.unix_seconds() + 3_600));
    let identity = machine(&azure, "metadata/identity/oauth2/v2.0/token");
    let (keeper, clock) = keeper(CredentialSource::ManagedIdentity(identity));
    assert_eq!(proof(&keeper).await, "first");
    azure.answer_token(Answer::Whole(500, "", String::new()));
    clock.advance(Duration::from_secs(3_500));
    assert_eq!(proof(&keeper).await, "first");
    clock.advance(Duration::from_secs(101));
    let refused = keeper.proof(CLIENT, ENDPOINT).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.as_str(), "unavailable");
}

/// If this failed, App Service would refuse to say who the service is.
#[tokio::test]
async fn app_service_is_asked_with_its_own_header() {
    let azure = FakeEntra::start().await;
    azure.answer_token(identity_answer("token", NOW.unix_seconds() + 3_600));
    let cloud = azure.cloud();
    let endpoint = format!("{}msi/oauth2/v2.0/token", cloud.authority);
    let identity =
        ManagedIdentity::of_app_service(&endpoint, "header-secret".into(), None, &cloud.authority).unwrap();
    assert!(!format!("{identity:?}").contains("header-secret"));
    let (keeper, _clock) = keeper(CredentialSource::ManagedIdentity(identity));
    let Ok(Proof::Assertion(_)) = keeper.proof(CLIENT, ENDPOINT).await else {
        panic!("a managed identity proves itself by an assertion")
    };
    let asked = azure.asked_for("/msi/oauth2/v2.0/token");
    assert_eq!(asked[0].headers["x-identity-header"], "header-secret");
    assert!(asked[0].path.contains("api-version=2019-08-01") && !asked[0].path.contains("client_id"));
}

/// If this failed, Entra would refuse the machine's token in a national cloud.
#[rstest]
#[case::global("https://login.microsoftonline.com", "api%3A%2F%2FAzureADTokenExchange")]
#[case::government("https://login.microsoftonline.us", "api%3A%2F%2FAzureADTokenExchangeUSGov")]
#[case::china("https://login.partner.microsoftonline.cn", "api%3A%2F%2FAzureADTokenExchangeChina")]
fn each_cloud_has_its_own_audience(#[case] authority: &str, #[case] audience: &str) {
    let identity = ManagedIdentity::of_the_machine(None, &authority.parse().unwrap());
    assert!(identity.url().as_str().ends_with(audience), "{}", identity.url());
}
