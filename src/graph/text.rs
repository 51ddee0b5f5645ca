//! Text out of Graph's JSON, borrowed where it can be.

use std::borrow::Cow;
use std::ops::Deref;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// Borrows from the body unless the JSON has escapes in it. (A bare `Option<Cow<str>>` would always be copied:
/// serde borrows a `Cow` only where it is the field itself.)
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> Text<'a> {
    pub fn into_cow(self) -> Cow<'a, str> {
        self.0
    }
}

/// Only the length, for it is content.
impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Text({} bytes)", self.0.len())
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A JSON string that is passed on as Graph wrote it, escapes included. Nobody here looks into it, so it is neither
/// unescaped nor escaped again.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct Verbatim<'a>(&'a RawValue);

impl<'de: 'a, 'a> Deserialize<'de> for Verbatim<'a> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let value = <&RawValue>::deserialize(source)?;
        if value.get().starts_with('"') {
            return Ok(Self(value));
        }
        Err(D::Error::invalid_type(Unexpected::Other("another value"), &"a string"))
    }
}

/// Only the length, for it is content.
impl std::fmt::Debug for Verbatim<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Verbatim({} bytes)", self.0.get().len())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, every field of every message would be copied on the warm path.
    #[test]
    fn plain_text_is_borrowed_from_the_body() {
        let found: Option<Text<'_>> = serde_json::from_str(r#""plain""#).unwrap();
        assert!(matches!(found, Some(Text(Cow::Borrowed("plain")))));
        let escaped: Text<'_> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert_eq!(&*escaped, "a\nb");
    }

    /// If this failed, a link would reach the person altered, or something else than a text in its place.
    #[rstest]
    #[case::plain(r#""https://a.example/?b=c""#, true)]
    #[case::escaped(r#""https:\/\/a.example\u0026\"""#, true)]
    #[case::number("7", false)]
    #[case::object(r#"{"a":"b"}"#, false)]
    fn a_verbatim_text_leaves_as_it_came(#[case] json: &str, #[case] taken: bool) {
        let read = serde_json::from_str::<Verbatim<'_>>(json);
        let written = read.ok().map(|text| serde_json::to_string(&text).unwrap());
        assert_eq!(written.as_deref(), taken.then_some(json));
        let absent: Option<Verbatim<'_>> = serde_json::from_str("null").unwrap();
        assert!(absent.is_none());
    }
}
