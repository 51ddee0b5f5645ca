//! The properties of a request, read by type.

use serde_json::{Map, Value};

use super::refusal::SearchRefusal;

pub(super) fn number(
    request: &Map<String, Value>,
    property: &'static str,
) -> Result<Option<usize>, SearchRefusal> {
    match request.get(property) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number.map(Some).ok_or_else(|| invalid(property, "a whole number, 0 or more"))
        }
    }
}

pub(super) fn text<'a>(
    request: &'a Map<String, Value>,
    property: &'static str,
) -> Result<Option<&'a str>, SearchRefusal> {
    match request.get(property) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| invalid(property, "a text")),
    }
}

/// Microsoft's own examples have flags as texts, too.
pub(super) fn flag(request: &Map<String, Value>, property: &'static str) -> Result<bool, SearchRefusal> {
    match request.get(property) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(text)) if matches!(text.as_str(), "true" | "false") => Ok(text == "true"),
        Some(value) => value.as_bool().ok_or_else(|| invalid(property, "true or false")),
    }
}

pub(super) fn texts(
    request: &Map<String, Value>,
    property: &'static str,
) -> Result<Vec<String>, SearchRefusal> {
    let wrong = || invalid(property, "a collection of texts");
    match request.get(property) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(texts)) => {
            texts.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

pub(super) const fn invalid(property: &'static str, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Invalid { property, expected }
}
