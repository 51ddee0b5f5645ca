//! The envelope of every answer: headers, success bodies, error bodies.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::odata::select::Selection;
use super::request::GraphResponse;

const CONTENT_TYPE: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"SIM0001"}}"#;

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorDetail<'a>,
}

#[derive(Serialize)]
struct ErrorDetail<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "innerError")]
    inner_error: InnerError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct InnerError<'a> {
    /// Graph writes UTC here without saying so.
    date: String,
    request_id: &'a str,
    client_request_id: &'a str,
    /// A deeper code, where the service has one that says more.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// An error as Graph shapes it: `code` and `message`, and an `innerError` with the ids of the request.
///
/// `client_request_id` is echoed; where the caller sent none, Graph repeats its own request id.
pub fn error(status: u16, code: &str, message: &str, client_request_id: Option<&str>) -> GraphResponse {
    error_within(status, (code, None), message, client_request_id)
}

/// The same with a second, deeper code.
pub(super) fn error_within(
    status: u16,
    (code, inner_code): (&str, Option<&str>),
    message: &str,
    client_request_id: Option<&str>,
) -> GraphResponse {
    let request_id = Uuid::new_v4().to_string();
    let body = ErrorBody {
        error: ErrorDetail {
            code,
            message,
            inner_error: InnerError {
                // The only clock of this module: the date names the failure for people and decides nothing.
                date: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                request_id: &request_id,
                client_request_id: client_request_id.unwrap_or(&request_id),
                code: inner_code,
            },
        },
    };
    let body = bytes(&body);
    GraphResponse { status, headers: headers(request_id, client_request_id), body }
}

/// A success with a prepared body.
pub fn success(body: Bytes, client_request_id: Option<&str>) -> GraphResponse {
    GraphResponse { status: 200, headers: headers(Uuid::new_v4().to_string(), client_request_id), body }
}

fn headers(request_id: String, client_request_id: Option<&str>) -> Vec<(&'static str, String)> {
    let echoed = client_request_id.map_or_else(|| request_id.clone(), str::to_owned);
    let mut headers = Vec::with_capacity(8);
    headers.push(("content-type", CONTENT_TYPE.to_owned()));
    headers.push(("request-id", request_id));
    headers.push(("client-request-id", echoed));
    headers.push(("x-ms-ags-diagnostic", DIAGNOSTIC.to_owned()));
    headers.push(("odata-version", "4.0".to_owned()));
    headers.push(("cache-control", "private".to_owned()));
    headers
}

/// A JSON object that keeps the order in which its properties were set.
#[derive(Debug, Default)]
pub(super) struct Object(Vec<(&'static str, Value)>);

impl Object {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(32))
    }

    /// The selected ones of `names`, in their order. The id always comes along.
    pub(super) fn selected(
        names: &[&'static str],
        selection: &Selection,
        property: impl Fn(&'static str) -> Value,
    ) -> Self {
        let mut object = Self::new();
        for (place, name) in names.iter().enumerate() {
            if *name == "id" || selection.holds(place, true) {
                object.set(name, property(name));
            }
        }
        object
    }

    /// Only the selected ones of `names`. The id always comes along, and so does what is no property (`@odata.…`).
    pub(super) fn keep(mut self, names: &[&'static str], selection: &Selection) -> Self {
        self.0.retain(|(name, _)| *name == "id" || selection.keeps(name, names));
        self
    }

    /// Writes what another object has behind what this one has.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// One page of a collection.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    #[serde(rename = "@odata.context")]
    pub(super) context: String,
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<usize>,
    pub(super) value: Vec<Object>,
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    pub(super) next_link: Option<String>,
}

/// One object on its own.
#[derive(Debug, Serialize)]
pub(super) struct Entity {
    #[serde(rename = "@odata.context")]
    pub(super) context: String,
    #[serde(flatten)]
    pub(super) object: Object,
}

/// The JSON of an answer. Texts, numbers and flags alone: writing them can't fail.
pub(super) fn bytes(body: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(body).unwrap_or_default())
}
