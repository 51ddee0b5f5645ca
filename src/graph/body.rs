//! A body that Graph sent.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

use super::error::GraphError;

/// Brackets of a body that the fast reader gets: pages of fifty messages have fewer. As many levels of what it passes over
/// take an eighth of a worker's stack (2 MiB), at a quarter of a KiB each, or 32 KiB in a build that is not optimised
/// (docs/adr/0008).
const BRACKETS: usize = if cfg!(debug_assertions) { 32 } else { 1_024 };

/// Bytes whose brackets are counted in one byte: whole steps of a processor.
const COUNTED_AT_ONCE: usize = 224;

/// The body of a successful answer, within the client's size limit. What is parsed from it borrows from it.
#[derive(Clone)]
pub struct GraphBody(Bytes);

impl GraphBody {
    pub fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// A part of the same bytes: `text` was borrowed from them.
    pub(super) fn part(&self, text: &str) -> Self {
        Self(self.0.slice_ref(text.as_bytes()))
    }

    /// Its length, in bytes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Reads it as JSON. A body that does not fit `T` is [`GraphError::Unintelligible`].
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, GraphError> {
        // Checked as a whole, the text costs a fraction of what checking each string in it would.
        let text = self.text()?;
        if is_shallow(text) {
            return sonic_rs::from_str(text).map_err(|_| GraphError::Unintelligible);
        }
        serde_json::from_str(text).map_err(|_| GraphError::Unintelligible)
    }

    /// The same for what holds parts of the body as they are written (`RawValue`).
    pub fn parse_raw<'a, T: Deserialize<'a>>(&'a self) -> Result<T, GraphError> {
        serde_json::from_str(self.text()?).map_err(|_| GraphError::Unintelligible)
    }

    /// As text, for a part of a transcript or another file that Graph gives itself.
    pub fn text(&self) -> Result<&str, GraphError> {
        simdutf8::basic::from_utf8(&self.0).map_err(|_| GraphError::Unintelligible)
    }
}

/// Whether nothing in `json` can nest too deep for a reader that passes over what it does not know without counting
/// depth: nothing nests deeper than there are brackets in all.
fn is_shallow(json: &str) -> bool {
    // `[` and `{` differ in one bit. So few at a time that a byte holds their number, for then many are compared at once.
    let of_some = |some: &[u8]| some.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>();
    json.as_bytes().chunks(COUNTED_AT_ONCE).map(|some| usize::from(of_some(some))).sum::<usize>() <= BRACKETS
}

/// Only the length, for it is content.
impl fmt::Debug for GraphBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "GraphBody({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::Value;

    use super::*;
    use crate::graph::{Message, Page, Text};

    fn body(text: impl Into<Vec<u8>>) -> GraphBody {
        GraphBody::new(text.into().into())
    }

    /// If this failed, a body that is no JSON, or not whole, would pass for what Graph found.
    #[rstest]
    #[case::empty("")]
    #[case::rubbish("<html>")]
    #[case::cut_off(r#"{"value":[{"id":"a"}"#)]
    #[case::cut_in_a_text(r#"{"value":[{"id":"a"#)]
    #[case::trailing(r#"{"value":[]} {}"#)]
    #[case::trailing_comma(r#"{"value":[],}"#)]
    #[case::member_twice(r#"{"value":[],"value":[]}"#)]
    #[case::control_in_a_text("{\"value\":[{\"id\":\"a\nb\"}]}")]
    #[case::lone_surrogate(r#"{"value":[{"id":"\ud800"}]}"#)]
    #[case::another_shape(r#"{"value":7}"#)]
    fn what_is_no_page_is_unintelligible(#[case] text: &str) {
        assert!(matches!(body(text).parse::<Page<'_, Message<'_>>>(), Err(GraphError::Unintelligible)));
    }

    /// If this failed, text in another encoding would reach a tool.
    #[test]
    fn what_is_no_utf_8_is_unintelligible() {
        let broken = body(b"{\"value\":[{\"id\":\"\xff\"}]}".to_vec());
        assert!(matches!(broken.parse::<Page<'_, Message<'_>>>(), Err(GraphError::Unintelligible)));
    }

    /// If this failed, a body that nests without end would take the worker down.
    #[rstest]
    #[case::lists("[", "]", 500_000)]
    #[case::objects(r#"{"a":"#, "}", 500_000)]
    #[case::unclosed("[", "", 500_000)]
    #[case::lists_that_the_fast_reader_gets("[", "]", BRACKETS - 3)]
    #[case::objects_that_the_fast_reader_gets(r#"{"a":"#, "}", BRACKETS - 3)]
    fn nesting_without_end_takes_nothing_down(#[case] open: &str, #[case] close: &str, #[case] depth: usize) {
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let text = format!(r#"{{"unknown":{deep},"value":[{{"id":"a"}}]}}"#);
        assert_eq!(is_shallow(&text), depth < BRACKETS);
        // Either answer will do: it is the worker that must live on.
        drop(body(text).parse::<Page<'_, Message<'_>>>());
    }

    /// If this failed, every field of every message would be copied on the warm path.
    #[test]
    fn plain_text_is_borrowed_from_the_body() {
        let plain = body(r#""plain""#);
        assert!(matches!(plain.parse::<Option<Text<'_>>>().unwrap(), Some(Text(Cow::Borrowed("plain")))));
    }

    proptest! {
        /// If this failed, the connector would read something else out of a body than any other reader.
        #[test]
        fn a_body_says_the_same_to_another_reader(texts in prop::collection::vec(any::<String>(), 0..6)) {
            let written = serde_json::json!({ "value": texts }).to_string();
            prop_assert_eq!(body(written.clone()).parse::<Value>().unwrap(), serde_json::from_str::<Value>(&written).unwrap());
        }

        /// If this failed, rubbish could take the worker down, or the fast reader would read something else out of a body.
        #[test]
        fn what_the_careful_reader_takes_the_fast_one_reads_alike(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            json in r#"\{"value":\[(\{"id":"[a-z\\\\ü\x00-\x20]{0,4}"(,"(subject|isRead|x)":(null|true|-?0?[0-9.eE+-]{0,4}|"\\u[0-9a-dD]{3,4}"|\[[\[\]{}:,]{0,4}))?\},?){0,3}\](,"value":\[\])?\}? ?"#,
        ) {
            for written in [bytes, json.into_bytes()] {
                let body = body(written);
                let fast = body.parse::<Page<'_, Message<'_>>>();
                let slow = body.parse_raw::<Page<'_, Message<'_>>>();
                prop_assert!(slow.is_err() || format!("{fast:?}") == format!("{slow:?}"), "{fast:?} {slow:?}");
            }
        }
    }
}
