//! The official Rust client calls the tools, in both eras.

use rmcp::model::{CallToolRequestParams, ClientConfig, ProtocolVersion};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use rstest::rstest;
use serde_json::json;

use crate::world::World;

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
}

fn whichever() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    }
}

/// If this failed, people who build on the official client could not use the connector.
#[rstest]
#[case::legacy(ClientLifecycleMode::Initialize)]
#[case::modern(modern())]
#[case::whichever(whichever())]
#[actix_web::test]
async fn the_official_client_lists_and_calls(#[case] lifecycle: ClientLifecycleMode) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let config = StreamableHttpClientTransportConfig::with_uri(world.url()).auth_header(token);
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = ClientConfig::default().serve_with_lifecycle(transport, lifecycle).await.unwrap();

    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "outlook_email_search"), "{tools:?}");
    let me = client.call_tool(CallToolRequestParams::new("get_me")).await.unwrap();
    assert_ne!(me.is_error, Some(true));
    assert!(me.structured_content.unwrap().to_string().contains(&person.upn));
    for (tool, arguments) in [
        ("get_granted_scopes", json!({})),
        ("outlook_list_folders", json!({})),
        ("outlook_email_search", json!({ "query": "report", "limit": 3 })),
        ("read_resource", json!({ "uri": "mail:///folders/" })),
    ] {
        let arguments = arguments.as_object().unwrap().clone();
        let result =
            client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.unwrap();
        assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
        assert!(result.structured_content.is_some(), "{tool}");
    }
    client.cancel().await.unwrap();
}
