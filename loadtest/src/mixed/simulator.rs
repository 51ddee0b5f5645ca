//! The simulator's control API: who is there, what goes wrong, and what was asked.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scenario::LOGGED;

type Failure = Box<dyn std::error::Error>;

#[derive(Debug)]
pub(crate) struct SimulatorControl {
    http: Client,
    address: SocketAddr,
}

/// What Entra and Graph were asked, by the simulator's own log.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Requests to Graph that were answered, by workload and status.
    pub(crate) graph: BTreeMap<(&'static str, u64), usize>,
    /// The same by the tenant whose user asked, as the token said.
    pub(crate) tenants: BTreeMap<Uuid, usize>,
    /// Of those, the ones that were answered 429.
    pub(crate) throttled: BTreeMap<Uuid, usize>,
    /// Those that had no token.
    pub(crate) downloads: usize,
    /// Requests for an On-Behalf-Of exchange that were answered, by status.
    pub(crate) exchanges: BTreeMap<u64, usize>,
    /// Requests for the signing keys that were answered, by status.
    pub(crate) keys: BTreeMap<u64, usize>,
}

impl SimulatorControl {
    /// Asks on a connection of its own each time: between two changes of the weather an idle one would be closed.
    pub(super) fn new(address: SocketAddr) -> Result<Self, Failure> {
        let http = Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, address })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) async fn register(&self, app_id_uri: &str) -> Result<(), Failure> {
        self.ask(Method::POST, "registration", Some(json!({ "app_id_uri": app_id_uri }))).await.map(drop)
    }

    pub(super) async fn record(&self) -> Result<(), Failure> {
        self.ask(Method::POST, "requests", Some(json!({ "recording": true }))).await.map(drop)
    }

    /// The principal names of everybody who has a mailbox.
    pub(super) async fn people(&self) -> Result<Vec<String>, Failure> {
        let directory = self.ask(Method::GET, "directory", None).await?;
        let users = list(&directory["tenants"]).flat_map(|tenant| list(&tenant["users"]));
        let names = users.filter_map(|user| user["upn"].as_str());
        Ok(names.filter(|name| !name.contains("#EXT#")).map(ToOwned::to_owned).collect())
    }

    /// The first registered AI client.
    pub(super) async fn client(&self) -> Result<String, Failure> {
        let directory = self.ask(Method::GET, "directory", None).await?;
        Ok(directory["clients"][0]["id"].as_str().ok_or("no client is registered")?.to_owned())
    }

    pub(super) async fn second_tenant(&self) -> Result<String, Failure> {
        let directory = self.ask(Method::GET, "directory", None).await?;
        Ok(directory["tenants"][1]["id"].as_str().ok_or("there is no second tenant")?.to_owned())
    }

    pub(super) async fn fault(&self, fault: Value) -> Result<(), Failure> {
        self.ask(Method::POST, "faults", Some(fault)).await.map(drop)
    }

    pub(super) async fn clear_faults(&self) -> Result<(), Failure> {
        self.ask(Method::DELETE, "faults", None).await.map(drop)
    }

    pub(super) async fn publish_keys(&self, change: Value) -> Result<(), Failure> {
        self.ask(Method::POST, "keys", Some(change)).await.map(drop)
    }

    /// A token whose key is in no key set of the tenants'.
    pub(super) async fn token_of_unknown_key(&self, person: &str) -> Result<String, Failure> {
        let directory = self.ask(Method::GET, "directory", None).await?;
        let tenant = list(&directory["tenants"])
            .find(|tenant| list(&tenant["users"]).any(|user| user["upn"] == person))
            .ok_or("nobody of that name")?;
        let user = list(&tenant["users"]).find(|user| user["upn"] == person).ok_or("nobody of that name")?;
        let unpublished = json!({ "kid": "made-up" });
        let order = json!({
            "tenant": tenant["id"], "user": user["id"], "signed_with": "graph", "header": unpublished,
        });
        let minted = self.ask(Method::POST, "token", Some(order)).await?;
        Ok(minted["access_token"].as_str().ok_or("no token was minted")?.to_owned())
    }

    pub(super) async fn demand(&self, tenant: &str, policies: Value) -> Result<(), Failure> {
        self.ask(Method::POST, &format!("tenants/{tenant}/policies"), Some(policies)).await.map(drop)
    }

    pub(crate) async fn asked(&self) -> Result<Asked, Failure> {
        let log = self.ask(Method::GET, "requests", None).await?;
        let log: Vec<&Value> = list(&log).collect();
        if log.len() >= LOGGED {
            // What has been forgotten would be missing in the counts.
            return Err("the simulator's log is full: let the load be shorter".into());
        }
        let mut asked = Asked::default();
        for request in log {
            let Some(status) = request["status"].as_u64() else { continue };
            let path = request["path"].as_str().unwrap_or_default();
            let is_file = request["service"] == "files";
            let is_request = (is_file || request["service"] == "graph") && request["batch"] != true;
            if is_request {
                let workload = if is_file { "sharepoint" } else { workload(path) };
                *asked.graph.entry((workload, status)).or_default() += 1;
                asked.note_tenant(tenant(request), status);
            } else if request["form"]["requested_token_use"] == "on_behalf_of" {
                *asked.exchanges.entry(status).or_default() += 1;
            } else if path.ends_with("/discovery/v2.0/keys") {
                *asked.keys.entry(status).or_default() += 1;
            }
        }
        Ok(asked)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let mut request = self.http.request(method, format!("{}/_sim/{path}", self.url()));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
    }
}

impl Asked {
    fn note_tenant(&mut self, tenant: Option<Uuid>, status: u64) {
        let Some(tenant) = tenant else {
            self.downloads += 1;
            return;
        };
        *self.tenants.entry(tenant).or_default() += 1;
        if status == 429 {
            *self.throttled.entry(tenant).or_default() += 1;
        }
    }
}

/// Whose token a request to Graph had.
fn tenant(request: &Value) -> Option<Uuid> {
    let token = request["headers"]["authorization"].as_str()?.strip_prefix("Bearer ")?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["tid"].as_str()?.parse().ok()
}

/// By the service that Microsoft's documentation of the limits counts the address to. The first that fits decides.
/// Nothing that is played sends a batch, whose items can be of several.
const WORKLOADS: [(&str, &[&str]); 4] = [
    ("search", &["/search/query"]),
    ("teams", &["/chats", "/teams", "/joinedTeams", "/onlineMeetings", "/copilot"]),
    ("sharepoint", &["/drive", "/drives", "/sites", "/shares"]),
    (
        "outlook",
        &["/messages", "/mailFolders", "/mailboxSettings", "/calendar", "/events", "/findMeetingTimes"],
    ),
];

fn workload(path: &str) -> &'static str {
    let fits = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    WORKLOADS.iter().find(|(_, parts)| fits(parts)).map_or("directory", |(workload, _)| workload)
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "requests to Graph:")?;
        for ((workload, status), count) in &self.graph {
            write!(out, " {workload} {status}: {count},")?;
        }
        write!(out, " exchanges by status: {:?}, keys by status: {:?}", self.exchanges, self.keys)
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
