//! What stands in the arguments' JSON, before anybody says what is wrong with it.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::tools::text::beginning;

/// In bytes: how much of a name is repeated.
const LONGEST_NAME: usize = 60;

/// More than any tool has arguments: among so many, one is unknown or given twice.
const LOOKED_AT: usize = 64;

/// What kind of JSON stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    List,
    Object,
    Null,
}

impl Kind {
    pub(super) fn of(value: &RawValue) -> Self {
        match value.get().as_bytes().first() {
            Some(b'"') => Self::Text,
            Some(b't' | b'f') => Self::Flag,
            Some(b'[') => Self::List,
            Some(b'{') => Self::Object,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    /// What a schema's type says, as far as kinds go.
    pub(super) fn of_type(schema_type: &str) -> Self {
        match schema_type {
            "string" => Self::Text,
            "integer" | "number" => Self::Number,
            "boolean" => Self::Flag,
            "array" => Self::List,
            "null" => Self::Null,
            _ => Self::Object,
        }
    }

    pub(super) fn fits(self, schema_type: &str) -> bool {
        self == Self::of_type(schema_type)
    }

    pub(super) const fn described(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}

/// The first members of an object in their order, duplicates kept.
pub(super) struct Members(pub(super) Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while members.len() < LOOKED_AT
                    && let Some(member) = map.next_entry()?
                {
                    members.push(member);
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// The words of a closed list, for a sentence.
pub(super) fn one_of(words: &[Value]) -> String {
    format!("one of {}", words.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
}

/// A name that somebody else chose, for a sentence.
pub(super) fn bounded(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    beginning(name.into(), LONGEST_NAME).into_owned()
}
