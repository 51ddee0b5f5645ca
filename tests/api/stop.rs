//! Starting and stopping.

use std::net::TcpListener;

use m365_connector::{AuditTarget, Listeners};
use reqwest::StatusCode;
use serde_json::json;

use crate::world::{ScratchFile, World, eventually};

/// If this failed, a deployment would cut off the users of the moment.
#[actix_web::test]
async fn a_stop_loses_no_call_in_flight() {
    let journal = ScratchFile::new("stop.jsonl");
    let world =
        World::start_with(|settings| settings.audit.target = AuditTarget::File(journal.0.clone())).await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 800 })).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let params = json!({ "name": "outlook_email_search", "arguments": {} });
            tokio::spawn(world.modern(&token, "tools/call", params).send())
        })
        .collect();
    eventually("the calls are in flight", async || world.calls_in_progress().await == 8).await;

    let World { stage, .. } = world;
    stage.connector.stop().await;
    for call in calls {
        let answer = call.await.unwrap().expect("a call in flight was cut off");
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    }
    let completed =
        journal.json_lines().into_iter().filter(|record| record["outcome"] == "completed").count();
    assert_eq!(completed, 9, "every call has its record before the process ends");
    stage.simulator.stop().await;
}

/// If this failed, a taken port would be a riddle.
#[actix_web::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Listeners::bind(address, "127.0.0.1:0".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
