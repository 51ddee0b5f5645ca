//! Text out of Graph's JSON, borrowed where it can be.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;

/// Borrows from the body unless the JSON has escapes in it. (A bare `Option<Cow<str>>` would always be copied:
/// serde borrows a `Cow` only where it is the field itself.)
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> Text<'a> {
    pub fn into_cow(self) -> Cow<'a, str> {
        self.0
    }

    /// `None` for `normal`, as Graph calls an importance or a sensitivity that says nothing.
    pub fn unless_normal(self) -> Option<Self> {
        (self.0 != "normal").then_some(self)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, every field of every message would be copied on the warm path.
    #[test]
    fn plain_text_is_borrowed_from_the_body() {
        let found: Option<Text<'_>> = serde_json::from_str(r#""plain""#).unwrap();
        assert!(matches!(found, Some(Text(Cow::Borrowed("plain")))));
        let escaped: Text<'_> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert_eq!(&*escaped, "a\nb");
    }
}
