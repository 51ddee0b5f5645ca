//! What a batch says, item by item, and what is said to it.

use std::collections::HashMap;

use connector_actors::throttle::{LoadReport, Outcome};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use super::base::GraphBase;
use super::error::GraphError;
use super::load;
use super::question::Question;
use super::request::{Consistency, GraphRequest};

/// What a batch sends. Its items can only be what a [`GraphRequest`] can be.
#[derive(Serialize)]
pub(super) struct BatchBody<'a> {
    requests: Vec<BatchItem<'a>>,
}

#[derive(Serialize)]
struct BatchItem<'a> {
    /// Its place among all requests.
    id: String,
    method: &'static str,
    url: String,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    headers: HashMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a Question>,
}

/// What Graph answers to it, in any order.
#[derive(Deserialize)]
pub(super) struct BatchAnswer<'a> {
    #[serde(borrow)]
    pub(super) responses: Vec<ItemAnswer<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ItemAnswer<'a> {
    /// The place of its request among all.
    pub(super) id: String,
    pub(super) status: u16,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(borrow, default)]
    pub(super) body: Option<&'a RawValue>,
}

impl ItemAnswer<'_> {
    /// What it says of its service, and of how much of a limit is used; `None` where its status is none.
    pub(super) fn tells(&self) -> Option<(Outcome, Option<LoadReport>)> {
        let status = StatusCode::from_u16(self.status).ok()?;
        let headers = self.headers();
        Some((load::outcome_of(status, &headers), load::report(&headers)))
    }

    /// Those that can be headers.
    pub(super) fn headers(&self) -> HeaderMap {
        self.headers
            .iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?))
            })
            .collect()
    }
}

impl<'a> BatchBody<'a> {
    /// Of requests and their places.
    pub(super) fn of(items: &[(usize, &'a GraphRequest)], base: &GraphBase) -> Result<Self, GraphError> {
        let requests = items.iter().map(|(index, request)| BatchItem::of(*index, request, base));
        Ok(Self { requests: requests.collect::<Result<_, _>>()? })
    }
}

impl<'a> BatchItem<'a> {
    fn of(index: usize, request: &'a GraphRequest, base: &GraphBase) -> Result<Self, GraphError> {
        let url: Url = request.url(base)?;
        let relative = base.relative(&url).ok_or(GraphError::ForeignLink)?;
        let mut headers = HashMap::new();
        if let Some(preference) = request.preference() {
            headers.insert("Prefer", preference.header());
        }
        if request.consistency() == Consistency::Eventual {
            headers.insert("ConsistencyLevel", "eventual");
        }
        let body = request.question();
        if body.is_some() {
            headers.insert("Content-Type", "application/json");
        }
        let method = if body.is_some() { "POST" } else { "GET" };
        Ok(Self { id: index.to_string(), method, url: relative.to_owned(), headers, body })
    }
}

#[cfg(test)]
mod tests {
    use connector_actors::throttle::Workload;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::graph::{PathSegment, Preference, QueryOption, SearchQuestion, SearchRequest, SearchText};

    /// If this failed, a batch would ask for something else than its requests do.
    #[test]
    fn a_batch_says_what_its_requests_say() {
        let base = GraphBase::new(&Url::parse("https://graph.microsoft.com").unwrap()).unwrap();
        let message = GraphRequest::get(Workload::Outlook, &["Mail.Read"], "/me")
            .part("/messages")
            .segment(PathSegment::new("a/b").unwrap())
            .query(QueryOption::Select, "id")
            .prefer(Preference::ImmutableIds);
        let search = GraphRequest::ask(
            Question::Search(SearchQuestion::new(SearchRequest {
                entity_types: vec![crate::graph::EntityType::DriveItem],
                query: SearchText { query_string: "budget".to_owned() },
                from: 0,
                size: 10,
                fields: Vec::new(),
                sort_properties: Vec::new(),
                enable_top_results: false,
            })),
            &["Files.Read.All"],
        );
        let body = BatchBody::of(&[(3, &message), (4, &search)], &base).unwrap();
        let expected = json!({ "requests": [
            { "id": "3", "method": "GET", "url": "/me/messages/a%2Fb?$select=id",
              "headers": { "Prefer": "IdType=\"ImmutableId\"" } },
            { "id": "4", "method": "POST", "url": "/search/query", "headers": { "Content-Type": "application/json" },
              "body": { "requests": [{ "entityTypes": ["driveItem"], "query": { "queryString": "budget" },
                "from": 0, "size": 10 }] } },
        ] });
        assert_eq!(serde_json::to_value(&body).unwrap(), expected);
    }

    /// If this failed, a limit that a batch has nearly used up would be found out by its refusals.
    #[rstest]
    #[case::sharepoint(
        r#"{"id":"0","status":200,"headers":{"RateLimit-Limit":"1200","RateLimit-Remaining":"60"}}"#,
        Some((Outcome::Answered, Some(LoadReport { limit: Some(1_200), used_thousandths: Some(950) })))
    )]
    #[case::directory(
        r#"{"id":"0","status":429,"headers":{"x-ms-throttle-limit-percentage":"1.1"}}"#,
        Some((Outcome::Answered, Some(LoadReport { limit: None, used_thousandths: Some(1_100) })))
    )]
    #[case::down(r#"{"id":"0","status":500}"#, Some((Outcome::Failed, None)))]
    #[case::no_status(r#"{"id":"0","status":1000}"#, None)]
    fn an_item_tells_as_much_as_an_answer_of_its_own(
        #[case] item: &str,
        #[case] expected: Option<(Outcome, Option<LoadReport>)>,
    ) {
        assert_eq!(serde_json::from_str::<ItemAnswer<'_>>(item).unwrap().tells(), expected);
    }
}
