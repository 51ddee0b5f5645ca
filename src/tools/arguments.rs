//! Arguments, read strictly: what is wrong is said by the argument's name.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::ToolError;
use super::schema;
use super::text::character_boundary;

/// In bytes: how much of a complaint is passed on, for it may quote what it complains about.
const LONGEST_COMPLAINT: usize = 240;

/// Reads the arguments of a tool. `T` denies unknown fields; its schema names the known ones.
pub(super) fn parse<T: DeserializeOwned + JsonSchema>(arguments: &RawValue) -> Result<T, ToolError> {
    // serde would take an array for the fields in their order.
    if !arguments.get().starts_with('{') {
        let how = "Give an object with the arguments by their names.";
        return Err(ToolError::invalid_arguments("The arguments must be a JSON object.", how));
    }
    serde_json::from_str(arguments.get()).map_err(|error| explain::<T>(arguments, &error))
}

fn explain<T: DeserializeOwned + JsonSchema>(arguments: &RawValue, error: &serde_json::Error) -> ToolError {
    let how = match schema::property_names::<T>() {
        names if names.is_empty() => "This tool takes no arguments: call it with {}.".to_owned(),
        names => format!("Known arguments: {}.", names.join(", ")),
    };
    let members =
        serde_json::from_str::<Members>(arguments.get()).map(|Members(members)| members).unwrap_or_default();
    let culprit = members.iter().find_map(|(name, value)| Some((name, complaint_about::<T>(name, value)?)));
    let why = match culprit {
        Some((_, complaint)) if complaint.starts_with("unknown field") => {
            complaint.replacen("field", "argument", 1)
        }
        Some((name, complaint)) => format!("{name}: {complaint}"),
        None => readable(error).replacen("field", "argument", 1),
    };
    ToolError::invalid_arguments(why, how)
}

/// What `T` says about this member alone, but for what it misses.
fn complaint_about<T: DeserializeOwned>(name: &str, value: &RawValue) -> Option<String> {
    let alone = format!("{{{}:{}}}", serde_json::to_string(name).ok()?, value.get());
    let complaint = readable(&serde_json::from_str::<T>(&alone).err()?);
    (!complaint.starts_with("missing field")).then_some(complaint)
}

/// Without the position, and bounded.
fn readable(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(position) = text.rfind(" at line ") {
        text.truncate(position);
    }
    if text.len() > LONGEST_COMPLAINT {
        text.truncate(character_boundary(&text, LONGEST_COMPLAINT));
        text.push('…');
    }
    text
}

/// The members of an object in their order, duplicates kept.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// An optional text of at most `LONGEST` bytes, trimmed; blank and `null` count as left out.
pub(super) fn text<'de, D: Deserializer<'de>, const LONGEST: usize>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let Some(text) = <Option<String> as serde::Deserialize>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if text.len() > LONGEST {
        return Err(D::Error::custom(format_args!("must have at most {LONGEST} bytes")));
    }
    let trimmed = text.trim();
    Ok(match trimmed.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(trimmed.to_owned()),
    })
}

/// A required text of at most `LONGEST` bytes, trimmed, not blank.
pub(super) fn required_text<'de, D: Deserializer<'de>, const LONGEST: usize>(
    deserializer: D,
) -> Result<String, D::Error> {
    text::<D, LONGEST>(deserializer)?.ok_or_else(|| D::Error::custom("must not be blank"))
}

/// How many entries a page should have: 1 to `MOST`.
pub(super) fn limit<'de, D: Deserializer<'de>, const MOST: u32>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    match <Option<u32> as serde::Deserialize>::deserialize(deserializer)? {
        Some(limit) if !(1..=MOST).contains(&limit) => {
            Err(D::Error::custom(format_args!("must be a whole number from 1 to {MOST}")))
        }
        limit => Ok(limit),
    }
}

/// For tools without arguments.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoArguments {}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Sample {
        #[serde(deserialize_with = "required_text::<_, 20>")]
        uri: String,
        #[serde(default, deserialize_with = "text::<_, 20>")]
        folder_name: Option<String>,
        #[serde(default, deserialize_with = "limit::<_, 50>")]
        limit: Option<u32>,
    }

    fn read(json: &str) -> Result<Sample, String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        parse::<Sample>(&raw).map_err(|error| match error {
            ToolError::Actionable(error) => format!("{} {}", error.why, error.how),
            ToolError::Internal(error) => panic!("{error}"),
        })
    }

    /// If this failed, a model could not tell which of its arguments to mend.
    #[rstest]
    #[case::unknown(r#"{"uri":"a","folder":"b"}"#, "unknown argument `folder`")]
    #[case::known_are_named(r#"{"uri":"a","folder":"b"}"#, "Known arguments: folderName, limit, uri.")]
    #[case::wrong_type(r#"{"uri":"a","limit":"10"}"#, "limit: invalid type: string")]
    #[case::wrong_type_before_a_missing_one(r#"{"limit":"10"}"#, "limit: invalid type: string")]
    #[case::out_of_range(r#"{"uri":"a","limit":51}"#, "limit: must be a whole number from 1 to 50")]
    #[case::zero(r#"{"uri":"a","limit":0}"#, "limit: must be a whole number from 1 to 50")]
    #[case::missing(r#"{"limit":5}"#, "missing argument `uri`")]
    #[case::blank(r#"{"uri":"  "}"#, "uri: must not be blank")]
    #[case::too_long(r#"{"uri":"aaaaaaaaaaaaaaaaaaaaa"}"#, "uri: must have at most 20 bytes")]
    #[case::twice(r#"{"uri":"a","limit":5,"limit":6}"#, "duplicate argument `limit`")]
    #[case::no_object(r#"["a"]"#, "must be a JSON object")]
    fn what_is_wrong_is_said_by_name(#[case] json: &str, #[case] expected: &str) {
        let complaint = read(json).expect_err("it is wrong");
        assert!(complaint.contains(expected), "{complaint}");
    }

    /// If this failed, clients that send every optional argument would be refused.
    #[test]
    fn null_and_blank_count_as_left_out() {
        let sample = read(r#"{"uri":" a ","folderName":"  ","limit":null}"#).unwrap();
        assert_eq!((sample.uri.as_str(), sample.folder_name, sample.limit), ("a", None, None));
    }

    /// If this failed, an error could carry megabytes of what it complains about.
    #[test]
    fn a_complaint_is_bounded() {
        let complaint = read(&format!(r#"{{"uri":"a","limit":"{}"}}"#, "x".repeat(100_000))).unwrap_err();
        assert!(complaint.len() < 400);
    }
}
