//! What a meeting has on pages behind the first one: insights, attendance and transcripts.

use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::meetings::{a_transcript, error, read, stand_ups};
use crate::world::World;

/// The path at which Graph was asked last for what its name says, read by `uri`.
async fn path_of(world: &World, token: &str, uri: &str, name: &str) -> String {
    world.forget_requests().await;
    world.answer(token, "read_resource", json!({ "uri": uri })).await;
    let paths = world.graph_paths().await;
    let path = paths.iter().rfind(|path| path.ends_with(name));
    path.unwrap_or_else(|| panic!("{name}: {paths:?}")).clone()
}

/// One of the uris below, of the first tenant's stand-up, and where Graph lists what it needs.
async fn listed(world: &World, token: &str, scheme: &str, name: &str) -> (String, String) {
    let (by_event, meeting) = a_transcript(world, token).await;
    let uri = if scheme.is_empty() { by_event } else { meeting.replace("meeting:///", scheme) };
    let path = path_of(world, token, &uri, name).await;
    (uri, path)
}

/// If this failed, what stands on a page that did not come would pass for what is not there, or an old report for the latest.
#[rstest]
#[case::insights("meeting-insights:///", "/aiInsights")]
#[case::attendance("meeting-attendance:///", "/attendanceReports")]
#[case::transcript("", "/transcripts")]
#[actix_web::test]
async fn a_page_that_does_not_come_is_not_made_up_for(#[case] scheme: &str, #[case] name: &str) {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, scheme, name).await;
    let old = json!({
        "value": [{ "id": "A", "createdDateTime": "2020-11-02T10:00:00Z", "meetingStartDateTime": "2020-11-02T10:00:00Z" }],
        "@odata.nextLink": format!("{}{path}?$skiptoken=x", world.stage.simulator_url()),
    });
    world.fault(json!({ "service": "graph", "path_prefix": path, "body": old, "times": 1 })).await;
    let throttled = json!({ "service": "graph", "path_prefix": path, "status": 429, "headers": { "retry-after": "600" } });
    world.fault(throttled).await;
    let answer = read(&world, &token, &json!(uri)).await;
    assert_eq!(error(&answer).0, "throttled", "{answer}");
}

/// If this failed, the latest of some would pass for the latest of all.
#[rstest]
#[case::insights("meeting-insights:///", "/aiInsights")]
#[case::attendance("meeting-attendance:///", "/attendanceReports")]
#[actix_web::test]
async fn what_is_latest_among_the_first_is_said_to_be_no_more(#[case] scheme: &str, #[case] name: &str) {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, scheme, name).await;
    let one = json!({ "id": "A", "createdDateTime": "2026-01-01T10:00:00Z", "meetingStartDateTime": "2026-01-01T10:00:00Z" });
    world
        .fault(json!({ "service": "graph", "path_prefix": format!("{path}/"), "status": 200, "body": one }))
        .await;
    more_pages_than_are_read(&world, &path).await;
    let answer = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(answer["completeness"]["state"], "partial", "{answer}");
    let reason = answer["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("these are the latest of those that it names first"), "{reason}");
    assert!(answer["nextCursor"].is_string() && answer["items"].as_array().unwrap().len() == 5, "{answer}");

    // Pages that lead back to themselves.
    let looped = json!({ "service": "graph", "path_prefix": path, "status": 200, "body": page_of_old_ones(&world, &path, 1) });
    world.clear_faults().await;
    world
        .fault(json!({ "service": "graph", "path_prefix": format!("{path}/"), "status": 200, "body": one }))
        .await;
    world.fault(looped).await;
    let (mut arguments, mut reasons) = (json!({ "uri": uri }), Vec::new());
    loop {
        let answer = world.answer(&token, "read_resource", arguments.clone()).await;
        reasons
            .push(answer["completeness"]["reason"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned());
        let Some(cursor) = answer["nextCursor"].as_str() else { break };
        arguments["cursor"] = json!(cursor);
    }
    assert_eq!(reasons.len(), 4);
    assert!(reasons[3].contains("the rest can't be reached here"), "{reasons:?}");
}

/// Twenty entries of years ago, and a link to a further page.
fn page_of_old_ones(world: &World, path: &str, page: usize) -> Value {
    let entry = |place: usize| {
        let time = format!("2021-01-{page:0>2}T10:00:{place:0>2}Z");
        json!({ "id": format!("A{page}.{place}"), "createdDateTime": time, "meetingStartDateTime": time })
    };
    let next = format!("{}{path}?$skiptoken={page}", world.stage.simulator_url());
    json!({ "value": (0..20).map(entry).collect::<Vec<_>>(), "@odata.nextLink": next })
}

async fn more_pages_than_are_read(world: &World, path: &str) {
    for page in 1..=10 {
        let body = page_of_old_ones(world, path, page);
        world
            .fault(
                json!({ "service": "graph", "path_prefix": path, "status": 200, "body": body, "times": 1 }),
            )
            .await;
    }
}

/// If this failed, people would be told that nobody switched transcription on where it was not looked at, or get half of what was
/// said for the whole.
#[actix_web::test]
async fn among_transcripts_that_were_not_looked_at_there_may_be_the_right_one() {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, "", "/transcripts").await;
    more_pages_than_are_read(&world, &path).await;
    let answer = world.call(&token, "read_resource", json!({ "uri": uri, "timeZone": "Asia/Tokyo" })).await;
    let (code, text) = error(&answer);
    assert_eq!(code, "not_found");
    assert!(text.contains("none of the first 200 is of") && !text.contains("nobody switched"), "{text}");
    assert!(text.contains("of 2021-01-10T10:00:19Z (2021-01-10T19:00:19+09:00), "), "{text}");

    // Stopped and started again, and a link that leads back.
    world.clear_faults().await;
    let hit = stand_ups(&world, &token).await.into_iter().find(|hit| hit["transcriptUri"] == uri).unwrap();
    let part =
        |id: &str, start: &Value| json!({ "id": id, "createdDateTime": start, "endDateTime": hit["endUtc"] });
    let middle = hit["startUtc"].as_str().unwrap().replace(":00Z", ":30Z");
    let body = json!({
        "value": [part("B", &json!(middle)), part("A", &hit["startUtc"])],
        "@odata.nextLink": format!("{}{path}", world.stage.simulator_url()),
    });
    let said = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Adele>Hello</v>\n";
    let content =
        json!({ "service": "graph", "path_prefix": format!("{path}/"), "status": 200, "body": said });
    world.fault(content).await;
    world
        .fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": body, "times": 1 }))
        .await;
    let answer = world.answer(&token, "read_resource", json!({ "uri": uri, "timeZone": "Asia/Tokyo" })).await;
    assert!(answer["notes"].to_string().contains("parts may be missing"), "{answer}");
    let text = answer["body"]["text"].as_str().unwrap();
    let begun: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## Part ")).collect();
    assert!(begun[0].starts_with(&format!("1, from {} (", hit["startUtc"].as_str().unwrap())), "{text}");
    assert!(begun.len() == 2 && begun.iter().all(|part| part.ends_with("+09:00)")), "{text}");
}
