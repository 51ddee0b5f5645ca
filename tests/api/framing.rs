//! Where one request ends and the next begins: shapes by which two readers on the way could see different requests.

use reqwest::StatusCode;
use rstest::rstest;

use crate::wire::{Connection, PING, good_head};
use crate::world::World;

/// Everything that comes back for `bytes` until the server closes, or has answered as often as `answers` says.
async fn answers_to(world: &World, bytes: &[u8], answers: usize) -> (Vec<u16>, String) {
    let mut connection = Connection::to(world.stage.connector.public_address()).await;
    connection.send(bytes).await;
    let is_enough =
        |text: &str| statuses(text).len() >= answers && (text.ends_with('}') || text.ends_with("\r\n\r\n"));
    let text = connection.read_until(is_enough).await;
    (statuses(&text), text)
}

fn statuses(text: &str) -> Vec<u16> {
    text.split("HTTP/1.").skip(1).filter_map(|answer| answer[2..].split(' ').next()?.parse().ok()).collect()
}

/// A good request with more fields, and this as its body.
async fn request(world: &World, more: &str, body: &str) -> Vec<u8> {
    let token = world.token(&world.person(0, 0)).await;
    format!("{}\r\n{more}\r\n{body}", good_head(world, &token).join("\r\n")).into_bytes()
}

fn ping(id: u32) -> String {
    PING.replace("\"id\":1", &format!("\"id\":{id}"))
}

/// What no reader on the way may take for one thing while we take it for another. `{ping}` is a message of 40 bytes.
const AMBIGUOUS: &[(&str, &str, &str)] = &[
    ("both framings", "Transfer-Encoding: chunked\r\nContent-Length: 40\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    (
        "both framings, length first",
        "Content-Length: 40\r\nTransfer-Encoding: chunked\r\n",
        "28\r\n{ping}\r\n0\r\n\r\n",
    ),
    ("two lengths", "Content-Length: 40\r\nContent-Length: 41\r\n", "{ping}"),
    ("the same length twice", "Content-Length: 40\r\nContent-Length: 40\r\n", "{ping}"),
    ("a list of lengths", "Content-Length: 40, 40\r\n", "{ping}"),
    ("a signed length", "Content-Length: +40\r\n", "{ping}"),
    ("a length in hexadecimal", "Content-Length: 0x28\r\n", "{ping}"),
    ("a length beyond 64 bits", "Content-Length: 18446744073709551656\r\n", "{ping}"),
    ("an unknown coding", "Transfer-Encoding: xchunked\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    ("chunked is not last", "Transfer-Encoding: chunked, identity\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    ("another coding before", "Transfer-Encoding: gzip, chunked\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    (
        "two codings",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "28\r\n{ping}\r\n0\r\n\r\n",
    ),
    ("a control before the coding", "Transfer-Encoding: \u{b}chunked\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    ("a blank before the colon", "Transfer-Encoding : chunked\r\n", "28\r\n{ping}\r\n0\r\n\r\n"),
    ("a folded line", "X-Folded: a\r\n b\r\nContent-Length: 40\r\n", "{ping}"),
    ("a carriage return in a value", "X-Bare: a\rb\r\nContent-Length: 40\r\n", "{ping}"),
    ("a nought in a value", "X-Nought: a\0b\r\nContent-Length: 40\r\n", "{ping}"),
    ("a nameless field", ": a\r\nContent-Length: 40\r\n", "{ping}"),
    ("a second host", "Host: evil.example\r\nContent-Length: 40\r\n", "{ping}"),
    ("a chunk of less than nothing", "Transfer-Encoding: chunked\r\n", "-1\r\n{ping}\r\n0\r\n\r\n"),
    ("a chunk longer than it says", "Transfer-Encoding: chunked\r\n", "28\r\n{ping}XX0\r\n\r\n"),
    ("a chunk beyond 64 bits", "Transfer-Encoding: chunked\r\n", "10000000000000028\r\n{ping}\r\n0\r\n\r\n"),
    ("chunks with bare line feeds", "Transfer-Encoding: chunked\r\n", "28\n{ping}\n0\n\n"),
    ("another protocol", "Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 40\r\n", "{ping}"),
];

/// If this failed, what one client sends could pass for the request of another whose connection is the same on the way.
#[actix_web::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read() {
    let world = World::start().await;
    for (what, fields, body) in AMBIGUOUS {
        assert_eq!(PING.len(), 40);
        let mut bytes = request(&world, fields, &body.replace("{ping}", PING)).await;
        bytes.extend(request(&world, "Content-Length: 40\r\n", &ping(2)).await);
        let (statuses, text) = answers_to(&world, &bytes, 2).await;
        assert_eq!(statuses, [400], "{what}: {text}");
    }
}

/// If this failed, an honest client that writes several requests at once would get answers that are not its own.
#[actix_web::test]
async fn requests_behind_each_other_are_answered_in_their_order() {
    let world = World::start().await;
    let mut bytes = Vec::new();
    for id in 1..=5 {
        bytes.extend(request(&world, "Content-Length: 40\r\n", &ping(id)).await);
    }
    let (statuses, text) = answers_to(&world, &bytes, 5).await;
    assert_eq!(statuses, [200; 5], "{text}");
    let ids = text.split("\"id\":").skip(1).map(|rest| &rest[..1]);
    assert_eq!(ids.collect::<Vec<_>>(), ["1", "2", "3", "4", "5"]);
}

/// If this failed, a request could hide in the body of one that is refused, and be carried out with its own head.
#[actix_web::test]
async fn what_stands_in_the_body_of_a_refused_request_is_no_request() {
    let world = World::start().await;
    let hidden = request(&world, "Content-Length: 40\r\n", PING).await;
    let host = world.stage.connector.public_address();
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n", hidden.len());
    let (statuses, text) = answers_to(&world, &[head.into_bytes(), hidden].concat(), 2).await;
    assert_eq!(statuses, [401], "{text}");
}

/// If this failed, bytes that somebody else reads otherwise, or not at all, would be carried out.
#[rstest]
#[case::line_feed_behind("", &[PING, "\n"], StatusCode::OK, "\"result\"")]
#[case::byte_order_mark("", &["\u{feff}", PING], StatusCode::BAD_REQUEST, "-32700")]
#[case::utf_16("", &["{\0\"\0j\0\"\0:\x001\0}\0"], StatusCode::BAD_REQUEST, "-32700")]
#[case::second_message("", &[PING, "\n", PING], StatusCode::BAD_REQUEST, "-32700")]
#[case::nought_behind("", &[PING, "\0"], StatusCode::BAD_REQUEST, "-32700")]
#[case::nothing("", &[], StatusCode::BAD_REQUEST, "-32700")]
#[case::an_encoding("Content-Encoding: gzip\r\n", &[PING], StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding")]
#[case::another("Content-Encoding: br\r\n", &[PING], StatusCode::UNSUPPORTED_MEDIA_TYPE, "accept-encoding: identity")]
#[case::the_encoding_that_is_none("Content-Encoding: identity\r\n", &[PING], StatusCode::OK, "\"result\"")]
#[actix_web::test]
async fn a_body_is_one_message_in_plain_utf_8(
    #[case] fields: &str,
    #[case] body: &[&str],
    #[case] status: StatusCode,
    #[case] expected: &str,
) {
    is_answered(fields, body.concat().as_bytes(), status, expected).await;
}

/// If this failed, a text that is none would be carried out as somebody took it.
#[actix_web::test]
async fn a_body_with_a_byte_that_is_no_utf_8_is_refused() {
    let body = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\xffng\"}";
    is_answered("", body, StatusCode::BAD_REQUEST, "-32700").await;
}

async fn is_answered(fields: &str, body: &[u8], status: StatusCode, expected: &str) {
    let world = World::start().await;
    let mut bytes = request(&world, &format!("{fields}Content-Length: {}\r\n", body.len()), "").await;
    bytes.extend(body);
    let (statuses, text) = answers_to(&world, &bytes, 1).await;
    assert_eq!(statuses, [status.as_u16()], "{text}");
    assert!(text.contains(expected), "{text}");
}
