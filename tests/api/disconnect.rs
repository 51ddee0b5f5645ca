//! A client that goes away.

use std::time::Duration;

use m365_connector::AuditTarget;
use serde_json::json;

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

    let cancelled = eventually("its record is there", async || {
        journal.json_lines().iter().any(|record| record["outcome"] == "cancelled")
    });
    tokio::time::timeout(Duration::from_secs(1), cancelled).await.expect("within a second");
    world.quiet().await;
    world.clear_faults().await;
    world.call(&token, "get_me", json!({})).await;

    let records = journal.json_lines();
    let record = records.iter().find(|record| record["outcome"] == "cancelled").unwrap();
    assert_eq!((record["tool"].as_str(), record["method"].as_str()), (Some("get_me"), Some("tools/call")));
}
