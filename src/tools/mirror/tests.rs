use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn mirrored(content: &impl Serialize) -> (WarmBuffer, String) {
    let (json, text) = write_mirrored(content, 64).unwrap();
    let literal = [b"\"", text.as_bytes(), b"\""].concat();
    (json, serde_json::from_slice(&literal).unwrap())
}

/// If this failed, a model would be shown links for people, or miss what stands beside them.
#[rstest]
#[case::in_the_middle(r#"{"a":1,"webUrl":"https://x/?\"y\"","z":2}"#, r#"{"a":1,"z":2}"#)]
#[case::first_of_several(r#"{"webUrl":"https://x","z":2}"#, r#"{"z":2}"#)]
#[case::alone(r#"[{"webUrl":"https://x"},{"webUrl":"https://y"}]"#, "[{},{}]")]
#[case::at_the_end(r#"[{"a":"x,","webUrl":"https://x"}]"#, r#"[{"a":"x,"}]"#)]
#[case::an_object_of_that_name(
    r#"{"a":{"webUrl":{"b":[{"c":"d"}],"e":{}},"x":true}}"#,
    r#"{"a":{"x":true}}"#
)]
#[case::first_before_a_name_with_a_quote(
    r#"{"webUrl":"x","y\"b":{"webUrl":1,"x\\":2}}"#,
    r#"{"y\"b":{"x\\":2}}"#
)]
#[case::nothing_to_hide(r#"{"a":"b\\\"c"}"#, r#"{"a":"b\\\"c"}"#)]
#[case::a_text_that_looks_like_it(r#"{"a":",\"webUrl\":\"x\""}"#, r#"{"a":",\"webUrl\":\"x\""}"#)]
#[case::a_value_of_that_name(r#"{"a":["b","webUrl"]}"#, r#"{"a":["b","webUrl"]}"#)]
fn links_for_people_are_left_out(#[case] json: &str, #[case] expected: &str) {
    let (written, text) = mirrored(&serde_json::from_str::<Value>(json).unwrap());
    assert_eq!(String::from_utf8(written.to_vec()).unwrap(), json);
    assert_eq!(text, expected);
}

/// If this failed, what is not an object, a list or a string would be missing for the model, or break its text.
#[test]
fn every_kind_of_value_is_mirrored() {
    #[derive(Serialize)]
    enum Kind {
        Plain,
        Holding(u8),
        Naming { at: char },
    }
    let keyed = BTreeMap::from([(1_u64, f64::NAN), (2, 0.5)]);
    let content = (
        (keyed, [1.5_f32, f32::INFINITY], (i64::MIN, u64::MAX, true, ()), Some(7_i8)),
        [Kind::Plain, Kind::Holding(3), Kind::Naming { at: '"' }],
        format_args!("a\"{}", 'b'),
    );
    let (json, text) = mirrored(&content);
    assert_eq!(text.as_bytes(), json.as_slice());
    assert_eq!(*json, serde_json::to_vec(&content).unwrap());
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
    fn any_answer_is_mirrored_as_it_is(
        texts in proptest::collection::vec(r#"(\PC|["\\/\x00-\x20\x7f\u{80}-\u{a0}\u{2028}\u{2029}])*"#, 3),
        url in any::<String>(),
        key in any::<String>(),
    ) {
        let [first, second, third] = [&texts[0], &texts[1], &texts[2]];
        let mut answer = json!({ "messages": [{ "a": first, "b": [second, third], "webUrl": url, (&*key): first }], "z": third });
        let (json, text) = mirrored(&answer);
        prop_assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), answer.clone());
        prop_assert_eq!(json.len(), serde_json::to_vec(&answer).unwrap().len());
        let stray = json.iter().find(|byte| **byte < b' ');
        prop_assert_eq!(stray, None, "a control character is not escaped");
        prop_assert_eq!(text_length(&answer).unwrap(), text.len());
        without_links(&mut answer);
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), answer);
    }
}
