//! What the Graph client can do that no tool of the connector asks for yet: batches, and the content of files.

use m365_connector::graph::{ByteRange, GraphRequest, PathSegment, Wanted};
use m365_connector::tools::{Content, ScopeRule, Tool, ToolAnswer, ToolCall, ToolError, ToolRun};
use m365_connector::{Catalogue, Settings};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::World;

static TOOLS: [Tool; 2] = [
    tool("read_a_file", |call| Box::pin(read_a_file(call))),
    tool("ask_twice", |call| Box::pin(ask_twice(call))),
];

const fn tool(name: &'static str, run: ToolRun) -> Tool {
    Tool {
        name,
        title: "For a test",
        description: "For a test.",
        input_schema: || json!({ "type": "object" }),
        output_schema: None,
        scopes: ScopeRule(&[]),
        client_capabilities: &[],
        warm_requests: 0,
        most_requests: 0,
        run,
    }
}

#[derive(Deserialize)]
struct Children {
    value: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    id: String,
    size: u64,
    file: Option<Value>,
}

fn files(root: &'static str) -> GraphRequest {
    GraphRequest::get(connector_actors::Workload::SharePoint, &["Files.Read"], root)
}

/// Reads the first file of the user's drive whole, then its first bytes, then within a limit that it does not keep.
async fn read_a_file(call: &ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
    let body = call.graph.get(&files("/me").part("/drive/root/children")).await?;
    let children: Children = body.parse()?;
    let child = children.value.iter().find(|child| child.file.is_some() && child.size > 10).unwrap();
    let content =
        files("/me").part("/drive/items").segment(PathSegment::new(&child.id).unwrap()).part("/content");
    let whole = call.graph.fetch(&content, Wanted { limit: 50_000_000, range: None }).await?;
    let range = Some(ByteRange { first: 2, last: 5 });
    let piece = call.graph.fetch(&content, Wanted { limit: 4, range }).await?;
    let too_much = call.graph.fetch(&content, Wanted { limit: 4, range: None }).await.is_err();
    let agree = whole.bytes.len() as u64 == child.size
        && piece.bytes[..] == whole.bytes[2..6]
        && piece.total == Some(child.size)
        && too_much;
    Ok(ToolAnswer::Blocks(vec![Content::Text { text: agree.to_string().into() }]))
}

async fn ask_twice(call: &ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
    let answers = call.graph.batch(&[files("/me").part("/drive"), files("/me").part("/drive/root")]).await?;
    let mut texts = Vec::new();
    for answer in answers {
        texts.push(
            answer.map_or_else(|error| error.to_string(), |body| body.text().unwrap_or("?").to_owned()),
        );
    }
    Ok(ToolAnswer::Blocks(vec![Content::Text { text: texts.join(" and ").into() }]))
}

async fn world(adjust: impl FnOnce(&mut Settings)) -> (World, String) {
    let world = World::offering(Catalogue::of_tools(&TOOLS), adjust).await;
    let token = world.token(&world.person(0, 0)).await;
    (world, token)
}

/// If this failed, files could not be read, or in part, or without a bound.
#[actix_web::test]
async fn a_file_is_fetched_whole_and_in_part() {
    let (world, token) = world(|_| {}).await;
    let answer = world.call(&token, "read_a_file", json!({})).await;
    assert_eq!(answer["content"][0]["text"], "true", "{answer}");
}

/// If this failed, a redirect would be followed to wherever it leads.
#[actix_web::test]
async fn a_file_on_a_host_that_is_not_the_clouds_is_not_fetched() {
    let (world, token) = world(|settings| {
        settings.cloud = settings.cloud.clone().downloading_from(vec!["sharepoint.com".to_owned()]).unwrap();
    })
    .await;
    let answer = world.call(&token, "read_a_file", json!({})).await;
    assert_eq!(answer["_meta"]["m365-connector/error"]["code"], "misconfigured", "{answer}");
}

/// If this failed, one item's throttling would fail or repeat the others of its batch.
#[actix_web::test]
async fn an_item_of_a_batch_is_asked_again_alone() {
    let (world, token) = world(|_| {}).await;
    let item = |id: &str, status: u16| json!({ "id": id, "status": status, "headers": { "Retry-After": "1" }, "body": { "of": id } });
    for responses in [json!([item("1", 429), item("0", 200)]), json!([item("1", 200)])] {
        let body = json!({ "responses": responses });
        let fault =
            json!({ "service": "graph", "path_prefix": "/$batch", "status": 200, "body": body, "times": 1 });
        world.fault(fault).await;
    }
    let answer = world.call(&token, "ask_twice", json!({})).await;
    assert_eq!(answer["content"][0]["text"], r#"{"of":"0"} and {"of":"1"}"#, "{answer}");
    assert_eq!(world.graph_requests().await, 2);
}
