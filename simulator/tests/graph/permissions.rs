//! Every address of `data/permissions.txt`, with every permission of it, one at a time.

mod addresses;
mod options;

use m365_simulator::graph::{GraphMethod, Payload};
use serde_json::Value;

use crate::calendar::YEAR;
use crate::meetings::ORGANIZER;
use crate::world::WORLD;

const TABLE: &str = include_str!("../../data/permissions.txt");

#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    includes: Vec<(&'static str, Vec<&'static str>)>,
}

struct Row {
    method: &'static str,
    path: &'static str,
    /// Label and permission.
    opened_by: Vec<(&'static str, &'static str)>,
}

/// To whom belongs what an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Shared,
    /// A site that was granted to the application.
    Selected,
    /// A site that was not.
    Unselected,
}

impl Table {
    fn read() -> Self {
        let mut table = Self::default();
        for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [label, scopes @ ..] if line.starts_with(' ') => {
                    let row = table.rows.last_mut().unwrap();
                    row.opened_by.extend(scopes.iter().map(|scope| (*label, *scope)));
                }
                [scope, "includes", included @ ..] => table.includes.push((scope, included.to_vec())),
                [method, path] => table.rows.push(Row { method, path, opened_by: Vec::new() }),
                _ => panic!("{line}"),
            }
        }
        table
    }

    fn scopes(&self) -> Vec<&'static str> {
        let named = self.rows.iter().flat_map(|row| &row.opened_by).map(|(_, scope)| *scope);
        let mut scopes: Vec<&str> = named.chain(self.includes.iter().map(|(scope, _)| *scope)).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    fn opens(&self, row: &Row, whose: Whose, scope: &str) -> bool {
        let label = match whose {
            Whose::Own => "own",
            Whose::Shared => "shared",
            Whose::Selected => "selected",
            Whose::Unselected => "any",
        };
        row.opened_by.iter().filter(|(known, _)| *known == "any" || *known == label).any(|(_, wanted)| {
            let mut includes = self.includes.iter().filter(|(name, _)| *name == scope);
            *wanted == scope || includes.any(|(_, included)| included.contains(wanted))
        })
    }
}

impl Row {
    fn owners(&self) -> &'static [Whose] {
        if self.path.contains("{site}") {
            return &[Whose::Selected, Whose::Unselected];
        }
        if self.path.starts_with("/drives/") && !self.path.ends_with("/sharedWithMe") {
            return &[Whose::Own, Whose::Selected, Whose::Unselected];
        }
        if self.opened_by.iter().any(|(label, _)| *label == "shared") {
            return &[Whose::Own, Whose::Shared];
        }
        &[Whose::Own]
    }

    /// The code by which the service behind it refuses.
    fn refusal(&self) -> &'static str {
        let segments: Vec<&str> = self.path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["me" | "users"] | ["users", _] | [.., "manager" | "memberOf"] | [.., "settings", "exchange"] => {
                "Authorization_RequestDenied"
            }
            ["search" | "chats" | "teams" | "copilot", ..]
            | ["me", "chats" | "joinedTeams" | "onlineMeetings", ..]
            | ["users", _, "chats" | "joinedTeams" | "onlineMeetings", ..] => "Forbidden",
            ["drives" | "shares" | "sites", ..]
            | ["me", "drive" | "drives" | "followedSites", ..]
            | ["users", _, "drive" | "drives", ..] => "accessDenied",
            _ => "ErrorAccessDenied",
        }
    }

    fn target(&self, whose: Whose) -> String {
        let (path, _) = self.path.split_once('#').unwrap_or((self.path, ""));
        let path = path.replace("/search", "/search(q='a')").replace("/search(q='a')/query", "/search/query");
        let path = match path.as_str() {
            "/sites" => "/sites?search=*".to_owned(),
            path if path.ends_with("calendarView") || path.ends_with("instances") => format!("{path}?{YEAR}"),
            path if path.ends_with("/onlineMeetings") => {
                format!("{path}?$filter=JoinWebUrl%20eq%20'https://a'")
            }
            path => path.to_owned(),
        };
        addresses::filled(&path, whose)
    }

    /// Who asks: reports are for the organizer of a meeting alone.
    fn seat(&self) -> usize {
        if self.path.contains("/onlineMeetings") { ORGANIZER } else { 0 }
    }

    /// Whether there is nothing here that the address could lead to: connections, and operations of writing.
    fn leads_nowhere(&self) -> bool {
        self.path.ends_with("externalItem") || self.path.ends_with("{operation}")
    }

    fn sentence(&self, held: &str) -> String {
        let needed: Vec<&str> = self.opened_by.iter().map(|(_, scope)| *scope).collect();
        format!(
            "Missing scope permissions on the request. API requires one of '{}'. Scopes on the request '{held}'",
            needed.join(", ")
        )
    }

    fn is_of_count(&self) -> bool {
        self.path.ends_with("$count")
    }

    /// Whether the service names the permissions of which one is needed.
    fn names_what_is_missing(&self) -> bool {
        self.refusal() == "Forbidden" && !self.path.starts_with("/search")
    }

    fn body(&self) -> String {
        let (_, entity) = self.path.split_once('#').unwrap_or_default();
        let day = |day: &str| serde_json::json!({ "dateTime": day, "timeZone": "UTC" });
        if self.path.ends_with("getSchedule") {
            let whom = [&WORLD.user(0, 0).upn];
            return serde_json::json!({ "schedules": whom, "startTime": day("2026-11-23"), "endTime": day("2026-11-24") })
                .to_string();
        }
        if self.path.ends_with("translateExchangeIds") {
            return r#"{"inputIds":[],"sourceIdType":"restId","targetIdType":"ewsId"}"#.to_owned();
        }
        if self.path.ends_with("getMailTips") {
            return r#"{"EmailAddresses":["a@b.example"],"MailTipsOptions":"mailboxFullStatus"}"#.to_owned();
        }
        if entity.is_empty() {
            return "{}".to_owned();
        }
        serde_json::json!({ "requests": [{ "entityTypes": [entity], "query": { "queryString": "a" } }] })
            .to_string()
    }
}

/// Fails when an address opens with a permission that the table does not list for it, or stays closed with one that it
/// lists, or refuses otherwise than the service behind it.
#[test]
fn every_permission_by_itself_opens_what_the_table_says() {
    let table = Table::read();
    let mut scopes = table.scopes();
    scopes.push("Contacts.Read");
    let mut asked = 0;
    for row in &table.rows {
        let body = row.body();
        let payload = Payload { content_type: Some("application/json"), bytes: body.as_bytes() };
        let method = if row.method == "GET" { GraphMethod::Get } else { GraphMethod::Post(payload) };
        for whose in row.owners() {
            let target = row.target(*whose);
            for scope in &scopes {
                let response = WORLD.ask(&WORLD.caller_with(0, row.seat(), &[scope]), &target, |request| {
                    request.method = method;
                    request.consistency_level = row.is_of_count().then_some("eventual");
                });
                let what = || format!("{scope}, {whose:?}: {} {target}: {response:?}", row.method);
                asked += 1;
                if table.opens(row, *whose, scope) {
                    let is_open = matches!(response.status, 200 | 302);
                    assert!(is_open || (row.leads_nowhere() && response.status != 403), "{}", what());
                    continue;
                }
                let body: Value = serde_json::from_slice(&response.body).unwrap();
                let code = &body["error"]["code"];
                assert_eq!((response.status, code), (403, &row.refusal().into()), "{}", what());
                if row.names_what_is_missing() {
                    assert_eq!(body["error"]["message"], row.sentence(scope), "{}", what());
                }
            }
        }
    }
    assert!(asked > 15_000, "{asked}");
}
