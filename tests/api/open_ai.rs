//! The profile `openai`: exactly two tools.

use m365_connector::{AccessRules, Catalogue, Service, TenantSource};
use serde_json::{Value, json};

use crate::world::{World, send};

async fn world() -> World {
    World::offering(Catalogue::OPEN_AI, |_| {}).await
}

/// If this failed, ChatGPT would not take the connector for one that it can search.
#[actix_web::test]
async fn there_are_search_and_fetch_and_nothing_else() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await.json();
    let names: Vec<&str> = listed["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["search", "fetch"]);
    let discovered = send(world.modern(&token, "server/discover", json!({}))).await.json();
    assert!(discovered["result"]["capabilities"].get("resources").is_none(), "{discovered}");
}

/// If this failed, what was found could not be read, or not in the form that the client knows.
#[actix_web::test]
async fn what_is_found_is_fetched() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.call(&token, "search", json!({ "query": "report" })).await;
    let text: Value =
        serde_json::from_str(found["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{found}")))
            .unwrap();
    assert_eq!(found["content"].as_array().unwrap().len(), 1);
    assert_eq!(text, found["structuredContent"]);
    let results = text["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let members: Vec<&String> = result.as_object().unwrap().keys().collect();
        assert_eq!(members, ["id", "title", "url"], "{result}");
    }
    let mail = results.iter().find(|result| result["id"].as_str().unwrap().starts_with("mail:///")).unwrap();
    let fetched = world.call(&token, "fetch", json!({ "id": mail["id"] })).await;
    let document: Value = serde_json::from_str(fetched["content"][0]["text"].as_str().unwrap()).unwrap();
    let members: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "metadata", "text", "title", "url"], "{document}");
    assert_eq!((&document["id"], &document["title"]), (&mail["id"], &mail["title"]));
    assert!(document["text"].as_str().unwrap().contains("untrusted content"), "{document}");
    assert!(document["metadata"]["receivedUtc"].is_string(), "{document}");
}

/// If this failed, a search of everything would cost a request for each service, or fail with one of them.
#[actix_web::test]
async fn one_request_asks_all_services() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "search", json!({ "query": "report" })).await;
    world.forget_requests().await;
    world.call(&token, "search", json!({ "query": "report" })).await;
    assert_eq!(world.graph_round_trips().await, 1);
    let nothing = world.call(&token, "search", json!({ "query": "xyzzyplugh" })).await;
    assert_eq!(nothing["structuredContent"], json!({ "results": [] }));
    let wrong = world.call(&token, "search", json!({ "q": "report" })).await;
    assert_eq!(wrong["_meta"]["m365-connector/error"]["code"], "invalid_arguments", "{wrong}");
    let unknown = world.call(&token, "fetch", json!({ "id": "note:///1" })).await;
    assert_eq!(unknown["_meta"]["m365-connector/error"]["code"], "invalid_arguments", "{unknown}");
}

/// If this failed, what the administrator has switched off would be found and read by another name.
#[actix_web::test]
async fn a_service_that_is_switched_off_is_neither_searched_nor_read() {
    let world = World::offering(Catalogue::OPEN_AI, |settings| {
        let TenantSource::Fixed(tenants) = &mut settings.tenants else {
            panic!("the stage fixes its tenants")
        };
        for tenant in tenants {
            tenant.rules = AccessRules { denied_services: [Service::Mail].into(), ..tenant.rules.clone() };
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.call(&token, "search", json!({ "query": "report" })).await;
    assert!(!found.to_string().contains("mail:///"), "{found}");
    let read = world.call(&token, "fetch", json!({ "id": "mail:///folders/Inbox" })).await;
    assert_eq!(read["_meta"]["m365-connector/error"]["code"], "blocked_by_policy", "{read}");
}
