//! What takes several requests to Graph says that it goes on, where the client wants to know.

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{coming_into, every_profile};
use crate::calls::without_limits;
use crate::streams::events;
use crate::world::{World, send};

/// Tools that are tried at the same time.
const AT_ONCE: usize = 4;

/// Calls a tool and gives its reports' numbers, in order. The call must have an answer.
async fn steps(world: &World, token: &str, tool: &str, arguments: &Value) -> Vec<u64> {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "long" } });
    let answer = send(world.modern(token, "tools/call", params)).await;
    assert!(answer.header("content-type").starts_with("text/event-stream"), "{tool}: {}", answer.text);
    let events = events(&answer);
    let (result, reports) = events.split_last().unwrap();
    assert_eq!(result["result"]["isError"], false, "{tool}: {}", answer.text);
    reports.iter().map(|report| report["params"]["progress"].as_u64().unwrap()).collect()
}

fn assert_growing(tool: &str, steps: &[u64]) {
    assert!(!steps.is_empty() && steps.is_sorted_by(|one, next| one < next), "{tool}: {steps:?}");
}

/// If this failed, a person who waits for a long list would not see that it goes on.
#[actix_web::test]
async fn a_list_of_several_pages_says_that_it_goes_on() {
    let newest = Timestamp::now();
    let world = World::written_before(every_profile(), newest, without_limits).await;
    let known = world.known(&world.person(0, 0), &world.token(&world.person(0, 0)).await).await;
    let rows = coming_into(|row| row.several_requests, &known);
    assert!(rows.len() > 10);
    let played = rows.into_iter().map(async |(row, arguments)| {
        let world = World::written_before(every_profile(), newest, without_limits).await;
        let token = world.token(&world.person(0, 0)).await;
        // The first page names a further one, also where there is none: itself, written so that nobody notices.
        let origin = format!("{}/v1.0/..", world.stage.simulator_url());
        let mut further = row.fault();
        further["times"] = json!(1);
        further["distort"] = json!("next_link_foreign");
        further["foreign_origin"] = json!(origin);
        world.fault(further).await;
        assert_growing(row.label(), &steps(&world, &token, row.tool, &arguments).await);
    });
    stream::iter(played).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// If this failed, reading something that takes several requests would pass without a word.
#[actix_web::test]
async fn a_reading_of_several_requests_says_that_it_goes_on() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let message = &known.uris[0];
    let attachment = &known.uris[1];
    for uri in [message, attachment, &known.transcript, &known.note] {
        assert_growing(uri, &steps(&world, &token, "read_resource", &json!({ "uri": uri })).await);
    }
}
