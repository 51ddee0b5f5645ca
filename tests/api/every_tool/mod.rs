//! What every tool answers in each situation that it can come into: one table, and a file for each kind of situation.

mod beside;
mod circles;
mod cursors;
mod denied;
mod lists;
mod named;
mod partial;
mod progress;
mod readings;
mod refused;
mod unasked;

use std::sync::LazyLock;

use m365_connector::tools::{Catalogue, Tool};
use serde_json::{Value, json};

use self::Situation::{Never, Told, With};
use self::readings::READINGS;
use crate::calls::Known;

/// The arguments with which a tool comes into a situation, or why it never does.
#[derive(Debug, Clone, Copy)]
enum Situation {
    With(fn(&Known) -> Value),
    /// Where Graph answers with what the simulator has none of: the faults that do it, given the simulator's address.
    Told(fn(&str) -> Vec<Value>, fn(&Known) -> Value),
    Never(&'static str),
}

/// A tool, and what brings it where.
struct Row {
    tool: &'static str,
    /// What is read, by its scheme and its kind (`mail/folder`); empty of all tools but `read_resource`.
    kind: &'static str,
    /// The code with which the service that it asks refuses what is not shared (403); empty where it asks none.
    refusal: &'static str,
    /// There is nothing to give.
    empty: Situation,
    /// All there is fits into one answer.
    one_page: Situation,
    /// There is more than one answer holds.
    many_pages: Situation,
    /// One answer can take several pages of Graph's.
    several_requests: Situation,
    /// What the paths of those requests begin with; with braces, all of the path, each standing for a segment.
    path: &'static str,
    /// Something is named that is not there.
    unknown: Situation,
}

/// The tools of all profiles at once.
pub(crate) fn every_profile() -> Catalogue {
    static TOOLS: LazyLock<Vec<Tool>> =
        LazyLock::new(|| [Catalogue::MICROSOFT_365.tools, Catalogue::OPEN_AI.tools].concat());
    Catalogue { tools: TOOLS.as_slice(), ..Catalogue::MICROSOFT_365 }
}

const NO_LIST: Situation = Never("it answers with one thing, not with a list");
const NOTHING_NAMED: Situation = Never("no argument names a single thing");
const ONE_REQUEST: Situation = Never("one request holds all of an answer");
const ONE_PAGE_OF_HITS: Situation = Never(
    "one request holds all hits of an answer: what is asked beside it where policy wants to know is tried in sharepoint_search.rs",
);
const ASKS_NOTHING: Situation =
    Never("it asks Graph for nothing: the granted permissions stand in the lease");

const BY_KIND: Situation = Never("each kind of what it reads has a row of its own: `READINGS`");

const ROWS: &[Row] = &[
    Row {
        tool: "get_me",
        kind: "",
        refusal: "Authorization_RequestDenied",
        empty: NO_LIST,
        one_page: NO_LIST,
        many_pages: NO_LIST,
        several_requests: ONE_REQUEST,
        path: "",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "get_granted_scopes",
        kind: "",
        refusal: "",
        empty: ASKS_NOTHING,
        one_page: ASKS_NOTHING,
        many_pages: ASKS_NOTHING,
        several_requests: ASKS_NOTHING,
        path: "",
        unknown: ASKS_NOTHING,
    },
    Row {
        tool: "search_people",
        kind: "",
        refusal: "Authorization_RequestDenied",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "query": "maja" })),
        many_pages: With(|_| json!({ "query": "a", "limit": 1 })),
        several_requests: With(|_| json!({ "query": "a", "limit": 50 })),
        path: "/users",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "outlook_email_search",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "folderName": "Inbox/Projects/Aurora", "limit": 50 })),
        many_pages: With(|_| json!({ "folderName": "Sent Items", "limit": 10 })),
        several_requests: With(|_| json!({ "query": "report", "isUnread": false, "limit": 50 })),
        path: "/me/messages",
        unknown: With(|_| json!({ "folderName": "No such folder" })),
    },
    Row {
        tool: "outlook_list_folders",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: With(|_| json!({ "parent": "Inbox/Projects/Aurora" })),
        one_page: With(|_| json!({ "recursive": true })),
        many_pages: Told(many_folders, |_| json!({})),
        several_requests: With(|_| json!({ "recursive": true })),
        path: "/me/mailFolders",
        unknown: With(|_| json!({ "parent": "No such folder" })),
    },
    Row {
        tool: "outlook_calendar_search",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(
            |_| json!({ "query": "stand-up", "afterDateTime": "5 days ago", "beforeDateTime": "today", "limit": 50 }),
        ),
        many_pages: With(|_| json!({ "beforeDateTime": "in 20 days", "limit": 3 })),
        several_requests: With(
            |_| json!({ "query": "review", "afterDateTime": "100 days ago", "beforeDateTime": "in 60 days", "limit": 50 }),
        ),
        path: "/me/calendarView",
        unknown: With(|_| json!({ "calendarName": "No such calendar" })),
    },
    Row {
        tool: "outlook_find_available_time",
        kind: "",
        refusal: "ErrorAccessDenied",
        // A Saturday.
        empty: With(
            |_| json!({ "afterDateTime": "2027-02-06", "beforeDateTime": "2027-02-07", "durationMinutes": 30 }),
        ),
        one_page: With(|_| free("in 5 days", 50)),
        many_pages: With(|_| free("in 12 days", 3)),
        several_requests: Never("without the schedule there is nothing to give, and it is one request"),
        path: "",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "find_meeting_availability",
        kind: "",
        refusal: "ErrorAccessDenied",
        // A Saturday.
        empty: With(
            |known| json!({ "participants": [known.colleague], "afterDateTime": "2027-02-06", "beforeDateTime": "2027-02-07", "durationMinutes": 30 }),
        ),
        one_page: With(|known| meet(&known.colleague)),
        many_pages: Never("it gives the best times, as many as are asked for, and has no cursor"),
        several_requests: ONE_REQUEST,
        path: "",
        unknown: Never("of an address that nobody has, nothing is known: the answer is partial and names it"),
    },
    Row {
        tool: "sharepoint_search",
        kind: "",
        refusal: "Forbidden",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "query": "handbook", "kind": "site" })),
        many_pages: With(|_| json!({ "query": "budget", "kind": "file", "limit": 20 })),
        several_requests: ONE_PAGE_OF_HITS,
        path: "",
        unknown: With(|_| json!({ "query": "budget", "folderName": "No such folder" })),
    },
    Row {
        tool: "sharepoint_folder_search",
        kind: "",
        refusal: "Forbidden",
        empty: With(|_| json!({ "name": "zzzyyyxxx" })),
        one_page: With(|known| json!({ "name": "Reports", "siteUrl": known.handbook })),
        many_pages: With(|_| json!({ "name": "Reports", "limit": 2 })),
        several_requests: ONE_PAGE_OF_HITS,
        path: "",
        unknown: With(|_| json!({ "name": "Reports", "siteUrl": NOWHERE })),
    },
    Row {
        tool: "sharepoint_list_folder",
        kind: "",
        refusal: "accessDenied",
        empty: With(|known| json!({ "uri": known.empty_folder })),
        one_page: With(|_| json!({ "uri": "me", "limit": 200 })),
        many_pages: With(|_| json!({ "uri": "me", "limit": 3 })),
        several_requests: With(|_| json!({ "uri": "me", "limit": 200 })),
        path: "/me/drive/root/children",
        unknown: With(|known| json!({ "uri": format!("{}0", known.empty_folder) })),
    },
    Row {
        tool: "sharepoint_list_items",
        kind: "",
        refusal: "accessDenied",
        empty: With(|_| points(&json!([{ "column": "Title", "op": "eq", "value": "zzzyyyxxx" }]), 50)),
        one_page: With(|_| points(&json!([{ "column": "Amount", "op": "ge", "value": 8_000 }]), 200)),
        many_pages: With(|_| points(&json!([]), 100)),
        several_requests: With(|_| points(&json!([{ "column": "Amount", "op": "ge", "value": 8_000 }]), 200)),
        path: "/sites/root/lists/Open%20points/items",
        unknown: With(|_| json!({ "site": "root", "list": "No such list" })),
    },
    Row {
        tool: "chat_message_search",
        kind: "",
        refusal: "Forbidden",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "query": "Perfect", "limit": 50 })),
        many_pages: With(|_| json!({ "query": "Perfect", "limit": 2 })),
        several_requests: With(|_| json!({ "query": "the", "limit": 50 })),
        path: "/search/query",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "teams_list_chats",
        kind: "",
        refusal: "Forbidden",
        empty: With(|_| json!({ "topic": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "topic": "Lunch" })),
        many_pages: With(|_| json!({ "type": "group", "limit": 2 })),
        several_requests: With(|_| json!({ "type": "group", "limit": 50 })),
        path: "/me/chats",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "teams_list_chat_messages",
        kind: "",
        refusal: "Forbidden",
        empty: With(|known| json!({ "chatId": known.chat, "afterDateTime": "tomorrow" })),
        one_page: With(
            |known| json!({ "chatId": known.chat, "afterDateTime": known.lately_said, "limit": 50 }),
        ),
        many_pages: With(|known| json!({ "chatId": known.chat, "limit": 5 })),
        several_requests: With(|known| json!({ "chatId": known.short_chat, "limit": 50 })),
        path: "/chats/",
        unknown: With(|_| json!({ "chatId": "19:0000@thread.v2" })),
    },
    Row {
        tool: "teams_list_teams",
        kind: "",
        refusal: "Forbidden",
        empty: Told(
            |_| {
                vec![json!({ "service": "graph", "path_prefix": "/me/joinedTeams", "body": { "value": [] } })]
            },
            |_| json!({}),
        ),
        one_page: With(|_| json!({ "limit": 50 })),
        many_pages: With(|_| json!({ "limit": 1 })),
        several_requests: With(|_| json!({ "limit": 50 })),
        path: "/me/joinedTeams",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "teams_list_channels",
        kind: "",
        refusal: "Forbidden",
        empty: Told(
            |_| {
                let route = "/teams/{team}/allChannels";
                vec![json!({ "service": "graph", "route": route, "body": { "value": [] } })]
            },
            |known| json!({ "teamId": known.general.team }),
        ),
        one_page: With(|known| json!({ "teamId": known.general.team, "limit": 50 })),
        many_pages: With(|known| json!({ "teamId": known.general.team, "limit": 1 })),
        several_requests: With(|known| json!({ "teamId": known.general.team, "limit": 50 })),
        path: "/teams/",
        unknown: With(|_| json!({ "teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b" })),
    },
    Row {
        tool: "teams_list_channel_messages",
        kind: "",
        refusal: "Forbidden",
        empty: With(|known| known.general.arguments(json!({ "afterDateTime": "tomorrow" }))),
        one_page: With(|known| {
            known.general.arguments(json!({ "afterDateTime": known.lately_posted, "limit": 50 }))
        }),
        many_pages: With(|known| known.general.arguments(json!({ "limit": 20 }))),
        several_requests: With(|known| known.contracts.arguments(json!({ "limit": 50 }))),
        path: "/teams/",
        unknown: With(|known| json!({ "teamId": known.general.team, "channelId": "19:0000@thread.tacv2" })),
    },
    Row {
        tool: "meetings_find",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: With(|_| json!({ "subject": "zzzyyyxxx" })),
        one_page: With(|known| json!({ "eventUri": known.event })),
        many_pages: With(|_| json!({ "subject": "stand-up", "afterDateTime": "20 days ago", "limit": 2 })),
        several_requests: With(
            |_| json!({ "subject": "stand-up", "afterDateTime": "9 days ago", "beforeDateTime": "today", "limit": 20 }),
        ),
        path: "/me/calendarView",
        unknown: With(|_| json!({ "eventUri": "calendar:///events/AAMk0" })),
    },
    Row {
        tool: "read_resource",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: BY_KIND,
        one_page: BY_KIND,
        many_pages: BY_KIND,
        several_requests: BY_KIND,
        path: "",
        unknown: BY_KIND,
    },
    Row {
        tool: "search",
        kind: "",
        refusal: "Forbidden",
        empty: With(|_| json!({ "query": "zzzyyyxxx" })),
        one_page: With(|_| json!({ "query": "subject:\"Notes in plain formats\"" })),
        many_pages: Never("it gives the best hits of each service, says what is missing, and has no cursor"),
        several_requests: ONE_REQUEST,
        path: "",
        unknown: NOTHING_NAMED,
    },
    Row {
        tool: "fetch",
        kind: "",
        refusal: "ErrorAccessDenied",
        empty: NO_LIST,
        one_page: NO_LIST,
        many_pages: NO_LIST,
        several_requests: Never(
            "it gives one text: what becomes of a piece that does not come is tried in open_ai.rs",
        ),
        path: "",
        unknown: With(|_| json!({ "id": "mail:///messages/AAMk0" })),
    },
];

/// A site that is not there.
const NOWHERE: &str = "site:///larkmoor.sharepoint.example,00000000-0000-0000-0000-00000000000a,00000000-0000-0000-0000-00000000000b";

/// A page of more folders than one answer holds.
fn many_folders(_: &str) -> Vec<Value> {
    let folder =
        |number: u32| json!({ "id": format!("F{number}"), "displayName": format!("Folder {number}") });
    let folders: Vec<Value> = (0..400).map(folder).collect();
    vec![json!({ "service": "graph", "path_prefix": "/me/mailFolders", "body": { "value": folders } })]
}

fn free(before: &str, limit: u32) -> Value {
    json!({ "afterDateTime": "tomorrow", "beforeDateTime": before, "durationMinutes": 30, "limit": limit })
}

/// Three days of which one is a working day at least, and which hold fewer such times than may be asked for.
fn meet(whom: &str) -> Value {
    json!({
        "participants": [whom], "afterDateTime": "tomorrow", "beforeDateTime": "in 4 days", "durationMinutes": 210,
        "maxCandidates": 50,
    })
}

fn points(filter: &Value, limit: u32) -> Value {
    json!({ "site": "root", "list": "Open points", "filter": filter, "limit": limit })
}

/// The tools that come into a situation, with what brings them there.
fn coming_into(situation: fn(&Row) -> Situation, known: &Known) -> Vec<(&'static Row, Value)> {
    let arguments = |row: &'static Row| match situation(row) {
        With(arguments) | Told(_, arguments) => Some((row, arguments(known))),
        Never(why) => {
            assert!(!why.is_empty());
            None
        }
    };
    ROWS.iter().chain(READINGS).filter_map(arguments).collect()
}

impl Row {
    /// For messages of tests.
    fn label(&self) -> &'static str {
        if self.kind.is_empty() { self.tool } else { self.kind }
    }

    /// Whether an answer is of the kind that the row is about.
    fn is_of_kind(&self, answer: &Value) -> bool {
        answer["kind"].as_str() == self.kind.rsplit('/').next()
    }

    /// The lines of a fault that say which requests it is for: those for the pages of the list.
    fn fault(&self) -> Value {
        let aim = if self.path.contains('{') { "route" } else { "path_prefix" };
        json!({ "service": "graph", (aim): self.path })
    }

    /// Whether one of those requests has this path, which begins with the version.
    fn asks_for(&self, path: &str) -> bool {
        let path = path.trim_start_matches("/v1.0");
        if !self.path.contains('{') {
            return path.starts_with(self.path);
        }
        let (own, asked) = (self.path.split('/'), path.split('/'));
        own.clone().count() == asked.clone().count()
            && own.zip(asked).all(|(own, asked)| own.starts_with('{') || own == asked)
    }
}

impl Situation {
    /// What Graph must be made to answer for it.
    fn faults(self, simulator: &str) -> Vec<Value> {
        match self {
            Told(faults, _) => faults(simulator),
            With(_) | Never(_) => Vec::new(),
        }
    }
}

/// If this failed, nobody would have said what a new tool does when things go wrong.
#[test]
fn every_tool_has_its_row() {
    let listed: Vec<&str> = every_profile().tools.iter().map(|tool| tool.name).collect();
    let rows: Vec<&str> = ROWS.iter().map(|row| row.tool).collect();
    assert_eq!(rows, listed);
}
