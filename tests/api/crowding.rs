//! A user who takes what there is.

use m365_connector::TenantSource;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::wire::good_head;
use crate::world::{World, eventually, send};

/// If this failed, one user could shut out a whole organisation with requests whose bodies never come.
#[actix_web::test]
async fn a_user_who_sends_no_bodies_shuts_out_no_colleague() {
    let world = World::start_with(|settings| {
        if let TenantSource::Fixed(policies) = &mut settings.tenants {
            for policy in policies {
                policy.limits.concurrent_calls = 4;
            }
        }
    })
    .await;
    let greedy = world.token(&world.person(0, 0)).await;
    let colleague = world.token(&world.person(0, 2)).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut connection = TcpStream::connect(world.stage.connector.public_address()).await.unwrap();
        let head = good_head(&world, &greedy).join("\r\n");
        connection.write_all(format!("{head}\r\nContent-Length: 60\r\n\r\n").as_bytes()).await.unwrap();
        held.push(connection);
    }
    eventually("both wait for their bodies", async || world.calls_in_progress().await == 2).await;

    let third = send(world.modern(&greedy, "tools/list", json!({}))).await;
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((third.json()["error"].as_str(), third.header("retry-after")), (Some("user_busy"), "1"));
    let listed = send(world.modern(&colleague, "tools/list", json!({}))).await;
    assert_eq!(listed.status, StatusCode::OK);

    drop(held);
    world.quiet().await;
    assert_eq!(send(world.modern(&greedy, "tools/list", json!({}))).await.status, StatusCode::OK);
}
