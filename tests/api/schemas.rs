//! What the tools answer, held against what they announce.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::world::{World, send};

/// The output schemas of all tools.
#[derive(Debug)]
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// As `tools/list` announces them.
    pub(crate) async fn announced(world: &World, token: &str) -> Self {
        let listed = send(world.modern(token, "tools/list", json!({}))).await.json();
        let tools = listed["result"]["tools"].as_array().unwrap_or_else(|| panic!("no tools: {listed}"));
        let schema = |tool: &Value| (tool["name"].as_str().unwrap().to_owned(), tool["outputSchema"].clone());
        Self(tools.iter().map(schema).collect())
    }

    /// Holds the structured content of an answer against what its tool announces.
    pub(crate) fn assert_fits(&self, tool: &str, content: &Value) {
        let misfits = misfits(&self.0[tool], content, "$");
        assert!(misfits.is_empty(), "{tool}: {misfits:#?}");
    }
}

/// If this failed, clients that check answers against the announced schema would refuse them.
#[actix_web::test]
async fn every_answer_fits_the_schema_that_its_tool_announces() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let schemas = Schemas::announced(&world, &token).await;
    let found = world.call(&token, "outlook_email_search", json!({ "limit": 1 })).await;
    let message = &found["structuredContent"]["items"][0]["uri"];
    let meet = json!({
        "participants": [world.person(0, 1).upn], "afterDateTime": "tomorrow", "beforeDateTime": "in 8 days", "durationMinutes": 30,
    });
    let chat = world.chat(&token, "Aurora core").await;
    let general = world.channel(&token, "Handbook", "General").await;
    let contracts = world.channel(&token, "Handbook", "Contracts").await;
    let posts = world.answer(&token, "teams_list_channel_messages", general.arguments(json!({}))).await;
    let calls = [
        ("teams_list_chats", json!({ "limit": 50, "timeZone": "Asia/Tokyo" })),
        ("teams_list_chat_messages", json!({ "chatId": chat["uri"], "limit": 50 })),
        ("teams_list_teams", json!({})),
        ("teams_list_channels", json!({ "teamId": general.team })),
        ("teams_list_channel_messages", general.arguments(json!({ "includeReplies": true, "limit": 50 }))),
        ("teams_list_channel_messages", contracts.arguments(json!({ "afterDateTime": "30 days ago" }))),
        ("chat_message_search", json!({ "query": "report", "limit": 50, "timeZone": "Asia/Tokyo" })),
        ("chat_message_search", json!({ "query": "zzzyyyxxx" })),
        ("read_resource", json!({ "uri": chat["uri"] })),
        ("read_resource", json!({ "uri": posts["items"][0]["uri"] })),
        ("outlook_email_search", json!({})),
        (
            "outlook_email_search",
            json!({ "query": "report", "order": "oldest", "timeZone": "Europe/Berlin" }),
        ),
        ("outlook_email_search", json!({ "query": "zzzyyyxxx" })),
        ("outlook_list_folders", json!({ "recursive": true })),
        ("outlook_list_folders", json!({ "parent": "Invoices" })),
        ("outlook_calendar_search", json!({ "afterDateTime": "60 days ago", "limit": 50 })),
        (
            "outlook_calendar_search",
            json!({ "query": "leave", "afterDateTime": "100 days ago", "timeZone": "Asia/Tokyo" }),
        ),
        (
            "outlook_find_available_time",
            json!({ "afterDateTime": "tomorrow", "beforeDateTime": "in 8 days", "durationMinutes": 30 }),
        ),
        (
            "outlook_find_available_time",
            json!({ "afterDateTime": "tomorrow", "beforeDateTime": "in 30 days", "durationMinutes": 1_440 }),
        ),
        ("find_meeting_availability", meet),
        ("search_people", json!({ "query": "m" })),
        ("sharepoint_search", json!({ "query": "*", "limit": 50, "timeZone": "Europe/Berlin" })),
        ("sharepoint_folder_search", json!({ "name": "Reports" })),
        ("sharepoint_list_folder", json!({ "uri": "me", "limit": 3 })),
        ("sharepoint_list_items", json!({ "site": "root", "list": "Open points", "columns": ["Title"] })),
        ("get_me", json!({})),
        ("get_granted_scopes", json!({})),
        ("read_resource", json!({ "uri": message })),
        ("read_resource", json!({ "uri": "mail:///folders/Drafts" })),
        ("read_resource", json!({ "uri": "mail:///folders/" })),
    ];
    for (tool, arguments) in calls {
        let answer = world.call(&token, tool, arguments.clone()).await;
        assert_ne!(answer["isError"], true, "{tool} {arguments}: {answer}");
        schemas.assert_fits(tool, &answer["structuredContent"]);
    }
}

/// If this failed, the check above would let anything pass.
#[test]
fn a_misfit_is_found() {
    let schema = json!({
        "type": "object",
        "properties": {
            "list": { "type": "array", "items": { "type": "integer", "minimum": 0 } },
            "word": { "type": "string", "enum": ["a", "b"] },
        },
        "required": ["word"],
        "additionalProperties": false,
    });
    let count = |value: Value| misfits(&schema, &value, "$").len();
    assert_eq!(count(json!({ "list": [0, 1], "word": "a" })), 0);
    for wrong in [
        json!([]),
        json!({}),
        json!({ "word": "c" }),
        json!({ "word": "a", "list": null }),
        json!({ "word": "a", "list": [-1] }),
        json!({ "word": "a", "list": [0.5] }),
        json!({ "word": "a", "more": 1 }),
    ] {
        assert_eq!(count(wrong.clone()), 1, "{wrong}");
    }
}

/// Where `value` does not fit. Knows what the tools' schemas are written with, and fails on any other keyword.
fn misfits(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = match schema {
        Value::Bool(true) => return Vec::new(),
        Value::Object(schema) => schema,
        other => panic!("{at}: not a schema: {other}"),
    };
    let misfits = schema.iter().flat_map(|(keyword, argument)| match keyword.as_str() {
        "type" => misfit(has_type(argument, value), at, schema),
        "enum" => misfit(argument.as_array().unwrap().contains(value), at, schema),
        "const" => misfit(argument == value, at, schema),
        "minimum" => {
            misfit(value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()), at, schema)
        }
        "anyOf" | "oneOf" => {
            let fits = |branch: &&Value| misfits(branch, value, at).is_empty();
            let fitting = argument.as_array().unwrap().iter().filter(fits).count();
            misfit(fitting == 1 || keyword == "anyOf" && fitting > 0, at, schema)
        }
        "items" => elements(argument, value, at),
        "required" => missing(argument, value, at),
        "properties" => members(value)
            .filter_map(|(name, member)| Some((name, argument.get(name)?, member)))
            .flat_map(|(name, schema, member)| misfits(schema, member, &format!("{at}.{name}")))
            .collect(),
        "additionalProperties" => members(value)
            .filter(|(name, _)| schema.get("properties").is_none_or(|known| known.get(name).is_none()))
            .flat_map(|(name, member)| additional(argument, member, &format!("{at}.{name}")))
            .collect(),
        other => panic!("{at}: {other} is not a keyword that this check knows"),
    });
    misfits.collect()
}

fn misfit(fits: bool, at: &str, schema: &Map<String, Value>) -> Vec<String> {
    if fits { Vec::new() } else { vec![format!("{at} does not fit {}", Value::from(schema.clone()))] }
}

fn elements(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let elements = value.as_array().into_iter().flatten().enumerate();
    elements.flat_map(|(place, element)| misfits(schema, element, &format!("{at}[{place}]"))).collect()
}

fn missing(names: &Value, value: &Value, at: &str) -> Vec<String> {
    let Value::Object(members) = value else { return Vec::new() };
    let names = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    names.filter(|name| !members.contains_key(*name)).map(|name| format!("{at}.{name} is missing")).collect()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn additional(schema: &Value, member: &Value, at: &str) -> Vec<String> {
    match schema {
        Value::Bool(false) => vec![format!("{at} is not announced")],
        schema => misfits(schema, member, at),
    }
}

fn has_type(names: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    };
    match names {
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    }
}
