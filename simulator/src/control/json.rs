//! JSON in which no member may be there twice: a parser that keeps the last one would do half of what it was told.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The names of the members from the outermost object to the one that is there twice.
pub(super) type Twice = Vec<String>;

/// A JSON value with every member that was written.
pub(super) enum Document {
    Plain(Value),
    List(Vec<Document>),
    Members(Vec<(String, Document)>),
}

impl Document {
    /// The value, or the first member that stands twice in its object.
    pub(super) fn into_value(self) -> Result<Value, Twice> {
        match self {
            Self::Plain(value) => Ok(value),
            Self::List(entries) => entries.into_iter().map(Self::into_value).collect(),
            Self::Members(members) => into_object(members).map(Value::Object),
        }
    }
}

fn into_object(members: Vec<(String, Document)>) -> Result<Map<String, Value>, Twice> {
    let mut object = Map::new();
    for (name, member) in members {
        if object.contains_key(&name) {
            return Err(vec![name]);
        }
        let value = member.into_value().map_err(|below| [vec![name.clone()], below].concat())?;
        object.insert(name, value);
    }
    Ok(object)
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyDocument)
    }
}

struct AnyDocument;

impl<'de> Visitor<'de> for AnyDocument {
    type Value = Document;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Plain(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
        Ok(Document::Plain(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
        Ok(Document::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
        Ok(Document::Plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Document, E> {
        Ok(Document::Plain(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Document, E> {
        Ok(Document::Plain(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Document, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Document::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Document, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_entry()? {
            list.push(member);
        }
        Ok(Document::Members(list))
    }
}
