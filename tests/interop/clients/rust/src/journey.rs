//! What the client does once it is connected: it lists the tools and calls them.

use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig, ErrorCode, Tool};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use serde_json::{Value, json};

use crate::report::Report;

type Client = RunningService<RoleClient, ClientConfig>;
type Checked<T> = Result<T, String>;

pub(crate) async fn visit(report: &mut Report, client: &Client, user: &str) -> Result<(), ServiceError> {
    let tools = client.list_all_tools().await?;
    let all = ensure(!tools.is_empty() && tools.iter().all(is_read_only), || format!("{tools:?}"));
    report.check("lists the tools, each of them read-only and with an output schema", all);
    report.check("get_me is the user who signed in", me(client, &tools, user).await);
    let found = search(client, &tools).await;
    if let Some(hit) = report.check("outlook_email_search takes arguments and finds mail", found) {
        report.check("read_resource reads the first hit", read(client, &tools, &hit).await);
    }
    report.check("an unknown tool is a protocol error", unknown_tool(client).await);
    report.check("a wrong argument is a tool error that names it", wrong_argument(client).await);
    Ok(())
}

fn is_read_only(tool: &Tool) -> bool {
    let hint = tool.annotations.as_ref().and_then(|annotations| annotations.read_only_hint);
    hint == Some(true) && tool.output_schema.is_some()
}

async fn me(client: &Client, tools: &[Tool], user: &str) -> Checked<()> {
    let me = answer(client, tools, "get_me", json!({})).await?.1;
    ensure(me["userPrincipalName"] == user, || format!("not {user}"))
}

async fn search(client: &Client, tools: &[Tool]) -> Checked<Value> {
    let asked = json!({ "query": "report", "limit": 3 });
    let found = answer(client, tools, "outlook_email_search", asked).await?.1;
    let hits = found["items"].as_array().cloned().unwrap_or_default();
    ensure(hits.len() <= 3, || format!("{} hits", hits.len()))?;
    hits.into_iter().next().ok_or_else(|| "no hit".to_owned())
}

async fn read(client: &Client, tools: &[Tool], hit: &Value) -> Checked<()> {
    let (result, _) = answer(client, tools, "read_resource", json!({ "uri": hit["uri"] })).await?;
    let subject = hit["subject"].as_str().unwrap_or_default();
    ensure(first_text(&result).is_some_and(|text| text.contains(subject)), || {
        "the text lacks the subject".to_owned()
    })
}

async fn unknown_tool(client: &Client) -> Checked<()> {
    match call(client, "no_such_tool", json!({})).await {
        Err(ServiceError::McpError(error)) if error.code == ErrorCode::INVALID_PARAMS => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

async fn wrong_argument(client: &Client) -> Checked<()> {
    let asked = call(client, "outlook_email_search", json!({ "limit": "many" })).await;
    let result = asked.map_err(|error| error.to_string())?;
    let named = first_text(&result).is_some_and(|text| text.contains("limit"));
    ensure(result.is_error == Some(true) && result.structured_content.is_none() && named, || {
        format!("{result:?}")
    })
}

fn first_text(result: &CallToolResult) -> Option<&str> {
    result.content.first().and_then(|block| block.as_text()).map(|block| block.text.as_str())
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
) -> Checked<(CallToolResult, Value)> {
    let wrong = |what: String| format!("{name}: {what}");
    let result = call(client, name, arguments).await.map_err(|error| wrong(error.to_string()))?;
    ensure(result.is_error != Some(true), || wrong(format!("{:?}", result.content)))?;
    let content =
        result.structured_content.clone().ok_or_else(|| wrong("no structured content".to_owned()))?;
    let schema = tools.iter().find(|tool| tool.name == name).and_then(|tool| tool.output_schema.as_ref());
    let schema = schema.ok_or_else(|| wrong("no output schema".to_owned()))?;
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for member in required.filter_map(Value::as_str) {
        ensure(content.get(member).is_some(), || wrong(format!("lacks {member}")))?;
    }
    Ok((result, content))
}

fn ensure(condition: bool, reason: impl FnOnce() -> String) -> Checked<()> {
    if condition { Ok(()) } else { Err(reason()) }
}
