//! Wrong arguments of every tool: what is said about them helps, and speaks of nothing but the arguments.

use rstest::rstest;
use serde_json::{Value, json};

use crate::every_tool::every_profile;
use crate::world::{World, send};

/// Words of those who write code, which mean nothing to those who call a tool.
const NOT_FOR_CALLERS: &[&str] = &[
    "u32",
    "u64",
    "i64",
    "f64",
    "usize",
    "bool",
    "str",
    "string",
    "integer",
    "struct",
    "enum",
    "variant",
    "variants",
    "field",
    "fields",
    "serde",
    "expected",
    "invalid",
    "sequence",
    "map",
    "unit",
    "floating",
    "point",
    "option",
    "some",
    "line",
    "column",
    "deserialize",
    "eof",
];

/// The parts of the error that a call ended with.
fn error_of(answer: &Value) -> (String, String) {
    let error = &answer["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "invalid_arguments", "{answer}");
    let text = |part: &str| error[part].as_str().unwrap().to_owned();
    (text("why"), text("how"))
}

fn assert_readable(text: &str) {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    let unreadable: Vec<String> = words.filter(|word| NOT_FOR_CALLERS.contains(&word.as_str())).collect();
    assert!(unreadable.is_empty(), "{unreadable:?} in {text}");
}

/// Values that an argument of this schema can't have.
fn wrong_values(schema: &Value) -> Vec<Value> {
    let kind = schema["type"].as_str().unwrap();
    let all = [
        json!("certainly not"),
        json!(1.5),
        json!(true),
        json!([]),
        json!(["a"]),
        json!({}),
        json!({ "a": 1 }),
    ];
    let fits = |value: &Value| match kind {
        "string" => value.is_string() && schema["enum"].is_null(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        other => panic!("no wrong values are known for {other}"),
    };
    let beyond = (kind == "integer").then(|| vec![json!(-1), json!(0), json!(10_000), json!(1e300)]);
    all.into_iter().chain(beyond.into_iter().flatten()).filter(|value| !fits(value)).collect()
}

async fn tools(world: &World, token: &str) -> Vec<Value> {
    let listed = send(world.modern(token, "tools/list", json!({}))).await.json();
    listed["result"]["tools"].as_array().unwrap().clone()
}

/// If this failed, a model could not mend its call, or would be told about the inside of the connector.
#[actix_web::test]
async fn a_wrong_value_is_named_with_what_is_expected() {
    let world = World::offering(every_profile(), |_| {}).await;
    let token = world.token(&world.person(0, 0)).await;
    let mut tried = 0;
    for tool in tools(&world, &token).await {
        let name = tool["name"].as_str().unwrap();
        for (argument, schema) in tool["inputSchema"]["properties"].as_object().into_iter().flatten() {
            for value in wrong_values(schema) {
                let answer = world.call(&token, name, json!({ argument: value })).await;
                let (why, how) = error_of(&answer);
                assert!(why.starts_with(&format!("{argument}: must be ")), "{name} {value}: {why}");
                assert_readable(&why);
                assert!(how.contains(argument), "{name} {value}: {how}");
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried} values were tried");
}

/// If this failed, a model would look for a tool's arguments by trying.
#[actix_web::test]
async fn an_unknown_argument_lists_the_known_ones() {
    let world = World::offering(every_profile(), |_| {}).await;
    let token = world.token(&world.person(0, 0)).await;
    for tool in tools(&world, &token).await {
        let name = tool["name"].as_str().unwrap();
        let (why, how) = error_of(&world.call(&token, name, json!({ "colour": "blue" })).await);
        assert_eq!(why, "There is no argument \"colour\".", "{name}");
        let known: Vec<&String> = tool["inputSchema"]["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        assert!(known.iter().all(|argument| how.contains(*argument)), "{name}: {how}");
        assert!(!known.is_empty() || how.contains("no arguments"), "{name}: {how}");
        assert_readable(&format!("{why} {how}"));
    }
}

/// If this failed, one mistake would be explained in three ways, or a whole number be refused for how it is written.
#[rstest]
#[case::negative(json!(-1), false)]
#[case::zero(json!(0), false)]
#[case::too_many(json!(10_000), false)]
#[case::far_too_many(json!(u64::MAX), false)]
#[case::a_fraction(json!(2.5), false)]
#[case::whole(json!(2), true)]
#[case::whole_with_a_point(json!(2.0), true)]
#[actix_web::test]
async fn a_limit_is_a_whole_number_within_its_bounds(#[case] limit: Value, #[case] is_good: bool) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = world.call(&token, "outlook_email_search", json!({ "limit": limit })).await;
    if is_good {
        assert_eq!(answer["structuredContent"]["completeness"]["returned"], 2, "{answer}");
    } else {
        let (why, how) = error_of(&answer);
        assert_eq!(why, "limit: must be a whole number from 1 to 50.");
        assert_eq!(how, "For example {\"limit\":10}.");
    }
}

/// If this failed, a model would be told that something is wrong and not what.
#[rstest]
#[case::uri("read_resource", json!({ "uri": "https://outlook.office.com/mail" }), "uri")]
#[case::uri_owner("read_resource", json!({ "uri": "mail:///folders/?owner=Adele" }), "uri")]
#[case::no_uri("read_resource", json!({}), "uri")]
#[case::owner("outlook_email_search", json!({ "mailboxOwnerEmail": "Adele" }), "mailboxOwnerEmail")]
#[case::after("outlook_email_search", json!({ "afterDateTime": "someday" }), "afterDateTime")]
#[case::before("outlook_email_search", json!({ "beforeDateTime": "2026-13-01" }), "beforeDateTime")]
#[case::order_of_times("outlook_email_search", json!({ "afterDateTime": "today", "beforeDateTime": "yesterday" }), "afterDateTime")]
#[case::zone("outlook_email_search", json!({ "timeZone": "Mars/Olympus" }), "timeZone")]
#[case::long_query("outlook_email_search", json!({ "query": "x".repeat(2_000) }), "query")]
#[case::calendar_owner("outlook_calendar_search", json!({ "calendarOwnerEmail": "Adele" }), "calendarOwnerEmail")]
#[case::calendar_times("outlook_calendar_search", json!({ "afterDateTime": "today", "beforeDateTime": "yesterday" }), "afterDateTime")]
#[case::five_years("outlook_calendar_search", json!({ "afterDateTime": "9 years ago" }), "beforeDateTime")]
#[case::calendar_words("outlook_calendar_search", json!({ "attendee": "*" }), "attendee")]
#[case::event_uri("read_resource", json!({ "uri": "calendar:///events/A/B" }), "uri")]
#[case::user_uri("read_resource", json!({ "uri": "user:///A?size=1" }), "uri")]
#[case::folder("sharepoint_list_folder", json!({ "uri": "Documents" }), "uri")]
#[case::file_uri("read_resource", json!({ "uri": "file:///only-a-drive" }), "uri")]
#[case::page_uri("read_resource", json!({ "uri": "page:///sites/a/lists/b" }), "uri")]
#[case::share_uri("read_resource", json!({ "uri": "share:///budget" }), "uri")]
#[case::range_of_mail("read_resource", json!({ "uri": "mail:///folders/Inbox", "range": "1-2" }), "range")]
#[case::range_of_transcripts("read_resource", json!({ "uri": "meeting-transcript:///MSo1", "range": "00:10-00:20" }), "range")]
#[case::site("sharepoint_list_items", json!({ "site": "Handbook", "list": "Open points" }), "site")]
#[case::file_type("sharepoint_search", json!({ "query": "a", "fileType": "a b/c" }), "fileType")]
#[case::site_url("sharepoint_search", json!({ "query": "a", "siteUrl": "Handbook" }), "siteUrl")]
#[case::changed("sharepoint_search", json!({ "query": "a", "afterDateTime": "today", "beforeDateTime": "yesterday" }), "afterDateTime")]
#[case::folder_words("sharepoint_folder_search", json!({ "name": "*" }), "name")]
#[case::long_parent("outlook_list_folders", json!({ "parent": "x".repeat(3_000) }), "parent")]
#[actix_web::test]
async fn a_value_without_a_meaning_is_named(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] argument: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (why, how) = error_of(&world.call(&token, tool, arguments).await);
    assert!(why.starts_with(argument), "{why}");
    assert!(!how.is_empty());
    assert_readable(&format!("{why} {how}"));
}
