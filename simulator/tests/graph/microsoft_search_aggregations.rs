//! Aggregations of `POST /search/query`, and filters by what they answered.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::searching::{ask, found, of, search, text};
use crate::world::WORLD;

fn aggregated(changes: &[(&str, Value)]) -> Value {
    let mut request = of(&["driveItem"], "isdocument:true");
    request["size"] = json!(500);
    for (name, value) in changes {
        request[*name] = value.clone();
    }
    search(&WORLD.caller(0, 0), &request)
}

fn by_type(definition: &Value) -> Value {
    json!([{ "field": "fileType", "size": 20, "bucketDefinition": definition }])
}

fn counts(container: &Value) -> Vec<(String, u64)> {
    let buckets = container["aggregations"][0]["buckets"].as_array().unwrap().iter();
    buckets.map(|bucket| (text(bucket, "/key").to_owned(), bucket["count"].as_u64().unwrap())).collect()
}

/// Fails when buckets count other files than the search finds.
#[test]
fn every_value_has_a_bucket_of_its_hits() {
    let container =
        aggregated(&[("aggregations", by_type(&json!({ "sortBy": "count", "isDescending": "true" })))]);
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for hit in found(&WORLD.caller(0, 0), &["driveItem"], "isdocument:true") {
        if let Some((_, extension)) = text(&hit, "/resource/name").rsplit_once('.') {
            *expected.entry(extension.to_lowercase()).or_default() += 1;
        }
    }
    let told = counts(&container);
    assert_eq!(told.iter().cloned().collect::<BTreeMap<_, _>>(), expected);
    assert!(told.len() > 4 && told.is_sorted_by(|left, right| left.1 >= right.1), "{told:?}");
    assert_eq!(container["aggregations"][0]["field"], "fileType");
}

/// Fails when what a definition asks for is not kept.
#[rstest]
#[case(json!({ "sortBy": "keyAsString" }), |told: &[(String, u64)]| told.is_sorted())]
#[case(json!({ "sortBy": "KeyAsString", "isDescending": true }), |told: &[(String, u64)]| told.iter().rev().is_sorted())]
#[case(json!({ "sortBy": "count", "minimumCount": 5 }), |told: &[(String, u64)]| told.iter().all(|(_, count)| *count >= 5))]
#[case(json!({ "sortBy": "count", "prefixFilter": "P" }), |told: &[(String, u64)]| told.iter().all(|(key, _)| key.starts_with('p')))]
fn a_definition_chooses_and_orders(#[case] definition: Value, #[case] holds: fn(&[(String, u64)]) -> bool) {
    let told = counts(&aggregated(&[("aggregations", by_type(&definition))]));
    assert!(told.len() > 1 && holds(&told), "{told:?}");
}

/// Fails when a token of a bucket does not lead to what the bucket counted.
#[test]
fn a_filter_by_the_tokens_of_buckets_finds_what_they_counted() {
    let aggregations = by_type(&json!({ "sortBy": "count", "isDescending": true }));
    let container = aggregated(&[("aggregations", aggregations.clone())]);
    let bucket = |place: usize| &container["aggregations"][0]["buckets"][place];
    let token = |place: usize| text(bucket(place), "/aggregationFilterToken").to_owned();
    let one = json!([format!("fileType:{}", token(0))]);
    let filtered = aggregated(&[("aggregationFilters", one), ("aggregations", aggregations)]);
    assert_eq!(filtered["total"], bucket(0)["count"]);
    assert_eq!(counts(&filtered).len(), 1);
    let two = json!([format!("fileType:or({},{})", token(0), token(1))]);
    let both = bucket(0)["count"].as_u64().unwrap() + bucket(1)["count"].as_u64().unwrap();
    assert_eq!(aggregated(&[("aggregationFilters", two)])["total"], both);
}

/// Fails when ranges of sizes or times overlap, leave something out, or are called otherwise than Microsoft calls them.
#[rstest]
#[case("size", ["2000", "20000"], ["Less than 2000", "2000 up to 20000", "20000 and up"])]
#[case(
    "lastModifiedTime",
    ["2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"],
    ["Before 2026-09-01T00:00:00Z", "From 2026-09-01T00:00:00Z up to 2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z or later"]
)]
fn ranges_take_everything_once(#[case] field: &str, #[case] bounds: [&str; 2], #[case] keys: [&str; 3]) {
    let [low, high] = bounds;
    let ranges = json!([{ "to": low }, { "from": low, "to": high }, { "from": high }]);
    let definition = json!({ "sortBy": "keyAsNumber", "ranges": ranges });
    let container =
        aggregated(&[("aggregations", json!([{ "field": field, "bucketDefinition": definition }]))]);
    let told = counts(&container);
    assert_eq!(told.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), keys);
    assert_eq!(told.iter().map(|(_, count)| count).sum::<u64>(), container["total"].as_u64().unwrap());
    for (place, (_, count)) in told.iter().enumerate() {
        let token = text(&container["aggregations"][0]["buckets"][place], "/aggregationFilterToken");
        let filtered = aggregated(&[("aggregationFilters", json!([format!("{field}:{token}")]))]);
        assert_eq!(filtered["total"], *count, "{token}");
    }
}

/// Fails when a wrong aggregation is taken for another one.
#[rstest]
#[case("aggregations", json!([{}]), "'aggregations/field' is missing")]
#[case("aggregations", json!([{ "field": "colour" }]), "can't be aggregated by 'colour'")]
#[case("aggregations", json!([{ "field": "size", "size": 0 }]), "a number from 1 to 65535")]
#[case("aggregations", by_type(&json!({})), "'aggregations/bucketDefinition/sortBy' is missing")]
#[case("aggregations", by_type(&json!({ "sortBy": "colour" })), "'keyAsString'")]
#[case("aggregations", by_type(&json!({ "sortBy": "count", "ranges": [{}] })), "'from' and 'to'")]
#[case("aggregationFilters", json!(["fileType"]), "'fileType' is not well-formed")]
#[case("aggregationFilters", json!(["size:range(min, max)"]), "is not well-formed")]
fn a_wrong_aggregation_is_refused(#[case] property: &str, #[case] sent: Value, #[case] reason: &str) {
    let mut request = of(&["driveItem"], "a");
    request[property] = sent;
    let answer = ask(&WORLD.caller(0, 0), &request);
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(answer.status == 400 && message.contains(reason), "{message}");
}
