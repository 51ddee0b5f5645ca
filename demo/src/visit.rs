//! The scripted visit: what an AI client does for its user, step by step, over real HTTP.

use std::time::{Duration, Instant};

use m365_demo::{SignIn, SignInError, Stage};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use thiserror::Error;

use crate::screen::Screen;

const PROTOCOL_VERSION: &str = "2026-07-28";

/// Why the visit ended early.
#[derive(Debug, Error)]
pub(crate) enum VisitError {
    #[error(transparent)]
    Screen(#[from] std::io::Error),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error("the connector could not be reached: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{step}: the connector answered {status}: {body}")]
    Refused { step: &'static str, status: StatusCode, body: String },
    #[error("{0}: the answer lacks {1}")]
    Incomplete(&'static str, &'static str),
}

/// Plays the visit of the first listed user.
pub(crate) async fn play(screen: &Screen, stage: &Stage, http: &Client) -> Result<(), VisitError> {
    let tenant =
        stage.simulator.directory().tenants.first().ok_or(VisitError::Incomplete("directory", "a tenant"))?;
    let user = tenant.users.first().ok_or(VisitError::Incomplete("directory", "a user"))?;
    screen.heading(&format!("A visit by {} <{}>, {}", user.name, user.upn, tenant.name))?;

    let (sign_in, took) = timed(SignIn::discover(http, stage.connector_url())).await;
    let sign_in = sign_in?;
    screen.step("discovery", took, &format!("401 → {}", sign_in.resource_metadata()))?;
    screen.detail(&format!("sign-in at {}", sign_in.authorization_endpoint()))?;

    let client_id = stage.simulator.directory().clients.first().map(|client| client.id.to_string());
    let client_id = client_id.ok_or(VisitError::Incomplete("directory", "a client"))?;
    let (token, took) = timed(sign_in.sign_in(http, &client_id, &user.upn)).await;
    let visitor = Visitor { http, url: stage.connector_url(), token: token? };
    screen.step(
        "sign-in with PKCE",
        took,
        "authorization code and S256 verifier → access token for the connector",
    )?;

    permissions(screen, stage, &visitor).await?;
    tools(screen, &visitor).await?;
    let uri = search(screen, &visitor).await?;
    read(screen, &visitor, &uri).await
}

/// The first call of a session makes the On-Behalf-Of exchange; every later one finds the lease.
async fn permissions(screen: &Screen, stage: &Stage, visitor: &Visitor<'_>) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.call("get_granted_scopes", json!({}))).await;
    let answer = answer?;
    let exchange =
        exchange(visitor.http, stage).await?.ok_or(VisitError::Incomplete("request log", "an exchange"))?;
    screen.step("on-behalf-of exchange", took, &exchange)?;
    let scopes = answer["structuredContent"]["scopes"].as_array().map_or(0, Vec::len);
    screen.detail(&format!("the user has consented to {scopes} permissions, all of them to read"))?;
    Ok(())
}

async fn tools(screen: &Screen, visitor: &Visitor<'_>) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.request("tools/list", None, json!({}))).await;
    let answer = answer?;
    let tools = answer["tools"].as_array().into_iter().flatten();
    let names: Vec<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
    screen.step("tools/list", took, &format!("{} tools, those that the permissions open", names.len()))?;
    screen.detail(&names.join(", "))?;
    Ok(())
}

/// Looks the exchange up in the simulator's own record of requests.
async fn exchange(http: &Client, stage: &Stage) -> Result<Option<String>, VisitError> {
    let log: Value = serde_json::from_slice(
        &http.get(format!("{}/_sim/requests", stage.simulator_url())).send().await?.bytes().await?,
    )
    .map_err(|_| VisitError::Incomplete("request log", "JSON"))?;
    let exchanges: Vec<&Value> = log
        .as_array()
        .into_iter()
        .flatten()
        .filter(|request| request["form"]["requested_token_use"] == "on_behalf_of")
        .collect();
    Ok(exchanges.first().map(|first| {
        format!(
            "{} exchange at {}: the user's token → a Graph token",
            exchanges.len(),
            first["path"].as_str().unwrap_or_default()
        )
    }))
}

async fn search(screen: &Screen, visitor: &Visitor<'_>) -> Result<String, VisitError> {
    let arguments = json!({ "query": "report", "limit": 5 });
    let (answer, took) = timed(visitor.call("outlook_email_search", arguments)).await;
    let answer = answer?;
    let hits = answer["structuredContent"]["items"].as_array().cloned().unwrap_or_default();
    screen.step(
        "outlook_email_search",
        took,
        &format!("{} messages for \"report\", newest first", hits.len()),
    )?;
    for hit in hits.iter().take(3) {
        let subject = hit["subject"].as_str().unwrap_or_default();
        let sender = hit["from"]["name"].as_str().unwrap_or_default();
        screen.detail(&format!("{subject} — {sender}"))?;
    }
    let uri = hits.first().and_then(|hit| hit["uri"].as_str());
    uri.map(ToOwned::to_owned).ok_or(VisitError::Incomplete("outlook_email_search", "a hit"))
}

async fn read(screen: &Screen, visitor: &Visitor<'_>, uri: &str) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.call("read_resource", json!({ "uri": uri }))).await;
    let answer = answer?;
    let text = answer["content"][0]["text"].as_str().unwrap_or_default();
    let short: String = uri.chars().take(44).collect();
    screen.step("read_resource", took, &format!("{} characters of {short}…", text.chars().count()))?;
    Ok(())
}

/// A client with a token.
struct Visitor<'a> {
    http: &'a Client,
    url: &'a str,
    token: String,
}

impl Visitor<'_> {
    async fn call(&self, tool: &'static str, arguments: Value) -> Result<Value, VisitError> {
        self.request("tools/call", Some(tool), json!({ "name": tool, "arguments": arguments })).await
    }

    async fn request(
        &self,
        method: &'static str,
        name: Option<&'static str>,
        mut params: Value,
    ) -> Result<Value, VisitError> {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "m365-demo", "version": env!("CARGO_PKG_VERSION") },
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut request = self
            .http
            .post(self.url)
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .header("mcp-protocol-version", PROTOCOL_VERSION)
            .header("mcp-method", method)
            .body(body.to_string());
        if let Some(name) = name {
            request = request.header("mcp-name", name);
        }
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        let answer: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        if !status.is_success() || answer["result"].is_null() || answer["result"]["isError"] == true {
            return Err(VisitError::Refused { step: name.unwrap_or(method), status, body });
        }
        Ok(answer["result"].clone())
    }
}

#[expect(clippy::disallowed_methods, reason = "the demo shows how long a step takes; nothing decides by it")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let result = work.await;
    (result, started.elapsed())
}
