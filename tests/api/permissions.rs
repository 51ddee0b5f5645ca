//! Who is shown which tool, held against what Graph opens: each is shown exactly where a call of it can work.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use m365_connector::Catalogue;
use m365_connector::tools::Tool;
use serde_json::{Value, json};

use crate::calls::{Known, without_limits};
use crate::world::{Person, World, send};

const DOCUMENT: &str = include_str!("../../docs/PERMISSIONS.md");
/// Microsoft lists no address for it: what it opens is shown, tried, and refused.
const OPENS_NOTHING: &str = "ChatMessage.Read";
/// So many of which the tools that stay closed are tried stay within what one user may ask Entra for.
const PERMISSIONS_OF_A_WORLD: usize = 3;
/// The same where a pair takes one exchange.
const PAIRS_OF_A_WORLD: usize = 90;
/// What a call ends with that no permission opens. Notes of an AI are refused in the same way to whoever has no licence.
const REFUSALS: &[&str] = &["missing_scope", "no_access", "not_licensed"];

/// Every permission that the document names, in its order.
fn every_permission() -> Vec<&'static str> {
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let permissions: Vec<&str> = rows.collect();
    assert!(permissions.len() > 20, "{permissions:?}");
    permissions
}

/// What is known of a Microsoft 365 that can be started again, the same to the last id: one user may not ask for access
/// as often as there are permissions.
struct Trial {
    newest: Timestamp,
    known: Known,
    /// Of somebody else, shared with the user.
    shared_event: Value,
    /// Calls that worked, by their places, with each of the permissions that were held.
    worked: RefCell<BTreeMap<(String, &'static str), BTreeSet<usize>>>,
}

/// Who calls.
fn caller(world: &World) -> Person {
    world.person(0, 0)
}

impl Trial {
    async fn new() -> Self {
        let newest = Timestamp::now();
        let world = Self::world_of(newest).await;
        let person = caller(&world);
        let token = world.token(&person).await;
        let known = world.known(&person, &token).await;
        let shared = json!({ "calendarOwnerEmail": known.shared_mailbox, "limit": 1 });
        let shared = world.answer(&token, "outlook_calendar_search", shared).await;
        let shared_event = shared["items"][0]["uri"].clone();
        assert!(shared_event.is_string(), "{shared}");
        Self { newest, known, shared_event, worked: RefCell::default() }
    }

    async fn world_of(newest: Timestamp) -> World {
        World::written_before(Catalogue::MICROSOFT_365, newest, without_limits).await
    }

    async fn world(&self) -> World {
        Self::world_of(self.newest).await
    }

    /// Calls that between them use whatever the tool can do.
    fn calls(&self, tool: &str) -> Vec<Value> {
        let of_a_selected_site = json!({ "site": self.known.handbook, "list": "Open points", "limit": 1 });
        let calls = self.known.calls().into_iter().chain([("sharepoint_list_items", of_a_selected_site)]);
        let calls = calls.filter(|(name, _)| *name == tool).map(|(_, arguments)| arguments);
        let readings = self.known.uris.iter().map(|uri| json!({ "uri": uri }));
        let readings = readings.chain([json!({ "uri": self.shared_event })]);
        calls.chain(readings.filter(|_| tool == "read_resource")).collect()
    }

    /// The same, those first that have worked with one of these permissions.
    fn calls_with(&self, tool: &str, held: &BTreeSet<&'static str>) -> Vec<(usize, Value)> {
        let worked = self.worked.borrow();
        let known = held.iter().filter_map(|scope| worked.get(&(tool.to_owned(), *scope)));
        let known: BTreeSet<usize> = known.flatten().copied().collect();
        let mut calls: Vec<(usize, Value)> = self.calls(tool).into_iter().enumerate().collect();
        calls.sort_by_key(|(place, _)| !known.contains(place));
        calls
    }
}

/// Somebody who holds some permissions.
struct Holder<'w> {
    trial: &'w Trial,
    world: &'w World,
    held: BTreeSet<&'static str>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Answered,
    /// With an empty list, as a search does that may look nowhere.
    Empty,
    Refused,
    Failed(String),
}

impl Holder<'_> {
    /// A token whose lease Graph holds to what is held, while the connector is told that it has `more`.
    async fn token(&self, more: &[&'static str]) -> String {
        let told: BTreeSet<&str> = self.held.iter().chain(more).copied().collect();
        let names = |scopes: &BTreeSet<&str>| scopes.iter().copied().collect::<Vec<_>>().join(" ");
        self.world.clear_faults().await;
        self.world.token_told(&caller(self.world), &names(&self.held), &names(&told)).await
    }

    /// Names of the tools that are shown; `get_granted_scopes` says the same, and why the others are not.
    async fn shown(&self, token: &str) -> BTreeSet<String> {
        let listed = send(self.world.modern(token, "tools/list", json!({}))).await.json();
        let listed = listed["result"]["tools"].as_array().unwrap_or_else(|| panic!("no tools: {listed}"));
        let listed: BTreeSet<String> =
            listed.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect();
        let granted = self.world.answer(token, "get_granted_scopes", json!({})).await;
        for tool in granted["tools"].as_array().unwrap() {
            let name = tool["name"].as_str().unwrap();
            assert_eq!(tool["available"], listed.contains(name), "{:?} {tool}", self.held);
            let is_explained = tool["reason"] == "missing_scope" && tool["needs"][0][0].is_string();
            assert_eq!(is_explained, !listed.contains(name), "{:?} {tool}", self.held);
        }
        listed
    }

    async fn outcome(&self, token: &str, tool: &str, arguments: Value) -> Outcome {
        let answer = self.world.call(token, tool, arguments).await;
        if answer["isError"] != true {
            let is_empty = answer["structuredContent"]["items"].as_array().is_some_and(Vec::is_empty);
            return if is_empty { Outcome::Empty } else { Outcome::Answered };
        }
        let code = answer["_meta"]["m365-connector/error"]["code"].as_str().unwrap();
        if REFUSALS.contains(&code) { Outcome::Refused } else { Outcome::Failed(answer.to_string()) }
    }

    /// Whether a call of it works; if none does, what became of the last one.
    async fn works(&self, token: &str, tool: &str) -> Result<(), String> {
        let mut last = None;
        for (place, arguments) in self.trial.calls_with(tool, &self.held) {
            match self.outcome(token, tool, arguments).await {
                Outcome::Answered => {
                    let mut worked = self.trial.worked.borrow_mut();
                    for scope in &self.held {
                        worked.entry((tool.to_owned(), *scope)).or_default().insert(place);
                    }
                    return Ok(());
                }
                outcome => last = Some(outcome),
            }
        }
        Err(format!("{tool} with {:?} is shown, and no call of it works: {last:?}", self.held))
    }

    /// Calls of these tools that are not refused, also where the connector is made to think that it has what they ask for.
    async fn not_refused(&self, tools: &[&Tool]) -> Vec<String> {
        let lists: BTreeSet<&[&str]> = tools.iter().flat_map(|tool| tool.scopes.0).copied().collect();
        let mut answered = Vec::new();
        for list in lists {
            let token = self.token(list).await;
            for tool in tools.iter().filter(|tool| tool.scopes.0.contains(&list)) {
                for arguments in self.trial.calls(tool.name) {
                    let outcome = self.outcome(&token, tool.name, arguments.clone()).await;
                    if !matches!(outcome, Outcome::Refused | Outcome::Empty) {
                        answered.push(format!("{} {arguments} with {:?}: {outcome:?}", tool.name, self.held));
                    }
                }
            }
        }
        answered
    }
}

/// Whether a tool is open with these permissions.
fn is_open(tool: &Tool, held: &BTreeSet<&'static str>) -> bool {
    tool.scopes.0.is_empty() || tool.scopes.0.iter().any(|list| list.iter().all(|scope| held.contains(scope)))
}

/// Those of these permissions that open something.
fn opening(held: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    held.iter().copied().filter(|scope| *scope != OPENS_NOTHING).collect()
}

/// If this failed, somebody would be shown a tool whose calls Graph refuses, or miss one that it would answer.
#[actix_web::test]
async fn a_permission_alone_shows_what_it_opens_and_nothing_else() {
    let trial = Trial::new().await;
    let mut wrong = Vec::new();
    for some in every_permission().chunks(PERMISSIONS_OF_A_WORLD) {
        let world = trial.world().await;
        for permission in some {
            let holder = Holder { trial: &trial, world: &world, held: BTreeSet::from([*permission]) };
            let token = holder.token(&[]).await;
            let shown = holder.shown(&token).await;
            let mut closed = Vec::new();
            for tool in Catalogue::MICROSOFT_365.tools {
                let is_shown = shown.contains(tool.name);
                assert_eq!(is_shown, is_open(tool, &holder.held), "{} with {permission}", tool.name);
                if is_open(tool, &opening(&holder.held)) {
                    wrong.extend(holder.works(&token, tool.name).await.err());
                } else {
                    closed.push(tool);
                }
            }
            wrong.extend(holder.not_refused(&closed).await);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// If this failed, a further permission would take away what another one opens: a tool would take a way with it that Graph
/// has closed.
#[actix_web::test]
async fn two_permissions_together_open_what_each_opens_alone() {
    let trial = Trial::new().await;
    let permissions = every_permission();
    let pairs = permissions.iter().enumerate().flat_map(|(place, one)| {
        let later = permissions.iter().skip(place + 1);
        later.map(move |other| BTreeSet::from([*one, *other]))
    });
    let pairs: Vec<BTreeSet<&str>> = pairs.collect();
    let mut wrong = Vec::new();
    for some in pairs.chunks(PAIRS_OF_A_WORLD) {
        let world = trial.world().await;
        for held in some {
            let holder = Holder { trial: &trial, world: &world, held: held.clone() };
            let token = holder.token(&[]).await;
            let shown = holder.shown(&token).await;
            for tool in Catalogue::MICROSOFT_365.tools {
                assert_eq!(shown.contains(tool.name), is_open(tool, held), "{} with {held:?}", tool.name);
                if is_open(tool, &opening(held)) {
                    wrong.extend(holder.works(&token, tool.name).await.err());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
