//! Single values of a JSON text that is otherwise left as it was sent.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// For `deserialize_with`: keeps a `null` apart from a member that is not there.
pub(super) fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(source).map(Some)
}

/// The text of a JSON string; `None` for any other value and for a string with a lone surrogate.
pub(super) fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let inner = value.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(value.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// What JSON-RPC ids and progress tokens may be.
pub(super) fn is_string_or_number(value: &RawValue) -> bool {
    value.get().starts_with(|first: char| matches!(first, '"' | '-' | '0'..='9'))
}

pub(super) fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// What the members of an object say; `None` for any other value. A list is none, though serde would take its entries for
/// the members, in their order.
pub(super) fn object<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    is_object(value).then(|| serde_json::from_str(value.get()).ok())?
}

/// Takes a `null` as a member that is not there: several client libraries write absent options that way.
pub(super) fn unless_null(value: Option<&RawValue>) -> Option<&RawValue> {
    value.filter(|value| value.get() != "null")
}
