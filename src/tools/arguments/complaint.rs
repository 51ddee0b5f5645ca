//! What is wrong with arguments, in sentences out of the schema: nothing in them speaks of how they are read.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::given::{Kind, Members, bounded, one_of};
use super::nested::{flaw, holds_objects};
use crate::tools::error::ToolError;
use crate::tools::schema;

/// What `T` finds wrong.
pub(super) fn about<T: DeserializeOwned + JsonSchema>(arguments: &RawValue) -> ToolError {
    let known = schema::properties::<T>();
    let Ok(Members(members)) = serde_json::from_str::<Members>(arguments.get()) else {
        return ToolError::invalid_arguments("The arguments can't be read.", all_known(&known));
    };
    for (place, (name, value)) in members.iter().enumerate() {
        let Some(expected) = known.get(name) else {
            let why = format!("There is no argument \"{}\".", bounded(name));
            return ToolError::invalid_arguments(why, all_known(&known));
        };
        let wrong = if members[..place].iter().any(|(earlier, _)| earlier == name) {
            Some("is given twice".to_owned())
        } else if let Some(flaw) = holds_objects(expected).then(|| flaw(name, value, expected)).flatten() {
            return ToolError::invalid_argument(flaw.place, format!("{}.", flaw.wrong), flaw.how);
        } else {
            wrong_with::<T>(name, value, expected)
        };
        if let Some(wrong) = wrong {
            return ToolError::invalid_argument(
                name.clone(),
                format!("{wrong}."),
                example(name, expected, &known),
            );
        }
    }
    let given = |name: &String| members.iter().any(|(given, _)| given == name);
    match schema::required::<T>().into_iter().find(|name| !given(name)) {
        Some(name) => {
            let expected = known.get(&name).unwrap_or(&Value::Null);
            ToolError::invalid_argument(name.clone(), "is missing.", example(&name, expected, &known))
        }
        None => ToolError::invalid_arguments("The arguments can't be read together.", all_known(&known)),
    }
}

/// What `T` says about this member alone, but for what it misses.
fn wrong_with<T: DeserializeOwned>(name: &str, value: &RawValue, expected: &Value) -> Option<String> {
    let alone = format!("{{{}:{}}}", serde_json::to_string(name).ok()?, value.get());
    let complaint = serde_json::from_str::<T>(&alone).err()?.to_string();
    if complaint.starts_with("missing field") {
        return None;
    }
    if complaint.starts_with("must ") {
        let position = complaint.rfind(" at line ").unwrap_or(complaint.len());
        return Some(complaint[..position].to_owned());
    }
    let given = Kind::of(value);
    let must_be = format!("must be {}", described(expected));
    Some(match expected["type"].as_str() {
        Some("string") if given == Kind::Text && expected["enum"].is_null() => {
            format!("{must_be} of whole Unicode characters")
        }
        Some(kind) if given.fits(kind) => must_be,
        _ => format!("{must_be}, not {}", given.described()),
    })
}

/// What a value may be.
fn described(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return one_of(words);
    }
    match schema["type"].as_str() {
        Some("string") => "a text".to_owned(),
        Some("integer") => format!("a whole number{}", bounds(schema)),
        Some("number") => format!("a number{}", bounds(schema)),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => format!("a list, each entry {}", described(&schema["items"])),
        _ => "an object as the tool's schema has it".to_owned(),
    }
}

fn bounds(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Null, Value::Null) => String::new(),
        (least, Value::Null) => format!(" of at least {least}"),
        (Value::Null, most) => format!(" of at most {most}"),
        (least, most) => format!(" from {least} to {most}"),
    }
}

/// How the argument is given, where there is an example of it.
fn example(name: &str, schema: &Value, known: &Map<String, Value>) -> String {
    let examples = [&schema["examples"][0], &schema["enum"][0]];
    match examples.into_iter().find(|example| !example.is_null()) {
        Some(value) => format!("For example {{\"{name}\":{value}}}."),
        None => all_known(known),
    }
}

fn all_known(known: &Map<String, Value>) -> String {
    if known.is_empty() {
        return "This tool takes no arguments: call it with {}.".to_owned();
    }
    format!("Known arguments: {}.", known.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
}
