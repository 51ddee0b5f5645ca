//! Cursors that do not lead on: of another call, another tool or another user, altered, and too old.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{Row, coming_into, every_profile};
use crate::calls::{Known, without_limits};
use crate::world::World;

/// What is wrong with a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Altered,
    Cut,
    NoCursor,
    OfAnotherUser,
    OfAnotherTool,
    WithOtherArguments,
    Expired,
}

/// A tool's call that has a further page, and the cursor that leads there.
struct Listed {
    row: &'static Row,
    arguments: Value,
    cursor: String,
}

/// Whoever calls, and has begun every list there is.
struct Reader {
    world: World,
    token: String,
    colleague: String,
    lists: Vec<Listed>,
}

impl Reader {
    async fn new(lifetime: Option<Duration>) -> Self {
        let world = World::offering(every_profile(), |settings| {
            without_limits(settings);
            settings.calls.cursor_lifetime = lifetime.unwrap_or(settings.calls.cursor_lifetime);
        })
        .await;
        let person = world.person(0, 0);
        let token = world.token(&person).await;
        let colleague = world.token(&world.person(0, 1)).await;
        let known = world.known(&person, &token).await;
        let lists = Self::begin(&world, &token, &known).await;
        Self { world, token, colleague, lists }
    }

    async fn begin(world: &World, token: &str, known: &Known) -> Vec<Listed> {
        let mut lists = Vec::new();
        for (row, arguments) in coming_into(|row| row.many_pages, known) {
            for fault in (row.many_pages).faults(world.stage.simulator_url()) {
                world.fault(fault).await;
            }
            let first = world.answer(token, row.tool, arguments.clone()).await;
            world.clear_faults().await;
            let cursor = first["nextCursor"].as_str().unwrap_or_else(|| panic!("{}: {first}", row.tool));
            lists.push(Listed { row, arguments, cursor: cursor.to_owned() });
        }
        lists
    }

    /// What a call with a faulty cursor is told.
    async fn error(&self, place: usize, fault: Fault) -> Value {
        let Listed { row, arguments, cursor } = &self.lists[place];
        let mut others = self.lists.iter().rev();
        let other = others.find(|other| other.row.tool != row.tool).expect("there is another tool");
        let cursor = match fault {
            Fault::Altered => altered(cursor),
            Fault::Cut => cursor[..cursor.len() / 2].to_owned(),
            Fault::NoCursor => "next page, please".to_owned(),
            Fault::OfAnotherTool => other.cursor.clone(),
            Fault::OfAnotherUser | Fault::WithOtherArguments | Fault::Expired => cursor.clone(),
        };
        let mut arguments = arguments.clone();
        if fault == Fault::WithOtherArguments {
            arguments = changed(row.tool, arguments);
        }
        arguments["cursor"] = json!(cursor);
        let token = if fault == Fault::OfAnotherUser { &self.colleague } else { &self.token };
        let answer = self.world.call(token, row.tool, arguments).await;
        assert_eq!(answer["isError"], true, "{} {fault:?}: {answer}", row.tool);
        answer["_meta"]["m365-connector/error"].clone()
    }
}

/// With another letter in the middle.
fn altered(cursor: &str) -> String {
    let middle = cursor.len() / 2;
    let other = if &cursor[middle..=middle] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &cursor[..middle], &cursor[middle + 1..])
}

/// The same call with one argument changed.
fn changed(tool: &str, mut arguments: Value) -> Value {
    let (name, value) = match (tool, arguments["limit"].as_u64()) {
        (_, Some(limit)) => ("limit", json!(limit + 1)),
        ("outlook_list_folders", None) => ("recursive", json!(true)),
        _ => ("timeZone", json!("Asia/Tokyo")),
    };
    arguments[name] = value;
    arguments
}

/// If this failed, a list would go on for whom it is not, from another place than it ended, or a model be told that its
/// cursor is bad and not why.
#[rstest]
#[case::altered(Fault::Altered, "invalid_cursor", "cursor: it was altered")]
#[case::cut(Fault::Cut, "invalid_cursor", "cursor: it was altered or cut")]
#[case::no_cursor_at_all(Fault::NoCursor, "invalid_cursor", "cursor: it was altered")]
#[case::of_another_user(Fault::OfAnotherUser, "invalid_cursor", "another user")]
#[case::of_another_tool(Fault::OfAnotherTool, "invalid_cursor", "cursor: it was given by ")]
#[case::with_other_arguments(
    Fault::WithOtherArguments,
    "invalid_cursor",
    "cursor: the other arguments are not those"
)]
#[case::expired(Fault::Expired, "expired_cursor", "cursor: a cursor can be used for")]
#[actix_web::test]
async fn a_cursor_that_does_not_lead_on_says_why(
    #[case] fault: Fault,
    #[case] code: &str,
    #[case] why: &str,
) {
    let reader = Reader::new((fault == Fault::Expired).then_some(Duration::ZERO)).await;
    assert!(reader.lists.len() > 12, "{} lists", reader.lists.len());
    for (place, list) in reader.lists.iter().enumerate() {
        let error = reader.error(place, fault).await;
        assert_eq!(error["code"], code, "{}: {error}", list.row.tool);
        assert!(error["why"].as_str().unwrap().contains(why), "{}: {error}", list.row.tool);
        assert!(error["how"].as_str().unwrap().contains("without"), "{}: {error}", list.row.tool);
    }
}

/// If this failed, a new tool's cursors would be tried by no test.
#[actix_web::test]
async fn every_tool_with_a_cursor_is_tried() {
    let reader = Reader::new(None).await;
    let tried: Vec<&str> = reader.lists.iter().map(|list| list.row.tool).collect();
    for tool in every_profile().tools {
        let takes_one = (tool.input_schema)()["properties"].get("cursor").is_some();
        assert_eq!(takes_one, tried.contains(&tool.name), "{}", tool.name);
    }
}

/// If this failed, the next page would be of another list: the present moves on while somebody reads, and whatever is counted from
/// it would be passed over, or be given twice.
#[rstest]
#[case::mail("outlook_email_search", json!({ "beforeDateTime": "now" }))]
#[case::events("outlook_calendar_search", json!({ "afterDateTime": "now" }))]
#[case::meetings("meetings_find", json!({ "subject": "stand-up" }))]
#[case::list_items(
    "sharepoint_list_items",
    json!({ "site": "root", "list": "Open points", "filter": [{ "column": "Created", "op": "lt", "value": "now" }] })
)]
#[actix_web::test]
async fn the_next_page_is_seen_from_the_same_moment(#[case] tool: &str, #[case] mut arguments: Value) {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    // Where times are told to the millisecond.
    arguments["timeZone"] = json!("UTC");
    arguments["limit"] = json!(2);
    let first = world.answer(&token, tool, arguments.clone()).await;
    arguments["cursor"] = first["nextCursor"].clone();
    let second = world.answer(&token, tool, arguments).await;
    assert!(first["nextCursor"].is_string() && first["understood"].to_string().contains('Z'), "{first}");
    assert_eq!(first["understood"], second["understood"]);
}
