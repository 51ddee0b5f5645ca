//! Arguments, read strictly: what is wrong is said by the argument's name.

mod complaint;
mod given;
mod nested;

use std::fmt;

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use super::error::ToolError;

/// Reads the arguments of a tool. `T` denies unknown fields; its schema says what they may be.
///
/// What a reader in this file refuses it says in a sentence that begins with `must`, and it is passed on as it is.
/// Whatever else is refused is said out of the schema.
pub(super) fn parse<T: DeserializeOwned + JsonSchema>(arguments: &RawValue) -> Result<T, ToolError> {
    // serde would take an array for the fields in their order.
    if !arguments.get().starts_with('{') {
        let how = "Give an object with the arguments by their names.";
        return Err(ToolError::invalid_arguments("The arguments must be a JSON object.", how));
    }
    serde_json::from_str(arguments.get()).map_err(|_| complaint::about::<T>(arguments))
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

/// How many entries a page should have: 1 to `MOST`. Some clients write whole numbers as `10.0`.
pub(super) fn limit<'de, D: Deserializer<'de>, const MOST: u32>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    whole::<D, 1, MOST>(deserializer)
}

/// A whole number from `LEAST` to `MOST`, or none. Some clients write one as `10.0`.
pub(super) fn whole<'de, D: Deserializer<'de>, const LEAST: u32, const MOST: u32>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    deserializer.deserialize_option(Whole::<LEAST, MOST>)
}

/// The same where there must be one.
pub(super) fn required_whole<'de, D: Deserializer<'de>, const LEAST: u32, const MOST: u32>(
    deserializer: D,
) -> Result<u32, D::Error> {
    whole::<D, LEAST, MOST>(deserializer)?
        .ok_or_else(|| D::Error::custom(format_args!("must be a whole number from {LEAST} to {MOST}")))
}

/// One to `MOST` texts of at most `LONGEST` bytes each, trimmed, none of them blank.
pub(super) fn texts<'de, D: Deserializer<'de>, const MOST: usize, const LONGEST: usize>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    optional_texts::<D, MOST, LONGEST>(deserializer)?
        .ok_or_else(|| D::Error::custom(format_args!("must have 1 to {MOST} entries")))
}

/// The same, or none at all: left out, `null` or an empty list.
pub(super) fn optional_texts<'de, D: Deserializer<'de>, const MOST: usize, const LONGEST: usize>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let given = <Option<Vec<String>> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default();
    if given.len() > MOST {
        return Err(D::Error::custom(format_args!("must have at most {MOST} entries")));
    }
    let trimmed: Vec<String> = given.iter().map(|text| text.trim().to_owned()).collect();
    if trimmed.iter().any(|text| text.is_empty() || text.len() > LONGEST) {
        return Err(D::Error::custom(format_args!("must have entries of 1 to {LONGEST} bytes")));
    }
    Ok(Some(trimmed).filter(|texts| !texts.is_empty()))
}

struct Whole<const LEAST: u32, const MOST: u32>;

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    fn checked<E: Error>(number: Option<u32>) -> Result<Option<u32>, E> {
        match number {
            Some(number) if (LEAST..=MOST).contains(&number) => Ok(Some(number)),
            _ => Err(E::custom(format_args!("must be a whole number from {LEAST} to {MOST}"))),
        }
    }
}

impl<'de, const LEAST: u32, const MOST: u32> Visitor<'de> for Whole<LEAST, MOST> {
    type Value = Option<u32>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a whole number from {LEAST} to {MOST}")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_u64<E: Error>(self, limit: u64) -> Result<Self::Value, E> {
        Self::checked(u32::try_from(limit).ok())
    }

    fn visit_i64<E: Error>(self, limit: i64) -> Result<Self::Value, E> {
        Self::checked(u32::try_from(limit).ok())
    }

    fn visit_f64<E: Error>(self, limit: f64) -> Result<Self::Value, E> {
        Self::checked((LEAST..=MOST).find(|whole| f64::from(*whole).total_cmp(&limit).is_eq()))
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
        #[schemars(range(min = 1, max = 50), example = 10)]
        limit: Option<u32>,
        order: Option<Order>,
        recursive: Option<bool>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Order {
        Newest,
        Oldest,
    }

    fn read(json: &str) -> Result<Sample, String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        parse::<Sample>(&raw).map_err(|error| match error {
            ToolError::Actionable(error) => format!("{} {}", error.why(), error.how),
            ToolError::Internal(error) => panic!("{error}"),
        })
    }

    #[derive(Debug, Deserialize)]
    struct Lists {
        #[serde(deserialize_with = "texts::<_, 2, 5>")]
        people: Vec<String>,
        #[serde(default, deserialize_with = "optional_texts::<_, 2, 5>")]
        rooms: Option<Vec<String>>,
    }

    /// If this failed, a list would hold nothing, more than is asked about, or blanks.
    #[rstest]
    #[case::one(r#"{"people":[" a "]}"#, "")]
    #[case::both(r#"{"people":["a","b"],"rooms":["c"]}"#, "")]
    #[case::no_rooms(r#"{"people":["a"],"rooms":[]}"#, "")]
    #[case::nobody(r#"{"people":[]}"#, "must have 1 to 2 entries")]
    #[case::too_many(r#"{"people":["a","b","c"]}"#, "must have at most 2 entries")]
    #[case::blank(r#"{"people":["a"," "]}"#, "must have entries of 1 to 5 bytes")]
    #[case::too_long(r#"{"people":["a"],"rooms":["abcdef"]}"#, "must have entries of 1 to 5 bytes")]
    fn a_list_of_texts_is_bounded(#[case] json: &str, #[case] refused: &str) {
        match serde_json::from_str::<Lists>(json) {
            Ok(lists) => {
                let all = lists.people.iter().chain(lists.rooms.iter().flatten());
                assert!(refused.is_empty() && all.into_iter().all(|text| text.trim().len() == 1), "{json}");
                assert_eq!(lists.people[0], "a");
            }
            Err(error) => assert!(!refused.is_empty() && error.to_string().starts_with(refused), "{error}"),
        }
    }

    /// If this failed, a model could not tell which of its arguments to mend, or how.
    #[rstest]
    #[case::unknown(r#"{"uri":"a","folder":"b"}"#, "There is no argument \"folder\".")]
    #[case::known_are_named(
        r#"{"uri":"a","folder":"b"}"#,
        "Known arguments: folderName, limit, order, recursive, uri."
    )]
    #[case::wrong_type(
        r#"{"uri":"a","limit":"10"}"#,
        "limit: must be a whole number from 1 to 50, not a text."
    )]
    #[case::example(r#"{"uri":"a","limit":"10"}"#, r#"For example {"limit":10}."#)]
    #[case::wrong_type_before_a_missing_one(
        r#"{"limit":[10]}"#,
        "limit: must be a whole number from 1 to 50, not a list."
    )]
    #[case::out_of_range(r#"{"uri":"a","limit":51}"#, "limit: must be a whole number from 1 to 50.")]
    #[case::zero(r#"{"uri":"a","limit":0}"#, "limit: must be a whole number from 1 to 50.")]
    #[case::negative(r#"{"uri":"a","limit":-1}"#, "limit: must be a whole number from 1 to 50.")]
    #[case::fraction(r#"{"uri":"a","limit":1.5}"#, "limit: must be a whole number from 1 to 50.")]
    #[case::above_all_numbers(r#"{"uri":"a","limit":1e999}"#, "limit: must be a whole number from 1 to 50.")]
    #[case::far_too_many(
        r#"{"uri":"a","limit":99999999999999999999}"#,
        "limit: must be a whole number from 1 to 50."
    )]
    #[case::word(r#"{"uri":"a","order":"newest first"}"#, r#"order: must be one of "newest", "oldest"."#)]
    #[case::no_word(
        r#"{"uri":"a","order":{}}"#,
        r#"order: must be one of "newest", "oldest", not an object."#
    )]
    #[case::flag(r#"{"uri":"a","recursive":"true"}"#, "recursive: must be true or false, not a text.")]
    #[case::text(r#"{"uri":5}"#, "uri: must be a text, not a number.")]
    #[case::broken_text(r#"{"uri":"\ud800"}"#, "uri: must be a text of whole Unicode characters.")]
    #[case::missing(r#"{"limit":5}"#, "uri: is missing.")]
    #[case::blank(r#"{"uri":"  "}"#, "uri: must not be blank.")]
    #[case::too_long(r#"{"uri":"aaaaaaaaaaaaaaaaaaaaa"}"#, "uri: must have at most 20 bytes.")]
    #[case::twice(r#"{"uri":"a","limit":5,"limit":6}"#, "limit: is given twice.")]
    #[case::no_object(r#"["a"]"#, "must be a JSON object")]
    #[case::broken_name(r#"{"\ud800":1}"#, "The arguments can't be read.")]
    fn what_is_wrong_is_said_by_name(#[case] json: &str, #[case] expected: &str) {
        let complaint = read(json).expect_err("it is wrong");
        assert!(complaint.contains(expected), "{complaint}");
    }

    /// If this failed, clients that know one kind of number alone could set no limit.
    #[rstest]
    #[case::whole("10", 10)]
    #[case::with_a_point("10.0", 10)]
    #[case::with_an_exponent("1e1", 10)]
    #[case::most("50.0", 50)]
    fn a_whole_number_may_be_written_in_any_way(#[case] limit: &str, #[case] expected: u32) {
        assert_eq!(read(&format!(r#"{{"uri":"a","limit":{limit}}}"#)).unwrap().limit, Some(expected));
    }

    /// If this failed, clients that send every optional argument would be refused.
    #[test]
    fn null_and_blank_count_as_left_out() {
        let sample = read(r#"{"uri":" a ","folderName":"  ","limit":null,"order":null}"#).unwrap();
        assert_eq!((sample.uri.as_str(), sample.folder_name, sample.limit), ("a", None, None));
        assert_eq!((sample.order, sample.recursive), (None, None));
    }

    /// If this failed, an error could carry megabytes of what it complains about.
    #[test]
    fn a_complaint_is_bounded() {
        let long = "x".repeat(100_000);
        for arguments in [format!(r#"{{"limit":"{long}"}}"#), format!(r#"{{"{long}":1}}"#)] {
            assert!(read(&arguments).unwrap_err().len() < 400);
        }
    }
}
