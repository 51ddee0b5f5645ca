//! What a batch holds, read and checked before anything of it is done.

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::alphabet::URL_SAFE as ALPHABET;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use bytes::Bytes;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::graph_paths::VERSION;
use crate::message::{Carriage, Request};

/// Items that a batch may hold.
const MAX_ITEMS: usize = 20;
/// Clients send binary bodies with and without padding.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One request of a batch.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) depends_on: Vec<String>,
    method: Method,
    /// With the version, percent-encoded.
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Why a whole batch is refused.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum BatchRefusal {
    #[error("Invalid batch payload format: {0}.")]
    Format(&'static str),
    #[error("The number of requests of a batch is between 1 and {MAX_ITEMS}; this one has {0}.")]
    Count(usize),
    #[error("Request {place} of the batch has no valid '{property}'.")]
    Property { place: usize, property: &'static str },
    #[error("Request id '{0}' is not unique within the batch; case does not count.")]
    RepeatedId(String),
    #[error("The url of request '{0}' must be relative to the version.")]
    AbsoluteUrl(String),
    #[error("Write request id : {0} does not contain Content-Type header or body.")]
    MissingBody(String),
    #[error("Request '{id}' depends on '{on}', which is no other request of the batch.")]
    UnknownDependency { id: String, on: String },
    #[error("Request '{0}' depends on itself by way of others.")]
    Circle(String),
}

pub(super) fn same_id(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// Reads the items of a batch. They get the bearer of the batch and nothing else of its headers.
pub(super) fn parse(batch: &Request<'_>) -> Result<Vec<Item>, BatchRefusal> {
    let media = batch.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media.trim().eq_ignore_ascii_case("application/json") {
        return Err(BatchRefusal::Format("its content type is not application/json"));
    }
    let payload: Value = serde_json::from_slice(batch.body)
        .map_err(|_| BatchRefusal::Format("its body is not well-formed JSON"))?;
    let requests = payload
        .get("requests")
        .and_then(Value::as_array)
        .ok_or(BatchRefusal::Format("'requests' is not a collection"))?;
    if !(1..=MAX_ITEMS).contains(&requests.len()) {
        return Err(BatchRefusal::Count(requests.len()));
    }
    let mut items: Vec<Item> = Vec::with_capacity(requests.len());
    for (place, request) in requests.iter().enumerate() {
        let item = item(place, request, batch)?;
        if items.iter().any(|known| same_id(&known.id, &item.id)) {
            return Err(BatchRefusal::RepeatedId(item.id));
        }
        items.push(item);
    }
    Ok(items)
}

fn item(place: usize, sent: &Value, batch: &Request<'_>) -> Result<Item, BatchRefusal> {
    let wrong = |property| BatchRefusal::Property { place: place + 1, property };
    let text = |property: &'static str| {
        sent.get(property)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| wrong(property))
    };
    let id = text("id")?.to_owned();
    let method =
        Method::from_bytes(text("method")?.to_uppercase().as_bytes()).map_err(|_| wrong("method"))?;
    let url = text("url")?;
    if url.contains("://") || url.starts_with("//") {
        return Err(BatchRefusal::AbsoluteUrl(id));
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers = headers(sent.get("headers")).ok_or_else(|| wrong("headers"))?;
    if let Some(bearer) = batch.headers.get(AUTHORIZATION) {
        headers.insert(AUTHORIZATION, bearer.clone());
    }
    let body = body(sent.get("body")).ok_or_else(|| wrong("body"))?;
    let writes = !matches!(method, Method::GET | Method::HEAD | Method::DELETE);
    if writes && (body.is_empty() || !headers.contains_key(CONTENT_TYPE)) {
        return Err(BatchRefusal::MissingBody(id));
    }
    let depends_on = dependencies(sent.get("dependsOn")).ok_or_else(|| wrong("dependsOn"))?;
    let path = format!("{VERSION}/{}", path.trim_start_matches('/'));
    // Spaces are common in the urls of a batch, where no client encodes them.
    let encoded = |text: &str| text.replace(' ', "%20");
    Ok(Item { id, depends_on, method, path: encoded(&path), query: encoded(query), headers, body })
}

fn headers(sent: Option<&Value>) -> Option<HeaderMap> {
    let empty = Map::new();
    let sent = match sent {
        None | Some(Value::Null) => &empty,
        Some(sent) => sent.as_object()?,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
    }
    Some(headers)
}

/// A text is base64url of something that is not JSON.
fn body(sent: Option<&Value>) -> Option<Bytes> {
    match sent {
        None | Some(Value::Null) => Some(Bytes::new()),
        Some(Value::String(text)) => BASE64_URL.decode(text).ok().map(Bytes::from),
        Some(json) => Some(Bytes::from(json.to_string())),
    }
}

fn dependencies(sent: Option<&Value>) -> Option<Vec<String>> {
    match sent {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(sent) => sent.as_array()?.iter().map(|id| Some(id.as_str()?.to_owned())).collect(),
    }
}

impl Item {
    /// The item as a request of its own, which came where and from where the batch did.
    pub(super) fn request<'a>(&'a self, batch: &Request<'a>) -> Request<'a> {
        Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            disturbance: batch.disturbance,
            origin: batch.origin,
            peer: batch.peer,
            carriage: Carriage::Batch,
        }
    }
}
