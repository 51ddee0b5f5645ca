//! Every argument together with every other one, and with every two others: what is answered honours all of them, and costs
//! no more than is told.

mod combinations;
mod honoured;
mod oracle;
mod values;

use std::collections::BTreeSet;

use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Map, Value, json};

use self::honoured::assert_honoured;
use self::oracle::{Graph, expected};
use self::values::Argument;
use crate::calls::{Known, without_limits};
use crate::world::World;

/// Tools that one world is made for.
const MAIL: &[&str] = &["outlook_email_search", "outlook_list_folders"];
const CALENDAR: &[&str] =
    &["outlook_calendar_search", "outlook_find_available_time", "find_meeting_availability"];
const SHAREPOINT: &[&str] =
    &["sharepoint_search", "sharepoint_folder_search", "sharepoint_list_folder", "sharepoint_list_items"];
const TEAMS: &[&str] = &[
    "chat_message_search",
    "teams_list_chats",
    "teams_list_chat_messages",
    "teams_list_teams",
    "teams_list_channels",
    "teams_list_channel_messages",
];
const OTHERS: &[&str] = &["get_me", "get_granted_scopes", "search_people", "meetings_find", "read_resource"];

/// Whether the uri can be none of a text with such parts: then alone it is right to refuse the range. Of `file:///` only the
/// answer tells whether it is a folder.
fn has_no_such_part(arguments: &Value) -> bool {
    let (Some(uri), Some(range)) = (arguments["uri"].as_str(), arguments["range"].as_str()) else {
        return false;
    };
    let of_times = uri.strip_prefix("meeting-transcript:///").is_some_and(|path| path.contains('/'));
    let of_rows = uri.starts_with("share:///") || uri.contains("/attachments/");
    if range.contains(':') { !of_times } else { !of_rows }
}

/// Pages of one list that are read, with the first.
const PAGES: usize = 4;

/// If this failed, an argument would be dropped beside another one, or beside two that are honoured together, something would
/// be left out that should be there, or a call would cost more than is told.
#[rstest]
#[case::mail(MAIL)]
#[case::calendar(CALENDAR)]
#[case::sharepoint(SHAREPOINT)]
#[case::teams(TEAMS)]
#[case::others(OTHERS)]
#[actix_web::test]
async fn up_to_three_arguments_are_honoured_together_within_the_bound(#[case] tools: &[&str]) {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let graph = Graph::of(&world, &person).await;
    // A warm session knows the zone.
    world.answer(&token, "outlook_calendar_search", json!({ "limit": 1 })).await;
    for name in tools {
        let player = Player { world: &world, token: &token, graph: &graph, tool: name };
        let (mut given, mut judged) = (BTreeSet::new(), BTreeSet::new());
        for arguments in calls(name, &known) {
            let names: Vec<String> = arguments.as_object().unwrap().keys().cloned().collect();
            if player.play(&arguments).await {
                judged.extend(names.clone());
            }
            given.extend(names);
        }
        assert_eq!(judged, given, "{name}: some argument never let anything pass");
    }
}

/// If this failed, a new tool would be in no row.
#[test]
fn every_tool_is_played() {
    let played: BTreeSet<&str> = [MAIL, CALENDAR, SHAREPOINT, TEAMS, OTHERS].concat().into_iter().collect();
    let all: BTreeSet<&str> = Catalogue::MICROSOFT_365.tools.iter().map(|tool| tool.name).collect();
    assert_eq!(played, all);
}

/// The arguments of every call.
fn calls(tool: &str, known: &Known) -> Vec<Value> {
    let schema = (Catalogue::MICROSOFT_365.tool(tool).unwrap().input_schema)();
    let mut calls = Vec::new();
    for without in values::left_out(tool) {
        let arguments = values::arguments(tool, &schema, without, known);
        for row in rows(&arguments) {
            let chosen = arguments.iter().zip(row).filter_map(|(argument, place)| {
                Some((argument.name.clone(), argument.values[place].clone()?))
            });
            calls.push(Value::Object(chosen.collect::<Map<_, _>>()));
        }
    }
    calls
}

/// None but what must be given, any three given or left out, and whatever two values did not meet in those.
fn rows(arguments: &[Argument]) -> Vec<Vec<usize>> {
    let columns: Vec<usize> = arguments.iter().map(|argument| argument.values.len()).collect();
    let mut rows = vec![vec![0; columns.len()]];
    rows.extend(triples(arguments));
    combinations::complete(&mut rows, &columns, 2);
    rows
}

/// Any three given or left out, with the values of those taking turns; of what must be given, every value. Beside the rows
/// that are as full as they come, some in which few are given, so that more is left to be found.
fn triples(arguments: &[Argument]) -> Vec<Vec<usize>> {
    let columns: Vec<usize> = arguments.iter().map(Argument::choices).collect();
    let optional: Vec<usize> =
        (0..arguments.len()).filter(|place| arguments[*place].values[0].is_none()).collect();
    let mut rows = combinations::rows(&columns, 3);
    rows.extend(combinations::three_of_few(optional.len()).into_iter().map(|few| {
        let mut row = vec![0; arguments.len()];
        for place in few {
            row[optional[place]] = 1;
        }
        row
    }));
    let mut turns = vec![0; arguments.len()];
    let turned = |row: Vec<usize>| {
        let cells = arguments.iter().zip(row).zip(&mut turns);
        cells.map(|((argument, choice), turn)| argument.in_turn(choice, turn)).collect()
    };
    rows.into_iter().map(turned).collect()
}

/// What the catalogue says of the tool; of a reading, of its uri.
fn most_requests(tool: &str, uri: &Value) -> u32 {
    let catalogue = Catalogue::MICROSOFT_365;
    match uri.as_str() {
        Some(uri) if tool == "read_resource" => (catalogue.resources.unwrap().most_requests)(uri).unwrap(),
        _ => catalogue.tool(tool).unwrap().most_requests,
    }
}

/// Calls one tool.
struct Player<'w> {
    world: &'w World,
    token: &'w str,
    graph: &'w Graph<'w>,
    tool: &'w str,
}

impl Player<'_> {
    /// Calls, and follows the cursor to some more pages. Says whether there was something to judge.
    async fn play(&self, arguments: &Value) -> bool {
        let first = self.called(arguments).await;
        let Some(mut items) = first["items"].as_array().cloned() else { return !first.is_null() };
        let mut page = first.clone();
        for _ in 1..PAGES {
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            let mut further = arguments.clone();
            further["cursor"] = json!(cursor);
            page = self.called(&further).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
        }
        if let Some(expected) = expected(self.graph, self.tool, arguments, &first["understood"]).await {
            let reason = page["completeness"]["reason"].as_str().unwrap_or_default();
            // Of whom nothing is known leaves no time out.
            let is_whole = reason.is_empty() || reason.starts_with("Nothing is known of");
            expected.assert_are(self.tool, arguments, &items, is_whole);
        }
        !items.is_empty()
    }

    async fn called(&self, arguments: &Value) -> Value {
        let Self { world, token, tool, .. } = *self;
        world.forget_requests().await;
        let answer = world.call(token, tool, arguments.clone()).await;
        let made = world.graph_round_trips().await;
        let most = most_requests(tool, &arguments["uri"]);
        assert!(made <= usize::try_from(most).unwrap(), "{tool} {arguments}: {made} requests");
        if answer["isError"] == true {
            assert!(has_no_such_part(arguments), "{tool} {arguments}: {answer}");
            return Value::Null;
        }
        let content = answer["structuredContent"].clone();
        assert_honoured(tool, arguments, &content);
        content
    }
}
