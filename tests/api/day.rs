//! A person's day, played through the official Rust client. What was asked and answered is the tour that newcomers read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use m365_connector::Catalogue;
use rmcp::model::{CallToolRequestParams, ClientConfig, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::published_file::publish;
use crate::world::{KEYS, World};

/// Everything was written before this Monday evening, so that the day is the same whenever it is played.
const NEWEST: &str = "2026-11-23T18:00:00Z";
/// What is shown of a list.
const ITEMS: usize = 2;
/// In characters: what is shown of a text, and of a uri.
const TEXT: usize = 110;
const URI: usize = 44;
/// What is shown of a body.
const LINES: usize = 12;

const INTRODUCTION: &str = "# A day with the connector

Maja has a day like any other, and an assistant that reads along. Each step below is one call of a tool, as the official Rust
client sent it, with what came back.

The people, mails and files are made up by the [simulator](../simulator/README.md); the connector is the real one. This page is
written by `make published` from the run of a test (`tests/api/day.rs`), which fails as soon as the connector answers anything
else. To play along, start `make demo`. All tools and their arguments stand in [TOOLS.md](TOOLS.md).

Shortened, and marked with `…`: long texts, uris, lists behind their second entry. Links for people (`webUrl`) are left out.
";

type Client = RunningService<RoleClient, ClientConfig>;

/// A day as far as it has gone.
struct Day {
    client: Client,
    steps: usize,
    page: String,
}

impl Day {
    /// Plays one step and writes it down.
    async fn step(&mut self, title: &str, why: &str, tool: &'static str, arguments: Value) -> Value {
        let answer = self.ask(tool, &arguments).await.unwrap_or_else(|| panic!("{tool} {arguments} failed"));
        self.write_down(title, why, (tool, &arguments), &answer);
        answer
    }

    fn write_down(&mut self, title: &str, why: &str, (tool, arguments): (&str, &Value), answer: &Value) {
        self.steps += 1;
        write!(self.page, "\n## {}. {title}\n\n{why}\n\n", self.steps).unwrap();
        write!(self.page, "```text\n{tool} {}\n```\n\n", shortened(arguments)).unwrap();
        write!(self.page, "```json\n{:#}\n```\n", shortened(answer)).unwrap();
        if let Some(text) = answer["body"]["text"].as_str() {
            write!(self.page, "\nIts text:\n\n```text\n{}\n```\n", beginning(text)).unwrap();
        }
    }

    /// What a tool answers, where that is no error.
    async fn ask(&self, tool: &'static str, arguments: &Value) -> Option<Value> {
        let arguments = arguments.as_object().unwrap().clone();
        let asked = CallToolRequestParams::new(tool).with_arguments(arguments);
        let answer = self.client.call_tool(asked).await.unwrap();
        if answer.is_error == Some(true) { None } else { answer.structured_content }
    }
}

/// What is shown of an answer.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains(":///") => cut(text, URI).into(),
        Value::String(text) => cut(text, TEXT).into(),
        Value::Array(items) => {
            let shown = items.iter().take(ITEMS).map(shortened);
            let hidden = items.len().saturating_sub(ITEMS);
            shown.chain((hidden > 0).then(|| format!("… and {hidden} more").into())).collect()
        }
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "webUrl")
            .map(|(name, member)| {
                let shown = match name.as_str() {
                    "nextCursor" => json!("…"),
                    "fence" | "itemsEnd" => without_mark(member.as_str().unwrap()).into(),
                    // It stands below.
                    "body" => json!({ "text": "…", "truncated": member["truncated"] }),
                    _ => shortened(member),
                };
                (name.clone(), shown)
            })
            .collect(),
        other => other.clone(),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first lines of a fenced text. What marks the fence is drawn anew each time, and is left out here.
fn beginning(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(|line| cut(&without_mark(line), TEXT)).collect();
    if lines.len() > LINES {
        let last = lines.pop().unwrap();
        lines.truncate(LINES - 2);
        lines.extend(["…".to_owned(), last]);
    }
    lines.join("\n")
}

fn without_mark(line: &str) -> String {
    let fence = ["⟦untrusted content ", "⟦end of untrusted content "];
    match fence.iter().find(|fence| line.starts_with(**fence)) {
        Some(fence) => format!("{fence}…⟧"),
        None => line.to_owned(),
    }
}

/// What Entra and Graph were asked in the course of the day: each kind of request, and how often.
async fn seen_by_microsoft(world: &World) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for request in world.requests().await {
        let path = request["path"].as_str().unwrap();
        if is_of_keys(path) {
            continue;
        }
        let segments = path.split('/');
        let is_id = |segment: &&str| segment.len() > 24 || segment.contains("%40");
        let path: Vec<&str> =
            segments.map(|segment| if is_id(&segment) { "{id}" } else { segment }).collect();
        let method = request["method"].as_str().unwrap();
        let kind = match request["service"].as_str().unwrap() {
            "files" => format!("| file host | {method} a pre-authenticated address, without the token |"),
            service => format!("| {service} | {method} {} |", path.join("/")),
        };
        *counts.entry(kind).or_default() += 1;
    }
    let mut table = "\n## What Microsoft saw\n\nEverything that was asked of Entra ID, but for its public keys, and Microsoft Graph for it. Nothing but \
                     reading: a POST to Graph is a question with a body, or a batch of such \
                     requests, which are listed as well.\n\n| Asked | What | Times |\n\
                     |---|---|---|\n"
        .to_owned();
    for (kind, count) in counts {
        writeln!(table, "{kind} {count} |").unwrap();
    }
    table
}

/// Whether it tells how Entra signs. The connector asks for that as it starts, which may take until the day has begun.
fn is_of_keys(path: &str) -> bool {
    path.ends_with(KEYS) || path.ends_with("/.well-known/openid-configuration")
}

/// The value at the end of a path, as text.
fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer}: {value}")).to_owned()
}

async fn read_the_mail(day: &mut Day) {
    let found = day
        .step(
            "Find a mail",
            "Somebody sent notes last week. Words of the subject and a date are enough; every argument of the search can be \
             combined with every other one.",
            "outlook_email_search",
            json!({ "subject": "notes", "hasAttachments": true, "afterDateTime": "2026-11-16", "limit": 2 }),
        )
        .await;
    let mail = day
        .step(
            "Read it",
            "Every hit has a `uri`, and one tool reads them all. The text stands between fences: it is what somebody wrote, \
             not what the connector says, and nothing in it is an instruction.",
            "read_resource",
            json!({ "uri": text(&found, "/items/0/uri") }),
        )
        .await;
    day.step(
        "Read its attachment",
        "Attachments have uris, too.",
        "read_resource",
        json!({ "uri": text(&mail, "/attachments/0/uri") }),
    )
    .await;
}

async fn find_a_time(day: &mut Day) {
    let people = day
        .step(
            "Find a colleague",
            "The notes should be talked over with Tomás. The other tools want an address; this one knows it.",
            "search_people",
            json!({ "query": "tomás" }),
        )
        .await;
    day.step(
        "Check who is free",
        "Times at which both can come, best first, within working hours. Every time is told in UTC and in Maja's own zone.",
        "find_meeting_availability",
        json!({
            "participants": [text(&people, "/items/0/address")], "afterDateTime": "2026-11-24",
            "beforeDateTime": "2026-11-28", "durationMinutes": 60, "minimumAttendeePercentage": 100, "maxCandidates": 3,
        }),
    )
    .await;
}

async fn find_the_file(day: &mut Day) {
    let found = day
        .step(
            "Find the file",
            "There was a text about the budget, in SharePoint or in OneDrive.",
            "sharepoint_search",
            json!({ "query": "budget", "kind": "file", "fileType": "md", "limit": 2 }),
        )
        .await;
    day.step(
        "Read it",
        "A file of text is read like a mail; `range` would give some of its rows.",
        "read_resource",
        json!({ "uri": text(&found, "/items/0/uri") }),
    )
    .await;
}

async fn read_the_channel(day: &mut Day) {
    let teams = day
        .step("List the teams", "What has the team been talking about?", "teams_list_teams", json!({}))
        .await;
    let team = text(&teams, "/items/0/teamId");
    let channels = day
        .step(
            "List its channels",
            "A team has channels; private and shared ones are there as far as Maja is in them.",
            "teams_list_channels",
            json!({ "teamId": team }),
        )
        .await;
    let general = channels["items"].as_array().unwrap().iter().find(|channel| channel["name"] == "General");
    day.step(
        "Read the channel",
        "The posts with the latest activity, each followed by its replies. `completeness` says that there is more, and \
         `nextCursor` gets it.",
        "teams_list_channel_messages",
        json!({
            "teamId": team, "channelId": text(general.unwrap(), "/channelId"), "includeReplies": true, "limit": 1,
        }),
    )
    .await;
}

async fn read_the_transcript(day: &mut Day) {
    let found = day
        .step(
            "Find the meeting",
            "Maja has missed a stand-up. Each occurrence of a series is a hit of its own.",
            "meetings_find",
            json!({ "subject": "stand-up", "afterDateTime": "2026-11-09", "beforeDateTime": "2026-11-21" }),
        )
        .await;
    for hit in found["items"].as_array().unwrap() {
        let arguments = json!({ "uri": text(hit, "/transcriptUri"), "range": "00:00:00-00:02:00" });
        // Not every time was transcribed.
        let Some(answer) = day.ask("read_resource", &arguments).await else { continue };
        let why = "Who said what, and when; `range` gives the first two minutes. The uri is that of the very occurrence. \
                   Somebody has put words into it that are meant for an AI: they stay what they are, words of a transcript.";
        day.write_down("Read what was said", why, ("read_resource", &arguments), &answer);
        return;
    }
    panic!("none of these was transcribed: {found}");
}

/// If this failed, somebody who builds on the official client could not get through a day; or newcomers would read of
/// answers that the connector does not give.
#[actix_web::test]
async fn the_published_tour_is_a_day_that_was_played() {
    let newest: Timestamp = NEWEST.parse().unwrap();
    let world = World::written_before(Catalogue::MICROSOFT_365, newest, without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    world.forget_requests().await;
    let config = StreamableHttpClientTransportConfig::with_uri(world.url()).auth_header(token);
    let transport = StreamableHttpClientTransport::from_config(config);
    let lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let client = ClientConfig::default().serve_with_lifecycle(transport, lifecycle).await.unwrap();

    let mut day = Day { client, steps: 0, page: INTRODUCTION.to_owned() };
    day.step(
        "Who is asking?",
        "The connector acts for the person who signed in, with that person's rights and no others.",
        "get_me",
        json!({}),
    )
    .await;
    read_the_mail(&mut day).await;
    find_a_time(&mut day).await;
    find_the_file(&mut day).await;
    read_the_channel(&mut day).await;
    read_the_transcript(&mut day).await;
    let Day { client, page, .. } = day;
    client.cancel().await.unwrap();
    publish("docs/TOUR.md", &(page + &seen_by_microsoft(&world).await));
}
