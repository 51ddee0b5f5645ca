//! What `read_resource` answers, by kind: one schema for all schemes.
//!
//! Written out in full the kinds would weigh more in `tools/list` than all other tools together. What most of them have
//! stands once, with its type; each kind names what else it has, and what it always has.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::tools::schema;

/// Kinds of which as many have a member share it.
const COMMON: usize = 5;

/// What a uri can turn out to be.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct Kind {
    pub(super) name: &'static str,
    schema: fn() -> Value,
}

impl Kind {
    /// The kind `name`, whose answers are written from `T`.
    pub(super) const fn of<T: JsonSchema>(name: &'static str) -> Self {
        Self { name, schema: schema::output::<T> }
    }
}

/// The members of a kind. One that two schemes answer with may have what either has, and always has what both have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Members {
    types: BTreeMap<String, Value>,
    always: BTreeSet<String>,
}

impl Members {
    fn of(schema: &Value) -> Self {
        let members = schema["properties"].as_object().into_iter().flatten();
        let always = schema["required"].as_array().into_iter().flatten();
        Self {
            types: members.map(|(name, member)| (name.clone(), type_of(member))).collect(),
            always: always.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    fn or(mut self, other: Self) -> Self {
        self.always.retain(|name| other.always.contains(name));
        self.types.extend(other.types);
        self
    }
}

/// Of words a schema names the words alone.
fn type_of(member: &Value) -> Value {
    if member["enum"].is_array() { "string".into() } else { member["type"].clone() }
}

/// JSON Schema 2020-12 of whatever is of one of these kinds.
pub(super) fn any_of<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> Value {
    let kinds = by_name(kinds);
    let common = common(kinds.values());
    let mut alike: Vec<(&Members, Vec<&str>)> = Vec::new();
    for (name, members) in &kinds {
        match alike.iter_mut().find(|(known, _)| *known == members) {
            Some((_, names)) => names.push(name),
            None => alike.push((members, vec![name])),
        }
    }
    let one_of: Vec<Value> = alike.iter().map(|(members, names)| shape(names, members, &common)).collect();
    json!({ "type": "object", "properties": common, "required": ["kind"], "oneOf": one_of })
}

fn by_name<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> BTreeMap<&'static str, Members> {
    let mut known: BTreeMap<&str, Members> = BTreeMap::new();
    for Kind { name, schema } in kinds {
        let members = Members::of(&schema());
        let earlier = known.remove(name);
        known.insert(name, earlier.map_or_else(|| members.clone(), |earlier| earlier.or(members.clone())));
    }
    known
}

/// What many kinds have, and all of them in the same form.
fn common<'m>(kinds: impl Iterator<Item = &'m Members>) -> Map<String, Value> {
    let mut seen: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for (name, kind) in kinds.flat_map(|members| &members.types) {
        seen.entry(name).or_default().push(kind);
    }
    let mut common = Map::new();
    common.insert("kind".to_owned(), json!({ "type": "string" }));
    for (name, types) in seen {
        if types.len() >= COMMON && types.iter().all(|kind| *kind == types[0]) && types[0].is_string() {
            common.insert(name.to_owned(), json!({ "type": types[0] }));
        }
    }
    common
}

/// Kinds that are alike: their names, what else they have, and what they always have.
fn shape(names: &[&str], members: &Members, common: &Map<String, Value>) -> Value {
    let kind = match names {
        [only] => json!({ "const": only }),
        several => json!({ "enum": several }),
    };
    let mut properties = Map::new();
    properties.insert("kind".to_owned(), kind);
    // What it always has is named by that.
    let others =
        members.types.keys().filter(|name| !common.contains_key(*name) && !members.always.contains(*name));
    properties.extend(others.map(|name| (name.clone(), json!({}))));
    json!({ "properties": properties, "required": members.always })
}
