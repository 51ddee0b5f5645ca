//! Tenant files while the connector runs, and what they decide.

use std::fs;
use std::num::NonZeroU32;
use std::time::Duration;

use m365_connector::{CallQuota, Service, Settings, TenantPolicy, TenantSource};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::running::{Running, ScratchDirectory};
use crate::world::{World, eventually, send};

/// The tenant file of the first or second tenant, put in place whole.
fn write(directory: &ScratchDirectory, world: &World, place: usize, more: &str) {
    let tenant = &world.stage.simulator.directory().tenants[place];
    let client = world.stage.simulator.directory().clients[0].id;
    let text = format!(
        "id = '{}'\nname = 'A tenant'\nguests = 'allow'\nclients = ['{client}']\n{more}\n",
        tenant.id
    );
    put(directory, place, &text);
}

fn put(directory: &ScratchDirectory, place: usize, text: &str) {
    let unready = directory.0.join("unready");
    fs::write(&unready, text).unwrap();
    fs::rename(unready, directory.0.join(format!("tenants.d/{place}.toml"))).unwrap();
}

/// A connector that serves what the files say: at its start, a tenant of nobody.
async fn start(directory: &ScratchDirectory) -> World {
    start_with(directory, |_| {}).await
}

async fn start_with(directory: &ScratchDirectory, adjust: impl FnOnce(&mut Settings)) -> World {
    put(directory, 9, "id = '99999999-9999-4999-8999-999999999999'\nname = 'Nobody'\nclients = []");
    let files = directory.0.join("tenants.d");
    World::start_with(|settings| {
        settings.tenants = TenantSource::Directory(files);
        adjust(settings);
    })
    .await
}

async fn with_policy(adjust: impl Fn(&mut TenantPolicy)) -> World {
    World::start_with(|settings| {
        if let TenantSource::Fixed(policies) = &mut settings.tenants {
            policies.iter_mut().for_each(adjust);
        }
    })
    .await
}

async fn refused(world: &World, token: &str) -> Value {
    send(world.modern(token, "tools/list", json!({}))).await.json()["error"].clone()
}

async fn readiness(world: &World) -> Value {
    send(world.http.get(format!("http://{}/readyz", world.stage.connector.operations_address()))).await.json()
}

/// If this failed, an administrator's word would need a restart, and a block leave the calls of the moment running.
#[actix_web::test]
async fn a_block_in_a_tenants_file_ends_the_users_calls_and_no_others() {
    let directory = ScratchDirectory::new("tenant-block");
    let world = start(&directory).await;
    let (person, colleague) = (world.person(0, 0), world.person(0, 2));
    let (token, other) = (world.token(&person).await, world.token(&colleague).await);
    assert_eq!(refused(&world, &token).await, "tenant_unknown");
    write(&directory, &world, 0, "");
    eventually("the tenant is served", async || refused(&world, &token).await.is_null()).await;

    world.call(&other, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 3_000 })).await;
    world.forget_requests().await;
    let call = |token: &str| {
        let params = json!({ "name": "get_me", "arguments": {} });
        tokio::spawn(send(world.modern(token, "tools/call", params)))
    };
    let (blocked, spared) = (call(&token), call(&other));
    eventually("both wait for Graph", async || world.graph_requests().await == 2).await;
    write(&directory, &world, 0, &format!("blocked_users = ['{}']", person.id));
    let answer = blocked.await.unwrap();
    assert_eq!(
        (answer.status, answer.json()["error"].clone()),
        (StatusCode::FORBIDDEN, json!("user_blocked"))
    );
    assert_eq!(spared.await.unwrap().status, StatusCode::OK);
    assert_eq!(refused(&world, &token).await, "user_blocked");
}

/// If this failed, a slip of the keyboard would shut out an organisation, and nobody be told where it is.
#[actix_web::test]
async fn a_broken_file_changes_nothing_and_is_shown_to_the_operators() {
    let directory = ScratchDirectory::new("tenant-broken");
    let world = start(&directory).await;
    let (first, second) = (world.token(&world.person(0, 0)).await, world.token(&world.person(1, 0)).await);
    write(&directory, &world, 0, "");
    eventually("the first is served", async || refused(&world, &first).await.is_null()).await;
    assert_eq!(readiness(&world).await["tenant_files_refused"], json!([]));

    put(&directory, 0, "id = 'contoso'");
    write(&directory, &world, 1, "");
    eventually("the second is served", async || refused(&world, &second).await.is_null()).await;
    assert!(refused(&world, &first).await.is_null(), "the last good policy is gone");
    let shown = readiness(&world).await;
    let fault = &shown["tenant_files_refused"][0];
    assert_eq!(
        (&fault["file"], &fault["line"], &fault["column"]),
        (&json!("0.toml"), &json!(1), &json!(6)),
        "{shown}"
    );
    assert_eq!(shown["status"], "ready", "one tenant's file takes nobody else out of service");
}

/// When SharePoint may be asked for a folder again, by what a call is told that comes too early for that.
async fn folder_may_be_listed_at(world: &World, token: &str) -> Instant {
    let result = world.call(token, "sharepoint_list_folder", json!({ "uri": "me" })).await;
    let error = &result["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "throttled", "{result}");
    Instant::now() + Duration::from_secs(error["retry_after_s"].as_u64().unwrap())
}

/// If this failed, a tenant that has grown would wait as long as a small one until the next restart. Of a hundredth of
/// SharePoint's limits, a tenant has a unit in 4.8 seconds, and one of 60,000 licences a unit in 0.96.
#[actix_web::test]
async fn a_size_in_a_tenants_file_changes_its_limits() {
    let directory = ScratchDirectory::new("tenant-size");
    let world = start_with(&directory, |settings| {
        settings.calls.graph_limit_percent = 1;
        settings.calls.deadline = Duration::from_secs(4);
    })
    .await;
    // Asked again and again until a limit has changed.
    let unlimited = "calls_per_user_per_minute = 'unlimited'";
    let (first, token) = (world.token(&world.person(0, 0)).await, world.token(&world.person(0, 2)).await);
    write(&directory, &world, 0, unlimited);
    eventually("the tenant is served", async || refused(&world, &token).await.is_null()).await;

    let listed = world.call(&first, "sharepoint_list_folder", json!({ "uri": "me" })).await;
    assert!(listed["structuredContent"].is_object(), "{listed}");
    let of_a_small_tenant = folder_may_be_listed_at(&world, &token).await;
    assert!(
        of_a_small_tenant > Instant::now() + Duration::from_secs(8),
        "two units were used, and two are wanted"
    );
    write(&directory, &world, 0, &format!("{unlimited}\nlicences = 60000"));
    let two_seconds = Duration::from_secs(2);
    eventually("the larger limit holds", async || {
        folder_may_be_listed_at(&world, &token).await + two_seconds < of_a_small_tenant
    })
    .await;
    write(&directory, &world, 0, unlimited);
    eventually("the smaller limit holds again", async || {
        folder_may_be_listed_at(&world, &token).await + two_seconds > of_a_small_tenant
    })
    .await;
}

/// If this failed, an operator could tell tenants apart by the beginnings of their ids alone.
#[actix_web::test]
async fn a_tenant_is_measured_under_the_alias_in_its_file() {
    let running = Running::prepared("tenant-alias", "", |directory| {
        let file = directory.join("tenants.d/first.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{text}alias = 'north'\n")).unwrap();
    })
    .await;
    running.caller().call(&running.token().await, "get_me", json!({})).await;
    let metrics = running.metrics().await;
    let line = r#"connector_tenant_calls_total{outcome="completed",tenant="north"} 1"#;
    assert!(metrics.contains(line), "{metrics}");
    running.stop().await;
}

/// If this failed, a service would be read that the administrator has switched off.
#[actix_web::test]
async fn a_service_that_is_off_is_neither_shown_nor_read() {
    let world = with_policy(|policy| policy.rules.denied_services = [Service::Mail].into()).await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await.text;
    assert!(listed.contains("get_me") && !listed.contains("outlook_email_search"), "{listed}");
    let asked = world.graph_requests().await;
    for (tool, arguments, code) in [
        ("outlook_email_search", json!({}), "service_switched_off"),
        ("read_resource", json!({ "uri": "mail:///folders/Inbox" }), "blocked_by_policy"),
    ] {
        let result = world.call(&token, tool, arguments).await;
        assert_eq!(result["_meta"]["m365-connector/error"]["code"], code, "{result}");
    }
    assert_eq!(world.graph_requests().await, asked);
}

/// If this failed, one user's loop would use up what the tenant may ask of Graph, or shut out colleagues.
#[actix_web::test]
async fn a_users_quota_is_kept_and_says_when_to_come_back() {
    let world = with_policy(|policy| {
        policy.rules.calls_per_user_per_minute = CallQuota::PerMinute(NonZeroU32::new(2).unwrap());
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    for _ in 0..2 {
        assert!(refused(&world, &token).await.is_null());
    }
    let answer = send(world.modern(&token, "tools/list", json!({}))).await;
    assert_eq!(
        (answer.status, answer.json()["error"].clone()),
        (StatusCode::TOO_MANY_REQUESTS, json!("user_quota"))
    );
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert!(refused(&world, &world.token(&world.person(0, 2)).await).await.is_null());
}

/// If this failed, a storm of errors at Graph would be answered by a storm of ours.
#[actix_web::test]
async fn in_a_storm_a_tenants_retries_stay_within_its_budget() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    // What a quiet time before the storm has earned must not pay for it.
    for _ in 0..100 {
        world.call(&token, "get_me", json!({})).await;
    }
    world.forget_requests().await;
    // Fewer than half, or the breaker would open.
    world.fault(json!({ "service": "graph", "status": 502, "share": 0.3, "seed": 1 })).await;
    let calls = 400;
    for _ in 0..calls {
        world.call(&token, "get_me", json!({})).await;
    }
    let requests = world.graph_requests().await;
    println!("30 % errors, after a quiet time: {requests} requests for {calls} calls");
    assert!(requests <= calls + calls / 5, "{requests} requests for {calls} calls");
    assert!(requests > calls, "no request was repeated at all");
}
