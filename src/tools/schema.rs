//! JSON Schema 2020-12 out of types, short enough for `tools/list`.

use schemars::JsonSchema;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value};

/// The schema of a tool's arguments. Examples stay out of it: the tool's description has one.
pub(super) fn input<T: JsonSchema>() -> Value {
    let mut schema = generate::<T>(Purpose::Arguments);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            property.remove("examples");
        }
    }
    schema
}

/// The schema of a tool's answer: without descriptions, for models read the answer itself.
pub(super) fn output<T: JsonSchema>() -> Value {
    generate::<T>(Purpose::Answer)
}

/// What is described: what serde reads, or what it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Arguments,
    Answer,
}

impl Purpose {
    fn contract(self) -> Contract {
        match self {
            Self::Arguments => Contract::Deserialize,
            Self::Answer => Contract::Serialize,
        }
    }
}

/// In one piece: no `$ref`, no `$schema`, no titles, and an optional member is one that may be missing rather than
/// `null`.
fn generate<T: JsonSchema>(purpose: Purpose) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.contract = purpose.contract();
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema, purpose);
    // The protocol asks for it at the root, also where the type is a union.
    if let Value::Object(root) = &mut schema {
        root.entry("type").or_insert_with(|| "object".into());
    }
    schema
}

/// The arguments of a tool by their names, each with its schema and examples.
pub(super) fn properties<T: JsonSchema>() -> Map<String, Value> {
    match generate::<T>(Purpose::Arguments)["properties"].take() {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

/// The names of the arguments that a tool can't do without.
pub(super) fn required<T: JsonSchema>() -> Vec<String> {
    let schema = generate::<T>(Purpose::Arguments);
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn tidy(value: &mut Value, purpose: Purpose) {
    match value {
        Value::Object(schema) => {
            tidy_schema(schema, purpose);
            for (key, member) in schema.iter_mut() {
                match (key.as_str(), member) {
                    // Member names are data: a member called `title` stays.
                    ("properties", Value::Object(properties)) => {
                        properties.values_mut().for_each(|property| tidy(property, purpose));
                    }
                    ("enum" | "const" | "required", _) => {}
                    (_, member) => tidy(member, purpose),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| tidy(item, purpose)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn tidy_schema(schema: &mut Map<String, Value>, purpose: Purpose) {
    if purpose == Purpose::Answer {
        schema.remove("description");
    }
    schema.remove("title");
    schema.remove("format");
    // What serde only reads is no secret.
    schema.remove("writeOnly");
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    drop_null_branch(schema);
}

/// `anyOf: [X, null]` becomes `X`.
fn drop_null_branch(schema: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = schema.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            schema.entry(key).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Sample {
        /// What to look for.
        query: Option<String>,
        order: Option<Order>,
        title: Vec<u32>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Order {
        Newest,
        Oldest,
    }

    /// If this failed, `tools/list` would grow, or clients that know no `$ref` or `null` types would stumble.
    #[test]
    fn a_schema_is_short_and_in_one_piece() {
        let expected = serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "query": {"type": "string", "description": "What to look for."},
                "order": {"type": "string", "enum": ["newest", "oldest"]},
                "title": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            },
            "required": ["title"],
        });
        assert_eq!(input::<Sample>(), expected);
        assert!(!output::<Sample>().to_string().contains("What to look for"));
    }

    #[derive(serde::Serialize, JsonSchema)]
    struct Answer {
        always: Vec<u32>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        where_there_are_some: Vec<u32>,
    }

    /// If this failed, clients would refuse answers that leave out what is empty.
    #[test]
    fn an_answer_owes_only_what_it_always_has() {
        assert_eq!(output::<Answer>()["required"], serde_json::json!(["always"]));
    }
}
