//! What is measured: one user's warm search, and many users who signed in and went quiet.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use m365_simulator::directory::Directory;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::child::Measured;
use crate::load;

/// The seed of the simulated world; every role builds the same one.
pub(crate) const SEED: u64 = 1;
/// How many requests the simulator's log holds: more than two minutes of mixed load make.
pub(crate) const LOGGED: usize = 50_000;

/// The tenant of this size holds the users of the idle measurement.
pub(crate) const CROWD: usize = 10_001;

/// Users of the warm measurement: a multiple of the connections, so that each connection serves users of its own, and no
/// more than the simulator has answers ready for, or making mailboxes would be measured.
pub(crate) const WARM_USERS: usize = 256;

/// Connections of the warm measurement.
pub(crate) const CONNECTIONS: usize = 64;

/// A user of the simulated directory.
#[derive(Debug, Clone)]
pub(crate) struct User {
    tenant: String,
    id: String,
}

/// A request that the connector made, less who made it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GraphRequest {
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
}

impl GraphRequest {
    fn recorded(entry: &Value) -> Self {
        let headers = entry["headers"].as_object().into_iter().flatten();
        Self {
            path: format!("{}?{}", text(&entry["path"]), text(&entry["query"])),
            headers: headers
                .filter(|(name, _)| !matches!(name.as_str(), "authorization" | "host"))
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        }
    }
}

/// The simulated world, as its control API shows it.
#[derive(Debug)]
pub(crate) struct World<'a> {
    http: &'a Client,
    upstream: SocketAddr,
    pub(crate) users: Vec<User>,
}

impl<'a> World<'a> {
    pub(crate) async fn look(http: &'a Client, upstream: SocketAddr) -> io::Result<Self> {
        let directory = fetch(http.get(format!("http://{upstream}/_sim/directory"))).await?;
        let users = list(&directory["tenants"])
            .flat_map(|tenant| {
                let id = text(&tenant["id"]);
                // A guest has no mailbox here, and a search of it is no search.
                list(&tenant["users"])
                    .filter(|user| !text(&user["upn"]).contains("#EXT#"))
                    .map(move |user| User { tenant: id.clone(), id: text(&user["id"]) })
            })
            .collect();
        Ok(Self { http, upstream, users })
    }

    /// An access token of `user` for the connector.
    pub(crate) async fn token(&self, user: &User) -> io::Result<String> {
        let request = json!({ "tenant": user.tenant, "user": user.id });
        let address = format!("http://{}/_sim/token", self.upstream);
        let answer = fetch(self.http.post(address).body(request.to_string())).await?;
        Ok(text(&answer["access_token"]))
    }

    /// A Graph token of `user`, by the exchange that the connector makes too.
    pub(crate) async fn graph_token(&self, user: &User) -> io::Result<String> {
        let directory = Directory::generate(SEED);
        let assertion = self.token(user).await?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("requested_token_use", "on_behalf_of"),
            ("client_id", &directory.connector.client_id.to_string()),
            ("client_secret", &directory.connector.client_secret),
            ("assertion", &assertion),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let address = format!("http://{}/{}/oauth2/v2.0/token", self.upstream, user.tenant);
        let answer = fetch(
            self.http
                .post(address)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(encode(&form)),
        )
        .await?;
        Ok(text(&answer["access_token"]))
    }

    /// Switches the simulator's request log on or off; it starts empty.
    pub(crate) async fn record(&self, recording: bool) -> io::Result<()> {
        let request = json!({ "recording": recording });
        fetch(self.http.post(self.log_address()).body(request.to_string())).await.map(drop)
    }

    /// The last request to Graph in the simulator's log.
    pub(crate) async fn last_graph_request(&self) -> io::Result<Option<GraphRequest>> {
        let log = fetch(self.http.get(self.log_address())).await?;
        let last = list(&log).rfind(|request| request["service"] == "graph");
        Ok(last.map(GraphRequest::recorded))
    }

    fn log_address(&self) -> String {
        format!("http://{}/_sim/requests", self.upstream)
    }
}

/// The call whose cost is measured: ten messages of the mailbox, newest first, by one request to Graph.
pub(crate) fn search(connector: &Measured, token: &str) -> Vec<u8> {
    call(connector, token, "outlook_email_search", &json!({ "limit": 10 }))
}

/// The call that a user makes before going quiet: it wins a lease and reads nothing.
pub(crate) fn granted_scopes(connector: &Measured, token: &str) -> Vec<u8> {
    call(connector, token, "get_granted_scopes", &json!({}))
}

fn call(connector: &Measured, token: &str, tool: &str, arguments: &Value) -> Vec<u8> {
    let body = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": tool,
            "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("accept", "application/json, text/event-stream".to_owned()),
        ("mcp-protocol-version", "2026-07-28".to_owned()),
        ("mcp-method", "tools/call".to_owned()),
        ("mcp-name", tool.to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    load::post(connector.address, "/mcp", &headers, &body.to_string())
}

fn encode(form: &[(&str, &str)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    body.finish()
}

async fn fetch(request: reqwest::RequestBuilder) -> io::Result<Value> {
    let answer = request.send().await.map_err(io::Error::other)?;
    let body =
        answer.error_for_status().map_err(io::Error::other)?.bytes().await.map_err(io::Error::other)?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}

fn list(value: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
