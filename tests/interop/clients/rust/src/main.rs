//! The official Rust client, with its own sign-in, in each way in which it finds out which protocol is spoken.
//!
//! `connector-interop-rust-client WORLD USER journey legacy|auto|2026-07-28`: reports one line a check.

mod journey;
mod report;
mod sign_in;

use std::process::ExitCode;

use report::Report;
use rmcp::model::{ClientConfig, ProtocolVersion};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::AuthClient;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use sign_in::{World, sign_in};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut report = Report::default();
    let visited = visit(&mut report).await;
    report.check("it ends well", visited);
    if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn visit(report: &mut Report) -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, user, visit, era] = arguments.as_slice() else {
        return Err("usage: connector-interop-rust-client WORLD USER journey ERA".into());
    };
    if visit != "journey" {
        return Err(format!("there is no visit {visit}").into());
    }
    let world: World = serde_json::from_slice(&std::fs::read(world)?)?;
    let signed_in = sign_in(&world, user).await;
    let Some(manager) = report.check("it signs in through the metadata, with PKCE", signed_in) else {
        return Ok(());
    };
    let client = AuthClient::new(reqwest::Client::builder().no_proxy().build()?, manager);
    let config = StreamableHttpClientTransportConfig::with_uri(world.connector_url.clone());
    let transport = StreamableHttpClientTransport::with_client(client, config);
    let client = ClientConfig::default().serve_with_lifecycle(transport, lifecycle(era)?).await?;
    journey::visit(report, &client, user).await?;
    client.cancel().await?;
    Ok(())
}

fn lifecycle(era: &str) -> Result<ClientLifecycleMode, Failure> {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    match era {
        "legacy" => Ok(ClientLifecycleMode::Initialize),
        "2026-07-28" => Ok(ClientLifecycleMode::Discover { preferred_versions }),
        "auto" => Ok(ClientLifecycleMode::Auto {
            preferred_versions,
            legacy_version: Some(ProtocolVersion::V_2025_11_25),
        }),
        _ => Err(format!("there is no era {era}").into()),
    }
}
