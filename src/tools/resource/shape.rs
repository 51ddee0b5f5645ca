//! What `read_resource` answers, by kind: one schema for all schemes.
//!
//! Written out in full the kinds would weigh more in `tools/list` than all other tools together. What most of them have
//! stands once, with its type; each kind names what else it has, and what it always has.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::SCHEMES;
use crate::tools::schema;

/// Kinds of which as many have a member share it.
const COMMON: usize = 5;

/// What a uri can turn out to be.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct Kind {
    name: &'static str,
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
            types: members.map(|(name, member)| (name.clone(), member["type"].clone())).collect(),
            always: always.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    fn or(mut self, other: Self) -> Self {
        self.always.retain(|name| other.always.contains(name));
        self.types.extend(other.types);
        self
    }
}

/// JSON Schema 2020-12.
pub(in crate::tools) fn any_resource() -> Value {
    let kinds = kinds();
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

fn kinds() -> BTreeMap<&'static str, Members> {
    let mut kinds: BTreeMap<&str, Members> = BTreeMap::new();
    for Kind { name, schema } in SCHEMES.iter().flat_map(|scheme| scheme.kinds) {
        let members = Members::of(&schema());
        let known = kinds.remove(name);
        kinds.insert(name, known.map_or_else(|| members.clone(), |known| known.or(members.clone())));
    }
    kinds
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
    let others = members.types.keys().filter(|name| !common.contains_key(*name));
    properties.extend(others.map(|name| (name.clone(), json!({}))));
    json!({ "properties": properties, "required": members.always })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, clients would not learn of a kind, or take one for another.
    #[test]
    fn every_kind_is_told_apart() {
        let schema = any_resource();
        let shapes = schema["oneOf"].as_array().unwrap();
        let named: Vec<String> = shapes
            .iter()
            .flat_map(|shape| match &shape["properties"]["kind"] {
                kind if kind["const"].is_string() => vec![kind["const"].clone()],
                kind => kind["enum"].as_array().unwrap().clone(),
            })
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let kinds: Vec<&str> = kinds().into_keys().collect();
        assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len(), "{named:?}");
        assert_eq!(named.len(), kinds.len());
        for kind in ["message", "file", "event", "page", "transcript"] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
        assert_eq!(schema["properties"]["nextCursor"], json!({ "type": "string" }));
    }

    /// If this failed, the list of tools would grow beyond what a model can be asked to read.
    #[test]
    fn all_kinds_together_stay_short() {
        let size = any_resource().to_string().len();
        assert!(size < 3_900, "{size} bytes");
    }
}
