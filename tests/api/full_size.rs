//! Messages as large as may be, in every way in which they could be costly, against a connector's own process.

use m365_fuzz::large::families;
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::{Body, Client, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::running::{Caller, Connector, ScratchDirectory, write_configuration};
use crate::world::{World, send};

/// The body limit as it is delivered.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// What the process may keep for its next calls, in bytes: the messages weigh several times as much.
const KEPT: u64 = 128 * 1024 * 1024;

/// If this failed, a message could be answered by another rule because it is long, or leave memory behind that nobody gets
/// back.
#[actix_web::test]
async fn every_family_gets_its_answer_at_the_limit_and_leaves_nothing_behind() {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new("full-size");
    write_configuration(&directory.0, &simulator);
    let (connector, address) = Connector::start(&directory.0);
    let http = Client::builder().build().unwrap();
    let caller = Caller { http: &http, simulator: simulator.base_url(), connector: address };
    let tenant = &simulator.directory().tenants[0];
    let token = caller.control("token", json!({ "tenant": tenant.id, "user": tenant.users[0].id })).await;
    let token = token["access_token"].as_str().unwrap();

    let at_first = resident_bytes(&connector);
    for _ in 0..2 {
        for family in families() {
            let answer = post(&caller, token, family.message(BODY_LIMIT)).await;
            assert_eq!(answer, family.answer, "{}", family.name);
        }
    }
    let kept = resident_bytes(&connector).saturating_sub(at_first);
    assert!(kept <= KEPT, "{kept} bytes are kept");
    connector.stop();
    simulator.stop().await;
}

/// An id may be a number that fits no type.
#[derive(Deserialize)]
struct Reply {
    error: Option<ReplyError>,
}

#[derive(Deserialize)]
struct ReplyError {
    code: i64,
}

/// If this failed, one byte more than may be would be read by another rule.
#[actix_web::test]
async fn one_byte_above_the_limit_is_too_many_in_every_form() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for family in families().take(4) {
        let message = family.message(BODY_LIMIT + 1);
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            message.chunks(65_536).map(|piece| Ok(piece.to_vec())).collect();
        let in_pieces = Body::wrap_stream(futures_util::stream::iter(pieces));
        for body in [Body::from(message), in_pieces] {
            let answer = send(world.post().bearer_auth(&token).body(body)).await;
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (StatusCode::PAYLOAD_TOO_LARGE, Some("body_too_large"))
            );
        }
    }
}

async fn post(caller: &Caller<'_>, token: &str, message: Vec<u8>) -> (u16, Option<i64>) {
    let request = caller
        .http
        .post(format!("http://{}/mcp", caller.connector))
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .bearer_auth(token);
    let answer = request.body(message).send().await.unwrap();
    let status = answer.status().as_u16();
    let reply: Reply = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    (status, reply.error.map(|error| error.code))
}

fn resident_bytes(connector: &Connector) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", connector.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
