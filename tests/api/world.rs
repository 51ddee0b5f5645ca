//! A connector and its Microsoft 365, started for one test, and the words to talk to them.

use std::path::PathBuf;
use std::time::Duration;

use connector_observability::TelemetryHandle;
use jiff::Timestamp;
use m365_connector::{Catalogue, Settings};
use m365_demo::{Stage, StageOptions};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::schemas::{assert_answer_fits, called_tool};

/// What ends the path at which Entra publishes its keys.
pub(crate) const KEYS: &str = "/discovery/v2.0/keys";

pub(crate) const MODERN: &str = "2026-07-28";

/// One connector, one simulator, one HTTP client.
pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) http: Client,
}

/// A listed user.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) tenant: String,
    pub(crate) id: String,
    pub(crate) upn: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with the connector's settings changed by `adjust`.
    pub(crate) async fn start_with(adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::offering(Catalogue::MICROSOFT_365, adjust).await
    }

    /// Starts a connector that offers `catalogue`.
    pub(crate) async fn offering(catalogue: Catalogue, adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::staged(catalogue, StageOptions::default(), TelemetryHandle::disabled(), adjust).await
    }

    /// Starts one whose Microsoft 365 is the same, to the last id, whenever it is started with this `newest`.
    pub(crate) async fn written_before(
        catalogue: Catalogue,
        newest: Timestamp,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let options = StageOptions { newest: Some(newest), ..StageOptions::default() };
        Self::staged(catalogue, options, TelemetryHandle::disabled(), adjust).await
    }

    /// Starts one that tells everything to `telemetry`.
    pub(crate) async fn watched_by(telemetry: TelemetryHandle, adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::staged(Catalogue::MICROSOFT_365, StageOptions::default(), telemetry, adjust).await
    }

    async fn staged(
        catalogue: Catalogue,
        options: StageOptions,
        telemetry: TelemetryHandle,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let stage = Stage::start_offering(catalogue, options, telemetry, adjust).await.unwrap();
        let http =
            Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build().unwrap();
        Self { stage, http }
    }

    pub(crate) fn person(&self, tenant: usize, user: usize) -> Person {
        let tenant = &self.stage.simulator.directory().tenants[tenant];
        let user = &tenant.users[user];
        Person { tenant: tenant.id.to_string(), id: user.id.to_string(), upn: user.upn.clone() }
    }

    pub(crate) fn url(&self) -> &str {
        self.stage.connector_url()
    }

    /// A good access token of `person`.
    pub(crate) async fn token(&self, person: &Person) -> String {
        self.token_with(person, json!({})).await
    }

    /// A token of `person`, with more fields of `POST /_sim/token`.
    pub(crate) async fn token_with(&self, person: &Person, more: Value) -> String {
        let mut request = json!({ "tenant": person.tenant, "user": person.id });
        for (field, value) in more.as_object().unwrap() {
            request[field] = value.clone();
        }
        let answer = self.control("POST", "token", Some(request)).await;
        answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }

    /// A token of `person` for Graph, won as the connector wins its own.
    pub(crate) async fn lease(&self, person: &Person) -> String {
        let connector = &self.stage.simulator.directory().connector;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("requested_token_use", "on_behalf_of")
            .append_pair("client_id", &connector.client_id.to_string())
            .append_pair("client_secret", &connector.client_secret)
            .append_pair("assertion", &self.token(person).await)
            .append_pair("scope", "https://graph.microsoft.com/.default")
            .finish();
        let entra = format!("{}/{}/oauth2/v2.0/token", self.stage.simulator_url(), person.tenant);
        let exchange = self.http.post(entra).header("content-type", "application/x-www-form-urlencoded");
        let lease = send(exchange.body(form)).await.json();
        lease["access_token"].as_str().unwrap().to_owned()
    }

    /// Changes which keys Entra signs with, and which it publishes.
    pub(crate) async fn publish_keys(&self, keys: Value) {
        self.control("POST", "keys", Some(keys)).await;
    }

    /// How often Entra was asked for its keys.
    pub(crate) async fn key_fetches(&self) -> usize {
        let of_keys = |request: &&Value| request["path"].as_str().unwrap().ends_with(KEYS);
        self.requests().await.iter().filter(of_keys).count()
    }

    /// Everything that Entra and Graph were asked, in order.
    pub(crate) async fn requests(&self) -> Vec<Value> {
        self.control("GET", "requests", None).await.as_array().unwrap().clone()
    }

    /// The On-Behalf-Of exchanges that were asked for.
    pub(crate) async fn exchanges(&self) -> usize {
        let on_behalf_of = |request: &&Value| request["form"]["requested_token_use"] == "on_behalf_of";
        self.requests().await.iter().filter(on_behalf_of).count()
    }

    pub(crate) async fn graph_requests(&self) -> usize {
        self.requests().await.iter().filter(|request| request["service"] == "graph").count()
    }

    /// The same where the items of a batch count as the one request that they came in.
    pub(crate) async fn graph_round_trips(&self) -> usize {
        let alone = |request: &&Value| request["service"] == "graph" && request["batch"] != true;
        self.requests().await.iter().filter(alone).count()
    }

    pub(crate) async fn forget_requests(&self) {
        self.control("DELETE", "requests", None).await;
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control("POST", "faults", Some(fault)).await;
    }

    /// Those that are still in force.
    pub(crate) async fn faults(&self) -> Value {
        self.control("GET", "faults", None).await
    }

    pub(crate) async fn clear_faults(&self) {
        self.control("DELETE", "faults", None).await;
    }

    async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let address = format!("{}/_sim/{path}", self.stage.simulator_url());
        let mut request = self.http.request(method.parse().unwrap(), address);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "control API: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A `POST` to the MCP endpoint with the media types set and nothing else.
    pub(crate) fn post(&self) -> RequestBuilder {
        self.http
            .post(self.url())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
    }

    /// A request of the modern era, its headers in step with its body.
    pub(crate) fn modern(&self, token: &str, method: &str, params: Value) -> RequestBuilder {
        self.modern_as(&json!(7), token, method, params)
    }

    /// The same under this JSON-RPC id.
    pub(crate) fn modern_as(&self, id: &Value, token: &str, method: &str, params: Value) -> RequestBuilder {
        let mut params = params;
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let mut request = self
            .post()
            .bearer_auth(token)
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", method);
        if let Some(name) = params["name"].as_str() {
            request = request.header("mcp-name", name);
        }
        request.body(body.to_string())
    }

    /// A request of the legacy era.
    pub(crate) fn legacy(&self, token: &str, version: &str, method: &str, params: &Value) -> RequestBuilder {
        let body = json!({ "jsonrpc": "2.0", "id": "seven", "method": method, "params": params });
        self.post().bearer_auth(token).header("mcp-protocol-version", version).body(body.to_string())
    }

    /// Calls a tool, and gives the `result`.
    pub(crate) async fn call(&self, token: &str, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = send(self.modern(token, "tools/call", params)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let body = answer.json();
        assert!(body.get("result").is_some(), "{body}");
        body["result"].clone()
    }

    /// Waits until no call is in progress, by the connector's own word.
    pub(crate) async fn quiet(&self) {
        eventually("no call is in progress", async || self.calls_in_progress().await == 0).await;
    }

    pub(crate) async fn calls_in_progress(&self) -> u64 {
        let address = format!("http://{}/readyz", self.stage.connector.operations_address());
        send(self.http.get(address)).await.json()["calls"].as_u64().unwrap()
    }
}

/// Sends and reads the answer whole. What a tool answers is held against what it announces, whoever asks.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let (http, request) = request.build_split();
    let request = request.unwrap();
    let tool = called_tool(&request);
    let response = http.execute(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    if let Some(tool) = tool {
        assert_answer_fits(&tool, &text);
    }
    Answer { status, headers, text }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks again and again, for at most five seconds, until `condition` holds.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), asked).await.is_ok(), "never: {what}");
}

/// A file of this test alone, gone when it is dropped.
pub(crate) struct ScratchFile(pub(crate) PathBuf);

impl ScratchFile {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("m365-connector-test-{}-{name}", std::process::id())))
    }

    /// Its lines, each a JSON object.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
