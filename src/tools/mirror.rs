//! The text beside a structured answer: the same JSON, less what is for people alone, as the contents of a JSON
//! string.
//!
//! It is made from the bytes that were serialised once, in one pass, because an answer is mostly text: serialising
//! twice and escaping the second copy again would cost more than everything else that a warm call does.

use std::fmt;

use memchr::memchr2;

/// A member for people: a link that a model has no use for. In an answer it never comes first in its object.
const FOR_PEOPLE: &[u8] = br#","webUrl":""#;

/// The contents of a JSON string, escaped: what stands between its quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(Vec<u8>);

impl JsonText {
    /// The mirror of `json`: compact, with every control character escaped, as `ToolAnswer::new` writes it.
    pub fn mirroring(json: &[u8]) -> Self {
        // About every eighth byte is a quote.
        let mut text = Vec::with_capacity(json.len() + json.len() / 4);
        let (mut position, mut searched) = (0, 0);
        while let Some(offset) = memchr2(b'"', b'\\', &json[searched..]) {
            let found = searched + offset;
            if found > 0 && json[found - 1] == FOR_PEOPLE[0] && json[found - 1..].starts_with(FOR_PEOPLE) {
                // The comma before it has been due, but not yet been written.
                text.extend_from_slice(&json[position..found - 1]);
                position = end_of_string(json, found - 1 + FOR_PEOPLE.len());
                searched = position;
                continue;
            }
            text.extend_from_slice(&json[position..found]);
            text.push(b'\\');
            // What was found is the first of what is copied next.
            position = found;
            searched = found + 1;
        }
        text.extend_from_slice(&json[position..]);
        Self(text)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Without the text: it is content.
impl fmt::Debug for JsonText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JsonText({} bytes)", self.0.len())
    }
}

/// The position behind the closing quote of the string whose contents begin at `start`.
fn end_of_string(json: &[u8], start: usize) -> usize {
    let mut position = start;
    while let Some(offset) = memchr2(b'"', b'\\', &json[position..]) {
        let found = position + offset;
        if json[found] == b'"' {
            return found + 1;
        }
        position = found + 2;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &JsonText) -> String {
        let literal = [b"\"", text.as_bytes(), b"\""].concat();
        serde_json::from_slice(&literal).unwrap()
    }

    /// If this failed, a model would be shown links for people, or miss what stands beside them.
    #[rstest]
    #[case::in_the_middle(r#"{"a":1,"webUrl":"https://x/?\"y\"","b":2}"#, r#"{"a":1,"b":2}"#)]
    #[case::at_the_end(r#"[{"a":"x,","webUrl":"https://x"}]"#, r#"[{"a":"x,"}]"#)]
    #[case::nothing_to_hide(r#"{"a":"b\\\"c"}"#, r#"{"a":"b\\\"c"}"#)]
    #[case::a_text_that_looks_like_it(r#"{"a":",\"webUrl\":\"x\""}"#, r#"{"a":",\"webUrl\":\"x\""}"#)]
    #[case::a_value_of_that_name(r#"{"a":["b","webUrl"]}"#, r#"{"a":["b","webUrl"]}"#)]
    fn links_for_people_are_left_out(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(read(&JsonText::mirroring(json.as_bytes())), expected);
    }

    fn without_links(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("webUrl");
                members.values_mut().for_each(without_links);
            }
            Value::Array(items) => items.iter_mut().for_each(without_links),
            _ => {}
        }
    }

    proptest! {
        /// If this failed, some text would break the answer that carries it, or come out changed.
        #[test]
        fn any_answer_is_mirrored_as_it_is(texts in proptest::collection::vec(any::<String>(), 3), url in any::<String>()) {
            let [first, second, third] = [&texts[0], &texts[1], &texts[2]];
            let mut answer = json!({ "messages": [{ "a": first, "b": [second, third], "webUrl": url }], "z": third });
            let text = read(&JsonText::mirroring(answer.to_string().as_bytes()));
            without_links(&mut answer);
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), answer);
        }
    }
}
