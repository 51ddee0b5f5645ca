//! What `read_resource` answers in each situation, by the kind of what is read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Situation::{Never, Told, With};
use super::{NO_LIST, NOTHING_NAMED, NOWHERE, Row, Situation, many_folders};
use crate::calls::Known;
use crate::world::{World, send};

/// Of what is one thing, and not named by an id that could be wrong.
const READING: Row = Row {
    tool: "read_resource",
    kind: "",
    refusal: "ErrorAccessDenied",
    empty: NO_LIST,
    one_page: NO_LIST,
    many_pages: NO_LIST,
    several_requests: NO_LIST,
    path: "",
    unknown: NOTHING_NAMED,
};

const BATCHED: Situation = Never(
    "the list of them is read whole before the latest are given: `meeting_pages.rs` has what becomes of a part",
);
const BEHIND_A_POST: Situation =
    Never("they stand with their post, and behind its cursor alone: `channels.rs` reads them to the end");
/// No meeting has this id.
const NO_MEETING: &str = "MSoxMjM0";

pub(super) const READINGS: &[Row] = &[
    Row { kind: "mail/message", unknown: With(|_| reading("mail:///messages/AAMk0")), ..READING },
    Row {
        kind: "mail/attachment",
        unknown: With(|known| reading(&format!("{}/attachments/AAMk1", known.uri("mail:///messages/", "")))),
        ..READING
    },
    Row {
        kind: "mail/folder",
        empty: Told(|_| listing(MAILS, 0), |_| reading("mail:///folders/Inbox")),
        one_page: With(|known| reading(&known.few_mails)),
        many_pages: With(|_| reading("mail:///folders/Inbox")),
        several_requests: With(|known| reading(&known.few_mails)),
        path: MAILS,
        unknown: With(|_| reading("mail:///folders/Nope")),
        ..READING
    },
    Row {
        kind: "mail/folders",
        empty: Told(|_| listing("/me/mailFolders", 0), |_| reading("mail:///folders/")),
        one_page: With(|_| reading("mail:///folders/")),
        many_pages: Told(many_folders, |_| reading("mail:///folders/")),
        several_requests: With(|_| reading("mail:///folders/")),
        path: "/me/mailFolders",
        ..READING
    },
    Row {
        kind: "mailbox/folders",
        empty: Told(|_| listing(ARCHIVED_FOLDERS, 0), |known| reading(known.uri("mailbox:///", "/folders"))),
        one_page: With(|known| reading(known.uri("mailbox:///", "/folders"))),
        many_pages: Told(
            |_| listing(ARCHIVED_FOLDERS, 60),
            |known| reading(known.uri("mailbox:///", "/folders")),
        ),
        several_requests: With(|known| reading(known.uri("mailbox:///", "/folders"))),
        path: ARCHIVED_FOLDERS,
        unknown: With(|_| reading("mailbox:///nobody/folders")),
        ..READING
    },
    Row {
        kind: "mailbox/items",
        empty: Told(|_| listing(ARCHIVED_ITEMS, 0), |known| reading(known.uri("mailbox:///", "/items"))),
        one_page: Told(|_| listing(ARCHIVED_ITEMS, 3), |known| reading(known.uri("mailbox:///", "/items"))),
        many_pages: Told(
            |_| listing(ARCHIVED_ITEMS, 60),
            |known| reading(known.uri("mailbox:///", "/items")),
        ),
        several_requests: With(|known| reading(known.uri("mailbox:///", "/items"))),
        path: ARCHIVED_ITEMS,
        unknown: With(|_| reading("mailbox:///nobody/folders/AAMk0/items")),
        ..READING
    },
    Row {
        kind: "mailbox/item",
        unknown: With(|_| reading("mailbox:///nobody/folders/AAMk0/items/AAMk1")),
        ..READING
    },
    Row { kind: "calendar/event", unknown: With(|_| reading("calendar:///events/AAMk0")), ..READING },
    Row { kind: "user/user", unknown: With(|_| reading("user:///nobody@larkmoor.example")), ..READING },
    Row { kind: "meeting/meeting", unknown: With(|_| of_no_meeting("meeting")), ..READING },
    Row {
        kind: "meeting-transcript/transcript",
        unknown: With(|_| reading(&format!("meeting-transcript:///{NO_MEETING}/MSMx"))),
        ..READING
    },
    Row {
        kind: "meeting-transcript/transcripts",
        empty: Told(|_| listing(TRANSCRIPTS, 0), |known| of_meeting("meeting-transcript", known)),
        one_page: Told(|_| listing(TRANSCRIPTS, 3), |known| of_meeting("meeting-transcript", known)),
        many_pages: Told(|_| listing(TRANSCRIPTS, 60), |known| of_meeting("meeting-transcript", known)),
        several_requests: With(|known| of_meeting("meeting-transcript", known)),
        path: TRANSCRIPTS,
        unknown: With(|_| of_no_meeting("meeting-transcript")),
        ..READING
    },
    Row {
        kind: "meeting-insights/insights",
        empty: Told(|_| listing(INSIGHTS, 0), |known| of_meeting("meeting-insights", known)),
        one_page: Told(|_| only_one(INSIGHTS), |known| of_meeting("meeting-insights", known)),
        many_pages: With(|known| of_meeting("meeting-insights", known)),
        several_requests: BATCHED,
        unknown: With(|_| of_no_meeting("meeting-insights")),
        ..READING
    },
    Row {
        kind: "meeting-recordings/recordings",
        empty: Told(|_| listing(RECORDINGS, 0), |known| of_meeting("meeting-recordings", known)),
        one_page: Told(|_| listing(RECORDINGS, 3), |known| of_meeting("meeting-recordings", known)),
        many_pages: Told(|_| listing(RECORDINGS, 60), |known| of_meeting("meeting-recordings", known)),
        several_requests: With(|known| of_meeting("meeting-recordings", known)),
        path: RECORDINGS,
        unknown: With(|_| of_no_meeting("meeting-recordings")),
        ..READING
    },
    Row {
        kind: "meeting-attendance/attendance",
        empty: Told(|_| listing(ATTENDANCE, 0), |known| of_meeting("meeting-attendance", known)),
        one_page: Told(|_| only_one(ATTENDANCE), |known| of_meeting("meeting-attendance", known)),
        many_pages: With(|known| of_meeting("meeting-attendance", known)),
        several_requests: BATCHED,
        unknown: With(|_| of_no_meeting("meeting-attendance")),
        ..READING
    },
    Row { kind: "file/file", unknown: With(|known| reading(&format!("{}0", known.note))), ..READING },
    Row {
        kind: "file/folder",
        empty: With(|known| reading(&known.empty_folder)),
        one_page: Told(|_| listing(CHILDREN, 3), |known| reading(&known.empty_folder)),
        many_pages: Told(|_| listing(CHILDREN, 60), |known| reading(&known.empty_folder)),
        several_requests: With(|known| reading(known.uris_of("file:///").last().unwrap())),
        path: CHILDREN,
        unknown: With(|known| reading(&format!("{}0", known.empty_folder))),
        ..READING
    },
    Row {
        kind: "share/share",
        unknown: With(|_| reading("share:///https%3A%2F%2Flarkmoor.sharepoint.example%2F%3Aw%3A%2Fs%2Fnone")),
        ..READING
    },
    Row {
        kind: "site/site",
        empty: Told(|_| listing(LISTS, 0), |known| reading(&known.handbook)),
        one_page: With(|known| reading(&known.handbook)),
        many_pages: Told(|_| listing(LISTS, 60), |known| reading(&known.handbook)),
        several_requests: With(|known| reading(&known.handbook)),
        path: LISTS,
        unknown: With(|_| reading(NOWHERE)),
        ..READING
    },
    Row {
        kind: "list/list",
        unknown: With(|known| reading(&format!("{}/0", known.handbook.replace("site:///", "list:///")))),
        ..READING
    },
    Row {
        kind: "list/listItem",
        unknown: With(|known| reading(&format!("{}/items/999999", known.uri("list:///", "")))),
        ..READING
    },
    Row {
        kind: "page/page",
        unknown: With(|known| {
            let site = known.handbook.replace("site:///", "page:///sites/");
            reading(&format!("{site}/pages/00000000-0000-0000-0000-0000000000aa"))
        }),
        ..READING
    },
    Row {
        kind: "teams/chat",
        empty: Told(|_| listing(SAID, 0), |known| reading(&known.few_said)),
        one_page: With(|known| reading(&known.few_said)),
        many_pages: Told(|_| listing(SAID, 60), |known| reading(&known.few_said)),
        several_requests: With(|known| reading(&known.few_said)),
        path: SAID,
        unknown: With(|_| reading("teams:///chats/19%3A0000%40thread.v2")),
        ..READING
    },
    Row {
        kind: "teams/channel",
        empty: Told(|_| listing(POSTED, 0), |known| reading(&known.contracts.uri())),
        one_page: With(|known| reading(&known.contracts.uri())),
        many_pages: With(|known| reading(&known.general.uri())),
        several_requests: With(|known| reading(&known.contracts.uri())),
        path: POSTED,
        unknown: With(|known| {
            reading(&format!("teams:///teams/{}/channels/19%3A0000%40thread.tacv2", known.general.team))
        }),
        ..READING
    },
    Row {
        kind: "teams/message",
        unknown: With(|known| reading(&format!("{}/messages/1", known.few_said))),
        ..READING
    },
    Row {
        kind: "teams/replies",
        empty: BEHIND_A_POST,
        one_page: BEHIND_A_POST,
        many_pages: BEHIND_A_POST,
        several_requests: BEHIND_A_POST,
        unknown: BEHIND_A_POST,
        ..READING
    },
];

/// Where the pages of the lists are.
const MAILS: &str = "/me/mailFolders/{id}/messages";
const ARCHIVED_FOLDERS: &str = "/admin/exchange/mailboxes/{id}/folders";
const ARCHIVED_ITEMS: &str = "/admin/exchange/mailboxes/{id}/folders/{id}/items";
const TRANSCRIPTS: &str = "/me/onlineMeetings/{id}/transcripts";
const INSIGHTS: &str = "/copilot/users/{id}/onlineMeetings/{id}/aiInsights";
const RECORDINGS: &str = "/me/onlineMeetings/{id}/recordings";
const ATTENDANCE: &str = "/me/onlineMeetings/{id}/attendanceReports";
const CHILDREN: &str = "/drives/{id}/items/{id}/children";
const LISTS: &str = "/sites/{id}/lists";
const SAID: &str = "/chats/{id}/messages";
const POSTED: &str = "/teams/{id}/channels/{id}/messages";

impl Known {
    /// The first uri of those that are known which begins and ends so.
    fn uri(&self, begin: &str, end: &str) -> &str {
        let found = self.uris_of(begin).find(|uri| uri.ends_with(end));
        found.unwrap_or_else(|| panic!("no {begin}…{end}"))
    }

    fn uris_of(&self, scheme: &str) -> impl Iterator<Item = &str> {
        self.uris.iter().map(String::as_str).filter(move |uri| uri.starts_with(scheme))
    }
}

fn reading(uri: &str) -> Value {
    json!({ "uri": uri })
}

fn of_meeting(scheme: &str, known: &Known) -> Value {
    reading(&known.uri("meeting:///", "").replace("meeting:///", &format!("{scheme}:///")))
}

fn of_no_meeting(scheme: &str) -> Value {
    reading(&format!("{scheme}:///{NO_MEETING}"))
}

/// An entry of any list: it has what each of them needs.
fn entry(number: usize) -> Value {
    let time = format!("2026-01-{:02}T09:00:00Z", number % 28 + 1);
    json!({
        "id": format!("E{number}"), "displayName": format!("Entry {number}"), "name": format!("Entry {number}"),
        "createdDateTime": time, "lastModifiedDateTime": time, "meetingStartDateTime": time,
        "body": { "contentType": "text", "content": format!("Entry {number}") }, "file": {},
    })
}

/// The list at `route` has so many entries, all on one page of Graph's.
fn listing(route: &str, count: usize) -> Vec<Value> {
    let entries: Vec<Value> = (0..count).map(entry).collect();
    vec![json!({ "service": "graph", "route": route, "body": { "value": entries } })]
}

/// The list at `route`, whose entries are read each by itself, has one.
fn only_one(route: &str) -> Vec<Value> {
    let mut faults = listing(route, 1);
    faults
        .push(json!({ "service": "graph", "route": format!("{route}/E0"), "status": 200, "body": entry(0) }));
    faults
}

/// If this failed, nobody would have said what a new kind of uri answers when there is nothing, much, or half of it.
#[actix_web::test]
async fn every_kind_of_what_is_read_has_its_row() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let rows: BTreeSet<(&str, &str)> = READINGS.iter().map(|row| row.kind.split_once('/').unwrap()).collect();
    assert_eq!(rows.len(), READINGS.len());
    let listed = send(world.modern(&token, "tools/list", json!({}))).await.json();
    let tools = listed["result"]["tools"].as_array().unwrap();
    let reader = tools.iter().find(|tool| tool["name"] == "read_resource").unwrap();
    let shapes = reader["outputSchema"]["oneOf"].as_array().unwrap();
    let named = shapes.iter().map(|shape| &shape["properties"]["kind"]).flat_map(|kind| {
        let several = kind["enum"].as_array().into_iter().flatten();
        several.chain(kind.get("const")).map(|kind| kind.as_str().unwrap())
    });
    assert_eq!(rows.iter().map(|(_, kind)| *kind).collect::<BTreeSet<_>>(), named.collect());
    let templates = send(world.modern(&token, "resources/templates/list", json!({}))).await.json();
    let patterns = templates["result"]["resourceTemplates"].as_array().unwrap().iter();
    let schemes = patterns.map(|one| one["uriTemplate"].as_str().unwrap().split_once(':').unwrap().0);
    assert_eq!(rows.iter().map(|(scheme, _)| *scheme).collect::<BTreeSet<_>>(), schemes.collect());
}
