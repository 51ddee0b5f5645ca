//! `search`: mail, files, pages and chats together, all services asked in one request to Graph.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::found::Found;
use super::source::{Hits, SOURCES, Source};
use crate::tools::arguments::{self, required_text};
use crate::tools::completeness::Completeness;
use crate::tools::error::ToolError;
use crate::tools::review::{Answerable, Review, Reviewed};
use crate::tools::schema;
use crate::tools::sharepoint::FoundPage;
use crate::tools::text::{Counts, Sanitized};
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::words;

/// Hits of each service.
const HITS: u32 = 15;

pub(in crate::tools) const SEARCH: Tool = Tool {
    name: "search",
    title: "Search Microsoft 365",
    description: "Searches the user's mail, files, pages, lists, sites and chats: the best hits of each. completeness says what \
                  is missing. Read a result in full with fetch and its id. Example: {\"query\": \"budget\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<Answer>),
    scopes: ScopeRule(&[
        &["Mail.Read"],
        &["Files.Read.All"],
        &["Sites.Read.All"],
        &["Chat.Read"],
        &["ChatMessage.Read"],
        &["ChannelMessage.Read.All"],
    ]),
    client_capabilities: &[],
    warm_requests: 1,
    // What SharePoint's hits take, whose first request asks all services.
    most_requests: FoundPage::MOST_REQUESTS,
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

/// `results` is what OpenAI's clients read. What stands beside it is for the model, as in every list of this connector.
#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    /// The services' hits in turn, the best of each first.
    results: Vec<Reviewed<Found>>,
    completeness: Completeness,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    sanitized: Option<Sanitized>,
}

impl Answerable for Answer {}

/// What the services have answered, and what is to be said of it.
#[derive(Default)]
struct Gathered {
    hits: Vec<(Source, Hits)>,
    /// Services that were not searched, and why.
    missing: Vec<(Source, ToolError)>,
    /// Of services that were searched, what was not.
    lacking: Vec<&'static str>,
    /// In bytes.
    size: usize,
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let query = words::given("query", Some(&arguments.query))?.unwrap_or_default();
        let review = Review::of(call);
        let gathered = gather(call, query, &review).await?;
        let size = gathered.size;
        ToolAnswer::new(&gathered.into_answer(&review)?, size)
    })
}

async fn gather(call: &ToolCall<'_>, query: &str, review: &Review<'_>) -> Result<Gathered, ToolError> {
    let lease = call.graph.lease().await?;
    let mut gathered = Gathered::default();
    let (mut asked, mut requests) = (Vec::new(), Vec::new());
    for source in SOURCES {
        match source.question(query, HITS, call, lease.scopes()) {
            Ok((request, unsearched)) => {
                requests.push(request);
                asked.push(source);
                gathered.lacking.extend(unsearched);
            }
            Err(error) => gathered.missing.push((source, error)),
        }
    }
    if requests.is_empty() {
        return Ok(gathered);
    }
    for (source, answer) in asked.into_iter().zip(call.graph.batch(&requests).await?) {
        match answer {
            Ok(body) => {
                gathered.size += body.size();
                match source.read(&body, call, review).await {
                    Ok(hits) => {
                        gathered.lacking.extend(hits.lacking);
                        gathered.hits.push((source, hits));
                    }
                    Err(error @ ToolError::Internal(_)) => return Err(error),
                    Err(error) => gathered.missing.push((source, error)),
                }
            }
            Err(error) if error.ends_the_call() => return Err(error.into()),
            // What the other services have found is worth giving.
            Err(error) => gathered.missing.push((source, error.into())),
        }
    }
    Ok(gathered)
}

impl Gathered {
    /// Where no service was searched, the first one's reason is the answer.
    fn into_answer(mut self, review: &Review<'_>) -> Result<Answer, ToolError> {
        if self.hits.is_empty() && !self.missing.is_empty() {
            return Err(self.missing.swap_remove(0).1);
        }
        let reasons = self.reasons();
        let notes = review.note().into_iter().collect();
        let results = in_turn(self.hits.into_iter().map(|(_, hits)| hits.found).collect());
        let completeness = if reasons.is_empty() {
            Completeness::complete(results.len())
        } else {
            Completeness::partial(results.len(), reasons.join(" "))
        };
        Ok(Answer { results, completeness, notes, sanitized: review.sanitized() })
    }

    /// Why there may be more than is given.
    fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        for (source, error) in &self.missing {
            reasons.push(match error {
                ToolError::Actionable(error) => {
                    format!("Not searched: {}. {} {}", source.name(), error.what, error.why())
                }
                ToolError::Internal(_) => format!("Not searched: {}.", source.name()),
            });
        }
        reasons.extend(self.lacking.iter().map(|missing| (*missing).to_owned()));
        let more: Vec<&str> =
            self.hits.iter().filter(|(_, hits)| hits.has_more).map(|(source, _)| source.name()).collect();
        if !more.is_empty() {
            reasons.push(format!(
                "There is more in {} than the first {HITS} hits: narrow the query.",
                more.join(", ")
            ));
        }
        let nameless: usize = self.hits.iter().map(|(_, hits)| hits.nameless).sum();
        if nameless > 0 {
            reasons.push(format!(
                "{nameless} hits are left out: Microsoft 365 does not say where they stand, so that they can't be read."
            ));
        }
        reasons
    }
}

/// The first of each list, then the second of each, and so on: whoever reads only the beginning sees all services.
fn in_turn<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        turns.extend(lists.iter_mut().filter_map(Iterator::next));
        if turns.len() == before {
            return turns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a service with many hits would push those of the others out of sight, or hits would be lost.
    #[test]
    fn services_take_turns() {
        let lists = vec![vec!["mail 1", "mail 2", "mail 3"], vec![], vec!["chat 1"]];
        assert_eq!(in_turn(lists), ["mail 1", "chat 1", "mail 2", "mail 3"]);
    }
}
