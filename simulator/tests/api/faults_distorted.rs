//! Faults that make right answers wrong.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Reply, World};

const LIST: &str = "/v1.0/me/messages?$top=5&$select=id";

async fn fault(world: &World, order: Value) {
    let reply = world.post_json("/_sim/faults", order).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn distorted(world: &World, path: &str, distort: &str) -> Reply {
    let bearer = world.graph_token().await;
    fault(world, json!({ "service": "graph", "distort": distort, "times": 1 })).await;
    world.get_as(&bearer, path).await
}

/// A loop that ends, or leads elsewhere, is not the one that hangs a client.
#[actix_web::test]
async fn a_next_link_leads_to_its_own_page() {
    let world = World::start().await;
    let page = distorted(&world, LIST, "next_link_loop").await.json();
    assert_eq!(page["value"].as_array().map(Vec::len), Some(5));
    assert_eq!(page["@odata.nextLink"], world.url(LIST));
}

/// A client that follows a link to another host gives its token away.
#[actix_web::test]
async fn a_next_link_leads_to_another_host() {
    let world = World::start().await;
    let page = distorted(&world, LIST, "next_link_foreign").await.json();
    let link = page["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with("https://elsewhere.example/v1.0/me/messages?"), "{link}");
    assert!(link.contains("skip"), "{link}");
}

/// The same by a redirect: of an answer that is none, and of a download.
#[actix_web::test]
async fn a_redirect_leads_to_another_host() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let order = json!({ "service": "graph", "distort": "redirect_foreign", "foreign_origin": "https://thief.example" });
    fault(&world, order).await;
    let reply = world.get_as(&bearer, LIST).await;
    assert_eq!((reply.status, reply.text.as_str()), (302, ""));
    assert_eq!(reply.header("location"), format!("https://thief.example{LIST}"));
}

/// What a client opens that it has only read about is seen at the other host, wherever it read of it.
#[actix_web::test]
async fn every_link_leads_to_another_host_but_graphs_own() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let path = "/v1.0/me/messages?$top=50&$select=webLink,body";
    let before = world.get_as(&bearer, path).await;
    let count = |text: &str| text.matches("https://").count() + text.matches("http://").count();
    let order = json!({ "service": "graph", "distort": "links_foreign", "foreign_origin": "http://canary.example:81" });
    fault(&world, order).await;
    let page = world.get_as(&bearer, path).await;
    assert_eq!(count(&page.text), count(&before.text));
    let own = page.text.matches(&world.url("/v1.0")).count();
    assert_eq!(
        page.text.matches("http://canary.example:81").count() + own,
        count(&page.text),
        "{}",
        page.text
    );
    assert_eq!(page.json()["@odata.nextLink"], before.json()["@odata.nextLink"]);
    let mail = page.json()["value"][0]["webLink"].as_str().unwrap().to_owned();
    assert!(mail.starts_with("http://canary.example:81/"), "{mail}");
}

/// An empty page is not the end; a client that stops there loses the rest.
#[actix_web::test]
async fn an_empty_page_has_a_next_link_that_goes_on() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let page = distorted(&world, LIST, "empty_page").await.json();
    assert_eq!(page["value"], json!([]));
    let next = page["@odata.nextLink"].as_str().unwrap().strip_prefix(world.simulator.base_url()).unwrap();
    assert_eq!(world.get_as(&bearer, next).await.json()["value"].as_array().map(Vec::len), Some(5));
}

/// Duplicates must stand on two pages, for within one nobody overlooks them.
#[actix_web::test]
async fn an_entry_comes_again_on_the_next_page() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "distort": "duplicates" })).await;
    let mut target = LIST.to_owned();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let page = world.get_as(&bearer, &target).await.json();
        ids.extend(page["value"].as_array().unwrap().iter().map(|entry| entry["id"].to_string()));
        let next = page["@odata.nextLink"].as_str().unwrap();
        next.strip_prefix(world.simulator.base_url()).unwrap().clone_into(&mut target);
    }
    assert_eq!(ids.len(), 5 + 6 + 6);
    assert_eq!((&ids[4], &ids[10]), (&ids[5], &ids[11]));
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 15);
}

/// A body that can be parsed after all tests nothing.
#[rstest]
#[case("truncated")]
#[case("malformed")]
#[actix_web::test]
async fn a_spoilt_body_is_no_json(#[case] distort: &str) {
    let world = World::start().await;
    let reply = distorted(&world, LIST, distort).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.text.is_empty());
    assert!(serde_json::from_str::<Value>(&reply.text).is_err());
    assert_eq!(reply.header("content-length"), reply.text.len().to_string(), "the transfer itself is whole");
}

/// A huge body must be a right one otherwise: it is its size that is tested.
#[actix_web::test]
async fn a_huge_body_has_twenty_mebibytes_more() {
    let world = World::start().await;
    let reply = distorted(&world, LIST, "huge").await;
    assert!(reply.text.len() > 20 << 20, "{}", reply.text.len());
    assert_eq!(reply.json()["value"].as_array().map(Vec::len), Some(5));
}

/// An order that is half wrong must be refused by the name of its field.
#[rstest]
#[case(json!({ "distort": "sideways" }), "distort")]
#[case(json!({ "foreign_origin": "https://a.example" }), "distort")]
#[case(json!({ "distort": "next_link_foreign", "foreign_origin": "https://a.example/" }), "foreign_origin")]
#[case(json!({ "latency": { "kind": "normal" } }), "latency.kind")]
#[case(json!({ "latency": { "kind": "uniform", "from_ms": 5, "to_ms": 4 } }), "latency.to_ms")]
#[case(json!({ "latency": { "kind": "fixed", "ms": 1, "seed": 3 } }), "latency.seed")]
#[case(json!({ "retry_after": { "form": "roman" } }), "retry_after.form")]
#[case(json!({ "aadsts": 65001 }), "aadsts")]
#[case(json!({ "clock_skew_s": 40_000_000 }), "clock_skew_s")]
#[case(json!({ "lost_scopes": "Mail.Read" }), "lost_scopes")]
#[case(json!({ "status": 503, "seed": -1 }), "seed")]
#[actix_web::test]
async fn a_wrong_effect_is_named(#[case] mut order: Value, #[case] field: &str) {
    let world = World::start().await;
    order["service"] = "graph".into();
    let reply = world.post_json("/_sim/faults", order).await;
    assert_eq!(reply.status, 400);
    let error = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with(&format!("`{field}`")), "{error}");
}
