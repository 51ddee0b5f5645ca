//! Whatever somebody outside writes, and whatever Microsoft answers: none of it is found in what the connector writes.

mod planting;
mod watched;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::planting::CANARY;
use self::watched::{Watched, Written};
use crate::visitor::Visitor;
use crate::world::{Person, World};

/// Where ids of users stand: nowhere else.
const FOR_IDS_OF_USERS: &str = "the audit journal";

/// A text of which as many characters are found again is no chance.
const TELLING: usize = 12;

/// If this failed, whoever reads the logs, the traces, the metrics or the journal could act as a user, or read what users
/// have read and looked for.
#[actix_web::test]
async fn nothing_that_was_said_is_found_in_anything_that_is_written() {
    let mut watched = Watched::start().await;
    let world = &watched.world;
    let [people, strangers] = [0, 1].map(|tenant| everybody(world, tenant));
    let token = world.token(&people[0]).await;
    let mut others = Vec::new();
    for person in &people[1..] {
        others.push(world.token(person).await);
    }
    let known = world.known(&people[0], &token).await;
    let mut visitor = Visitor::new(world, token.clone());

    visitor.everything(&known).await;
    visitor.read_and_ask(&known.uris).await;
    let schemas = visitor.schemas().await;
    assert!(schemas.iter().all(|(tool, _)| visitor.answered.contains(tool)), "{:?}", visitor.answered);
    let profile = watched.profile();
    planting::in_arguments(&mut visitor, &known).await;
    planting::in_uris(&mut visitor, &known).await;
    planting::in_messages(world, &token).await;
    planting::in_requests(world, &token).await;
    planting::in_commands(world, watched.state()).await;
    let tokens = planting::in_tokens(world, &people[0]).await;
    planting::in_graphs_answers(world, &known, &token, &others).await;
    planting::in_entras_answers(world, &strangers).await;
    planting::in_calls_that_break_off(world, &token).await;

    let mut secrets = sent_to_microsoft(world).await;
    for token in tokens.iter().chain(&others).chain([&token]) {
        secrets.extend(parts(token).map(|part| ("a token of a user", part)));
    }
    secrets.extend(visitor.heard.iter().flat_map(|answer| texts(answer)).map(|text| ("content", text)));
    let ids = people_of(world, &mut secrets);
    drop(visitor);
    watched.scrape(profile).await;
    assert_all_was_told(&watched);
    let written = watched.stop().await;

    assert!(contains(&written, "the log", "\"level\":\"TRACE\""), "every library said what it can");
    for (place, text) in &written {
        assert!(!text.is_empty(), "{place} is empty");
        let lower = text.to_lowercase();
        assert_absent(place, &lower, ("what was planted", CANARY));
        for (what, secret) in &secrets {
            assert_absent(place, &lower, (what, &secret.to_lowercase()));
        }
        for id in &ids {
            let is_there = lower.contains(id.as_str());
            assert!(!is_there || *place == FOR_IDS_OF_USERS, "the id of a user is in {place}");
        }
    }
    assert!(contains(&written, FOR_IDS_OF_USERS, &ids[0]), "the journal says who it was");
}

fn everybody(world: &World, tenant: usize) -> Vec<Person> {
    let count = world.stage.simulator.directory().tenants[tenant].users.len();
    (0..count).map(|user| world.person(tenant, user)).collect()
}

/// What was looked for would not be found either if nothing had been written at all.
fn assert_all_was_told(watched: &Watched) {
    let spans = watched.receiver.spans();
    for name in
        ["tools/call outlook_email_search", "policy", "session", "exchange", "GET", "POST", "tools/call"]
    {
        assert!(spans.iter().any(|span| span.name == name), "there is no span {name}");
    }
    let lines: BTreeSet<String> = watched
        .receiver
        .log_records()
        .iter()
        .filter_map(|record| record.body.clone()?.value)
        .map(|body| format!("{body:?}"))
        .collect();
    for line in [
        "call completed",
        "call refused",
        "graph refused",
        "exchange completed",
        "signing keys",
        "write scope",
    ] {
        assert!(
            lines.iter().any(|body| body.to_lowercase().contains(line)),
            "no line says {line}: {lines:?}"
        );
    }
}

fn contains(written: &[Written], place: &str, text: &str) -> bool {
    written.iter().any(|(at, written)| *at == place && written.contains(text))
}

fn assert_absent(place: &str, written: &str, (what, secret): (&str, &str)) {
    if let Some(at) = written.find(secret) {
        let before: String = written[..at].chars().rev().take(300).collect();
        let before: String = before.chars().rev().collect();
        let found: String = written[at..].chars().take(300).collect();
        panic!("{what} is in {place}: {secret:?} in …{before}{found}…");
    }
}

/// The leases, and how the connector proves to Entra who it is.
async fn sent_to_microsoft(world: &World) -> Vec<(&'static str, String)> {
    let mut secrets = Vec::new();
    for request in world.requests().await {
        let header = request["headers"]["authorization"].as_str().unwrap_or_default();
        secrets.extend(parts(header.trim_start_matches("Bearer ")).map(|part| ("a lease", part)));
        for field in ["assertion", "client_assertion", "client_secret", "refresh_token"] {
            let value = request["form"][field].as_str().unwrap_or_default();
            secrets.extend(parts(value).map(|part| ("a field of an exchange", part)));
        }
    }
    let told: BTreeSet<&str> = secrets.iter().map(|(what, _)| *what).collect();
    assert_eq!(told, BTreeSet::from(["a lease", "a field of an exchange"]));
    secrets.sort_unstable();
    secrets.dedup();
    secrets
}

/// Of a token, each part that says something: the heads of all are alike.
fn parts(token: &str) -> impl Iterator<Item = String> {
    token.split('.').rev().take(2).filter(|part| part.len() >= TELLING).map(str::to_owned)
}

/// Everything in an answer that people have written, or that leads to it: subjects, bodies, names, addresses, uris.
fn texts(answer: &str) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    collect(&serde_json::from_str(answer).unwrap(), &mut texts);
    texts
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let lines = text.lines().map(|line| line.trim().chars().take(60).collect::<String>());
            texts.extend(lines.filter(|line| line.len() >= TELLING && line.contains([' ', '@', '/'])));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Names and addresses of everybody; gives their ids.
fn people_of(world: &World, secrets: &mut Vec<(&'static str, String)>) -> Vec<String> {
    let users: Vec<_> =
        world.stage.simulator.directory().tenants.iter().flat_map(|tenant| &tenant.users).collect();
    secrets.extend(users.iter().map(|user| ("a name", user.name.clone())));
    secrets.extend(users.iter().map(|user| ("an address", user.upn.clone())));
    users.iter().map(|user| user.id.to_string()).collect()
}

/// If this failed, the test above would look for nothing.
#[test]
fn what_people_wrote_is_told_from_what_is_ours() {
    let answer = json!({
        "items": [{ "subject": "Budget for the spring", "isRead": true, "kind": "message", "size": 7,
            "from": { "email": "maja@larkmoor.example" }, "uri": "mail:///messages/AAMkAGI2" }],
    });
    let expected = ["Budget for the spring", "mail:///messages/AAMkAGI2", "maja@larkmoor.example"];
    assert_eq!(texts(&answer.to_string()), expected.map(str::to_owned).into());
}
