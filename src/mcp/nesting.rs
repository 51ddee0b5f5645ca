//! How deep a JSON text nests, found out before anything parses it.

use std::slice::Iter;

/// The deepest nesting of arrays and objects that is read, the message itself included.
pub(super) const MAX_DEPTH: usize = 64;

/// Whether no array or object lies deeper than [`MAX_DEPTH`]. One pass, no allocation. Of a text that is not JSON
/// it says something, but nothing useful: the parser refuses that text anyway.
pub(super) fn is_within_limit(text: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'[' | b'{' if depth == MAX_DEPTH => return false,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// Goes on to the end of a string whose opening quote was just read.
fn skip_string(bytes: &mut Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    /// If this failed, the limit would be off by one, or brackets inside strings would count.
    #[rstest]
    #[case::at_the_limit(nested(MAX_DEPTH), true)]
    #[case::one_over(nested(MAX_DEPTH + 1), false)]
    #[case::side_by_side(format!("[{}]", "{},".repeat(1_000)), true)]
    #[case::in_a_string(format!("\"{}\"", "[".repeat(1_000)), true)]
    #[case::after_an_escaped_quote(format!("\"\\\"{}\"", "[".repeat(1_000)), true)]
    #[case::after_an_escaped_backslash(format!("[\"\\\\\",{}]", nested(MAX_DEPTH)), false)]
    #[case::unclosed_string(format!("\"{}", "[".repeat(1_000)), true)]
    #[case::closers_first(format!("]]]]{}", nested(MAX_DEPTH)), true)]
    #[case::empty(String::new(), true)]
    fn only_brackets_outside_of_strings_count(#[case] text: String, #[case] within: bool) {
        assert_eq!(is_within_limit(text.as_bytes()), within);
    }

    fn depth_of(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth_of).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), ".*".prop_map(Value::from)];
        leaf.prop_recursive(6, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(".*", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// If this failed, a message would be refused or let through by something else than its nesting.
        #[test]
        fn the_scan_agrees_with_the_parsed_tree(value in json(), wrapping in 55_usize..70) {
            let text = format!("{}{value}{}", "[".repeat(wrapping), "]".repeat(wrapping));
            prop_assert_eq!(is_within_limit(text.as_bytes()), wrapping + depth_of(&value) <= MAX_DEPTH);
        }
    }
}
