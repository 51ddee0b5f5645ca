//! Folders, events and meetings of Outlook.

use serde_json::Value;

use super::{Expected, Graph, fits, text};
use crate::matrix::honoured::{holds, is_person};

/// `outlook_list_folders`: level by level, those of one level in whatever order.
pub(super) async fn folders(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let root = match arguments["mailboxOwnerEmail"].as_str() {
        Some(owner) => format!("/users/{owner}/mailFolders"),
        None => "/me/mailFolders".to_owned(),
    };
    let mut level = match arguments["parent"].as_str() {
        Some(parent) => {
            let name = parent.rsplit('/').next().unwrap_or_default();
            graph.all(&format!("{root}/{name}/childFolders?$top=100")).await.to_vec()
        }
        None => graph.all(&format!("{root}?$top=100")).await.to_vec(),
    };
    let mut found = Vec::new();
    while !level.is_empty() {
        found.extend(level.iter().map(|folder| format!("mail:///folders/{}", text(folder, "id"))));
        let mut below = Vec::new();
        for folder in level.iter().filter(|_| arguments["recursive"] == true) {
            let children = format!("{root}/{}/childFolders?$top=100", text(folder, "id"));
            below.extend(graph.all(&children).await.iter().cloned());
        }
        level = below;
    }
    Expected::in_any_order(found)
}

/// What takes place in the window that the connector has understood; what it means is asked of Graph.
async fn view(graph: &Graph<'_>, root: &str, understood: &Value) -> Vec<Value> {
    let bound = |name: &str| text(understood, name).parse::<jiff::Timestamp>().unwrap();
    let (after, before) = (bound("after"), bound("before"));
    let path = format!(
        "{root}/calendarView?startDateTime={after}&endDateTime={before}&$orderby=start/dateTime&$top=1000"
    );
    graph.all(&path).await.to_vec()
}

/// When it begins, to the second, in UTC.
fn start(event: &Value) -> jiff::Timestamp {
    let start = text(&event["start"], "dateTime");
    format!("{start}Z").parse().unwrap_or_else(|_| panic!("no start: {event}"))
}

/// `outlook_calendar_search`.
pub(super) async fn events(graph: &Graph<'_>, arguments: &Value, understood: &Value) -> Expected {
    let root = match arguments["calendarOwnerEmail"].as_str() {
        Some(owner) => format!("/users/{owner}"),
        None => "/me".to_owned(),
    };
    let events = view(graph, &root, understood).await;
    let is_asked_for = |event: &&Value| {
        let organizer = &event["organizer"]["emailAddress"];
        let mut attendees = event["attendees"].as_array().into_iter().flatten();
        fits(arguments, "organizer", |wanted| is_person(organizer, wanted))
            && fits(arguments, "attendee", |wanted| {
                is_person(organizer, wanted) || attendees.any(|one| is_person(&one["emailAddress"], wanted))
            })
            && fits(arguments, "query", |words| holds(&Value::from(words_of(event)), words))
    };
    let found = events
        .iter()
        .filter(is_asked_for)
        .map(|event| (format!("calendar:///events/{}", text(event, "id")), start(event)));
    if arguments["order"] == "newest" {
        Expected::latest_first(found)
    } else {
        Expected::earliest_first(found)
    }
}

/// Subject, places and preview.
fn words_of(event: &Value) -> String {
    let places = event["locations"].as_array().into_iter().flatten().chain([&event["location"]]);
    let places: Vec<&str> = places.map(|place| text(place, "displayName")).collect();
    format!("{} {} {}", text(event, "subject"), text(event, "bodyPreview"), places.join(" "))
}

/// `meetings_find`.
pub(super) async fn meetings(graph: &Graph<'_>, arguments: &Value, understood: &Value) -> Expected {
    if let Some(uri) = arguments["eventUri"].as_str() {
        return Expected::in_turn([uri.to_owned()]);
    }
    if let Some(link) = arguments["joinUrl"].as_str() {
        let filter = form_urlencoded(&format!("JoinWebUrl eq '{link}'"));
        let meetings = graph.all(&format!("/me/onlineMeetings?$filter={filter}")).await;
        return Expected::in_turn(
            meetings.iter().map(|meeting| format!("meeting:///{}", text(meeting, "id"))),
        );
    }
    let events = view(graph, "/me", understood).await;
    let is_asked_for = |event: &&Value| {
        event["onlineMeeting"]["joinUrl"].is_string()
            && fits(arguments, "subject", |words| holds(&event["subject"], words))
    };
    let found = events.iter().filter(is_asked_for);
    Expected::earliest_first(
        found.map(|event| (format!("calendar:///events/{}", text(event, "id")), start(event))),
    )
}

fn form_urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
