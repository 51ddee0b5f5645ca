//! What every request and answer has in common, whoever it is for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::support::{World, with};

const CORRELATION: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Every SDK tells of itself in headers: one that is refused, or lost on its way to the log, hides who asked.
#[actix_web::test]
async fn what_sdks_tell_of_themselves_is_taken_and_logged() {
    let world = World::start().await;
    let told = [
        ("sdkversion", "graph-js/3.0.7 (featureUsage=7)"),
        ("client-request-id", CORRELATION),
        ("retry-attempt", "1"),
        ("host-os", "linux"),
        ("runtime-environment", "Node/22"),
        ("x-ms-throttle-priority", "High"),
    ];
    let mut request = world.http.get(world.url("/v1.0/me")).bearer_auth(world.graph_token().await);
    for (name, value) in told {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["client-request-id"]),
        (200, &CORRELATION.parse().unwrap())
    );
    assert_ne!(answer.headers()["request-id"], CORRELATION);
    let log = world.get("/_sim/requests?last=1").await.json();
    for (name, value) in told {
        assert_eq!(log[0]["headers"][name], value);
    }
}

/// MSAL sends its telemetry as fields and headers, and the correlation id also in the query: none of it may matter.
#[actix_web::test]
async fn telemetry_of_msal_changes_no_exchange() {
    let world = World::start().await;
    let mut exchange = world.exchange(&world.assertion(json!({})).await);
    for (name, value) in [
        ("client_info", "1"),
        ("x-client-SKU", "msal.js.node"),
        ("x-client-VER", "7.2.3"),
        ("x-ms-lib-capability", "retry-after, h429"),
        ("claims", "{\"id_token\":{\"acr\":null}}"),
    ] {
        exchange = with(exchange, name, value);
    }
    exchange.reverse();
    let path = format!("/{}/oauth2/v2.0/token?client-request-id={CORRELATION}", world.tenant());
    let request = world.http.post(world.url(&path)).header("x-client-OS", "linux");
    let reply = world.send_form(request, &exchange).await;
    assert_eq!((reply.status, reply.header("client-request-id")), (200, CORRELATION), "{}", reply.text);
    assert_eq!(world.get("/_sim/requests?last=1").await.json()[0]["form"]["x-client-SKU"], "msal.js.node");
}

fn ask(connection: &mut TcpStream, path: &str) -> String {
    write!(connection, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = connection.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the connection was closed");
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("an answer says how long it is").parse().unwrap();
        if body.len() >= length {
            return text;
        }
    }
}

/// A connection that ends with every refusal would make clients pay for a new one each time.
#[actix_web::test]
async fn a_connection_is_kept_also_after_refusals_which_say_their_length() {
    let world = World::start().await;
    let address = world.simulator.address();
    let asking = actix_web::web::block(move || {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        for (path, status) in [
            ("/v1.0/me", 401),
            ("/nowhere.example/v2.0/.well-known/openid-configuration", 400),
            ("/v1.0/me", 401),
        ] {
            let answer = ask(&mut connection, path);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
            assert!(body.get("error").is_some());
        }
    });
    asking.await.unwrap();
}

/// A client that does not know how long its body will be sends it in pieces.
#[actix_web::test]
async fn a_body_may_come_in_chunks() {
    let world = World::start().await;
    let address = world.simulator.address();
    let asking = actix_web::web::block(move || {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = "POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n";
        write!(connection, "{head}a\r\ngrant_type\r\n7\r\n=nobody\r\n0\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = asking.await.unwrap();
    assert!(answer.contains("AADSTS900144") && answer.contains("'client_id'"), "{answer}");
}

/// A client that reads gzip gets long answers in it, short ones as they are, and the same bytes behind it.
#[actix_web::test]
async fn long_answers_are_compressed_for_whoever_takes_that() {
    let world = World::start().await;
    let token = world.graph_token().await;
    let ask = async |path: &str, accepted: &str| {
        let request = world.http.get(world.url(path)).bearer_auth(&token).header("accept-encoding", accepted);
        let answer = request.send().await.unwrap();
        let coding = answer.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        (coding, answer.bytes().await.unwrap())
    };
    let (coding, compressed) = ask("/v1.0/me/messages", "gzip, deflate, br").await;
    assert_eq!(coding.as_deref(), Some("gzip"));
    let mut read = Vec::new();
    GzDecoder::new(&compressed[..]).read_to_end(&mut read).unwrap();
    let (coding, plain) = ask("/v1.0/me/messages", "identity").await;
    assert_eq!(coding, None);
    assert!(read == plain && compressed.len() < plain.len() / 2);
    assert_eq!(ask("/v1.0/me", "gzip").await.0, None, "too short");
}
