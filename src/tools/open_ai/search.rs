//! `search`: mail, files, pages and chats together, one request to Graph.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hit::{title, uri, url};
use crate::graph::{
    AnyHit, EntityType, GraphError, GraphRequest, Question, SearchAnswer, SearchQuestion, SearchRequest,
    SearchText,
};
use crate::policy::{self, Decision};
use crate::tools::arguments::{self, required_text};
use crate::tools::error::ToolError;
use crate::tools::review::{Answerable, Review, Reviewed};
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::uri::is_scheme;

/// Hits of each service.
const HITS: u32 = 10;

pub(in crate::tools) const SEARCH: Tool = Tool {
    name: "search",
    title: "Search Microsoft 365",
    description: "Searches the user's mail, files, pages and chats. Read a result in full with fetch and its id. \
                  Example: {\"query\": \"budget\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<Results>),
    scopes: ScopeRule(&[
        &["Mail.Read"],
        &["Files.Read.All"],
        &["Sites.Read.All"],
        &["Chat.Read"],
        &["ChannelMessage.Read.All"],
    ]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: 1,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Words; KQL works.
    #[serde(deserialize_with = "required_text::<_, 1000>")]
    #[schemars(example = &"budget")]
    query: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Results {
    results: Vec<Reviewed<Found>>,
}

impl Answerable for Results {}

/// A hit, as OpenAI's clients know it.
#[derive(Debug, Serialize, JsonSchema)]
struct Found {
    /// The connector's uri of it.
    id: String,
    title: String,
    /// For people.
    url: String,
}

/// A kind of things that is searched by itself.
struct Kind {
    entity_types: &'static [EntityType],
    /// Permissions of which one opens it.
    scopes: &'static [&'static str],
    /// Whoever has switched this tool off, or its service, does not want it searched here either.
    tool: &'static str,
    /// Hits are read by uris of this scheme.
    scheme: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        entity_types: &[EntityType::Message],
        scopes: &["Mail.Read"],
        tool: "outlook_email_search",
        scheme: "mail",
    },
    Kind {
        entity_types: &[EntityType::DriveItem],
        scopes: &["Files.Read.All", "Sites.Read.All"],
        tool: "sharepoint_search",
        scheme: "file",
    },
    Kind {
        entity_types: &[EntityType::ListItem],
        scopes: &["Sites.Read.All"],
        tool: "sharepoint_search",
        scheme: "list",
    },
    Kind {
        entity_types: &[EntityType::ChatMessage],
        scopes: &["Chat.Read", "ChannelMessage.Read.All"],
        tool: "chat_message_search",
        scheme: "teams",
    },
];

impl Kind {
    fn request(&self, query: &str) -> GraphRequest {
        let request = SearchRequest {
            entity_types: self.entity_types.to_vec(),
            query: SearchText { query_string: query.to_owned() },
            from: 0,
            size: HITS,
            fields: Vec::new(),
            sort_properties: Vec::new(),
            enable_top_results: false,
        };
        GraphRequest::ask(Question::Search(SearchQuestion::new(request)), self.scopes)
    }
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let lease = call.graph.lease().await?;
        let is_open = |kind: &&Kind| {
            is_scheme(kind.scheme)
                && call.decide(&policy::Question::UseTool { name: kind.tool }) == Decision::Allow
                && kind.scopes.iter().any(|scope| lease.scopes().contains(scope))
        };
        let requests: Vec<_> =
            KINDS.iter().filter(is_open).map(|kind| kind.request(&arguments.query)).collect();
        if requests.is_empty() {
            return Err(ToolError::switched_off());
        }
        let review = Review::of(call);
        let mut results = Vec::new();
        let mut refused: Option<GraphError> = None;
        let mut size = 0;
        for answer in call.graph.batch(&requests).await? {
            match answer {
                Ok(body) => {
                    size += body.size();
                    for hit in body.parse::<SearchAnswer<AnyHit<'_>>>()?.into_page().hits {
                        let Some(id) = uri(&hit) else { continue };
                        let shaped = review.admit(hit).map(|hit| {
                            hit.shape(|mut hit, _| Found {
                                id,
                                title: title(&hit, &review),
                                url: url(&mut hit.resource),
                            })
                        });
                        results.extend(shaped);
                    }
                }
                // What the other services have found is worth giving.
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if results.is_empty() => Err(error.into()),
            _ => ToolAnswer::new(&Results { results }, size),
        }
    })
}
