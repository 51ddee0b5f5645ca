//! Calls of every tool with every argument, and a uri of every form: what tests of all tools at once ask for.

use m365_connector::Settings;
use m365_simulator::graph::{MailboxKind, mailbox_id};
use serde_json::{Value, json};

use crate::files::{ending, site};
use crate::meetings::a_transcript;
use crate::teams::Ids;
use crate::world::{Person, World};

/// What calls need that this world alone knows.
pub(crate) struct Known {
    pub(crate) colleague: String,
    pub(crate) own: String,
    pub(crate) shared_mailbox: String,
    pub(crate) chat: Value,
    pub(crate) general: Ids,
    pub(crate) handbook: String,
    pub(crate) event: Value,
    pub(crate) join_url: Value,
    pub(crate) empty_folder: String,
    /// Fewer messages than a page of Graph's holds.
    pub(crate) short_chat: String,
    /// As few messages as one answer gives: in a chat, and in a mail folder.
    pub(crate) few_said: String,
    pub(crate) few_mails: String,
    /// A channel with fewer posts than that.
    pub(crate) contracts: Ids,
    /// Since then a little was said in the chat, and in the channel.
    pub(crate) lately_said: String,
    pub(crate) lately_posted: String,
    /// One for each form of uris at least, each of something that is there.
    pub(crate) uris: Vec<String>,
    /// Of one that has a range.
    pub(crate) transcript: String,
    pub(crate) note: String,
}

/// Of a limit: more than any test asks.
const NO_LIMIT_PERCENT: u16 = 10_000;

/// Nobody waits for Microsoft's published limits, which a tour of all tools would reach.
pub(crate) fn without_limits(settings: &mut Settings) {
    settings.calls.graph_limit_percent = NO_LIMIT_PERCENT;
}

impl World {
    /// What `person`, whose token it is, can name. The person is a member of the first tenant.
    pub(crate) async fn known(&self, person: &Person, token: &str) -> Known {
        let (transcript, meeting) = a_transcript(self, token).await;
        let details = self.answer(token, "read_resource", json!({ "uri": meeting })).await;
        let events = self
            .answer(token, "meetings_find", json!({ "subject": "stand-up", "afterDateTime": "9 days ago" }))
            .await;
        let alone = ("teams_list_chats", json!({ "type": "oneOnOne" }));
        let with_few = ("teams_list_chats", json!({ "member": "Help Desk" }));
        let folders = ("outlook_list_folders", json!({ "recursive": true }));
        let has_few = |folder: &Value| folder["total"].as_u64().is_some_and(|total| (1..20).contains(&total));
        let mut known = Known {
            own: person.upn.clone(),
            colleague: self.person(0, 1).upn,
            shared_mailbox: self.stage.simulator.directory().tenants[0].shared_mailbox.upn.clone(),
            chat: self.chat(token, "Lunch").await["uri"].clone(),
            general: self.channel(token, "Handbook", "General").await,
            handbook: site(self, person, "Handbook").await,
            event: events["items"][0]["eventUri"].clone(),
            join_url: details["webUrl"].clone(),
            empty_folder: String::new(),
            short_chat: self.first(token, alone, |chat| chat["lastMessage"].is_object(), "uri").await,
            few_said: self.first(token, with_few, |_| true, "uri").await,
            few_mails: self.first(token, folders, has_few, "uri").await,
            contracts: self.channel(token, "Handbook", "Contracts").await,
            lately_said: String::new(),
            lately_posted: String::new(),
            uris: Vec::new(),
            transcript,
            note: String::new(),
        };
        known.uris = self.uris(person, token, &known, &meeting).await;
        let folder = ("sharepoint_list_folder", json!({ "uri": "me", "limit": 200 }));
        known.empty_folder = self.first(token, folder, |entry| entry["name"] == "Pictures", "uri").await;
        let said = json!({ "chatId": known.chat, "limit": 6 });
        known.lately_said = self.last(token, ("teams_list_chat_messages", said), "createdUtc").await;
        let posted = known.general.arguments(json!({ "limit": 6 }));
        known.lately_posted = self.last(token, ("teams_list_channel_messages", posted), "createdUtc").await;
        known.note = known.uris.iter().find(|uri| uri.starts_with("file:///")).unwrap().clone();
        known
    }

    /// The `member` of the first item of a tool's answer for which `fits` holds.
    async fn first(
        &self,
        token: &str,
        (tool, arguments): (&str, Value),
        fits: fn(&Value) -> bool,
        member: &str,
    ) -> String {
        let list = self.answer(token, tool, arguments).await;
        let found = list["items"].as_array().unwrap().iter().find(|item| fits(item));
        let found = found.unwrap_or_else(|| panic!("{tool}: {list}"));
        found[member].as_str().unwrap_or_else(|| panic!("no {member}: {found}")).to_owned()
    }

    /// The `member` of the last item of a tool's answer.
    async fn last(&self, token: &str, (tool, arguments): (&str, Value), member: &str) -> String {
        let list = self.answer(token, tool, arguments).await;
        let last = list["items"].as_array().unwrap().last().unwrap_or_else(|| panic!("{tool}: {list}"));
        last[member].as_str().map(str::to_owned).unwrap()
    }

    async fn uris(&self, person: &Person, token: &str, known: &Known, meeting: &str) -> Vec<String> {
        let read = |uri: &str| ("read_resource", json!({ "uri": uri }));
        let any = |_: &Value| true;
        let mail = ("outlook_email_search", json!({ "subject": "Notes in plain formats" }));
        let mail = self.first(token, mail, any, "uri").await;
        let message = self.answer(token, "read_resource", json!({ "uri": mail })).await;
        let attachment = message["attachments"][0]["uri"].as_str().unwrap().to_owned();

        let (tenant, user) = (person.tenant.parse().unwrap(), person.id.parse().unwrap());
        let archive = format!("mailbox:///{}/folders", mailbox_id(tenant, user, MailboxKind::Archive));
        let is_filled = |folder: &Value| folder["items"].as_u64().is_some_and(|items| items > 0);
        let exported = self.first(token, read(&archive), is_filled, "itemsUri").await;
        let exported_item = self.first(token, read(&exported), any, "uri").await;
        let exported_folder = exported.trim_end_matches("/items").to_owned();

        let is_note = |entry: &Value| entry["kind"] == "file" && ending(entry) == "md";
        let folder = ("sharepoint_list_folder", json!({ "uri": "me", "limit": 200 }));
        let note = self.first(token, folder.clone(), is_note, "uri").await;
        let note_address = self.first(token, folder.clone(), is_note, "webUrl").await;
        let is_filled = |entry: &Value| entry["items"].as_u64().is_some_and(|items| items > 0);
        let folder = self.first(token, folder, is_filled, "uri").await;
        let list =
            self.first(token, read(&known.handbook), |list| list["name"] == "Open points", "uri").await;
        let items = ("sharepoint_list_items", json!({ "site": known.handbook, "list": list, "limit": 1 }));
        let list_item = self.first(token, items, any, "uri").await;
        let pages = ("sharepoint_search", json!({ "query": "*", "kind": "page", "limit": 5 }));
        let page = self.first(token, pages, any, "uri").await;

        let chat = known.chat.as_str().unwrap().to_owned();
        let said = ("teams_list_chat_messages", json!({ "chatId": chat, "limit": 1 }));
        let said = self.first(token, said, any, "uri").await;
        let posts = known.general.arguments(json!({ "limit": 1 }));
        let post = self.first(token, ("teams_list_channel_messages", posts), any, "uri").await;
        let posts = known.general.arguments(json!({ "includeReplies": true, "limit": 20 }));
        let is_reply = |post: &Value| post["replyTo"].is_string();
        let reply = self.first(token, ("teams_list_channel_messages", posts), is_reply, "uri").await;

        let of_meeting = |scheme: &str| meeting.replace("meeting:///", scheme);
        let transcripts = of_meeting("meeting-transcript:///");
        let one_transcript = self.first(token, read(&transcripts), any, "uri").await;
        let colleague = format!("user:///{}", known.colleague);
        let shared_inbox = format!("mail:///folders/Inbox?owner={}", known.shared_mailbox);
        let channel = known.general.uri();
        let event = known.event.as_str().unwrap().to_owned();
        let mut uris =
            vec![mail, attachment, "mail:///folders/".to_owned(), "mail:///folders/Inbox".to_owned()];
        uris.extend([shared_inbox, archive, exported, exported_folder, exported_item, event]);
        uris.extend([format!("{colleague}?photo=true"), colleague, meeting.to_owned()]);
        uris.extend([known.transcript.clone(), transcripts, one_transcript]);
        uris.extend(
            ["meeting-insights:///", "meeting-recordings:///", "meeting-attendance:///"].map(of_meeting),
        );
        uris.extend([note, folder, format!("share:///{note_address}"), known.handbook.clone()]);
        uris.extend([list, list_item, page, chat, said, channel, post, reply]);
        uris
    }
}

impl Known {
    /// A call of the tool that has an answer: the first one there is.
    pub(crate) fn good(&self, tool: &str) -> Value {
        let mut calls = self.calls();
        calls.push(("search", json!({ "query": "report" })));
        calls.push(("fetch", json!({ "id": self.uris[0] })));
        let call = calls.iter().find(|(of, _)| *of == tool).unwrap_or_else(|| panic!("no call of {tool}"));
        call.1.clone()
    }

    /// Calls that between them use every argument of every tool, but for cursors, which are followed.
    pub(crate) fn calls(&self) -> Vec<(&'static str, Value)> {
        let mut calls = vec![("get_me", json!({})), ("get_granted_scopes", json!({}))];
        calls.push(("search_people", json!({ "query": "a", "limit": 1 })));
        calls.extend(self.calls_of_outlook());
        calls.extend(self.calls_of_sharepoint());
        calls.extend(self.calls_of_teams());
        calls.push(("read_resource", json!({ "uri": "mail:///folders/Inbox", "timeZone": "Europe/Berlin" })));
        calls.push(("read_resource", json!({ "uri": self.transcript, "range": "00:00:30-00:02:00" })));
        calls.push(("read_resource", json!({ "uri": self.note, "range": "2-4", "format": "text" })));
        calls
    }

    fn calls_of_outlook(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("outlook_email_search", json!({ "limit": 1 })),
            (
                "outlook_email_search",
                json!({
                    "query": "the", "subject": "report", "sender": "a", "recipient": "a", "hasAttachments": false,
                    "importance": "normal", "isUnread": false, "folderName": "Inbox", "order": "oldest", "limit": 5,
                    "afterDateTime": "400 days ago", "beforeDateTime": "today", "timeZone": "Europe/Berlin",
                }),
            ),
            ("outlook_email_search", json!({ "mailboxOwnerEmail": self.shared_mailbox, "query": "order" })),
            ("outlook_list_folders", json!({ "recursive": true })),
            ("outlook_list_folders", json!({ "parent": "Inbox", "mailboxOwnerEmail": self.shared_mailbox })),
            ("outlook_calendar_search", json!({ "afterDateTime": "60 days ago", "limit": 2 })),
            (
                "outlook_calendar_search",
                json!({
                    "query": "planning", "attendee": "a", "organizer": "a", "calendarName": "Projects",
                    "order": "newest", "limit": 5, "timeZone": "Asia/Tokyo",
                    "afterDateTime": "90 days ago", "beforeDateTime": "in 60 days",
                }),
            ),
            ("outlook_calendar_search", json!({ "calendarOwnerEmail": self.shared_mailbox })),
            (
                "outlook_find_available_time",
                json!({
                    "afterDateTime": "tomorrow", "beforeDateTime": "in 12 days", "durationMinutes": 15, "limit": 1,
                    "workingHoursOnly": true, "timeZone": "Europe/Berlin",
                }),
            ),
            (
                "find_meeting_availability",
                json!({
                    "participants": [self.colleague], "afterDateTime": "tomorrow", "beforeDateTime": "in 12 days",
                    "durationMinutes": 30, "locations": ["Room Larch"], "maxCandidates": 3,
                    "minimumAttendeePercentage": 50, "timeZone": "Europe/Berlin",
                }),
            ),
            ("meetings_find", json!({ "subject": "stand-up", "afterDateTime": "20 days ago", "limit": 2 })),
            (
                "meetings_find",
                json!({
                    "subject": "stand-up", "afterDateTime": "20 days ago", "beforeDateTime": "today",
                    "timeZone": "Asia/Tokyo",
                }),
            ),
            ("meetings_find", json!({ "joinUrl": self.join_url })),
            ("meetings_find", json!({ "eventUri": self.event })),
        ]
    }

    fn calls_of_sharepoint(&self) -> Vec<(&'static str, Value)> {
        let points = |filter: Value| {
            json!({
                "site": "root", "list": "Open points", "columns": ["Title", "Status"], "limit": 2, "filter": filter,
                "timeZone": "Europe/Berlin",
            })
        };
        vec![
            ("sharepoint_search", json!({ "query": "budget", "limit": 2 })),
            (
                "sharepoint_search",
                json!({
                    "query": "report", "author": "a", "fileType": "md,csv", "folderName": "Reports", "kind": "file",
                    "siteUrl": self.handbook, "afterDateTime": "2000 days ago", "beforeDateTime": "today",
                    "timeZone": "Europe/Berlin",
                }),
            ),
            ("sharepoint_folder_search", json!({ "name": "Reports", "limit": 1 })),
            ("sharepoint_folder_search", json!({ "name": "Reports", "siteUrl": self.handbook })),
            ("sharepoint_list_folder", json!({ "uri": "me", "limit": 1, "timeZone": "Europe/Berlin" })),
            ("sharepoint_list_folder", json!({ "uri": self.handbook })),
            ("sharepoint_list_items", points(json!([{ "column": "Status", "op": "eq", "value": "Open" }]))),
            (
                "sharepoint_list_items",
                points(json!([{ "column": "DueDate", "op": "lt", "value": "in 30 days" }])),
            ),
        ]
    }

    fn calls_of_teams(&self) -> Vec<(&'static str, Value)> {
        let lately = json!({
            "includeReplies": true, "afterDateTime": "300 days ago", "limit": 2, "timeZone": "Asia/Tokyo",
        });
        vec![
            ("chat_message_search", json!({ "query": "the", "limit": 2 })),
            (
                "chat_message_search",
                json!({
                    "query": "the", "sender": "a", "mentionsMe": true, "where": "all", "timeZone": "Asia/Tokyo",
                    "afterDateTime": "300 days ago", "beforeDateTime": "today",
                }),
            ),
            ("teams_list_chats", json!({ "limit": 1 })),
            (
                "teams_list_chats",
                json!({ "member": "a", "topic": "core", "type": "group", "timeZone": "Asia/Tokyo" }),
            ),
            ("teams_list_chat_messages", json!({ "chatId": self.chat, "limit": 1 })),
            (
                "teams_list_chat_messages",
                json!({
                    "chatId": self.chat, "afterDateTime": "300 days ago", "beforeDateTime": "today",
                    "timeZone": "Asia/Tokyo",
                }),
            ),
            ("teams_list_teams", json!({ "limit": 1 })),
            ("teams_list_channels", json!({ "teamId": self.general.team, "limit": 1 })),
            ("teams_list_channel_messages", self.general.arguments(lately)),
        ]
    }
}
