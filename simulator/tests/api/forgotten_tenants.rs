//! Tenants that were generated, are forgotten, and come back.

use m365_simulator::SimulatorOptions;
use m365_simulator::directory::TenantGroup;
use serde_json::{Value, json};

use super::support::{World, pairs, value, with};

const TENANT: &str = "t00001.example";

/// Sixty-four tenants, of which eight are kept.
async fn small() -> World {
    let tenants = vec![TenantGroup { tenants: 64, users: 3 }];
    World::start_with(SimulatorOptions { tenants, kept_users: 24, ..World::options() }).await
}

/// Asks for everybody else, so that the first tenant is forgotten.
fn touch_the_others(world: &World) {
    let directory = world.simulator.directory();
    for number in 2..=64 {
        assert!(directory.tenant(&format!("t{number:05}.example")).is_some());
        assert!(directory.kept_tenants() <= 8, "kept {}", directory.kept_tenants());
    }
}

/// What the control API tells of a person and the tenant.
async fn told(world: &World, upn: &str) -> [Value; 3] {
    let person = world.post_json(&format!("/_sim/users/{upn}"), json!({})).await.json();
    let tenant = world.get(&format!("/_sim/tenants/{TENANT}")).await.json();
    let policies = world.get(&format!("/_sim/tenants/{TENANT}/policies")).await.json();
    [person, tenant, policies]
}

/// Fails when what somebody switched is lost because the tenant was forgotten and generated again.
#[actix_web::test]
async fn what_was_changed_outlasts_a_forgotten_tenant() {
    let world = small().await;
    let tenant = world.simulator.directory().tenant(TENANT).unwrap();
    let (id, upn) = (tenant.id.to_string(), tenant.users[0].upn.clone());
    let account = json!({ "enabled": false, "assigned": true, "device": "joined", "consent": ["Mail.Read"] });
    for (path, change) in [
        (format!("/_sim/users/{upn}"), account),
        (format!("/_sim/tenants/{TENANT}"), json!({ "transcripts": "disabled", "copilot_licensed": false })),
        (
            format!("/_sim/tenants/{TENANT}/policies"),
            json!({ "mfa": "step_up", "assignment_required": true }),
        ),
        ("/_sim/faults".to_owned(), json!({ "service": "graph", "user": upn, "status": 503 })),
    ] {
        let reply = world.post_json(&path, change).await;
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.text);
    }
    let before = told(&world, &upn).await;
    assert_eq!((&before[0]["enabled"], &before[1]["transcripts"]), (&json!(false), &json!("disabled")));
    touch_the_others(&world);
    assert_eq!(told(&world, &upn).await, before);
    let order = json!({ "tenant": TENANT, "user": upn });
    let assertion = world.post_json("/_sim/token", order).await.json();
    let refused = world.token(&id, &world.exchange(assertion["access_token"].as_str().unwrap())).await;
    assert_eq!(refused.aadsts(), 50_057);
    let order = json!({ "tenant": TENANT, "user": upn, "kind": "graph" });
    let bearer = world.post_json("/_sim/token", order).await.json();
    let answer = world.get_as(bearer["access_token"].as_str().unwrap(), "/v1.0/me").await;
    assert_eq!(answer.status, 503);
}

/// Fails when whoever has signed in is a stranger once the tenant was forgotten, or when a revocation is.
#[actix_web::test]
async fn a_sign_in_and_its_revocation_outlast_a_forgotten_tenant() {
    let world = small().await;
    let upn = world.simulator.directory().tenant(TENANT).unwrap().users[0].upn.clone();
    let asked = with(world.authorization(), "user", &upn);
    let code = value(&world.authorize("common", &asked).await.redirected(), "code");
    touch_the_others(&world);
    let tokens = world.token("common", &world.redemption(&code)).await.json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let renewal = pairs(&[
        ("client_id", &world.client_id()),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
    ]);
    touch_the_others(&world);
    assert_eq!(world.token("common", &renewal).await.status, 200);
    let cause = json!({ "cause": "sessions_revoked" });
    assert_eq!(world.post_json(&format!("/_sim/users/{upn}/revocations"), cause).await.status, 200);
    touch_the_others(&world);
    assert_eq!(world.token("common", &renewal).await.status, 400);
}
