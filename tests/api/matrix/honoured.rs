//! Whether an answer honours the arguments that it was asked with, as far as that can be judged from outside.

use jiff::Timestamp;
use serde_json::Value;

pub(super) fn moment(text: &Value) -> Timestamp {
    text.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no time: {text}"))
}

pub(super) fn holds(text: &Value, words: &Value) -> bool {
    let text = text.as_str().unwrap_or_default().to_lowercase();
    words.as_str().unwrap().to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Whether somebody with `name` and `address` is meant by an address, or by part of a name.
pub(super) fn is_person(person: &Value, wanted: &Value) -> bool {
    let wanted = wanted.as_str().unwrap().to_lowercase();
    let [name, address] =
        ["name", "address"].map(|part| person[part].as_str().unwrap_or_default().to_lowercase());
    if wanted.contains('@') { address == wanted } else { name.contains(&wanted) || address.contains(&wanted) }
}

/// Holds a tool's answer against its arguments.
pub(super) fn assert_honoured(tool: &str, arguments: &Value, answer: &Value) {
    let Some(items) = answer["items"].as_array() else {
        assert!(tool == "read_resource" || tool.starts_with("get_"), "{tool} {arguments}: no list: {answer}");
        return;
    };
    assert_well_formed(tool, arguments, answer, items);
    assert_in_order(tool, arguments, items);
    for (name, value) in arguments.as_object().unwrap() {
        for item in items {
            assert!(honours(tool, name, value, item), "{tool}: {name} is not honoured: {arguments}: {item}");
        }
    }
}

fn assert_well_formed(tool: &str, arguments: &Value, answer: &Value, items: &[Value]) {
    let completeness = &answer["completeness"];
    assert_eq!(completeness["returned"], items.len(), "{tool} {arguments}: {answer}");
    let is_partial = completeness["state"] == "partial";
    assert_eq!(completeness["reason"].is_string(), is_partial, "{tool} {arguments}: {answer}");
    assert!(is_partial || answer.get("nextCursor").is_none(), "{tool} {arguments}: {answer}");
    let most = arguments.get("limit").or_else(|| arguments.get("maxCandidates"));
    let most = most.map_or(200, |most| most.as_u64().unwrap());
    // Of a channel the limit is one of posts.
    let counted = items.iter().filter(|item| item.get("replyTo").is_none()).count();
    assert!(u64::try_from(counted).unwrap() <= most, "{tool} {arguments}: {counted} items");
    if let (Some(zone), Some(told)) = (arguments.get("timeZone"), answer["understood"].get("timeZone")) {
        assert_eq!(told, zone, "{tool} {arguments}: {answer}");
    }
}

/// Lists by time are in the order that was asked for, or that their tool promises.
fn assert_in_order(tool: &str, arguments: &Value, items: &[Value]) {
    let (member, first) = match tool {
        "outlook_email_search" => ("receivedUtc", "newest"),
        "outlook_calendar_search" => ("startUtc", "oldest"),
        "teams_list_chat_messages" => ("createdUtc", "newest"),
        _ => return,
    };
    let times: Vec<Timestamp> =
        items.iter().filter(|item| item[member].is_string()).map(|item| moment(&item[member])).collect();
    let is_rising = arguments.get("order").and_then(Value::as_str).unwrap_or(first) == "oldest";
    let is_sorted = if is_rising { times.is_sorted() } else { times.iter().rev().is_sorted() };
    assert!(is_sorted, "{tool} {arguments}: {times:?}");
}

/// Whether an item fits an argument. What can't be seen in it is taken to fit.
fn honours(tool: &str, name: &str, value: &Value, item: &Value) -> bool {
    let time = |member: &str| item[member].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let is_hidden = |member: &str| item.get(member).is_some();
    match (tool, name) {
        (_, "timeZone") => zone_fits(value, item),
        ("outlook_calendar_search" | "meetings_find", "afterDateTime") => {
            time("endUtc").is_none_or(|end| end >= moment(value))
        }
        ("outlook_calendar_search" | "meetings_find", "beforeDateTime") => {
            time("startUtc").is_none_or(|start| start < moment(value))
        }
        ("outlook_calendar_search", "organizer") => is_person(&item["organizer"], value),
        ("outlook_calendar_search", "attendee") => {
            let attendees = item["attendees"].as_array().into_iter().flatten();
            is_hidden("moreAttendees")
                || is_person(&item["organizer"], value)
                || attendees.into_iter().any(|one| is_person(one, value))
        }
        ("outlook_find_available_time" | "find_meeting_availability", "afterDateTime") => {
            time("startUtc").is_none_or(|start| start >= moment(value))
        }
        ("outlook_find_available_time" | "find_meeting_availability", "beforeDateTime") => {
            time("endUtc").is_none_or(|end| end <= moment(value))
        }
        ("outlook_find_available_time", "durationMinutes") => {
            let minutes = item["minutes"].as_i64().or_else(|| Some(item["days"].as_i64()? * 1_440));
            minutes >= value.as_i64()
        }
        ("find_meeting_availability", "durationMinutes") => {
            let length = time("endUtc").unwrap().duration_since(time("startUtc").unwrap());
            Some(length.as_mins()) == value.as_i64()
        }
        ("find_meeting_availability", "participants") => {
            let asked = value.as_array().unwrap();
            item["participants"].as_array().unwrap().iter().all(|one| asked.contains(&one["address"]))
        }
        ("meetings_find", "subject") | ("sharepoint_folder_search", "name") => {
            holds(if tool == "meetings_find" { &item["subject"] } else { &item["name"] }, value)
        }
        ("meetings_find", "eventUri") => item["eventUri"] == *value,
        ("chat_message_search", "where") => match value.as_str().unwrap() {
            "all" => true,
            place => {
                let root = if place == "chats" { "teams:///chats/" } else { "teams:///teams/" };
                item["conversation"].as_str().is_none_or(|uri| uri.starts_with(root))
            }
        },
        ("chat_message_search", "sender") => is_person(&item["from"], value),
        ("chat_message_search" | "teams_list_chat_messages", "afterDateTime") => {
            time("createdUtc").is_none_or(|at| at >= moment(value))
        }
        ("chat_message_search" | "teams_list_chat_messages", "beforeDateTime") => {
            time("createdUtc").is_none_or(|at| at < moment(value))
        }
        ("teams_list_chats", "type") => item["type"] == *value,
        ("teams_list_chats", "topic") => holds(&item["topic"], value),
        ("teams_list_chats", "member") => {
            is_hidden("moreMembers")
                || item["members"].as_array().unwrap().iter().any(|one| is_person(one, value))
        }
        ("teams_list_channel_messages", "includeReplies") => *value == true || item.get("replyTo").is_none(),
        ("sharepoint_search", "kind") => item["kind"] == *value,
        ("sharepoint_search", "fileType") => {
            let ending = item["name"].as_str().unwrap().rsplit('.').next().unwrap();
            value.as_str().unwrap().split(", ").any(|wanted| wanted == ending)
        }
        ("sharepoint_search", "afterDateTime") => time("modifiedUtc").is_none_or(|at| at >= moment(value)),
        ("sharepoint_search", "beforeDateTime") => time("modifiedUtc").is_none_or(|at| at < moment(value)),
        ("sharepoint_search", "folderName") => {
            item["webUrl"].as_str().is_none_or(|url| url.contains("/Reports"))
        }
        ("sharepoint_search" | "sharepoint_folder_search", "siteUrl") => {
            item["webUrl"].as_str().is_none_or(|url| url.contains("/sites/handbook"))
        }
        ("sharepoint_list_items", "columns") => {
            let asked = value.as_array().unwrap();
            let shown = item["columns"].as_object().unwrap();
            asked.is_empty() || shown.keys().all(|column| asked.iter().any(|wanted| wanted == column))
        }
        ("sharepoint_list_items", "filter") => value.as_array().unwrap().iter().all(|one| {
            let cell = &item["columns"][one["column"].as_str().unwrap()];
            let fits = match one["op"].as_str().unwrap() {
                "eq" => *cell == one["value"],
                "ne" => *cell != one["value"],
                _ => cell.as_f64() >= one["value"].as_f64(),
            };
            // A column that is not shown can't be judged.
            cell.is_null() || fits
        }),
        ("search_people", "query") => {
            let text = format!("{} {} {}", item["name"], item["address"], item["userPrincipalName"]);
            holds(&Value::from(text), value)
        }
        ("outlook_list_folders", "parent") => {
            let parent = value.as_str().unwrap().rsplit('/').next().unwrap();
            item["path"].as_str().unwrap().starts_with(&format!("{parent}/"))
        }
        _ => true,
    }
}

/// Local times are those of the zone, where they differ from UTC at all.
fn zone_fits(zone: &Value, item: &Value) -> bool {
    let offsets: &[&str] = if zone == "Asia/Tokyo" { &["+09:00"] } else { &["-03:30", "-02:30"] };
    let local = ["received", "start", "end", "modified", "created"].map(|member| item[member].as_str());
    local.into_iter().flatten().all(|time| offsets.iter().any(|offset| time.contains(offset)))
}
