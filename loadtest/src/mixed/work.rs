//! What people do with an AI client: pieces of work, each some calls that follow from one another.

use serde_json::{Value, json};

use super::person::SignedIn;

/// One piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Mail,
    Calendar,
    Files,
    Chats,
    Channels,
    People,
}

impl Work {
    const ALL: [Self; 6] =
        [Self::Mail, Self::Calendar, Self::Files, Self::Chats, Self::Channels, Self::People];

    /// The next piece for the person of this number: people begin at different ones, and all come to all of them.
    pub(super) fn turn(person: usize, number: usize) -> Self {
        Self::ALL[(person + number) % Self::ALL.len()]
    }

    pub(super) async fn carry_out(self, person: &SignedIn<'_>) {
        match self {
            Self::Mail => mail(person).await,
            Self::Calendar => calendar(person).await,
            Self::Files => files(person).await,
            Self::Chats => chats(person).await,
            Self::Channels => channels(person).await,
            Self::People => people(person).await,
        }
    }
}

/// Searches, looks at the next page, reads the first message, and looks round.
async fn mail(person: &SignedIn<'_>) {
    let found = two_pages(person, "outlook_email_search", json!({ "limit": 5 })).await;
    read_first(person, &found).await;
    person.call("outlook_list_folders", json!({})).await;
    // Models make mistakes, too.
    person.call("outlook_email_search", json!({ "limit": "many" })).await;
}

/// Looks at the week, reads an appointment, and looks for a time to meet.
async fn calendar(person: &SignedIn<'_>) {
    let week = json!({ "afterDateTime": "7 days ago", "beforeDateTime": "in 7 days", "limit": 5 });
    let found = two_pages(person, "outlook_calendar_search", week).await;
    read_first(person, &found).await;
    let free = json!({ "afterDateTime": "tomorrow", "beforeDateTime": "in 5 days", "durationMinutes": 30 });
    person.call("outlook_find_available_time", free.clone()).await;
    let mut together = free;
    together["participants"] = json!([person.colleague]);
    person.call("find_meeting_availability", together).await;
}

/// Searches, looks at the next page, reads the first hit, and looks into the own drive.
async fn files(person: &SignedIn<'_>) {
    let search = json!({ "query": "budget", "kind": "file", "limit": 5 });
    let found = two_pages(person, "sharepoint_search", search).await;
    read_first(person, &found).await;
    let own = two_pages(person, "sharepoint_list_folder", json!({ "uri": "me", "limit": 3 })).await;
    read_first(person, &own).await;
}

/// Reads on in the latest chat, and looks for something that was said.
async fn chats(person: &SignedIn<'_>) {
    let chats = person.call("teams_list_chats", json!({ "limit": 5 })).await;
    let latest = &chats["items"][0]["uri"];
    if latest.is_string() {
        let said = json!({ "chatId": latest, "limit": 5 });
        let said = two_pages(person, "teams_list_chat_messages", said).await;
        read_first(person, &said).await;
    }
    person.call("chat_message_search", json!({ "query": "the", "limit": 5 })).await;
}

/// Reads what is new in a channel, and looks at a meeting.
async fn channels(person: &SignedIn<'_>) {
    let teams = person.call("teams_list_teams", json!({ "limit": 5 })).await;
    let team = &teams["items"][0]["teamId"];
    if team.is_string() {
        let channels = person.call("teams_list_channels", json!({ "teamId": team, "limit": 5 })).await;
        let channel = &channels["items"][0]["channelId"];
        if channel.is_string() {
            let posts = json!({ "teamId": team, "channelId": channel, "limit": 5 });
            two_pages(person, "teams_list_channel_messages", posts).await;
        }
    }
    let meetings = json!({ "subject": "stand-up", "afterDateTime": "9 days ago", "limit": 2 });
    let meetings = person.call("meetings_find", meetings).await;
    read_first(person, &meetings).await;
}

/// Looks at the own profile, and at that of somebody else.
async fn people(person: &SignedIn<'_>) {
    person.call("get_me", json!({})).await;
    person.call("get_granted_scopes", json!({})).await;
    let found = person.call("search_people", json!({ "query": "a", "limit": 3 })).await;
    read_first(person, &found).await;
}

/// The first page; the second is looked at where there is one.
async fn two_pages(person: &SignedIn<'_>, tool: &'static str, arguments: Value) -> Value {
    let first = person.call(tool, arguments.clone()).await;
    if first["nextCursor"].is_string() {
        let mut next = arguments;
        next["cursor"] = first["nextCursor"].clone();
        person.call(tool, next).await;
    }
    first
}

async fn read_first(person: &SignedIn<'_>, found: &Value) {
    let uri = &found["items"][0]["uri"];
    if uri.is_string() {
        person.call("read_resource", json!({ "uri": uri })).await;
    }
}
