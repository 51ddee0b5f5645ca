//! Every address of `data/permissions.txt`, with every permission of it, one at a time.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m365_simulator::graph::{GraphMethod, Payload};
use serde_json::Value;

use crate::calendar::YEAR;
use crate::world::{WORLD, encoded};

const TABLE: &str = include_str!("../../data/permissions.txt");
/// Shares the default calendar with the first user.
const SHARER: usize = 11;

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
            ["me"] | ["users", _] => "Authorization_RequestDenied",
            ["search", ..] => "Forbidden",
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
            path => path.to_owned(),
        };
        let values = if path.contains("/messages") || path.contains("/mailFolders") {
            mail(whose)
        } else if path.contains("/events") || path.to_lowercase().contains("/calendar") {
            calendar(&path, whose)
        } else {
            files(&path, whose)
        };
        let user = WORLD.user(0, if whose == Whose::Shared { SHARER } else { 0 }).upn.clone();
        values
            .into_iter()
            .chain([("{user}", user)])
            .fold(path, |path, (name, value)| path.replace(name, &value))
    }

    fn body(&self) -> String {
        let (_, entity) = self.path.split_once('#').unwrap_or_default();
        let day = |day: &str| serde_json::json!({ "dateTime": day, "timeZone": "UTC" });
        if self.path.ends_with("getSchedule") {
            let whom = [&WORLD.user(0, 0).upn];
            return serde_json::json!({ "schedules": whom, "startTime": day("2026-11-23"), "endTime": day("2026-11-24") })
                .to_string();
        }
        if entity.is_empty() {
            return "{}".to_owned();
        }
        serde_json::json!({ "requests": [{ "entityTypes": [entity], "query": { "queryString": "a" } }] })
            .to_string()
    }
}

type Values = Vec<(&'static str, String)>;

fn id_of(value: &Value) -> String {
    encoded(value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")))
}

fn first(target: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let answer = WORLD.get(target);
    let found = answer.entries().iter().find(|entry| is_wanted(entry)).cloned();
    found.unwrap_or_else(|| panic!("nothing at {target}: {:?}", answer.status))
}

fn mail(whose: Whose) -> Values {
    static VALUES: LazyLock<[Values; 2]> = LazyLock::new(|| {
        [WORLD.user(0, 0).upn.as_str(), "orders@larkmoor.example"].map(|user| {
            let messages = format!("/users/{user}/messages");
            let message = first(&format!("{messages}?$top=1000"), |entry| entry["hasAttachments"] == true);
            let attachment = first(&format!("{messages}/{}/attachments", id_of(&message)), |_| true);
            vec![
                ("{user}", user.to_owned()),
                ("{message}", id_of(&message)),
                ("{attachment}", id_of(&attachment)),
                ("{folder}", encoded(message["parentFolderId"].as_str().unwrap())),
            ]
        })
    });
    VALUES[usize::from(whose == Whose::Shared)].clone()
}

fn calendar(path: &str, whose: Whose) -> Values {
    let (shared, is_link) = (whose == Whose::Shared, path.starts_with("/me/calendars/"));
    let user = &WORLD.user(0, if shared { SHARER } else { 0 }).upn;
    let calendar = if shared && is_link {
        first("/me/calendars", |calendar| calendar["owner"]["address"] == user.as_str())
    } else {
        WORLD.get(&format!("/users/{user}/calendar")).body
    };
    let events = match (shared, is_link) {
        (true, true) => format!("/me/calendars/{}/events", id_of(&calendar)),
        _ => format!("/users/{user}/calendar/events"),
    };
    let event = first(&format!("{events}?$top=1000"), |event| {
        event["sensitivity"] == "normal"
            && (!path.contains("/instances") || event["type"] == "seriesMaster")
            && (!path.contains("/attachments") || event["hasAttachments"] == true)
    });
    let mut values = vec![("{calendar}", id_of(&calendar)), ("{event}", id_of(&event))];
    if path.contains("{attachment}") {
        let attachments = format!("{events}/{}/attachments", id_of(&event));
        let attachment =
            first(&attachments, |entry| entry["@odata.type"] != "#microsoft.graph.referenceAttachment");
        values.push(("{attachment}", id_of(&attachment)));
    }
    if path.contains("{group}") {
        values.push(("{group}", id_of(&first("/me/calendarGroups", |_| true))));
    }
    values
}

fn files(path: &str, whose: Whose) -> Values {
    let (site, drive) = match whose {
        Whose::Own | Whose::Shared => ("handbook", "/me/drive".to_owned()),
        Whose::Selected => ("handbook", site("handbook") + ":/drive"),
        Whose::Unselected => ("aurora", site("aurora") + ":/drive"),
    };
    let is_container = path.ends_with("/children") || path.contains("/search(");
    let wanted = if is_container { "folder" } else { "file" };
    let item = first(&format!("{drive}/root/search(q='')"), |item| item[wanted].is_object());
    let share = format!("u!{}", URL_SAFE_NO_PAD.encode(item["webUrl"].as_str().unwrap()));
    let mut values = vec![
        ("{drive}", id_of(&WORLD.get(&drive).body)),
        ("{item}", id_of(&item)),
        ("{share}", share),
        ("{list}", "Documents".to_owned()),
        ("{entry}", "1".to_owned()),
        ("{site}", WORLD.get(&self::site(site)).body["id"].as_str().unwrap().to_owned()),
    ];
    if path.contains("{page}") {
        values.push(("{page}", id_of(&first(&(self::site(site) + ":/pages"), |_| true))));
    }
    values
}

fn site(name: &str) -> String {
    format!("/sites/larkmoor.sharepoint.example:/sites/{name}")
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
                let response = WORLD.send(&WORLD.caller_with(0, 0, &[scope]), method, &target, &[]);
                let what = format!("{scope}, {whose:?}: {} {target}: {response:?}", row.method);
                asked += 1;
                if table.opens(row, *whose, scope) {
                    // The connection behind `externalItem` does not exist.
                    let is_open = matches!(response.status, 200 | 302) || row.path.ends_with("externalItem");
                    assert!(is_open, "{what}");
                } else {
                    let body: Value = serde_json::from_slice(&response.body).unwrap();
                    assert_eq!(
                        (response.status, &body["error"]["code"]),
                        (403, &row.refusal().into()),
                        "{what}"
                    );
                }
            }
        }
    }
    assert!(asked > 4_000, "{asked}");
}
