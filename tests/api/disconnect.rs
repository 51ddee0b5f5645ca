//! A client that goes away.

use std::time::Duration;

use m365_connector::AuditTarget;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::good_head;
use crate::world::{ScratchFile, World, eventually};

/// If this failed, clients that give up would hold permits for calls nobody waits for, or leave no trace.
#[actix_web::test]
async fn a_client_that_goes_away_cancels_its_call_and_leaves_a_record() {
    let journal = ScratchFile::new("disconnect.jsonl");
    let world = World::start_with(|settings| {
        settings.calls.concurrent = 1;
        settings.audit.target = AuditTarget::File(journal.0.clone());
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;

    let call = world.modern(&token, "tools/call", json!({ "name": "get_me", "arguments": {} })).send();
    let call = tokio::spawn(call);
    eventually("the call has reached Graph", async || world.graph_requests().await == 2).await;
    call.abort();

    let cancelled = async {
        eventually("its record is there", async || {
            journal.json_lines().iter().any(|record| record["outcome"] == "cancelled")
        })
        .await;
        world.quiet().await;
    };
    tokio::time::timeout(Duration::from_secs(1), cancelled).await.expect("within a second");
    world.clear_faults().await;
    world.call(&token, "get_me", json!({})).await;

    let records = journal.json_lines();
    let record = records.iter().find(|record| record["outcome"] == "cancelled").unwrap();
    assert_eq!((record["tool"].as_str(), record["method"].as_str()), (Some("get_me"), Some("tools/call")));
}

/// If this failed, a client that has closed its connection in the way of most (its own half first) would leave a call
/// behind that nobody waits for.
#[actix_web::test]
async fn a_client_that_closes_its_half_of_the_connection_has_gone() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;
    let mut connection = TcpStream::connect(world.stage.connector.public_address()).await.unwrap();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "get_me", "arguments": {} } })
    .to_string();
    let head = good_head(&world, &token).join("\r\n");
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    connection.write_all(request.as_bytes()).await.unwrap();
    eventually("the call has reached Graph", async || world.graph_requests().await == 1).await;

    connection.shutdown().await.unwrap();
    world.quiet().await;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "", "nobody is there to read it");
}
