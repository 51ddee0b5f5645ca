//! One user with an AI client.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::jitter::{Jitter, RandomJitter};
use m365_demo::SignIn;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::tally::Tally;
use crate::load::now;

const PROTOCOL_VERSION: &str = "2026-07-28";

/// How long a person thinks between two calls, on average.
const THINK: Duration = Duration::from_millis(400);

pub(super) struct Person {
    pub(super) http: Client,
    pub(super) url: Arc<str>,
    pub(super) sign_in: Arc<SignIn>,
    pub(super) client: Arc<str>,
    pub(super) number: usize,
    /// The principal name.
    pub(super) name: String,
    /// The principal name of somebody to meet.
    pub(super) colleague: String,
    pub(super) tally: Arc<Tally>,
}

/// A person with a token.
pub(super) struct SignedIn<'a> {
    person: &'a Person,
    token: &'a str,
    pub(super) colleague: &'a str,
}

impl SignedIn<'_> {
    /// What the tool found; null where it found nothing.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        self.person.call(self.token, tool, arguments).await
    }
}

impl Person {
    /// With a token of their own.
    pub(super) fn with<'a>(&'a self, token: &'a str) -> SignedIn<'a> {
        SignedIn { person: self, token, colleague: &self.colleague }
    }

    /// What Entra gives; `None` where it refuses.
    pub(super) async fn sign_in(&self) -> Option<String> {
        let began = now();
        let token = self.sign_in.sign_in(&self.http, &self.client, &self.name).await;
        let outcome = if token.is_ok() { "ok" } else { "refused" };
        self.tally.note("sign-in", outcome, began.elapsed());
        token.ok()
    }

    /// With a token that is none.
    pub(super) async fn knock(&self, token: &str) {
        let began = now();
        let (outcome, _) = self.answer(token, "get_me", json!({})).await;
        self.tally.note("no token", &outcome, began.elapsed());
    }

    /// Calls of everybody's, until now, for which there was no room.
    pub(super) fn turned_away(&self) -> usize {
        self.tally.calls("HTTP 429")
    }

    async fn call(&self, token: &str, tool: &'static str, arguments: Value) -> Value {
        think().await;
        self.call_at_once(token, tool, arguments).await
    }

    /// What the tool found; null where it found nothing.
    pub(super) async fn call_at_once(&self, token: &str, tool: &'static str, arguments: Value) -> Value {
        let began = now();
        let (outcome, found) = self.answer(token, tool, arguments).await;
        self.tally.note(tool, &outcome, began.elapsed());
        found
    }

    async fn answer(&self, token: &str, tool: &'static str, arguments: Value) -> (String, Value) {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let request = self
            .http
            .post(&*self.url)
            .bearer_auth(token)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .header("mcp-protocol-version", PROTOCOL_VERSION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .body(message.to_string());
        let Ok(response) = request.send().await else { return ("no answer".into(), Value::Null) };
        let status = response.status();
        let Ok(body) = response.bytes().await else { return ("half an answer".into(), Value::Null) };
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !status.is_success() {
            return (format!("HTTP {}", status.as_u16()), Value::Null);
        }
        if let Some(code) = answer["error"]["code"].as_i64() {
            return (format!("JSON-RPC {code}"), Value::Null);
        }
        let result = &answer["result"];
        if result["isError"] == true {
            let code = result["_meta"]["m365-connector/error"]["code"].as_str().unwrap_or("no code");
            return (code.to_owned(), Value::Null);
        }
        ("ok".to_owned(), result["structuredContent"].clone())
    }
}

/// Before whatever comes next.
pub(super) async fn think() {
    sleep(THINK.mul_f64(2.0 * RandomJitter.fraction())).await;
}
