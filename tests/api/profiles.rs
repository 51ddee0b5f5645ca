//! Profiles of the processor's work, as operators ask a running process for them.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;
use prost::Message;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::running::Running;

/// What is read of the format (`profile.proto` of google/pprof), as its readers know it.
#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
}

async fn ask(running: &Running, query: &str) -> (StatusCode, Vec<u8>) {
    let url = format!("http://{}/debug/profile{query}", running.connector.operations);
    let answer = running.http.get(url).send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap().to_vec())
}

/// If this failed, nobody could see which functions a busy connector spends its time in; or a profile would take
/// something of a user's with it.
#[actix_web::test]
async fn a_profile_names_the_functions_that_ran_and_nothing_else() {
    const CANARY: &str = "zebra-canary-51c7";
    let running = Running::start("profile", "cpu_profiles = true").await;
    let (caller, token) = (running.caller(), &running.token().await);
    let tenant = &running.simulator.directory().tenants[0];
    let work = async {
        loop {
            let found = caller.call(token, "outlook_email_search", json!({ "query": CANARY })).await;
            assert!(found["result"].is_object(), "{found}");
        }
    };

    let (status, body) = tokio::select! {
        profile = ask(&running, "?seconds=2") => profile,
        () = work => unreachable!(),
    };

    assert_eq!(status, StatusCode::OK);
    let mut message = Vec::new();
    GzDecoder::new(&body[..]).read_to_end(&mut message).unwrap();
    let profile = Profile::decode(&message[..]).unwrap();
    assert!(!profile.sample.is_empty() && profile.sample.iter().any(|stack| stack.location_id.len() > 10));
    assert!(profile.duration_nanos >= 2_000_000_000, "{}", profile.duration_nanos);
    let ours = profile.string_table.iter().filter(|name| name.contains("m365_connector::")).count();
    assert!(ours > 5, "{:?}", profile.string_table);
    for text in &profile.string_table {
        assert!(!text.contains('/'), "no path of a file: {text}");
        assert!(!text.contains("pprof::"), "nothing of the sampler's own: {text}");
        for secret in [CANARY, &tenant.users[0].name, &tenant.users[0].upn, &tenant.id.to_string()] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    running.stop().await;
}

/// If this failed, two operators at once would spoil each other's profile, a slip of the finger keep one running for
/// hours, or one that was given up stand in the way of the next.
#[actix_web::test]
async fn there_is_one_profile_at_a_time_and_its_length_is_bounded() {
    let running = Running::start("profile-turns", "cpu_profiles = true").await;
    for query in ["?seconds=0", "?seconds=61", "?seconds=-1", "?seconds=soon", "?frequency=1000"] {
        let (status, said) = ask(&running, query).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(String::from_utf8(said).unwrap().contains("a whole number from 1 to 60"), "{query}");
    }

    let (first, second) = tokio::join!(ask(&running, "?seconds=1"), ask(&running, "?seconds=1"));
    let (given, refused) = if first.0 == StatusCode::OK { (first, second) } else { (second, first) };
    assert_eq!((given.0, refused.0), (StatusCode::OK, StatusCode::CONFLICT));
    assert!(String::from_utf8(refused.1).unwrap().contains("one at a time"));

    let gone = tokio::time::timeout(Duration::from_millis(500), ask(&running, "?seconds=60")).await;
    assert!(gone.is_err(), "nobody waits for it any more");
    let next = async { while ask(&running, "?seconds=1").await.0 != StatusCode::OK {} };
    assert!(tokio::time::timeout(Duration::from_secs(30), next).await.is_ok(), "the next has its turn");
    running.stop().await;
}

/// If this failed, whoever reaches the operations listener could slow the connector down, though no operator had
/// allowed it.
#[rstest]
#[case::unless_told("", "unset")]
#[case::when_told_not_to("cpu_profiles = false", "off")]
#[actix_web::test]
async fn there_is_nothing_where_profiles_are_off(#[case] switch: &str, #[case] name: &str) {
    let running = Running::start(&format!("profile-{name}"), switch).await;
    assert_eq!(ask(&running, "?seconds=1").await.0, StatusCode::NOT_FOUND);
    let url = format!("http://{}/debug/profile", running.connector.operations);
    assert_eq!(running.http.post(url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    running.stop().await;
}
