//! Users and tenants who take what there is, and what is kept for the others.

use std::num::NonZeroU32;

use m365_connector::control::{ControlAnswer, ControlRequest, NamedSubject, ask};
use m365_connector::{CallQuota, StateLocation, TenantSource};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::running::ScratchDirectory;
use crate::wire::good_head;
use crate::world::{World, eventually, send};

/// If this failed, one user could shut out a whole organisation with requests whose bodies never come, or have less than
/// half of the tenant's permits where their number is odd: none at all of a single one.
#[rstest]
#[case::an_even_number(4)]
#[case::an_odd_number(3)]
#[actix_web::test]
async fn a_user_who_sends_no_bodies_shuts_out_no_colleague(#[case] permits: usize) {
    let world = World::start_with(|settings| {
        if let TenantSource::Fixed(policies) = &mut settings.tenants {
            for policy in policies {
                policy.limits.concurrent_calls = permits;
            }
        }
    })
    .await;
    let greedy = world.token(&world.person(0, 0)).await;
    let colleague = world.token(&world.person(0, 2)).await;
    let held = hold(&world, &greedy, 2).await;
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

/// Connections whose bodies never come, as many as `count`.
async fn hold(world: &World, token: &str, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut connection = TcpStream::connect(world.stage.connector.public_address()).await.unwrap();
        let head = good_head(world, token).join("\r\n");
        connection.write_all(format!("{head}\r\nContent-Length: 60\r\n\r\n").as_bytes()).await.unwrap();
        held.push(connection);
    }
    held
}

/// If this failed, a client that comes back too soon would use up its user's calls of the minute without one being made.
#[actix_web::test]
async fn a_call_that_is_shed_uses_up_no_quota() {
    let world = World::start_with(|settings| {
        if let TenantSource::Fixed(policies) = &mut settings.tenants {
            for policy in policies {
                policy.limits.concurrent_calls = 4;
                policy.rules.calls_per_user_per_minute = CallQuota::PerMinute(NonZeroU32::new(3).unwrap());
            }
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let held = hold(&world, &token, 2).await;
    eventually("both wait for their bodies", async || world.calls_in_progress().await == 2).await;
    for _ in 0..3 {
        let shed = send(world.modern(&token, "tools/list", json!({}))).await;
        assert_eq!(shed.json()["error"], "user_busy");
    }
    drop(held);
    world.quiet().await;
    assert_eq!(send(world.modern(&token, "tools/list", json!({}))).await.status, StatusCode::OK);
    let fourth = send(world.modern(&token, "tools/list", json!({}))).await;
    assert_eq!(fourth.json()["error"], "user_quota");
}

/// If this failed, a few tenants could shut out all others with requests whose bodies never come.
#[actix_web::test]
async fn tenants_who_send_no_bodies_shut_out_nobody() {
    let world = World::start_with(|settings| settings.calls.concurrent = 8).await;
    let (first, second) = (world.token(&world.person(0, 0)).await, world.token(&world.person(1, 0)).await);
    let third = world.token(&world.person(2, 0)).await;
    let mut held = hold(&world, &first, 6).await;
    held.extend(hold(&world, &second, 6).await);
    eventually("two wait for their bodies, and the others are shed", async || {
        world.calls_in_progress().await == 2
    })
    .await;
    for token in [&third, &first] {
        assert_eq!(send(world.modern(token, "tools/list", json!({}))).await.status, StatusCode::OK);
    }
    drop(held);
    world.quiet().await;
}

/// If this failed, an overloaded service would be restarted by its platform, or an operator be locked out of it.
#[actix_web::test]
async fn a_full_service_sheds_at_once_and_still_answers_its_operators() {
    let directory = ScratchDirectory::new("full");
    let world = World::start_with(|settings| {
        settings.calls.concurrent = 1;
        settings.state = StateLocation::Directory(directory.0.clone());
    })
    .await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    world.call(&token, "get_me", json!({})).await;
    world.forget_requests().await;
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;
    let params = json!({ "name": "get_me", "arguments": {} });
    let call = tokio::spawn(send(world.modern(&token, "tools/call", params)));
    eventually("the one call waits for Graph", async || world.graph_requests().await == 1).await;

    let shed = send(world.modern("not even a token", "tools/list", json!({}))).await;
    assert_eq!((shed.status, shed.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"), "{shed:?}");
    for address in [world.stage.connector.public_address(), world.stage.connector.operations_address()] {
        for probe in ["healthz", "readyz"] {
            let answer = send(world.http.get(format!("http://{address}/{probe}"))).await;
            assert_eq!(answer.status, StatusCode::OK, "{probe} at {address}");
        }
    }
    let subject = NamedSubject::Tenant { tenant: person.tenant.parse().unwrap() };
    let path = directory.0.clone();
    let revoked = tokio::task::spawn_blocking(move || ask(&path, &ControlRequest::Revoke { subject }));
    assert!(matches!(revoked.await.unwrap(), Ok(ControlAnswer::Revoked(_))));
    assert_eq!(call.await.unwrap().status, StatusCode::UNAUTHORIZED);
    world.quiet().await;
}
