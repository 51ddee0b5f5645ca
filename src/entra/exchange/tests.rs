use connector_actors::assertion::{Assertion, AssertionHash};
use connector_actors::clock::Timestamp;
use connector_actors::identity::Principal;
use connector_actors::ports::{AadstsCode, ThrottledBy};
use connector_observability::TraceId;
use secrecy::SecretString;
use tokio::time::Instant;
use uuid::Uuid;

use super::*;
use crate::entra::ClientCredential;
use crate::entra::testing::{AUDIENCE, Answer, CLIENT, FakeEntra, ManualClock, NOW, Received, TENANT, USER};

const GRANTED: &str = r#"{"token_type":"Bearer","scope":"https://graph.microsoft.com/Mail.Read","expires_in":3600,"access_token":"graph-token"}"#;
const CORRELATION_ID: Uuid = Uuid::from_u128(0x55);

fn exchange(
    entra: &FakeEntra,
    timeout: Duration,
    credential: impl Into<CredentialSource>,
) -> EntraTokenExchange {
    let settings = ExchangeSettings {
        cloud: entra.cloud(),
        client_id: AUDIENCE,
        credential: credential.into(),
        capability: ClaimsCapability::default(),
        timeout,
    };
    EntraTokenExchange::new(settings, Handle::current(), Arc::new(ManualClock::new())).unwrap()
}

fn with_secret(entra: &FakeEntra) -> EntraTokenExchange {
    exchange(entra, Duration::from_secs(10), ClientCredential::Secret("s3cr~t &=".into()))
}

fn request(claims: Option<&str>) -> ExchangeRequest {
    let token = "user.token.1";
    ExchangeRequest {
        principal: Principal { tenant: TENANT, user: USER, client: CLIENT },
        assertion: Assertion::new(token, AssertionHash::of(token), NOW),
        claims: claims.map(Into::into),
        correlation_id: CORRELATION_ID,
        trace_id: TraceId::random(),
    }
}

fn may_ask_again() -> SecondTurn {
    SecondTurn::new(|| Box::pin(std::future::ready(true)))
}

async fn sent_by(exchange: &EntraTokenExchange, entra: &FakeEntra, claims: Option<&str>) -> Received {
    entra.answer_token(Answer::Whole(200, "", GRANTED.to_owned()));
    exchange.exchange(request(claims), may_ask_again()).await.unwrap();
    entra.asked("/token").pop().unwrap()
}

/// If this failed, Entra would refuse the exchange, or exchange something else than asked for.
#[tokio::test]
async fn an_exchange_sends_what_the_on_behalf_of_flow_asks_for() {
    let entra = FakeEntra::start().await;
    let sent = sent_by(&with_secret(&entra), &entra, None).await;
    assert_eq!(sent.path, format!("/{TENANT}/oauth2/v2.0/token"));
    let mut form: Vec<_> = sent.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form.sort_unstable();
    let client_id = AUDIENCE.to_string();
    let expected = [
        ("assertion", "user.token.1"),
        ("client_id", &client_id),
        ("client_secret", "s3cr~t &="),
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("requested_token_use", "on_behalf_of"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    assert_eq!(form, expected);
    let header = |name: &str| sent.headers[name].clone();
    assert_eq!(header("x-ms-lib-capability"), "retry-after, h429");
    assert_eq!(header("client-request-id"), CORRELATION_ID.to_string());
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(header("accept"), "application/json");
}

/// If this failed, a challenge would never be satisfied.
#[tokio::test]
async fn a_challenge_goes_along_with_the_exchange() {
    let entra = FakeEntra::start().await;
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
    let sent = sent_by(&with_secret(&entra), &entra, Some(claims)).await;
    assert_eq!(sent.form["claims"], claims);
}

/// If this failed, a connector with a certificate could not prove who it is.
#[tokio::test]
async fn a_certificate_signs_an_assertion_for_the_tenants_endpoint() {
    let entra = FakeEntra::start().await;
    let certificate = crate::entra::credential::certificate_for_tests();
    let exchange = exchange(&entra, Duration::from_secs(10), certificate);
    let sent = sent_by(&exchange, &entra, None).await;
    assert_eq!(sent.form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!sent.form.contains_key("client_secret"));
    let claims: serde_json::Value = {
        use base64::Engine;
        let payload = sent.form["client_assertion"].split('.').nth(1).unwrap();
        serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap())
            .unwrap()
    };
    assert_eq!(claims["aud"], entra.cloud().token_endpoint(TENANT));
}

/// If this failed, the caller would not learn what it was granted, or for how long.
#[tokio::test]
async fn a_granted_token_comes_back_with_its_scopes() {
    let entra = FakeEntra::start().await;
    entra.answer_token(Answer::Whole(200, "", GRANTED.to_owned()));
    let granted = with_secret(&entra).exchange(request(None), may_ask_again()).await.unwrap();
    assert_eq!(granted.token.expose(), "graph-token");
    assert!(granted.scopes.contains("Mail.Read"));
    assert_eq!(granted.expires_in, Duration::from_secs(3_600));
}

/// If this failed, a refusal would be read from the wrong part of the answer, or a wait be ignored or endless.
#[tokio::test]
async fn a_refusal_is_classified() {
    let entra = FakeEntra::start().await;
    let exchange = with_secret(&entra);
    let body = r#"{"error":"invalid_grant","error_codes":[500133]}"#.to_owned();
    entra.answer_token(Answer::Whole(400, "", body));
    let refused = exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
    assert_eq!(refused, ExchangeError::AssertionRejected(AadstsCode(500_133)));
    for (header, expected) in [
        ("retry-after: 17\r\n", Some(Duration::from_secs(17))),
        ("retry-after: 86400\r\n", Some(MAX_RETRY_AFTER)),
        ("retry-after: soon\r\n", None),
        ("", None),
    ] {
        entra.answer_token(Answer::Whole(429, header, String::new()));
        let refused = exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
        assert_eq!(refused, ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: expected });
    }
}

#[derive(Debug)]
struct BrokenClock;

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        panic!("the clock is broken, as scripted")
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// If this failed, a bug in this adapter would be looked for in the network.
#[tokio::test]
async fn an_exchange_that_panics_is_broken_off() {
    let settings = ExchangeSettings {
        cloud: FakeEntra::start().await.cloud(),
        client_id: AUDIENCE,
        credential: crate::entra::credential::certificate_for_tests().into(),
        capability: ClaimsCapability::default(),
        timeout: Duration::from_secs(10),
    };
    let exchange = EntraTokenExchange::new(settings, Handle::current(), Arc::new(BrokenClock)).unwrap();
    let refused = exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
    assert_eq!(refused, ExchangeError::Unavailable(ExchangeFault::BrokenOff));
}

/// If this failed, an outage of Entra would hang calls, end the service, or look like the user's fault.
#[tokio::test]
async fn an_entra_that_is_down_slow_or_raving_is_unavailable() {
    let entra = FakeEntra::start().await;
    let exchange = exchange(&entra, Duration::from_millis(200), ClientCredential::Secret("s".into()));
    for (answer, fault) in [
        (Answer::Reset, ExchangeFault::Unreachable),
        (Answer::Silence, ExchangeFault::TimedOut),
        (Answer::Whole(200, "", "<html>".to_owned()), ExchangeFault::Unintelligible),
        (Answer::Whole(200, "", " ".repeat(1024 * 1024 + 1)), ExchangeFault::Unintelligible),
        (Answer::Whole(307, "location: /elsewhere\r\n", String::new()), ExchangeFault::Unintelligible),
        (Answer::Whole(500, "", String::new()), ExchangeFault::ServerError(500)),
    ] {
        entra.answer_token(answer);
        let refused = exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
        assert_eq!(refused, ExchangeError::Unavailable(fault));
    }
    assert!(entra.asked("/elsewhere").is_empty());
}

/// If this failed, one bad server of Entra's would cost a user the call, or the second attempt would meet the very
/// connection that failed.
#[tokio::test]
async fn a_passing_fault_is_ridden_out_on_a_fresh_connection() {
    let entra = FakeEntra::start().await;
    let exchange = with_secret(&entra);
    let temporarily = r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#.to_owned();
    for fault in [
        Answer::Reset,
        Answer::Whole(500, "", String::new()),
        Answer::Whole(503, "", temporarily.clone()),
        Answer::Whole(504, "retry-after: 0\r\n", temporarily),
    ] {
        entra.answer_token_once(fault);
        entra.answer_token(Answer::Whole(200, "", GRANTED.to_owned()));
        let before = entra.asked("/token").len();
        exchange.exchange(request(None), may_ask_again()).await.unwrap();
        let asked = entra.asked("/token").split_off(before);
        assert_eq!(asked.len(), 2);
        assert_ne!(asked[0].connection, asked[1].connection);
    }
}

/// If this failed, second attempts would go out past the set rate.
#[tokio::test]
async fn without_a_turn_there_is_no_second_attempt() {
    let entra = FakeEntra::start().await;
    let exchange = with_secret(&entra);
    entra.answer_token(Answer::Whole(503, "", String::new()));
    let none = SecondTurn::new(|| Box::pin(std::future::ready(false)));
    let refused = exchange.exchange(request(None), none).await.unwrap_err();
    assert_eq!(refused, ExchangeError::Unavailable(ExchangeFault::ServerError(503)));
    assert_eq!(entra.asked("/token").len(), 1);
}

/// If this failed, a call would be told that Entra was silent where it has answered, and only the line was long.
#[tokio::test]
async fn a_turn_that_does_not_come_in_time_leaves_the_first_answer() {
    let entra = FakeEntra::start().await;
    let secret = ClientCredential::Secret(SecretString::from("s"));
    let exchange = exchange(&entra, Duration::from_millis(400), secret);
    entra.answer_token(Answer::Whole(503, "", String::new()));
    let never = SecondTurn::new(|| Box::pin(std::future::pending()));
    let refused = exchange.exchange(request(None), never).await.unwrap_err();
    assert_eq!(refused, ExchangeError::Unavailable(ExchangeFault::ServerError(503)));
}

/// If this failed, an outage of Entra's would be loaded with more and more attempts, or with some that come before
/// it wants to hear of anybody again.
#[tokio::test]
async fn a_lasting_fault_costs_two_attempts_and_a_long_wait_none() {
    let entra = FakeEntra::start().await;
    let exchange = with_secret(&entra);
    for (header, attempts) in [("", 2), ("retry-after: 3600\r\n", 1)] {
        entra.answer_token(Answer::Whole(503, header, String::new()));
        let before = entra.asked("/token").len();
        let refused = exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
        assert_eq!(refused, ExchangeError::Unavailable(ExchangeFault::ServerError(503)));
        assert_eq!(entra.asked("/token").len() - before, attempts, "{header}");
    }
}

/// If this failed, a refusal or a request to slow down would be asked for twice.
#[tokio::test]
async fn an_answer_is_not_asked_for_twice() {
    let entra = FakeEntra::start().await;
    let exchange = with_secret(&entra);
    for answer in [
        Answer::Whole(429, "retry-after: 0\r\n", String::new()),
        Answer::Whole(400, "", r#"{"error":"invalid_grant"}"#.to_owned()),
        Answer::Whole(200, "", "<html>".to_owned()),
    ] {
        entra.answer_token(answer);
        let before = entra.asked("/token").len();
        exchange.exchange(request(None), may_ask_again()).await.unwrap_err();
        assert_eq!(entra.asked("/token").len() - before, 1);
    }
}

/// If this failed, the second attempt could double the time that a call waits for Entra.
#[tokio::test]
async fn the_second_attempt_ends_inside_the_bound() {
    let entra = FakeEntra::start().await;
    let secret = ClientCredential::Secret("s".into());
    let exchange = exchange(&entra, Duration::from_millis(1_500), secret);
    entra.answer_token_once(Answer::Whole(503, "retry-after: 1\r\n", String::new()));
    entra.answer_token(Answer::Silence);
    let ended =
        tokio::time::timeout(Duration::from_millis(2_400), exchange.exchange(request(None), may_ask_again()));
    assert_eq!(ended.await.unwrap().unwrap_err(), ExchangeError::Unavailable(ExchangeFault::TimedOut));
}
