//! JSON objects in which no key occurs twice, at any depth. Parsers differ in which of two equal keys they
//! believe; what a signature or a key set means must not hang on that.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// The text is not one JSON object with unique keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a JSON object with unique keys")]
pub(super) struct NotStrictJson;

/// Reads one object and nothing after it. Nesting is bounded by serde_json (128).
pub(super) fn parse_object(text: &[u8]) -> Result<Map<String, Value>, NotStrictJson> {
    match serde_json::from_slice(text) {
        Ok(UniqueValue(Value::Object(object))) => Ok(object),
        _ => Err(NotStrictJson),
    }
}

struct UniqueValue(Value);

impl<'de> Deserialize<'de> for UniqueValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(UniqueValue(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, UniqueValue(value))) = entries.next_entry::<String, UniqueValue>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key occurs twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, two readers of one token could see two different claims.
    #[rstest]
    #[case::twice(r#"{"a":1,"a":1}"#)]
    #[case::twice_when_unescaped(r#"{"a":1,"\u0061":2}"#)]
    #[case::deep(r#"{"x":[{"a":1,"a":2}]}"#)]
    #[case::not_an_object("[]")]
    #[case::more_after_it("{} {}")]
    #[case::nothing("")]
    fn anything_but_one_object_with_unique_keys_is_refused(#[case] text: &str) {
        assert_eq!(parse_object(text.as_bytes()), Err(NotStrictJson));
    }

    /// If this failed, values would change on their way through the strict reader.
    #[test]
    fn values_are_kept_as_they_are() {
        let text = r#"{"a":null,"b":[true,-1,1.5,18446744073709551615],"c":{"d":"é"}}"#;
        assert_eq!(
            Value::Object(parse_object(text.as_bytes()).unwrap()),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }
}
