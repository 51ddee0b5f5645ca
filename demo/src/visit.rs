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
    SignIn(#[from] SignInError),
    #[error("the connector could not be reached: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{step}: the connector answered {status}: {said}")]
    Refused { step: &'static str, status: StatusCode, said: String },
    #[error("{0}: the answer lacks {1}")]
    Incomplete(&'static str, &'static str),
}

/// Plays the visit of the first listed user.
pub(crate) async fn play(screen: &Screen, stage: &Stage, http: &Client) -> Result<(), VisitError> {
    let tenant =
        stage.simulator.directory().tenants.first().ok_or(VisitError::Incomplete("directory", "a tenant"))?;
    let user = tenant.users.first().ok_or(VisitError::Incomplete("directory", "a user"))?;
    screen.heading(&format!("A visit by {} <{}>, {}", user.name, user.upn, tenant.name));

    let (sign_in, took) = timed(SignIn::discover(http, stage.connector_url())).await;
    let sign_in = sign_in?;
    screen.step("discovery", took, "a 401 says where to sign in");
    screen.detail(sign_in.resource_metadata());
    screen.detail(sign_in.authorization_endpoint());

    let client_id = stage.simulator.directory().clients.first().map(|client| client.id.to_string());
    let client_id = client_id.ok_or(VisitError::Incomplete("directory", "a client"))?;
    let (token, took) = timed(sign_in.sign_in(http, &client_id, &user.upn)).await;
    let visitor = Visitor { http, url: stage.connector_url(), token: token? };
    screen.step("sign-in with PKCE", took, "code and verifier → access token");

    permissions(screen, stage, &visitor).await?;
    tools(screen, &visitor).await?;
    let uri = search(screen, &visitor).await?;
    read(screen, &visitor, &uri).await
}

/// The first call of a session makes the On-Behalf-Of exchange; every later one finds the lease.
async fn permissions(screen: &Screen, stage: &Stage, visitor: &Visitor<'_>) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.call("get_granted_scopes", json!({}))).await;
    let answer = answer?;
    screen.step("on-behalf-of exchange", took, "the user's token → a Graph token");
    if let Some(exchange) = exchange(visitor, stage).await? {
        screen.detail(&exchange);
    }
    let scopes = answer["structuredContent"]["scopes"].as_array().map_or(0, Vec::len);
    screen.detail(&format!("the user has consented to {scopes} permissions, all of them to read"));
    Ok(())
}

async fn tools(screen: &Screen, visitor: &Visitor<'_>) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.request("tools/list", None, json!({}))).await;
    let answer = answer?;
    let tools = answer["tools"].as_array().into_iter().flatten();
    let names: Vec<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
    screen.step("tools/list", took, &format!("{} tools, opened by the permissions", names.len()));
    screen.detail(&names.join(", "));
    Ok(())
}

/// Looks this visit's exchange up in the simulator's own record of requests, which may have been switched off.
async fn exchange(visitor: &Visitor<'_>, stage: &Stage) -> Result<Option<String>, VisitError> {
    let record = visitor.http.get(format!("{}/_sim/requests", stage.simulator_url())).send().await?;
    let record: Value = serde_json::from_slice(&record.bytes().await?)
        .map_err(|_| VisitError::Incomplete("request log", "JSON"))?;
    let exchanges: Vec<&Value> = record
        .as_array()
        .into_iter()
        .flatten()
        .filter(|request| request["form"]["requested_token_use"] == "on_behalf_of")
        .filter(|request| request["form"]["assertion"] == visitor.token)
        .collect();
    Ok(exchanges.first().map(|first| {
        format!("{} exchange at {}", exchanges.len(), first["path"].as_str().unwrap_or_default())
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
    );
    for hit in hits.iter().take(3) {
        let subject = hit["subject"].as_str().unwrap_or_default();
        let sender = hit["from"]["name"].as_str().unwrap_or_default();
        screen.detail(&format!("{subject} — {sender}"));
    }
    let uri = hits.first().and_then(|hit| hit["uri"].as_str());
    uri.map(ToOwned::to_owned).ok_or(VisitError::Incomplete("outlook_email_search", "a hit"))
}

async fn read(screen: &Screen, visitor: &Visitor<'_>, uri: &str) -> Result<(), VisitError> {
    let (answer, took) = timed(visitor.call("read_resource", json!({ "uri": uri }))).await;
    let answer = answer?;
    let text = answer["content"][0]["text"].as_str().unwrap_or_default();
    screen.step("read_resource", took, &format!("{} characters of the first hit", text.chars().count()));
    screen.detail(&format!("{}…", uri.chars().take(60).collect::<String>()));
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
            let step = name.unwrap_or(method);
            return Err(VisitError::Refused { step, status, said: said(&answer).unwrap_or(body) });
        }
        Ok(answer["result"].clone())
    }
}

/// What went wrong, in the connector's own words.
fn said(answer: &Value) -> Option<String> {
    let of_the_tool = &answer["result"]["content"][0]["text"];
    of_the_tool.as_str().or_else(|| answer["error"]["message"].as_str()).map(ToOwned::to_owned)
}

#[expect(clippy::disallowed_methods, reason = "the demo shows how long a step takes; nothing decides by it")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let result = work.await;
    (result, started.elapsed())
}

#[cfg(test)]
mod tests {
    use connector_observability::TelemetryHandle;
    use m365_demo::StageOptions;

    use super::*;

    /// If this failed, a visit that goes wrong would show JSON, or hide what to do about it.
    #[actix_web::test]
    async fn a_visit_that_graph_spoils_says_so_in_the_connectors_words() {
        let stage = Stage::start(StageOptions::default(), TelemetryHandle::disabled(), |_| {}).await.unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let fault = json!({ "service": "graph", "status": 500 }).to_string();
        let faults = http.post(format!("{}/_sim/faults", stage.simulator_url()));
        let ordered = faults.header(CONTENT_TYPE, "application/json").body(fault).send().await.unwrap();
        assert!(ordered.status().is_success());

        let spoilt = play(&Screen::detect(), &stage, &http).await.unwrap_err().to_string();
        assert!(spoilt.starts_with("outlook_email_search: the connector answered 200 OK: "), "{spoilt}");
        assert!(!spoilt.contains('{'), "{spoilt}");
        stage.stop().await;
    }
}
