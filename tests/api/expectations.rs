//! Clients that wait to be asked for their body (`Expect: 100-continue`).

use rstest::rstest;
use serde_json::json;

use crate::wire::{Connection, PING, good_head};
use crate::world::World;

const ASKED: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// A connection that has sent a head and waits.
async fn waiting(world: &World, head: &[String]) -> Connection {
    let mut connection = Connection::to(world.stage.connector.public_address()).await;
    connection.send(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).await;
    connection
}

fn is_asked(text: &str) -> bool {
    text.ends_with(ASKED)
}

fn is_answered(text: &str) -> bool {
    text.ends_with('}')
}

async fn expecting(world: &World, length: usize) -> Vec<String> {
    let token = world.token(&world.person(0, 0)).await;
    let mut head = good_head(world, &token);
    head.extend(["Expect: 100-continue".to_owned(), format!("Content-Length: {length}")]);
    head
}

/// If this failed, somebody who is not let in could have the connector take megabytes of them, or a good client would send
/// them in vain.
#[rstest]
#[case::no_token("Authorization", "X-Other: a", 401)]
#[case::bad_token("Authorization", "Authorization: Bearer a.b.c", 401)]
#[case::foreign_host("Host", "Host: evil.example", 403)]
#[case::wrong_type("Content-Type", "Content-Type: text/plain", 415)]
#[case::encoded("Accept", "Accept: */*\r\nContent-Encoding: br", 415)]
#[case::unframed("Accept", "Accept: */*\r\nUpgrade: websocket", 400)]
#[case::wrong_accept("Accept", "Accept: text/html", 406)]
#[case::too_long("Content-Length", "Content-Length: 4194305", 413)]
#[case::no_such_address("POST", "POST /other HTTP/1.1", 404)]
#[case::no_such_method("POST", "PUT /mcp HTTP/1.1", 405)]
#[actix_web::test]
async fn who_is_refused_is_not_asked_for_a_body(
    #[case] line: &str,
    #[case] instead: &str,
    #[case] status: u16,
) {
    let world = World::start().await;
    let mut head = expecting(&world, 1_000).await;
    let wrong = head.iter_mut().find(|field| field.starts_with(line)).unwrap();
    instead.clone_into(wrong);
    let answer = waiting(&world, &head).await.read_to_end().await;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

/// If this failed, a client that waits to be asked would wait for ever, or get no answer.
#[rstest]
#[case::as_usual("Expect: 100-continue")]
#[case::other_case("expect: 100-Continue")]
#[actix_web::test]
async fn who_is_let_in_is_asked_once_and_answered(#[case] field: &str) {
    let world = World::start().await;
    let mut head = expecting(&world, PING.len()).await;
    let expect = head.iter_mut().find(|line| line.starts_with("Expect")).unwrap();
    field.clone_into(expect);
    let mut client = waiting(&world, &head).await;
    assert_eq!(client.read_until(is_asked).await, ASKED);
    client.send(PING.as_bytes()).await;
    let answer = client.read_until(is_answered).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("100 Continue"), "{answer}");

    // The connection serves on.
    let mut head = expecting(&world, PING.len()).await;
    head.retain(|line| !line.starts_with("Expect"));
    let second = format!("{}\r\n\r\n{PING}", head.join("\r\n"));
    client.send(second.as_bytes()).await;
    assert!(client.read_until(is_answered).await.starts_with("HTTP/1.1 200 "));
}

/// If this failed, a client that does not wait after all would be answered something else, or twice.
#[actix_web::test]
async fn a_body_that_comes_unasked_is_read_all_the_same() {
    let world = World::start().await;
    let mut head = expecting(&world, PING.len()).await;
    head.push("Connection: close".to_owned());
    let mut client = waiting(&world, &head).await;
    client.send(PING.as_bytes()).await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with(ASKED) && answer[ASKED.len()..].starts_with("HTTP/1.1 200 "), "{answer}");
}

/// If this failed, a client would be asked for what it has said not to have.
#[actix_web::test]
async fn nobody_is_asked_for_a_body_of_no_length() {
    let world = World::start().await;
    let mut head = expecting(&world, 0).await;
    head.push("Connection: close".to_owned());
    let answer = waiting(&world, &head).await.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("-32700"), "{answer}");
}

/// If this failed, a client could hold its call open by never sending what it was asked for.
#[actix_web::test]
async fn who_is_asked_and_goes_away_leaves_nothing_behind() {
    let world = World::start_with(|settings| settings.calls.concurrent = 1).await;
    let token = world.token(&world.person(0, 0)).await;
    let head = expecting(&world, 1_000).await;
    let mut client = waiting(&world, &head).await;
    client.read_until(is_asked).await;
    assert_eq!(world.calls_in_progress().await, 1);
    drop(client);
    world.quiet().await;
    world.call(&token, "get_me", json!({})).await;
}
