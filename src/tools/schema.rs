//! JSON Schema 2020-12 out of types, short enough for `tools/list`.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::generate::{Contract, SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The schema of a tool's arguments. Examples stay out of it, for the tool's description has one; an argument is
/// described once, and all of them together by the tool.
pub(super) fn input<T: JsonSchema>() -> Value {
    let mut schema = generate::<T>(Purpose::Arguments);
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("description");
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            property.remove("examples");
            if let Some(entry) = property.get_mut("items").and_then(Value::as_object_mut) {
                entry.remove("description");
            }
        }
    }
    schema
}

/// The schema of a tool's answer: without descriptions, for models read the answer itself, and without whatever says
/// nothing that a reader could act on.
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
    if purpose == Purpose::Answer {
        shorten(&mut schema, 0);
    }
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
    join_words(schema);
    if purpose == Purpose::Answer {
        tidy_answer(schema);
    }
}

/// Words of which some have a description of their own are alternatives; without descriptions they are one list.
fn join_words(schema: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = schema.get("oneOf") else { return };
    let words = |branch: &Value| match (&branch["enum"], &branch["const"]) {
        (Value::Array(words), _) => Some(words.clone()),
        (_, Value::String(word)) => Some(vec![word.as_str().into()]),
        _ => None,
    };
    let Some(words) = branches.iter().map(words).collect::<Option<Vec<_>>>() else { return };
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), words.concat().into());
}

/// What a model would pay for in each answer's schema, and validators lose nothing by: that counts are not negative,
/// that words are texts, that more members may come, and members that are never there.
fn tidy_answer(schema: &mut Map<String, Value>) {
    schema.remove("minimum");
    if schema.contains_key("enum") || schema.contains_key("const") {
        schema.remove("type");
    }
    if schema.get("additionalProperties").is_some_and(|more| *more == true) {
        schema.remove("additionalProperties");
    }
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        members.retain(|_, member| member.get("type").is_none_or(|name| name != "null"));
    }
}

/// Objects that lie in each other and have types: an answer, and the entries of its list. What lies in those is told by
/// the names of its members alone: their types would cost a model more than they tell it.
const TYPED: usize = 2;

/// `depth` objects lie round this schema.
fn shorten(schema: &mut Value, depth: usize) {
    let Some(schema) = schema.as_object_mut() else { return };
    let is_object = schema.contains_key("properties");
    if is_object && depth >= TYPED {
        name_alone(schema);
        return;
    }
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        members.values_mut().for_each(|member| shorten(member, depth + 1));
    }
    if let Some(entry) = schema.get_mut("items") {
        shorten(entry, depth);
    }
}

/// Of the members of an object, their names.
fn name_alone(schema: &mut Map<String, Value>) {
    schema.remove("required");
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        members.values_mut().for_each(|member| *member = json!({}));
    }
}

/// Stands for `T` in the schema of an answer: an object with `T`'s members by their names alone.
pub(super) struct NamesOf<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for NamesOf<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        if let Some(schema) = schema.as_object_mut() {
            name_alone(schema);
        }
        schema
    }
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

    #[derive(serde::Serialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Order {
        Newest,
        Oldest,
    }

    /// If this failed, `tools/list` would grow, or clients that know no `$ref` or `null` types would stumble.
    #[test]
    fn a_schema_is_short_and_in_one_piece() {
        let expected = json!({
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
        order: Order,
        #[schemars(with = "Option<NamesOf<Part>>")]
        #[serde(skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
        entries: Vec<Entry>,
        #[serde(skip_serializing_if = "Option::is_none")]
        never: Option<()>,
    }

    #[derive(serde::Serialize, JsonSchema)]
    struct Part {
        a: u32,
        b: String,
    }

    #[derive(serde::Serialize, JsonSchema)]
    struct Entry {
        parts: Vec<Part>,
        word: Word,
    }

    #[derive(serde::Serialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Word {
        Plain,
        /// Has more to say.
        Told,
    }

    /// If this failed, clients would refuse answers that leave out what is empty, or a model would pay for what says
    /// nothing.
    #[test]
    fn an_answer_owes_only_what_it_always_has_and_says_no_more_than_it_must() {
        let numbers = json!({ "type": "array", "items": { "type": "integer" } });
        let part = json!({ "type": "object", "properties": { "a": {}, "b": {} } });
        let entry = json!({
            "type": "object",
            "properties": {
                "parts": { "type": "array", "items": part }, "word": { "enum": ["plain", "told"] },
            },
            "required": ["parts", "word"],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "always": numbers,
                "where_there_are_some": numbers,
                "order": { "enum": ["newest", "oldest"] },
                "part": part,
                "entries": { "type": "array", "items": entry },
            },
            "required": ["always", "order", "entries"],
        });
        assert_eq!(output::<Answer>(), expected);
    }
}
