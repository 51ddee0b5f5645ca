//! Arguments of a tool that clients mirror into headers, so that a proxy can route by them.
//!
//! Rules: "Custom Headers from Tool Parameters" of the Streamable HTTP transport, MCP 2026-07-28.

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::error::RpcError;
use super::header::HeaderFault;
use super::headers::{HeaderField, decode};

/// The keyword of a schema that asks for the mirror.
const KEYWORD: &str = "x-mcp-header";

/// One mirrored argument.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    /// As the schema writes it.
    name: Box<str>,
    /// The whole name of the header, in lower case.
    header: Box<str>,
    /// Names of members, from the arguments down to the value.
    path: Box<[Box<str>]>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    String,
    Integer,
    Boolean,
}

/// The mirrored arguments of one tool. Most tools have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HeaderParameters(Box<[Parameter]>);

impl HeaderParameters {
    /// Finds them in an input schema. `None`: one is declared against the rules, and clients would drop the tool.
    pub(super) fn of(input_schema: &Map<String, Value>) -> Option<Self> {
        let mut found = Vec::new();
        collect(input_schema, &mut Vec::new(), &mut found)?;
        let declared = occurrences(&Value::Object(input_schema.clone()));
        let unique = found
            .iter()
            .enumerate()
            .all(|(at, one)| found[..at].iter().all(|earlier| earlier.header != one.header));
        (unique && found.len() == declared).then(|| Self(found.into()))
    }

    /// Holds the headers against the arguments. `header` looks a value up by the lower-case name.
    pub(super) fn check<'h>(
        &self,
        arguments: &RawValue,
        header: impl Fn(&str) -> HeaderField<'h>,
    ) -> Result<(), RpcError> {
        if self.0.is_empty() {
            return Ok(());
        }
        // Arguments that do not parse are the tool's to refuse; no mirror can match them.
        let arguments = serde_json::from_str(arguments.get()).unwrap_or(Value::Null);
        self.0.iter().try_for_each(|parameter| {
            parameter
                .check(&arguments, header(&parameter.header))
                .map_err(|fault| RpcError::ParameterMismatch { name: parameter.name.clone(), fault })
        })
    }
}

impl Parameter {
    fn check(&self, arguments: &Value, header: HeaderField<'_>) -> Result<(), HeaderFault> {
        let value = self.path.iter().try_fold(arguments, |value, member| value.get(&**member));
        let value = value.filter(|value| !value.is_null());
        match (value, header) {
            (None, HeaderField::Absent) => Ok(()),
            (None, _) => Err(HeaderFault::Mismatch),
            (Some(_), HeaderField::Absent) => Err(HeaderFault::Missing),
            (Some(_), HeaderField::Unreadable) => Err(HeaderFault::Unreadable),
            (Some(value), HeaderField::Value(text)) => {
                let text = decode(text).ok_or(HeaderFault::Unreadable)?;
                self.mirrors(value, &text).then_some(()).ok_or(HeaderFault::Mismatch)
            }
        }
    }

    /// Integers are compared as numbers: `42.0` mirrors `42`.
    fn mirrors(&self, value: &Value, text: &str) -> bool {
        match (self.kind, value) {
            (Kind::String, Value::String(value)) => value == text,
            (Kind::Boolean, Value::Bool(value)) => text == if *value { "true" } else { "false" },
            (Kind::Integer, Value::Number(value)) => {
                let mirrored = text.parse().ok().as_ref().and_then(integer);
                mirrored.is_some() && mirrored == integer(value)
            }
            _ => false,
        }
    }
}

/// The largest integer that may be mirrored, 2^53 − 1: of larger ones two can be the same float.
const LARGEST_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The value of a number that is an integer which may be mirrored.
fn integer(number: &Number) -> Option<f64> {
    number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() <= LARGEST_INTEGER)
}

/// Follows `properties` alone: an annotation behind any other keyword is against the rules.
fn collect(schema: &Map<String, Value>, path: &mut Vec<Box<str>>, found: &mut Vec<Parameter>) -> Option<()> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Some(()) };
    for (member, schema) in properties {
        let Some(schema) = schema.as_object() else { continue };
        path.push(member.as_str().into());
        if let Some(name) = schema.get(KEYWORD) {
            found.push(parameter(name.as_str()?, schema, path)?);
        }
        collect(schema, path, found)?;
        path.pop();
    }
    Some(())
}

fn parameter(name: &str, schema: &Map<String, Value>, path: &[Box<str>]) -> Option<Parameter> {
    let kind = match schema.get("type")?.as_str()? {
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "boolean" => Kind::Boolean,
        _ => return None,
    };
    let header = format!("mcp-param-{}", name.to_ascii_lowercase()).into();
    is_token(name).then(|| Parameter { name: name.into(), header, path: path.into(), kind })
}

/// `token` of RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// How often the keyword stands anywhere in a schema, in objects that are schemas or not.
fn occurrences(schema: &Value) -> usize {
    match schema {
        Value::Object(members) => {
            usize::from(members.contains_key(KEYWORD)) + members.values().map(occurrences).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(occurrences).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn parameters(schema: &Value) -> Option<HeaderParameters> {
        HeaderParameters::of(schema.as_object().unwrap())
    }

    /// If this failed, clients would drop a tool whose schema we serve, or we would not check what they mirror.
    #[rstest]
    #[case::none(json!({ "type": "object" }), Some(0))]
    #[case::one(json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A" } } }), Some(1))]
    #[case::nested(json!({ "properties": { "o": { "type": "object", "properties": { "n": { "type": "integer", "x-mcp-header": "N" } } } } }), Some(1))]
    #[case::number(json!({ "properties": { "a": { "type": "number", "x-mcp-header": "A" } } }), None)]
    #[case::array(json!({ "properties": { "a": { "type": "array", "x-mcp-header": "A" } } }), None)]
    #[case::empty(json!({ "properties": { "a": { "type": "string", "x-mcp-header": "" } } }), None)]
    #[case::not_a_token(json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A B" } } }), None)]
    #[case::line_feed(json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A\nB" } } }), None)]
    #[case::not_text(json!({ "properties": { "a": { "type": "string", "x-mcp-header": 1 } } }), None)]
    #[case::twice(json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A" }, "b": { "type": "string", "x-mcp-header": "a" } } }), None)]
    #[case::in_items(json!({ "properties": { "a": { "type": "array", "items": { "type": "string", "x-mcp-header": "A" } } } }), None)]
    #[case::in_a_choice(json!({ "anyOf": [{ "properties": { "a": { "type": "string", "x-mcp-header": "A" } } }] }), None)]
    fn an_annotation_is_taken_where_the_rules_allow_it(
        #[case] schema: Value,
        #[case] expected: Option<usize>,
    ) {
        assert_eq!(parameters(&schema).map(|found| found.0.len()), expected);
    }

    /// If this failed, a proxy could route by one value while the tool runs with another.
    #[rstest]
    #[case::same(json!({ "region": "us-west1" }), HeaderField::Value("us-west1"), None)]
    #[case::encoded(json!({ "region": "Hello, 世界" }), HeaderField::Value("=?base64?SGVsbG8sIOS4lueVjA==?="), None)]
    #[case::encoded_needlessly(json!({ "region": "Hello, 世界" }), HeaderField::Value("=?base64?SGVsbG8=?="), Some(HeaderFault::Mismatch))]
    #[case::bad_encoding(json!({ "region": "a" }), HeaderField::Value("=?base64?!?="), Some(HeaderFault::Unreadable))]
    #[case::other(json!({ "region": "us-west1" }), HeaderField::Value("us-east1"), Some(HeaderFault::Mismatch))]
    #[case::other_case(json!({ "region": "us-west1" }), HeaderField::Value("US-WEST1"), Some(HeaderFault::Mismatch))]
    #[case::left_out(json!({ "region": "us-west1" }), HeaderField::Absent, Some(HeaderFault::Missing))]
    #[case::unreadable(json!({ "region": "us-west1" }), HeaderField::Unreadable, Some(HeaderFault::Unreadable))]
    #[case::null(json!({ "region": null }), HeaderField::Absent, None)]
    #[case::absent(json!({}), HeaderField::Absent, None)]
    #[case::mirror_of_nothing(json!({}), HeaderField::Value("us-west1"), Some(HeaderFault::Mismatch))]
    #[case::wrong_type(json!({ "region": 7 }), HeaderField::Value("7"), Some(HeaderFault::Mismatch))]
    #[case::not_an_object(json!([]), HeaderField::Absent, None)]
    fn a_mirror_says_what_the_argument_says(
        #[case] arguments: Value,
        #[case] header: HeaderField<'static>,
        #[case] fault: Option<HeaderFault>,
    ) {
        let schema = json!({ "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } });
        let arguments = serde_json::value::to_raw_value(&arguments).unwrap();
        let checked = parameters(&schema).unwrap().check(&arguments, |name| {
            assert_eq!(name, "mcp-param-region");
            header
        });
        let expected = fault.map(|fault| RpcError::ParameterMismatch { name: "Region".into(), fault });
        assert_eq!(checked.err(), expected);
    }

    /// If this failed, two spellings of a number would be taken for two values, or two values for one.
    #[rstest]
    #[case("integer", json!(42), "42", true)]
    #[case("integer", json!(42), "42.0", true)]
    #[case("integer", json!(42.0), "42", true)]
    #[case("integer", json!(-7), "-7", true)]
    #[case("integer", json!(42), "43", false)]
    #[case("integer", json!(42), "", false)]
    #[case("integer", json!(42), "0x2a", false)]
    #[case("integer", json!(42.5), "42.5", false)]
    #[case("integer", json!(42), "42.5", false)]
    #[case("integer", json!(9_007_199_254_740_991_i64), "9007199254740991", true)]
    #[case("integer", json!(-9_007_199_254_740_991_i64), "-9007199254740991", true)]
    #[case("integer", json!(9_007_199_254_740_992_i64), "9007199254740992", false)]
    #[case("integer", json!(-9_007_199_254_740_992_i64), "-9007199254740992", false)]
    #[case("integer", json!(9_007_199_254_740_993_i64), "9007199254740992", false)]
    #[case("boolean", json!(true), "true", true)]
    #[case("boolean", json!(true), "True", false)]
    #[case("boolean", json!(false), "false", true)]
    #[case("boolean", json!(false), "true", false)]
    fn numbers_and_booleans_are_compared_as_such(
        #[case] kind: &str,
        #[case] value: Value,
        #[case] header: &'static str,
        #[case] matches: bool,
    ) {
        let schema = json!({ "properties": { "v": { "type": kind, "x-mcp-header": "V" } } });
        let arguments = serde_json::value::to_raw_value(&json!({ "v": value })).unwrap();
        let checked = parameters(&schema).unwrap().check(&arguments, |_| HeaderField::Value(header));
        assert_eq!(checked.is_ok(), matches);
    }
}
