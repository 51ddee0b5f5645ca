//! The values that arguments are tried with: those of a schema that has few, and what this world can name.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::calls::Known;

/// An argument, and what it is tried with; `None` leaves it out.
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) values: Vec<Option<Value>>,
}

impl Argument {
    /// Left out or given, or which value of one that must be given.
    pub(super) fn choices(&self) -> usize {
        if self.values[0].is_none() { self.values.len().min(2) } else { self.values.len() }
    }

    /// The place of the value for a choice; of one that may be left out, the given ones take turns.
    pub(super) fn in_turn(&self, choice: usize, turn: &mut usize) -> usize {
        if self.values[0].is_some() || choice == 0 {
            return choice;
        }
        *turn += 1;
        1 + *turn % (self.values.len() - 1)
    }
}

/// Ways to call a tool that exclude each other: the arguments that none of the calls has.
pub(super) fn left_out(tool: &str) -> &'static [&'static [&'static str]] {
    match tool {
        "meetings_find" => &[
            &["joinUrl", "eventUri"],
            &["eventUri", "subject", "afterDateTime", "beforeDateTime"],
            &["joinUrl", "subject", "afterDateTime", "beforeDateTime"],
        ],
        _ => &[&[]],
    }
}

/// The arguments of `tool` but for the cursor, which is followed.
pub(super) fn arguments(tool: &str, schema: &Value, without: &[&str], known: &Known) -> Vec<Argument> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let tried = properties.filter(|(name, _)| *name != "cursor" && !without.contains(&name.as_str()));
    let argument = |(name, property): (&String, &Value)| {
        let is_required = schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)))
            || matches!((tool, name.as_str()), ("meetings_find", "joinUrl" | "eventUri" | "subject"));
        let values = given(tool, name, known).unwrap_or_else(|| of_schema(tool, name, property));
        let left_out = (!is_required).then_some(None);
        Argument {
            name: name.clone(),
            values: left_out.into_iter().chain(values.into_iter().map(Some)).collect(),
        }
    };
    tried.map(argument).collect()
}

/// All values of an argument that has few, and the bounds of a number.
fn of_schema(tool: &str, name: &str, property: &Value) -> Vec<Value> {
    match (property["type"].as_str(), property["enum"].as_array()) {
        (Some("boolean"), _) => vec![json!(true), json!(false)],
        (_, Some(words)) => words.clone(),
        (Some("integer"), _) => vec![property["minimum"].clone(), property["maximum"].clone()],
        _ => panic!("{tool}.{name}: nobody has said what it is tried with"),
    }
}

/// Days from now, to the second in UTC: what is understood of it depends on no zone.
fn days(days: i64) -> Value {
    let at = Timestamp::now().checked_add(SignedDuration::from_hours(24 * days)).unwrap();
    json!(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn texts(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| json!(value)).collect()
}

fn given(tool: &str, name: &str, known: &Known) -> Option<Vec<Value>> {
    Some(match (tool, name) {
        (_, "timeZone") => texts(&["Asia/Tokyo", "America/St_Johns"]),
        (_, "mailboxOwnerEmail" | "calendarOwnerEmail") => texts(&[&known.shared_mailbox]),
        ("outlook_find_available_time" | "find_meeting_availability", "afterDateTime") => vec![days(1)],
        ("outlook_find_available_time" | "find_meeting_availability", "beforeDateTime") => {
            vec![days(5), days(14)]
        }
        ("outlook_find_available_time", "durationMinutes") => vec![json!(30), json!(1_440)],
        ("find_meeting_availability", "durationMinutes") => vec![json!(30), json!(60)],
        ("outlook_calendar_search", "beforeDateTime") => vec![days(3), days(25)],
        (_, "afterDateTime") => vec![days(-200), days(-20)],
        (_, "beforeDateTime") => vec![days(-1), days(20)],
        ("outlook_email_search", "query") => texts(&["report", "report OR budget"]),
        ("outlook_email_search", "sender")
        | ("chat_message_search" | "teams_list_chats", "sender" | "member") => {
            texts(&[&known.colleague, "Tomás"])
        }
        ("outlook_email_search", "recipient") => texts(&[&known.own, "Maja"]),
        ("outlook_email_search", "subject") => texts(&["budget"]),
        ("outlook_email_search", "folderName") => texts(&["Inbox", "Sent Items"]),
        ("outlook_list_folders", "parent") => texts(&["Inbox", "mail:///folders/Archive"]),
        ("outlook_calendar_search", "query") => texts(&["planning", "review"]),
        ("outlook_calendar_search", "attendee" | "organizer") => texts(&[&known.colleague, "Maja"]),
        ("outlook_calendar_search", "calendarName") => texts(&["Calendar"]),
        ("find_meeting_availability", "participants") => {
            vec![json!([known.colleague]), json!([known.colleague, "nobody@larkmoor.example"])]
        }
        ("find_meeting_availability", "locations") => vec![json!(["Room Larch"])],
        ("search_people", "query") => texts(&["a", "maja", &known.colleague]),
        ("sharepoint_search", "query") => texts(&["report", "*"]),
        ("sharepoint_search", "author") => texts(&["Maja"]),
        ("sharepoint_search", "fileType") => texts(&["md", "docx, csv"]),
        ("sharepoint_search", "folderName") => texts(&["Reports"]),
        ("sharepoint_search" | "sharepoint_folder_search", "siteUrl") => texts(&[&known.handbook]),
        ("sharepoint_folder_search", "name") => texts(&["Reports", "re"]),
        ("sharepoint_list_folder", "uri") => texts(&["me", &known.handbook, &known.empty_folder]),
        ("sharepoint_list_items", "site") => texts(&["root", &known.handbook]),
        ("sharepoint_list_items", "list") => texts(&["Open points"]),
        ("sharepoint_list_items", "columns") => vec![json!([]), json!(["Status", "Amount"])],
        ("sharepoint_list_items", "filter") => vec![
            json!([{ "column": "Status", "op": "eq", "value": "Open" }]),
            json!([
                { "column": "Status", "op": "ne", "value": "Open" }, { "column": "Amount", "op": "ge", "value": 2_000 },
            ]),
        ],
        ("chat_message_search", "query") => texts(&["the", "report"]),
        ("teams_list_chats", "topic") => texts(&["core"]),
        ("teams_list_chat_messages", "chatId") => vec![known.chat.clone(), json!(known.short_chat)],
        ("teams_list_channels" | "teams_list_channel_messages", "teamId") => texts(&[&known.general.team]),
        ("teams_list_channel_messages", "channelId") => texts(&[&known.general.channel]),
        ("meetings_find", "subject") => texts(&["stand-up", "planning"]),
        ("meetings_find", "joinUrl") => vec![known.join_url.clone()],
        ("meetings_find", "eventUri") => vec![known.event.clone()],
        ("read_resource", "uri") => known.uris.iter().map(|uri| json!(uri)).collect(),
        ("read_resource", "range") => texts(&["2-4", "00:00:30-00:02:00"]),
        _ => return None,
    })
}
