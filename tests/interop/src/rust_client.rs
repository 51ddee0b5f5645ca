//! The official Rust client, in each of its lifecycle modes. It runs in this process, with a token from the flow that
//! the demo signs in by: discovery, PKCE, code.

use std::time::Duration;

use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig, ErrorCode, ProtocolVersion, Tool};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::{Value, json};
use thiserror::Error;

use crate::evidence;
use crate::outcome::{Checks, Outcome, ensure};
use crate::world::{World, WorldError};

const LIMIT: Duration = Duration::from_secs(30);

type Client = RunningService<RoleClient, ClientConfig>;

/// How the client finds out which protocol is spoken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lifecycle {
    Initialize,
    Discover,
    Auto,
}

impl Lifecycle {
    pub(crate) const ALL: [Self; 3] = [Self::Initialize, Self::Discover, Self::Auto];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initialize => "rust initialize",
            Self::Discover => "rust discover",
            Self::Auto => "rust auto",
        }
    }

    fn mode(self) -> ClientLifecycleMode {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        match self {
            Self::Initialize => ClientLifecycleMode::Initialize,
            Self::Discover => ClientLifecycleMode::Discover { preferred_versions },
            Self::Auto => ClientLifecycleMode::Auto {
                preferred_versions,
                legacy_version: Some(ProtocolVersion::V_2025_11_25),
            },
        }
    }
}

#[derive(Debug, Error)]
enum VisitError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error("{0}")]
    Client(String),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("{0}")]
    Wrong(String),
}

/// Visits as the person of this number.
pub(crate) async fn run(lifecycle: Lifecycle, number: usize, world: &World) -> Outcome {
    let mut checks = Checks::of(lifecycle.name());
    checks.note("the simulator's record is empty", evidence::forget(world).await);
    match tokio::time::timeout(LIMIT, visit(&mut checks, lifecycle, number, world)).await {
        Ok(visited) => checks.note("it ends well", visited),
        Err(_) => checks.note("it ends in time", Err(format!("not within {} s", LIMIT.as_secs()))),
    };
    checks.note("Entra saw PKCE, the resource, and no secret", evidence::of_sign_in(world).await);
    checks.end()
}

async fn visit(
    checks: &mut Checks,
    lifecycle: Lifecycle,
    number: usize,
    world: &World,
) -> Result<(), VisitError> {
    let person = world.person(number)?;
    let token = world.token(&person.upn).await?;
    let config = StreamableHttpClientTransportConfig::with_uri(world.connector_url()).auth_header(token);
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = ClientConfig::default()
        .serve_with_lifecycle(transport, lifecycle.mode())
        .await
        .map_err(|error| VisitError::Client(error.to_string()))?;
    let tools = client.list_all_tools().await?;
    let read_only = |tool: &Tool| {
        let hint = tool.annotations.as_ref().and_then(|annotations| annotations.read_only_hint);
        hint == Some(true) && tool.output_schema.is_some()
    };
    let all = ensure(!tools.is_empty() && tools.iter().all(read_only), || format!("{tools:?}"));
    checks.note("lists the tools, each of them read-only and with an output schema", all);
    checks.note("get_me is the user who signed in", me(&client, &tools, &person.upn).await);
    if let Some(hit) =
        checks.note("outlook_email_search takes arguments and finds mail", search(&client, &tools).await)
    {
        checks.note("read_resource reads the first hit", read(&client, &tools, &hit).await);
    }
    checks.note("an unknown tool is a protocol error", unknown_tool(&client).await);
    checks.note("a wrong argument is a tool error that names it", wrong_argument(&client).await);
    client.cancel().await.map_err(|error| VisitError::Client(error.to_string()))?;
    Ok(())
}

async fn me(client: &Client, tools: &[Tool], user: &str) -> Result<(), VisitError> {
    let me = answer(client, tools, "get_me", json!({})).await?.1;
    ensure(me["userPrincipalName"] == user, || VisitError::Wrong(format!("not {user}")))
}

async fn search(client: &Client, tools: &[Tool]) -> Result<Value, VisitError> {
    let found =
        answer(client, tools, "outlook_email_search", json!({ "query": "report", "limit": 3 })).await?.1;
    let hits = found["items"].as_array().cloned().unwrap_or_default();
    ensure(hits.len() <= 3, || VisitError::Wrong(format!("{} hits", hits.len())))?;
    hits.into_iter().next().ok_or_else(|| VisitError::Wrong("no hit".to_owned()))
}

async fn read(client: &Client, tools: &[Tool], hit: &Value) -> Result<(), VisitError> {
    let (result, _) = answer(client, tools, "read_resource", json!({ "uri": hit["uri"] })).await?;
    let text = result.content.first().and_then(|block| block.as_text()).map(|block| block.text.as_str());
    let subject = hit["subject"].as_str().unwrap_or_default();
    ensure(text.is_some_and(|text| text.contains(subject)), || {
        VisitError::Wrong("the text lacks the subject".to_owned())
    })
}

async fn unknown_tool(client: &Client) -> Result<(), VisitError> {
    match call(client, "no_such_tool", json!({})).await {
        Err(ServiceError::McpError(error)) if error.code == ErrorCode::INVALID_PARAMS => Ok(()),
        other => Err(VisitError::Wrong(format!("{other:?}"))),
    }
}

async fn wrong_argument(client: &Client) -> Result<(), VisitError> {
    let result = call(client, "outlook_email_search", json!({ "limit": "many" })).await?;
    let text = result.content.first().and_then(|block| block.as_text()).map(|block| block.text.as_str());
    let named = text.is_some_and(|text| text.contains("limit"));
    ensure(result.is_error == Some(true) && result.structured_content.is_none() && named, || {
        VisitError::Wrong(format!("{result:?}"))
    })
}

async fn call(client: &Client, tool: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    client.call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)).await
}

/// Of a call that must succeed: the result, and its structured content with every member that the output schema
/// requires. Whether the rest fits it is for the clients that bring a validator.
async fn answer(
    client: &Client,
    tools: &[Tool],
    name: &str,
    arguments: Value,
) -> Result<(CallToolResult, Value), VisitError> {
    let wrong = |what: &str| VisitError::Wrong(format!("{name}: {what}"));
    let result = call(client, name, arguments).await?;
    ensure(result.is_error != Some(true), || wrong(&format!("{:?}", result.content)))?;
    let content = result.structured_content.clone().ok_or_else(|| wrong("no structured content"))?;
    let schema = tools.iter().find(|tool| tool.name == name).and_then(|tool| tool.output_schema.as_ref());
    let schema = schema.ok_or_else(|| wrong("no output schema"))?;
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for member in required.filter_map(Value::as_str) {
        ensure(content.get(member).is_some(), || wrong(&format!("lacks {member}")))?;
    }
    Ok((result, content))
}
