//! A later page that does not come: what has come is given, and the way on.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Row, coming_into, every_profile};
use crate::calls::without_limits;
use crate::world::World;

/// Long enough for content to be generated in the first call, and waited for in full where a page is late.
const DEADLINE: Duration = Duration::from_secs(4);
/// Tools that are tried at the same time.
const AT_ONCE: usize = 4;

fn texts(list: &Value) -> BTreeSet<String> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(Value::to_string).collect()
}

/// If this failed, a hiccup in the middle would cost what has already come, or half a list would pass for a whole one.
#[rstest]
#[case::throttled(json!({ "status": 429, "headers": { "retry-after": "600" } }))]
#[case::failing(json!({ "status": 501 }))]
#[case::late(json!({ "delay_ms": 20_000 }))]
#[actix_web::test]
async fn half_a_list_is_given_as_half_a_list(#[case] trouble: Value) {
    let newest = Timestamp::now();
    let world = World::written_before(every_profile(), newest, without_limits).await;
    let known = world.known(&world.person(0, 0), &world.token(&world.person(0, 0)).await).await;
    let rows = coming_into(|row| row.several_requests, &known);
    let played = rows.into_iter().map(|(row, arguments)| halved(row, arguments, newest, &trouble));
    stream::iter(played).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// Asks for a list whose second page does not come, and then for the rest.
async fn halved(row: &Row, mut arguments: Value, newest: Timestamp, trouble: &Value) {
    let world = World::written_before(every_profile(), newest, |settings| {
        without_limits(settings);
        settings.calls.deadline = DEADLINE;
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let (tool, label) = (row.tool, row.label());
    let whole = world.call(&token, tool, arguments.clone()).await;
    let whole = match whole["_meta"]["m365-connector/error"]["code"].as_str() {
        // On a machine with much to do the content is not generated in time.
        Some("deadline_exceeded") => world.answer(&token, tool, arguments.clone()).await,
        _ => whole["structuredContent"].clone(),
    };

    // The first page names a further one, also where there is none: then itself, written so that nobody notices.
    let (mut first, mut second) = (row.fault(), row.fault());
    first["distort"] = json!("next_link_foreign");
    first["foreign_origin"] = json!(format!("{}/v1.0/..", world.stage.simulator_url()));
    first["times"] = json!(1);
    second["times"] = json!(1);
    second.as_object_mut().unwrap().extend(trouble.as_object().unwrap().clone());
    world.fault(first).await;
    world.fault(second).await;
    let half = world.call(&token, tool, arguments.clone()).await;
    assert_ne!(half["isError"], true, "{label}: {half}");
    let half = &half["structuredContent"];
    assert_eq!(world.faults().await, json!([]), "{label}: no second page was asked for: {half}");
    assert!(!texts(half).is_empty() && texts(half).is_subset(&texts(&whole)), "{label}: {half}");
    assert_eq!(half["completeness"]["state"], "partial", "{label}: {half}");
    let reason = half["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("go on with nextCursor"), "{label}: {reason}");

    arguments["cursor"] = json!(half["nextCursor"].as_str().unwrap_or_else(|| panic!("{label}: {half}")));
    if trouble["status"] == 429 {
        assert_eq!(world.error_code(&token, tool, arguments).await, "throttled", "{label}");
        return;
    }
    let rest = world.call(&token, tool, arguments).await;
    assert_ne!(rest["isError"], true, "{label}: {half} {rest}");
    let rest = &rest["structuredContent"];
    let seen: BTreeSet<String> = texts(half).union(&texts(rest)).cloned().collect();
    assert!(texts(&whole).is_subset(&seen), "{label}: lost on the way: {half} {rest}");
}
