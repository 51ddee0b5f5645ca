//! What is wrong within a list of objects, and at which place of it.

use serde_json::Value;
use serde_json::value::RawValue;

use super::given::{Kind, Members, bounded, one_of};

/// The first thing that is wrong.
pub(super) struct Flaw {
    /// `filter[0].op`
    pub(super) place: String,
    /// `is missing`
    pub(super) wrong: String,
    pub(super) how: String,
}

/// Whether the schema is that of a list of objects, whose members are known.
pub(super) fn holds_objects(schema: &Value) -> bool {
    schema["items"]["properties"].is_object()
}

/// What the schema of a list of objects finds wrong with it. Nothing where it is no list: that is wrong as a whole.
pub(super) fn flaw(name: &str, list: &RawValue, schema: &Value) -> Option<Flaw> {
    let entries: Vec<Box<RawValue>> = serde_json::from_str(list.get()).ok()?;
    let entry_schema = &schema["items"];
    entries.iter().enumerate().find_map(|(place, entry)| {
        let (place, wrong) = within(&format!("{name}[{place}]"), entry, entry_schema)?;
        Some(Flaw { place, wrong, how: format!("An entry has: {}.", members_of(entry_schema)) })
    })
}

/// The place within an entry, and what is wrong there.
fn within(place: &str, entry: &RawValue, schema: &Value) -> Option<(String, String)> {
    let given = Kind::of(entry);
    if given != Kind::Object {
        return Some((place.to_owned(), format!("must be an object, not {}", given.described())));
    }
    let Members(members) = serde_json::from_str(entry.get()).ok()?;
    for (at, (name, value)) in members.iter().enumerate() {
        let Some(expected) = schema["properties"].get(name) else {
            return Some((place.to_owned(), format!("has no \"{}\"", bounded(name))));
        };
        if members[..at].iter().any(|(earlier, _)| earlier == name) {
            return Some((format!("{place}.{name}"), "is given twice".to_owned()));
        }
        if let Some(wrong) = wrong_with(value, expected) {
            return Some((format!("{place}.{name}"), wrong));
        }
    }
    let mut required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = required.find(|name| !members.iter().any(|(given, _)| given == name))?;
    Some((format!("{place}.{missing}"), "is missing".to_owned()))
}

/// What is wrong with a value that holds no others.
fn wrong_with(value: &RawValue, schema: &Value) -> Option<String> {
    if let Some(words) = schema["enum"].as_array() {
        let is_one = serde_json::from_str::<Value>(value.get()).is_ok_and(|value| words.contains(&value));
        return (!is_one).then(|| format!("must be {}", one_of(words)));
    }
    let kinds = kinds_of(schema);
    let given = Kind::of(value);
    if kinds.is_empty() || kinds.iter().any(|kind| given.fits(kind)) {
        return None;
    }
    let described: Vec<&str> = kinds.iter().map(|kind| Kind::of_type(kind).described()).collect();
    Some(format!("must be {}, not {}", described.join(" or "), given.described()))
}

/// The types that a schema names, in one word, in a list of words or in alternatives.
fn kinds_of(schema: &Value) -> Vec<&str> {
    match (&schema["type"], &schema["anyOf"]) {
        (Value::String(only), _) => vec![only],
        (Value::Array(several), _) => several.iter().filter_map(Value::as_str).collect(),
        (_, Value::Array(alternatives)) => alternatives.iter().flat_map(kinds_of).collect(),
        _ => Vec::new(),
    }
}

fn members_of(schema: &Value) -> String {
    let names = schema["properties"].as_object().into_iter().flatten();
    names.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::super::parse;
    use super::*;
    use crate::tools::error::ToolError;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with them is looked at")]
    struct Sample {
        site: String,
        filter: Option<Vec<Condition>>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with them is looked at")]
    struct Condition {
        column: String,
        op: Operator,
        value: Scalar,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Operator {
        Eq,
        Ne,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only what is wrong with them is looked at")]
    enum Scalar {
        Text(String),
        Flag(bool),
    }

    /// If this failed, a model could not tell which of its conditions to mend, or how.
    #[rstest]
    #[case::word(
        r#"[{"column":"a","op":"contains","value":"b"}]"#,
        r#"filter[0].op: must be one of "eq", "ne"."#
    )]
    #[case::missing(
        r#"[{"column":"a","value":"b"}]"#,
        "filter[0].op: is missing. An entry has: column, op, value."
    )]
    #[case::second(
        r#"[{"column":"a","op":"eq","value":"b"},{"column":"a","op":"eq"}]"#,
        "filter[1].value: is missing."
    )]
    #[case::unknown(r#"[{"column":"a","operator":"eq","value":"b"}]"#, r#"filter[0]: has no "operator"."#)]
    #[case::kind(
        r#"[{"column":5,"op":"eq","value":"b"}]"#,
        "filter[0].column: must be a text, not a number."
    )]
    #[case::kinds(
        r#"[{"column":"a","op":"eq","value":[]}]"#,
        "filter[0].value: must be a text or true or false, not a list."
    )]
    #[case::no_object(r#"["a eq b"]"#, "filter[0]: must be an object, not a text.")]
    #[case::twice(
        r#"[{"column":"a","column":"b","op":"eq","value":"b"}]"#,
        "filter[0].column: is given twice."
    )]
    #[case::no_list(r#"{"column":"a"}"#, "filter: must be a list")]
    fn what_is_wrong_within_is_said_with_its_place(#[case] filter: &str, #[case] expected: &str) {
        for arguments in
            [format!(r#"{{"site":"root","filter":{filter}}}"#), format!(r#"{{"filter":{filter}}}"#)]
        {
            let raw = RawValue::from_string(arguments).unwrap();
            let Err(ToolError::Actionable(error)) = parse::<Sample>(&raw) else { panic!("it is wrong") };
            let said = format!("{} {}", error.why(), error.how);
            assert!(said.contains(expected), "{said}");
        }
    }

    /// If this failed, an error could carry megabytes of what it complains about.
    #[test]
    fn what_is_said_is_bounded() {
        let long = "x".repeat(100_000);
        let schema = json!({ "items": { "properties": { "a": {} } } });
        let list = RawValue::from_string(format!(r#"[{{"{long}":1}}]"#)).unwrap();
        let Flaw { place, wrong, .. } = flaw("filter", &list, &schema).unwrap();
        assert!(place.len() + wrong.len() < 200);
    }
}
