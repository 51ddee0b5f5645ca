//! Directories of any size.

use m365_simulator::SimulatorOptions;
use m365_simulator::directory::TenantGroup;
use serde_json::json;

use super::support::{World, token_part, value, with};

async fn large() -> World {
    let tenants = vec![TenantGroup { tenants: 5_000, users: 100 }];
    World::start_with(SimulatorOptions { tenants, ..World::options() }).await
}

/// A page that is missing or doubled hides people from whoever builds load on the directory.
#[actix_web::test]
async fn a_large_directory_is_listed_by_pages() {
    let world = large().await;
    let first = world.get("/_sim/directory").await.json();
    assert_eq!(first["tenants"].as_array().map(Vec::len), Some(100));
    assert_eq!(first["tenants"][0]["domain"], "larkmoor.example");
    assert_eq!(first["tenants"][3]["domain"], "t00001.example");
    let next = first["next"].as_str().unwrap();
    assert_eq!(world.get(next).await.json()["tenants"][0]["domain"], "t00098.example");
    let last = world.simulator.directory().tenant("t04999.example").unwrap().id;
    let end = world.get(&format!("/_sim/directory?tenants=5&after={last}")).await.json();
    assert_eq!(end["tenants"].as_array().map(Vec::len), Some(1));
    assert!(end.get("next").is_none());
}

/// The form of three tenants is what other programs read.
#[actix_web::test]
async fn the_usual_directory_is_one_page_without_a_next() {
    let world = World::start().await;
    let directory = world.get("/_sim/directory").await.json();
    let mut fields: Vec<_> = directory.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    assert_eq!(fields, ["clients", "connector", "tenants"]);
    for (query, error) in [
        ("tenants=0", "`tenants` must be a number from 1 to 1000"),
        ("after=x", "`after` must be the id of a tenant"),
        ("after=00000000-0000-0000-0000-000000000000", "`after` names nothing in the directory"),
    ] {
        let reply = world.get(&format!("/_sim/directory?{query}")).await;
        assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error)));
    }
}

/// Somebody of a tenant that was made on demand signs in, is exchanged and reads like anybody else.
#[actix_web::test]
async fn everybody_of_a_large_directory_can_sign_in_and_read() {
    let world = large().await;
    let tenant = world.simulator.directory().tenant("t03141.example").unwrap();
    let (id, user) = (tenant.id, tenant.users[59].clone());
    let order = json!({ "tenant": "T03141.example", "user": user.upn });
    let assertion = world.post_json("/_sim/token", order).await.json();
    let exchange = world.exchange(assertion["access_token"].as_str().unwrap());
    let reply = world.token(&id.to_string(), &exchange).await.json();
    let bearer = reply["access_token"].as_str().unwrap();
    let me = world.get_as(bearer, "/v1.0/me").await;
    assert_eq!(me.json()["userPrincipalName"], user.upn);
    for path in [
        "/v1.0/me/messages?$top=3",
        "/v1.0/me/drive/root/children",
        "/v1.0/me/calendar/events",
        "/v1.0/me/chats",
    ] {
        assert_eq!(world.get_as(bearer, path).await.status, 200, "{path}");
    }
    let at_common =
        world.authorize("common", &with(world.authorization(), "user", &user.upn)).await.redirected();
    let code = value(&at_common, "code");
    let redeemed = world.token("common", &world.redemption(&code)).await.json();
    assert_eq!(token_part(redeemed["access_token"].as_str().unwrap(), 1)["tid"], id.to_string());
}

/// Demands of a tenant that was made on demand, and changes of its people, must hold as they do for the cast.
#[actix_web::test]
async fn a_further_tenant_has_policies_and_accounts_of_its_own() {
    let world = large().await;
    let tenant = world.simulator.directory().tenant("t00007.example").unwrap();
    let (id, upn) = (tenant.id.to_string(), tenant.users[3].upn.clone());
    let order = json!({ "tenant": id, "user": upn });
    let assertion = world.post_json("/_sim/token", order).await.json();
    let exchange = world.exchange(assertion["access_token"].as_str().unwrap());
    assert_eq!(world.token(&id, &exchange).await.status, 200);
    world.post_json(&format!("/_sim/users/{upn}"), json!({ "enabled": false })).await;
    assert_eq!(world.token(&id, &exchange).await.aadsts(), 50_057);
    world.post_json(&format!("/_sim/users/{upn}"), json!({ "enabled": true, "tenant": id })).await;
    let policy = json!({ "block": true });
    assert_eq!(world.post_json("/_sim/tenants/t00007.example/policies", policy).await.status, 200);
    assert_eq!(world.token(&id, &exchange).await.aadsts(), 53_003);
}
