//! What the tools answer, held against what is published of them: every answer that a test hears.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use m365_connector::Catalogue;
use reqwest::Request;
use serde_json::{Map, Value, json};

use crate::world::{World, send};

/// The output schemas of all tools of all profiles, by name.
fn published() -> &'static BTreeMap<&'static str, Value> {
    static PUBLISHED: OnceLock<BTreeMap<&str, Value>> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        let tools = [Catalogue::MICROSOFT_365, Catalogue::OPEN_AI].into_iter().flat_map(|one| one.tools);
        tools.filter_map(|tool| Some((tool.name, tool.output_schema?()))).collect()
    })
}

/// The tool that is called, where the request calls one.
pub(crate) fn called_tool(request: &Request) -> Option<String> {
    let message: Value = serde_json::from_slice(request.body()?.as_bytes()?).ok()?;
    (message["method"] == "tools/call").then(|| message["params"]["name"].as_str().map(str::to_owned))?
}

/// Holds whatever the tool answers against its schema: the body of an HTTP answer, JSON or a stream of events. Errors of
/// tools, and tools of a test's own, have none.
pub(crate) fn assert_answer_fits(tool: &str, answer: &str) {
    let Some(schema) = published().get(tool) else { return };
    let messages = answer.lines().map(|line| line.strip_prefix("data:").unwrap_or(line));
    for message in messages.filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Some(result) = message.get("result") else { continue };
        if result["isError"] == true {
            assert!(result.get("structuredContent").is_none(), "an error is no answer: {tool}: {result}");
            continue;
        }
        let content = &result["structuredContent"];
        let misfits = misfits(schema, content, "$");
        assert!(misfits.is_empty(), "{tool}: {misfits:#?}: {result}");
        let unannounced = unannounced(schema, content, "$");
        assert!(unannounced.is_empty(), "{tool}: {unannounced:#?}: {result}");
    }
}

/// If this failed, answers would be held against something else than clients are told.
#[actix_web::test]
async fn what_is_announced_is_what_answers_are_held_against() {
    for catalogue in [Catalogue::MICROSOFT_365, Catalogue::OPEN_AI] {
        let world = World::offering(catalogue, |_| {}).await;
        let token = world.token(&world.person(0, 0)).await;
        let listed = send(world.modern(&token, "tools/list", json!({}))).await.json();
        let tools = listed["result"]["tools"].as_array().unwrap_or_else(|| panic!("no tools: {listed}"));
        assert_eq!(tools.len(), catalogue.tools.len());
        for tool in tools {
            assert_eq!(published()[tool["name"].as_str().unwrap()], tool["outputSchema"]);
        }
    }
}

/// If this failed, an answer of another shape would go unnoticed, whatever test hears it.
#[test]
#[should_panic(expected = "$.completeness.state does not fit")]
fn an_answer_that_does_not_fit_is_noticed() {
    let content = json!({ "items": [], "completeness": { "state": "whole", "returned": 0 } });
    assert_answer_fits("search_people", &json!({ "result": { "structuredContent": content } }).to_string());
}

/// If this failed, the check would let anything pass.
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

/// What stands in `value` although nobody has announced it, with a schema of its own or as what is required. The published
/// schemas are open, so that clients take what a later release adds; what this release adds is announced.
fn unannounced(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Value::Array(elements) = value {
        let elements = elements.iter().enumerate();
        return elements
            .flat_map(|(place, element)| unannounced(&schema["items"], element, &format!("{at}[{place}]")))
            .collect();
    }
    let forms: Vec<&Value> = forms(schema, value);
    if forms.iter().all(|form| form.get("properties").is_none()) {
        return Vec::new();
    }
    members(value)
        .flat_map(|(name, member)| {
            let at = format!("{at}.{name}");
            let known: Vec<&Value> = forms.iter().filter_map(|form| form["properties"].get(name)).collect();
            let is_required = forms
                .iter()
                .any(|form| form["required"].as_array().is_some_and(|names| names.contains(&json!(name))));
            if known.is_empty() && !is_required && schema.get("additionalProperties").is_none() {
                return vec![format!("{at} is not announced")];
            }
            known.into_iter().flat_map(|schema| unannounced(schema, member, &at)).collect()
        })
        .collect()
}

/// The schema, and those of its alternatives that the value fits.
fn forms<'s>(schema: &'s Value, value: &Value) -> Vec<&'s Value> {
    let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array());
    let fitting = alternatives.flatten().filter(|form| misfits(form, value, "$").is_empty());
    std::iter::once(schema).chain(fitting).collect()
}

/// If this failed, a member that clients never heard of would go unnoticed.
#[test]
fn what_nobody_has_announced_is_found() {
    let schema = json!({
        "properties": { "kind": { "type": "string" }, "items": { "items": { "properties": { "a": true } } } },
        "oneOf": [
            { "properties": { "kind": { "const": "x" }, "only_x": true }, "required": ["always"] },
            { "properties": { "kind": { "const": "y" }, "only_y": true } },
        ],
    });
    let found = |value: Value| unannounced(&schema, &value, "$");
    let x = |more: Value| {
        let mut whole = json!({ "kind": "x", "always": 1 });
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    assert_eq!(found(x(json!({ "only_x": 1, "items": [{ "a": { "b": 1 } }] }))), [""; 0]);
    assert_eq!(found(x(json!({ "only_y": 1 }))), ["$.only_y is not announced"]);
    assert_eq!(found(x(json!({ "items": [{ "b": 1 }] }))), ["$.items[0].b is not announced"]);
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
