//! What a list must hold, by what Graph itself says of everything there is: an item that should be there and isn't is
//! noticed as one is that should not.

mod availability;
mod directory;
mod graph;
mod mail;
mod outlook;
mod sharepoint;
mod teams;

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use rstest::rstest;
use serde_json::{Value, json};

pub(super) use self::graph::Graph;

/// What stands in a list, and where: of two places the lower one comes first; those of one place in any order.
#[derive(Debug, Default)]
pub(super) struct Expected {
    places: BTreeMap<String, i64>,
}

impl Expected {
    /// One behind the other.
    fn in_turn(keys: impl IntoIterator<Item = String>) -> Self {
        Self { places: keys.into_iter().zip(0..).collect() }
    }

    /// In whatever order.
    fn in_any_order(keys: impl IntoIterator<Item = String>) -> Self {
        Self { places: keys.into_iter().map(|key| (key, 0)).collect() }
    }

    /// The earliest first.
    fn earliest_first(items: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        Self { places: items.into_iter().map(|(key, at)| (key, at.as_millisecond())).collect() }
    }

    /// The latest first.
    fn latest_first(items: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        Self { places: items.into_iter().map(|(key, at)| (key, -at.as_millisecond())).collect() }
    }

    /// Whether these items are they, or, where there are more to come, the first of them.
    pub(super) fn assert_are(&self, tool: &str, arguments: &Value, items: &[Value], is_whole: bool) {
        let given: Vec<String> = items.iter().map(|item| key_of(tool, item)).collect();
        let place = |key: &String| {
            self.places.get(key).unwrap_or_else(|| panic!("{tool} {arguments}: {key} should not be there"))
        };
        let last = given.iter().map(place).max().copied();
        let is_due = |place: i64| is_whole || last.is_some_and(|last| place < last);
        for (key, place) in &self.places {
            assert!(
                !is_due(*place) || given.contains(key),
                "{tool} {arguments}: {key} is missing: {given:#?}"
            );
        }
    }
}

/// What a tool must give of everything there is; `None` of tools whose answers are no lists of what there is.
pub(super) async fn expected(
    graph: &Graph<'_>,
    tool: &str,
    arguments: &Value,
    understood: &Value,
) -> Option<Expected> {
    Some(match tool {
        "outlook_email_search" => mail::found(graph, arguments).await,
        "outlook_list_folders" => outlook::folders(graph, arguments).await,
        "outlook_calendar_search" => outlook::events(graph, arguments, understood).await,
        "meetings_find" => outlook::meetings(graph, arguments, understood).await,
        "outlook_find_available_time" => availability::free(graph, arguments, understood).await,
        "find_meeting_availability" => availability::meetings(graph, arguments, understood).await,
        "search_people" => directory::people(graph, arguments).await,
        "sharepoint_search" => sharepoint::found(graph, arguments).await,
        "sharepoint_folder_search" => sharepoint::folders(graph, arguments).await,
        "sharepoint_list_folder" => sharepoint::entries(graph, arguments).await,
        "sharepoint_list_items" => sharepoint::list_items(graph, arguments).await,
        "chat_message_search" => teams::found(graph, arguments).await,
        "teams_list_chats" => teams::chats(graph, arguments).await,
        "teams_list_chat_messages" => teams::chat_messages(graph, arguments).await,
        "teams_list_teams" => teams::teams(graph).await,
        "teams_list_channels" => teams::channels(graph, arguments).await,
        "teams_list_channel_messages" => teams::channel_messages(graph, arguments).await,
        "get_me" | "get_granted_scopes" | "read_resource" => return None,
        other => panic!("nobody has said what {other} must give"),
    })
}

/// By what an item is known in both places.
fn key_of(tool: &str, item: &Value) -> String {
    if matches!(tool, "outlook_find_available_time" | "find_meeting_availability") {
        let edges =
            if item["firstDay"].is_string() { ["firstDay", "lastDay"] } else { ["startUtc", "endUtc"] };
        return edges.map(|edge| text(item, edge)).join("/");
    }
    let member = match tool {
        "teams_list_teams" => "teamId",
        "meetings_find" if item["eventUri"].is_string() => "eventUri",
        // Hits of a search are no items of a drive or a list.
        "sharepoint_search" | "sharepoint_folder_search" => "webUrl",
        _ => "uri",
    };
    let text = item[member].as_str().unwrap_or_else(|| panic!("{tool}: no {member}: {item}"));
    let text = match (tool, member) {
        // Of one list, which either of its names may stand for.
        ("sharepoint_list_items", _) => text.rsplit('/').next().unwrap_or_default(),
        (_, "webUrl") => text,
        _ => text.split('?').next().unwrap_or_default(),
    };
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// Whether a time lies in the window of the arguments, which give times to the second.
fn is_within(at: Timestamp, arguments: &Value) -> bool {
    let bound = |name: &str| arguments[name].as_str().map(|text| text.parse::<Timestamp>().unwrap());
    bound("afterDateTime").is_none_or(|after| at >= after)
        && bound("beforeDateTime").is_none_or(|before| at < before)
}

/// Whether an argument is not given, or fits.
fn fits(arguments: &Value, name: &str, fits: impl FnOnce(&Value) -> bool) -> bool {
    arguments.get(name).is_none_or(fits)
}

/// If this failed, the rows would pass whatever is left out or given.
#[rstest]
#[case::all_of_it(&["a", "b", "c"], true)]
#[case::its_beginning(&["a", "b"], false)]
#[case::nothing_yet(&[], false)]
#[should_panic(expected = "c is missing")]
#[case::not_all(&["a", "b"], true)]
#[should_panic(expected = "a is missing")]
#[case::not_its_beginning(&["b"], false)]
#[should_panic(expected = "d should not be there")]
#[case::one_too_many(&["a", "b", "c", "d"], true)]
fn what_is_missing_and_what_should_not_be_there_is_noticed(#[case] given: &[&str], #[case] is_whole: bool) {
    let expected = Expected::in_turn(["a", "b", "c"].map(str::to_owned));
    let items: Vec<Value> = given.iter().map(|uri| json!({ "uri": uri })).collect();
    expected.assert_are("teams_list_chats", &json!({}), &items, is_whole);
}
