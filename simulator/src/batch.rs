//! `POST /v1.0/$batch`: up to twenty requests in one, each of which passes the same way as if it had come alone.
//!
//! Items that depend on nothing are under way together, a few at a time; as soon as one item depends on another, all
//! of them run one after the other. Source: Microsoft's documentation of JSON batching.

mod item;
mod order;

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::{Map, Value, json};

use self::item::Item;
use crate::graph;
use crate::message::{Answer, Request};

/// Items of one batch that are under way at once: as many as one mailbox answers at a time.
const AT_ONCE: usize = 4;
/// Headers that tell of one HTTP answer and not of an item in it.
const OUTER: [&str; 3] = ["request-id", "client-request-id", "x-ms-ags-diagnostic"];

/// Where the items of a batch go, each as if it had come alone.
pub(crate) trait Gateway {
    async fn pass_item(&self, item: &Request<'_>) -> Answer;
}

pub(crate) async fn answer(gateway: &impl Gateway, request: &Request<'_>) -> Answer {
    let correlation = request.header("client-request-id");
    if *request.method != Method::POST {
        let message = "Specified HTTP method is not allowed for the request target.";
        return Answer::from(graph::error(405, "Request_BadRequest", message, correlation))
            .header("Allow", "POST");
    }
    let items = match item::parse(request).and_then(order::ordered) {
        Ok(items) => items,
        Err(refusal) => {
            return graph::error(400, "BadRequest", &refusal.to_string(), correlation).into();
        }
    };
    let responses = if items.iter().any(|item| !item.depends_on.is_empty()) {
        one_by_one(gateway, request, &items).await
    } else {
        together(gateway, request, &items).await
    };
    let body = json!({ "responses": responses });
    graph::success(body.to_string().into(), correlation).into()
}

/// Every item after the one before it, in an order in which none comes before what it depends on.
async fn one_by_one(gateway: &impl Gateway, batch: &Request<'_>, items: &[Item]) -> Vec<Value> {
    let mut failed: Vec<&str> = Vec::new();
    let mut responses = Vec::with_capacity(items.len());
    for item in items {
        let is_lost = item.depends_on.iter().any(|id| failed.iter().any(|failed| item::same_id(failed, id)));
        let answer =
            if is_lost { dependency_failed() } else { gateway.pass_item(&item.request(batch)).await };
        if answer.status >= 400 {
            failed.push(&item.id);
        }
        responses.push(response(item, &answer));
    }
    responses
}

/// The last item is answered first: whoever pairs answers with requests by their place shall notice.
async fn together(gateway: &impl Gateway, batch: &Request<'_>, items: &[Item]) -> Vec<Value> {
    let passing = items
        .iter()
        .map(|item| async move { response(item, &gateway.pass_item(&item.request(batch)).await) });
    let mut responses: Vec<Value> = iter(passing).buffered(AT_ONCE).collect().await;
    responses.reverse();
    responses
}

fn dependency_failed() -> Answer {
    let body = json!({ "error": { "code": "FailedDependency", "message": "Failed Dependency" } });
    Answer::json(424, &body)
}

fn response(item: &Item, answer: &Answer) -> Value {
    let headers: Map<String, Value> = answer
        .headers
        .iter()
        .filter(|(name, _)| !OUTER.iter().any(|outer| outer.eq_ignore_ascii_case(name)))
        .map(|(name, value)| (capitalised(name), value.as_str().into()))
        .collect();
    let mut response = json!({ "id": item.id, "status": answer.status, "headers": headers });
    if !answer.body.is_empty() {
        response["body"] = body(answer);
    }
    response
}

/// JSON as it is, anything else as a text in base64url.
fn body(answer: &Answer) -> Value {
    let is_json = answer.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.starts_with("application/json")
    });
    let read = if is_json { serde_json::from_slice(&answer.body).ok() } else { None };
    read.unwrap_or_else(|| URL_SAFE.encode(&answer.body).into())
}

/// `content-type` as `Content-Type`.
fn capitalised(name: &str) -> String {
    let mut begins = true;
    name.chars()
        .map(|letter| {
            let shown = if begins { letter.to_ascii_uppercase() } else { letter };
            begins = letter == '-';
            shown
        })
        .collect()
}
