//! What is kept of Graph's error bodies: the codes, and nothing that a person wrote.

use std::fmt;

use serde::Deserialize;

use super::text::Text;

/// In bytes; a longer code is no code.
const LONGEST: usize = 64;
/// How deep inner errors are looked at.
const DEEPEST: usize = 4;

/// The codes of a Graph error, the outermost first, each at most 64 ASCII letters, digits, `_`, `.` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GraphCodes(Vec<Box<str>>);

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    error: Level<'a>,
}

#[derive(Deserialize)]
struct Level<'a> {
    #[serde(borrow, default)]
    code: Option<Text<'a>>,
    #[serde(borrow, default, rename = "innerError", alias = "innererror")]
    inner: Option<Box<Level<'a>>>,
}

impl GraphCodes {
    /// Reads an error body; one that is none has no codes.
    pub fn read(body: &[u8]) -> Self {
        let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else { return Self::default() };
        let mut codes = Vec::new();
        let mut level = Some(&envelope.error);
        while let Some(current) = level.filter(|_| codes.len() < DEEPEST) {
            codes.extend(current.code.as_deref().filter(|code| is_code(code)).map(Into::into));
            level = current.inner.as_deref();
        }
        Self(codes)
    }

    /// Whether any level has this code.
    pub fn contains(&self, code: &str) -> bool {
        self.0.iter().any(|known| &**known == code)
    }

    /// The outermost code.
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(AsRef::as_ref)
    }
}

impl fmt::Display for GraphCodes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return out.write_str("no code");
        }
        for (index, code) in self.0.iter().enumerate() {
            write!(out, "{}{code}", if index == 0 { "" } else { "/" })?;
        }
        Ok(())
    }
}

fn is_code(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, errors would be told apart wrongly, or content would get into logs by way of an error.
    #[rstest]
    #[case::plain(r#"{"error":{"code":"ErrorItemNotFound","message":"secret"}}"#, "ErrorItemNotFound")]
    #[case::inner(
        r#"{"error":{"code":"activityLimitReached","innerError":{"code":"throttledRequest","innererror":{"code":"quota"}}}}"#,
        "activityLimitReached/throttledRequest/quota"
    )]
    #[case::empty_code(r#"{"error":{"code":"","innerError":{"code":"x"}}}"#, "x")]
    #[case::sentence(r#"{"error":{"code":"Mail from Adele was not found"}}"#, "no code")]
    #[case::null_inner(r#"{"error":{"code":"A","innerError":null}}"#, "A")]
    #[case::not_json("<html>", "no code")]
    #[case::no_error("{}", "no code")]
    fn only_codes_are_kept(#[case] body: &str, #[case] expected: &str) {
        assert_eq!(GraphCodes::read(body.as_bytes()).to_string(), expected);
    }

    /// If this failed, a hostile body could fill memory or logs.
    #[test]
    fn codes_are_bounded_in_length_and_depth() {
        let long = format!(r#"{{"error":{{"code":"{}"}}}}"#, "a".repeat(65));
        assert_eq!(GraphCodes::read(long.as_bytes()), GraphCodes::default());
        let deep = (0..9)
            .fold(r#"{"code":"z"}"#.to_owned(), |inner, _| format!(r#"{{"code":"y","innerError":{inner}}}"#));
        assert_eq!(GraphCodes::read(format!(r#"{{"error":{deep}}}"#).as_bytes()).to_string(), "y/y/y/y");
    }
}
