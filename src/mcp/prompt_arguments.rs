//! The arguments of `prompts/get`, and those that `completion/complete` is told of: a few texts by their names, none of
//! them twice.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::tools::PromptArguments;

/// More than any prompt has blanks. Without a bound, one request could be read into many times its own size.
const MOST: usize = 64;

/// `None` for anything but an object of at most 64 texts, none of them twice.
pub(super) fn read(arguments: &RawValue) -> Option<PromptArguments> {
    serde_json::from_str(arguments.get()).ok().map(|Few(arguments)| arguments)
}

struct Few(PromptArguments);

impl<'de> Deserialize<'de> for Few {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Few;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Few, A::Error> {
        let mut arguments = PromptArguments::new();
        while let Some((name, text)) = members.next_entry()? {
            if arguments.len() == MOST || arguments.insert(name, text).is_some() {
                return Err(A::Error::custom("too many, or one of them twice"));
            }
        }
        Ok(Few(arguments))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn numbered(count: usize) -> String {
        let members: Vec<String> = (0..count).map(|number| format!(r#""a{number}":"""#)).collect();
        format!("{{{}}}", members.join(","))
    }

    /// If this failed, a blank would be filled with one of two texts, or a request be read into many times its size.
    #[rstest]
    #[case::none("{}".to_owned(), Some(0))]
    #[case::two(r#"{"a":"1","b":"2"}"#.to_owned(), Some(2))]
    #[case::as_many_as_may_be(numbered(MOST), Some(MOST))]
    #[case::one_more(numbered(MOST + 1), None)]
    #[case::twice(r#"{"a":"1","a":"1"}"#.to_owned(), None)]
    #[case::twice_in_disguise(r#"{"a":"1","\u0061":"2"}"#.to_owned(), None)]
    #[case::number(r#"{"a":1}"#.to_owned(), None)]
    #[case::null(r#"{"a":null}"#.to_owned(), None)]
    #[case::list(r#"["a"]"#.to_owned(), None)]
    fn a_few_texts_each_of_them_once(#[case] text: String, #[case] expected: Option<usize>) {
        let arguments = RawValue::from_string(text).unwrap();
        assert_eq!(read(&arguments).map(|read| read.len()), expected);
    }
}
