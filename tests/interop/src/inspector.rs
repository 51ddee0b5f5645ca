//! MCP Inspector's command line, with its own sign-in: its callback listens, and the person at the browser is us.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::LOCATION;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use url::Url;

use crate::child::{self, ChildError, Finished};
use crate::evidence;
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;
use crate::world::{Address, World, WorldError};

const LIMIT: Duration = Duration::from_secs(30);

const PROGRAM: &str = "@modelcontextprotocol/inspector/clients/cli/build/index.js";

/// Exit code of a tool that answered with an error, or that the server does not have.
const TOOL_ERROR: i32 = 5;

/// One way to run it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Which protocol it speaks, as it calls that.
    era: &'static str,
    /// What comes of it here.
    version: &'static str,
    address: Address,
}

pub(crate) const WAYS: [Way; 4] = [
    Way { era: "legacy", version: "2025-11-25", address: Address::Common },
    Way { era: "auto", version: "2026-07-28", address: Address::Common },
    Way { era: "modern", version: "2026-07-28", address: Address::Common },
    Way { era: "auto", version: "2026-07-28", address: Address::Tenants },
];

impl Way {
    /// For the table.
    pub(crate) fn name(self) -> String {
        match self.address {
            Address::Common => format!("inspector {}", self.era),
            Address::Tenants => format!("inspector {} tenant", self.era),
        }
    }
}

#[derive(Debug, Error)]
enum InspectorError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error("{0}")]
    Files(#[from] std::io::Error),
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("the browser: {0}")]
    Browser(#[from] reqwest::Error),
    #[error("{0}")]
    Wrong(String),
}

/// An Inspector with a home of its own, where it keeps its token.
struct Inspector<'a> {
    world: &'a World,
    node: PathBuf,
    script: PathBuf,
    home: PathBuf,
    way: Way,
    /// The number of the person who runs it.
    number: usize,
}

/// Runs it as the person of this number.
pub(crate) async fn run(way: Way, number: usize, workshop: &Workshop, world: &World) -> Outcome {
    let mut checks = Checks::of(way.name());
    checks.note("the simulator's record is empty", evidence::forget(world).await);
    if let Some(home) = checks.note("it has a home", workshop.folder(&way.name().replace(' ', "-"))) {
        let node = workshop.node();
        let inspector = Inspector { world, node, script: workshop.package(PROGRAM), home, way, number };
        inspector.visit(&mut checks).await;
    }
    if let Some(authority) = checks.note("it has an authority", world.authority(way.address, number)) {
        checks.note(evidence::SENTENCE, evidence::of_sign_in(world, &authority).await);
    }
    checks.end()
}

impl Inspector<'_> {
    async fn visit(&self, checks: &mut Checks) {
        if checks.note("signs in and connects", self.sign_in().await).is_none() {
            return;
        }
        checks.note("finds no fault with the tools' schemas", self.strict_list().await);
        checks.note("get_me is the user who signed in", self.me().await);
        if let Some(hit) = checks.note("outlook_email_search finds mail", self.search().await) {
            checks.note("read_resource reads the first hit", self.read(&hit).await);
        }
        checks.note("an unknown tool is an error", self.unknown_tool().await);
        checks.note("a wrong argument is a tool error", self.wrong_argument().await);
        checks.note("a resource that is not there is an error", self.unknown_resource().await);
    }

    /// The first call: no token is stored, so it opens the sign-in page and waits for the redirect.
    async fn sign_in(&self) -> Result<(), InspectorError> {
        let callback = format!("http://127.0.0.1:{}/oauth/callback", free_port()?);
        let mut command = self.command()?;
        command.env("MCP_AUTO_OPEN_ENABLED", "true").args([
            "--callback-url",
            &callback,
            "--method",
            "initialize",
        ]);
        let mut child = child::start(&mut command)?;
        let messages = child.stderr.take().ok_or_else(|| InspectorError::Wrong("no messages".to_owned()))?;
        let page = tokio::time::timeout(LIMIT, announced_page(messages))
            .await
            .map_err(|_| InspectorError::Wrong("no sign-in page in time".to_owned()))??;
        self.be_the_person(page).await?;
        let finished = child::finish(child, LIMIT).await?;
        let result = result_of(&finished)?;
        ensure(result["protocolVersion"] == self.way.version, || InspectorError::Wrong(result.to_string()))
    }

    /// Chooses the account, consents, and follows the redirect to the Inspector's listener.
    async fn be_the_person(&self, mut page: Url) -> Result<(), InspectorError> {
        let user = &self.world.person(self.number)?.upn;
        page.query_pairs_mut().append_pair("user", user).append_pair("consent", "yes");
        let answer = self.world.http().get(page).send().await?;
        let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let location = location
            .ok_or_else(|| InspectorError::Wrong(format!("the sign-in page answered {}", answer.status())))?;
        self.world.http().get(location).send().await?.error_for_status()?;
        Ok(())
    }

    async fn strict_list(&self) -> Result<(), InspectorError> {
        let finished = self.ask(&["--method", "tools/list", "--strict"]).await?;
        let tools = result_of(&finished)?["tools"].as_array().map_or(0, Vec::len);
        ensure(tools > 0 && finished.code == Some(0), || InspectorError::Wrong(finished.last_words()))
    }

    async fn me(&self) -> Result<(), InspectorError> {
        let me = self.call("get_me", &json!({})).await?;
        let user = &self.world.person(self.number)?.upn;
        ensure(me["structuredContent"]["userPrincipalName"] == **user, || {
            InspectorError::Wrong(me.to_string())
        })
    }

    async fn search(&self) -> Result<Value, InspectorError> {
        let found = self.call("outlook_email_search", &json!({ "query": "report", "limit": 3 })).await?;
        let hit = found["structuredContent"]["items"][0].clone();
        ensure(hit["uri"].is_string(), || InspectorError::Wrong(found.to_string()))?;
        Ok(hit)
    }

    async fn read(&self, hit: &Value) -> Result<(), InspectorError> {
        let read = self.call("read_resource", &json!({ "uri": hit["uri"] })).await?;
        let text = read["content"][0]["text"].as_str().unwrap_or_default();
        let subject = hit["subject"].as_str().unwrap_or_default();
        ensure(text.contains(subject), || InspectorError::Wrong("the text lacks the subject".to_owned()))
    }

    /// The Inspector looks tools up in the list by itself, and does not ask the server.
    async fn unknown_tool(&self) -> Result<(), InspectorError> {
        let finished = self.ask(&["--method", "tools/call", "--tool-name", "no_such_tool"]).await?;
        ensure(finished.code == Some(TOOL_ERROR) && finished.stderr.contains("tool_not_found"), || {
            InspectorError::Wrong(finished.last_words())
        })
    }

    async fn wrong_argument(&self) -> Result<(), InspectorError> {
        let arguments = json!({ "order": "sideways" }).to_string();
        let arguments = ["--tool-name", "outlook_email_search", "--tool-args-json", &arguments];
        let finished = self.ask(&[["--method", "tools/call"].as_slice(), &arguments].concat()).await?;
        let result = result_of(&finished)?;
        ensure(finished.code == Some(TOOL_ERROR) && result["isError"] == true, || {
            InspectorError::Wrong(finished.last_words())
        })
    }

    async fn unknown_resource(&self) -> Result<(), InspectorError> {
        let finished = self.ask(&["--method", "resources/read", "--uri", "nowhere:///nothing"]).await?;
        ensure(finished.code == Some(1) && finished.stderr.contains("\"error\""), || {
            InspectorError::Wrong(finished.last_words())
        })
    }

    async fn call(&self, tool: &str, arguments: &Value) -> Result<Value, InspectorError> {
        let arguments = arguments.to_string();
        let finished = self
            .ask(&["--method", "tools/call", "--tool-name", tool, "--tool-args-json", &arguments])
            .await?;
        ensure(finished.code == Some(0), || InspectorError::Wrong(finished.last_words()))?;
        result_of(&finished)
    }

    /// With the token that is stored, and never with a sign-in.
    async fn ask(&self, arguments: &[&str]) -> Result<Finished, InspectorError> {
        let mut command = self.command()?;
        command.arg("--stored-auth-only").args(arguments);
        Ok(child::finish(child::start(&mut command)?, LIMIT).await?)
    }

    fn command(&self) -> Result<Command, InspectorError> {
        let client = self.world.inspector_client()?.id.to_string();
        let address = self.world.address(self.way.address, self.number)?;
        let mut command = child::command(Path::new(&self.node), &self.home);
        command.env("MCP_INSPECTOR_SECRET_STORE", "file").arg(&self.script).args([
            address.as_str(),
            "--transport",
            "http",
            "--protocol-era",
            self.way.era,
            "--client-id",
            &client,
            "--format",
            "json",
            "--quiet",
        ]);
        Ok(command)
    }
}

/// Reads messages until one names the sign-in page; what follows is read away.
async fn announced_page(messages: tokio::process::ChildStderr) -> Result<Url, InspectorError> {
    let mut lines = BufReader::new(messages).lines();
    let mut seen = String::new();
    while let Some(line) = lines.next_line().await? {
        let address =
            line.split_whitespace().find(|word| word.starts_with("http") && word.contains("/authorize?"));
        if let Some(page) = address.and_then(|address| Url::parse(address).ok()) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(page);
        }
        seen.push_str(&line);
    }
    Err(InspectorError::Wrong(seen))
}

fn result_of(finished: &Finished) -> Result<Value, InspectorError> {
    let answer: Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
    ensure(answer["result"].is_object(), || InspectorError::Wrong(finished.last_words()))?;
    Ok(answer["result"].clone())
}

/// Free now, and taken by the Inspector in a moment.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
