//! `aggregations`: how many of what was found have which value of a field.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fields::{is_field, value};
use super::property::{flag, invalid, number, text};
use super::range::Range;
use super::refusal::SearchRefusal;
use crate::graph::findable::Document;

/// Buckets that are told of a field, at most.
const MOST_BUCKETS: usize = 100;
/// The largest `size` that is taken.
const LARGEST_SIZE: usize = 65_535;
/// What stands before the bytes of a value in its token.
const TOKEN_MARK: &str = "ǂǂ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SortBy {
    Count,
    KeyAsString,
    KeyAsNumber,
}

/// One of the aggregations that a request asks for.
#[derive(Debug, PartialEq)]
pub(super) struct Aggregation {
    /// As it was asked for.
    field: String,
    size: usize,
    sort_by: SortBy,
    descending: bool,
    minimum: usize,
    prefix: String,
    /// Without ranges every value has a bucket of its own.
    ranges: Vec<Range>,
}

/// Values that are counted together.
struct Bucket {
    key: String,
    count: usize,
    /// What a filter takes to show these alone.
    token: String,
}

impl Aggregation {
    pub(super) fn parse(sent: &Value) -> Result<Self, SearchRefusal> {
        let sent = sent.as_object().ok_or(invalid("aggregations", "a collection of objects"))?;
        let field = text(sent, "field")?.ok_or(SearchRefusal::Missing("aggregations/field"))?;
        if !is_field(field) {
            return Err(SearchRefusal::Field(field.to_owned()));
        }
        let size = number(sent, "size")?.unwrap_or(MOST_BUCKETS);
        if !(1..=LARGEST_SIZE).contains(&size) {
            return Err(invalid("aggregations/size", "a number from 1 to 65535"));
        }
        let none = Map::new();
        let definition = match sent.get("bucketDefinition") {
            None | Some(Value::Null) => None,
            Some(Value::Object(definition)) => Some(definition),
            Some(_) => return Err(invalid("aggregations/bucketDefinition", "an object")),
        };
        let sort_by = definition.map_or(Ok(SortBy::Count), sort_by)?;
        let definition = definition.unwrap_or(&none);
        Ok(Self {
            field: field.to_owned(),
            size: size.min(MOST_BUCKETS),
            sort_by,
            descending: flag(definition, "isDescending")?,
            minimum: number(definition, "minimumCount")?.unwrap_or(0),
            prefix: text(definition, "prefixFilter")?.unwrap_or_default().to_lowercase(),
            ranges: ranges(definition)?,
        })
    }

    /// The aggregation of these documents, as it is answered.
    pub(super) fn of<'a>(&self, found: impl Iterator<Item = &'a dyn Document>) -> Value {
        let values = found.filter_map(|document| value(document, &self.field));
        let buckets = if self.ranges.is_empty() { self.by_value(values) } else { self.by_range(values) };
        let buckets: Vec<Value> = buckets
            .into_iter()
            .filter(|bucket| bucket.count >= self.minimum)
            .map(|Bucket { key, count, token }| {
                json!({ "key": key, "count": count, "aggregationFilterToken": token })
            })
            .collect();
        json!({ "field": self.field, "buckets": buckets })
    }

    fn by_value(&self, values: impl Iterator<Item = Value>) -> Vec<Bucket> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for value in values {
            *counts.entry(written(&value)).or_default() += 1;
        }
        let mut buckets: Vec<Bucket> = counts
            .into_iter()
            .filter(|(key, _)| !key.is_empty() && key.to_lowercase().starts_with(&self.prefix))
            .map(|(key, count)| Bucket { token: token(&key), key, count })
            .collect();
        buckets.sort_by(|left, right| self.order(left, right));
        buckets.truncate(self.size);
        buckets
    }

    /// In the order of the ranges, and all of them: Microsoft's examples show neither `sortBy` nor `size` to count.
    fn by_range(&self, values: impl Iterator<Item = Value>) -> Vec<Bucket> {
        let values: Vec<Value> = values.collect();
        let bucket = |range: &Range| Bucket {
            key: range.key(),
            count: values.iter().filter(|value| range.holds(value)).count(),
            token: range.token(),
        };
        self.ranges.iter().map(bucket).collect()
    }

    fn order(&self, left: &Bucket, right: &Bucket) -> Ordering {
        let number = |bucket: &Bucket| bucket.key.parse::<f64>().unwrap_or(f64::MAX);
        let order = match self.sort_by {
            SortBy::Count => left.count.cmp(&right.count),
            SortBy::KeyAsString => left.key.cmp(&right.key),
            SortBy::KeyAsNumber => number(left).total_cmp(&number(right)),
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// A value as a bucket is called by it.
pub(super) fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The token of a value: its bytes in hexadecimal, quoted.
pub(super) fn token(key: &str) -> String {
    let mut token = format!("\"{TOKEN_MARK}");
    for byte in key.bytes() {
        token.extend(
            [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default()),
        );
    }
    token.push('"');
    token
}

fn sort_by(definition: &Map<String, Value>) -> Result<SortBy, SearchRefusal> {
    let name = text(definition, "sortBy")?;
    let name = name.ok_or(SearchRefusal::Missing("aggregations/bucketDefinition/sortBy"))?;
    match name.to_ascii_lowercase().as_str() {
        "count" => Ok(SortBy::Count),
        "keyasstring" => Ok(SortBy::KeyAsString),
        "keyasnumber" => Ok(SortBy::KeyAsNumber),
        _ => Err(invalid("aggregations/bucketDefinition/sortBy", "'count', 'keyAsString' or 'keyAsNumber'")),
    }
}

fn ranges(definition: &Map<String, Value>) -> Result<Vec<Range>, SearchRefusal> {
    match definition.get("ranges") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(ranges)) => ranges.iter().map(Range::parse).collect(),
        Some(_) => Err(invalid("aggregations/bucketDefinition/ranges", "a collection")),
    }
}
