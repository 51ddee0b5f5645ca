//! The pictures that clients show beside the connector and its tools.

use std::collections::BTreeSet;

use m365_connector::Catalogue;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

fn sources(icons: &Value) -> Vec<&str> {
    let icons = icons.as_array().into_iter().flatten();
    icons.map(|icon| icon["src"].as_str().unwrap()).collect()
}

/// If this failed, clients would show no pictures, broken ones, or ones that they must not fetch.
#[actix_web::test]
async fn every_tool_has_an_icon_that_is_served() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await;
    let listed = listed.json();
    let discovered = send(world.modern(&token, "server/discover", json!({}))).await.json();
    let server = &discovered["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
    let tools = listed["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), Catalogue::MICROSOFT_365.tools.len());
    let mut addresses: BTreeSet<&str> = sources(&server["icons"]).into_iter().collect();
    assert_eq!(addresses.len(), 2, "{discovered}");
    for tool in tools {
        assert_eq!(sources(&tool["icons"]).len(), 1, "{tool}");
        addresses.extend(sources(&tool["icons"]));
    }
    let origin = world.url().trim_end_matches("/mcp");
    for address in addresses {
        assert!(address.starts_with(origin), "{address}");
        // As clients must: without a token.
        let answer = world.http.get(address).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{address}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let (_, ending) = address.rsplit_once('.').unwrap();
        let kind = if ending == "png" { "image/png" } else { "image/svg+xml" };
        assert_eq!(header("content-type"), kind);
        assert!(
            header("cache-control").contains("immutable") && header("x-content-type-options") == "nosniff"
        );
        assert!(header("content-security-policy").contains("default-src 'none'"));
        assert!(!answer.bytes().await.unwrap().is_empty());
    }
}

/// If this failed, something else than a picture could be asked for, or an old picture pass for the new one.
#[rstest]
#[case::another_set("/icons/0/mail.png")]
#[case::no_icon("/icons/1/shell.png")]
#[case::elsewhere("/icons/1/..%2fmail.png")]
#[actix_web::test]
async fn nothing_but_the_icons_is_served(#[case] path: &str) {
    let world = World::start().await;
    let address = format!("{}{path}", world.url().trim_end_matches("/mcp"));
    assert_eq!(send(world.http.get(address)).await.status, StatusCode::NOT_FOUND);
}

/// If this failed, clients of the version before icons would be given members that it does not have.
#[rstest]
#[case::with("2025-11-25", true)]
#[case::before_icons("2025-06-18", false)]
#[actix_web::test]
async fn icons_are_for_the_versions_that_know_them(#[case] version: &str, #[case] has_icons: bool) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.legacy(&token, version, "tools/list", &json!({}))).await.json();
    for tool in listed["result"]["tools"].as_array().unwrap() {
        assert_eq!(tool.get("icons").is_some(), has_icons, "{tool}");
    }
    let params = json!({
        "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    });
    let opened = send(world.legacy(&token, version, "initialize", &params)).await.json();
    let server = opened["result"]["serverInfo"].as_object().unwrap();
    for (member, is_there) in [("title", true), ("icons", has_icons), ("websiteUrl", has_icons)] {
        assert_eq!(server.contains_key(member), is_there, "{member}: {opened}");
    }
}
