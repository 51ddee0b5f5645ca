//! What a meeting has on pages behind the first one: insights, attendance and transcripts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::meetings::{a_transcript, error, read, stand_ups};
use crate::own_zone::without_and_with_a_zone;
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

/// What Graph lists as the parts of the stand-up's transcript, and of each what it answers.
async fn parts(world: &World, path: &str, hit: &Value, parts: &[(&str, Value)]) {
    let begun: Timestamp = hit["startUtc"].as_str().unwrap().parse().unwrap();
    let made = parts.iter().enumerate().map(|(place, (id, _))| {
        let at = begun + SignedDuration::from_secs(20 * i64::try_from(place).unwrap());
        let end = at + SignedDuration::from_secs(15);
        json!({ "id": id, "createdDateTime": at.to_string(), "endDateTime": end.to_string() })
    });
    let list = json!({ "value": made.collect::<Vec<_>>() });
    for (id, answer) in parts {
        let mut answer = answer.clone();
        answer["service"] = json!("graph");
        answer["path_prefix"] = json!(format!("{path}/{id}/content"));
        world.fault(answer).await;
    }
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": list })).await;
}

/// What two people say by turns in a part: so many lines with this word.
fn said(word: &str, lines: usize) -> Value {
    let line = |number: usize| {
        let (minute, speaker) = (number % 60, if number.is_multiple_of(2) { "Adele" } else { "Maja" });
        let words = format!("{word} {number} and whatever else is said of them in a line of a meeting");
        format!("00:{minute:0>2}:00.000 --> 00:{minute:0>2}:30.000\n<v {speaker}>{words}</v>\n")
    };
    let vtt = (0..lines).map(line).collect::<Vec<_>>().join("\n");
    json!({ "status": 200, "body": format!("WEBVTT\n\n{vtt}") })
}

/// If this failed, a long meeting whose transcription was started again would be lost with one part of it, or half of it pass for
/// the whole.
#[rstest]
#[case::throttled(2, json!({ "status": 429, "headers": { "retry-after": "600" } }), "did not give it")]
#[case::unavailable(2, json!({ "status": 503, "headers": { "retry-after": "600" } }), "did not give it")]
#[case::failing(1, json!({ "status": 501 }), "did not give it")]
#[case::failing_at_first(0, json!({ "status": 501 }), "did not give it")]
#[case::slow(1, json!({ "delay_ms": 30_000 }), "did not give it")]
#[case::slow_at_first(0, json!({ "delay_ms": 30_000 }), "did not give it")]
#[case::gone(1, json!({ "status": 404 }), "does not find it")]
#[actix_web::test]
async fn a_part_that_does_not_come_does_not_cost_the_others(
    #[case] missing: usize,
    #[case] fault: Value,
    #[case] why: &str,
) {
    let world = World::start_with(|settings| {
        without_limits(settings);
        settings.calls.deadline = Duration::from_secs(4);
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, "", "/transcripts").await;
    let hit = stand_ups(&world, &token).await.into_iter().find(|hit| hit["transcriptUri"] == uri).unwrap();
    let mut three = [("A", said("apples", 1)), ("B", said("bread", 1)), ("C", said("cheese", 1))];
    three[missing].1 = fault;
    parts(&world, &path, &hit, &three).await;
    let answer = world.answer(&token, "read_resource", json!({ "uri": uri, "timeZone": "UTC" })).await;
    let text = answer["body"]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
    for (place, word) in ["apples", "bread", "cheese"].into_iter().enumerate() {
        assert_eq!(text.contains(word), place != missing, "{text}");
        assert_eq!(text.contains(&format!("## Part {}, from ", place + 1)), place != missing, "{text}");
    }
    let notes: Vec<&str> = answer["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    let of_its_own = format!(
        "{}/{}",
        answer["meetingUri"].as_str().unwrap().replace("meeting:", "meeting-transcript:"),
        three[missing].0
    );
    assert!(notes[0].starts_with(&format!("Part {}, from ", missing + 1)), "{notes:?}");
    assert!(notes[0].contains(why), "{notes:?}");
    // There is no use in reading what is gone.
    assert_eq!(notes[0].contains(&of_its_own), !why.contains("find"), "{of_its_own}: {notes:?}");
}

/// If this failed, a transcript of which no part comes would look like one in which nothing was said, or its event like one that is
/// not there.
#[rstest]
#[case::throttled(429, 429, "throttled")]
#[case::one_gone_and_one_throttled(404, 429, "throttled")]
#[case::gone(404, 404, "not_found")]
#[actix_web::test]
async fn where_no_part_comes_the_fault_is_told(
    #[case] of_one: u16,
    #[case] of_the_other: u16,
    #[case] code: &str,
) {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, "", "/transcripts").await;
    let hit = stand_ups(&world, &token).await.into_iter().find(|hit| hit["transcriptUri"] == uri).unwrap();
    let fault = |status: u16| json!({ "status": status, "headers": { "retry-after": "600" } });
    parts(&world, &path, &hit, &[("A", fault(of_one)), ("B", fault(of_the_other))]).await;
    let answer = read(&world, &token, &json!(uri)).await;
    assert_eq!(error(&answer).0, code, "{answer}");
    assert!(!error(&answer).1.contains("outlook_calendar_search"), "{answer}");
}

/// If this failed, the second page of a transcript would begin somewhere else than the first one ends, because a part has come that
/// was missing, or one is missing that had come.
#[actix_web::test]
async fn a_transcript_goes_on_without_what_it_was_begun_without() {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, path) = listed(&world, &token, "", "/transcripts").await;
    let hit = stand_ups(&world, &token).await.into_iter().find(|hit| hit["transcriptUri"] == uri).unwrap();
    let failing = json!({ "status": 501 });
    let (a, b, c) = (said("apples", 200), said("bread", 200), said("cheese", 200));
    parts(&world, &path, &hit, &[("A", a.clone()), ("B", failing.clone()), ("C", c.clone())]).await;
    let mut arguments = json!({ "uri": uri });
    let first = world.answer(&token, "read_resource", arguments.clone()).await;
    arguments["cursor"] = first["nextCursor"].clone();

    world.clear_faults().await;
    parts(&world, &path, &hit, &[("A", a.clone()), ("B", b.clone()), ("C", failing)]).await;
    assert_eq!(world.error_code(&token, "read_resource", arguments.clone()).await, "unavailable");
    for gone in [
        vec![("A", a.clone()), ("B", b.clone()), ("C", json!({ "status": 404 }))],
        vec![("A", a.clone()), ("B", b.clone())],
    ] {
        world.clear_faults().await;
        parts(&world, &path, &hit, &gone).await;
        assert_eq!(world.error_code(&token, "read_resource", arguments.clone()).await, "expired_cursor");
    }

    world.clear_faults().await;
    parts(&world, &path, &hit, &[("A", a), ("B", b), ("C", c), ("D", said("dates", 200))]).await;
    let second = world.answer(&token, "read_resource", arguments).await;
    assert_eq!(second["notes"], first["notes"]);
    let told = [spoken(&first), spoken(&second)].join("\n");
    for (word, times) in [("apples", 200), ("bread", 0), ("cheese", 200), ("dates", 0)] {
        let numbers = told.lines().filter_map(|line| line.split_once(word)?.1.split_whitespace().next());
        let expected: Vec<String> = (0..times).map(|number| number.to_string()).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{word}");
    }
}

/// The text of an answer without the fence.
fn spoken(answer: &Value) -> String {
    let text = answer["body"]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let (_, inner) = text.split_once('\n').unwrap();
    inner.rsplit_once('\n').unwrap().0.to_owned()
}

/// If this failed, a text whose times are told in the user's zone would go on at another place than where it was left, because the
/// zone has become known.
#[actix_web::test]
async fn a_transcript_goes_on_in_the_zone_that_it_began_in() {
    let world = World::start_with(without_limits).await;
    let (without, with) = without_and_with_a_zone(&world).await;
    let (uri, path) = listed(&world, &without, "", "/transcripts").await;
    let hits = stand_ups(&world, &without).await;
    let hit = hits.iter().find(|hit| hit["transcriptUri"] == uri).unwrap();
    parts(&world, &path, hit, &[("A", said("apples", 300)), ("B", said("bread", 300))]).await;
    goes_on_as_it_began(&world, (&without, &with), &uri, spoken).await;
}

/// The same of the notes that an AI has made.
#[actix_web::test]
async fn notes_go_on_in_the_zone_that_they_began_in() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let (without, with) = without_and_with_a_zone(&world).await;
    let path = format!("/copilot/users/{}/onlineMeetings/MSo/aiInsights", person.id);
    let begun = "2026-11-02T10:00:00Z";
    let mention = |number: usize| {
        let speaker = json!({ "user": { "displayName": "Adele" } });
        json!({ "eventDateTime": begun, "speaker": speaker, "transcriptUtterance": format!("words {number}") })
    };
    let mentions: Vec<Value> = (0..300).map(mention).collect();
    let whole = json!({ "id": "A", "createdDateTime": begun, "viewpoint": { "mentionEvents": mentions } });
    world
        .fault(
            json!({ "service": "graph", "path_prefix": format!("{path}/A"), "status": 200, "body": whole }),
        )
        .await;
    let list = json!({ "value": [{ "id": "A", "createdDateTime": begun }] });
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": list })).await;
    let text =
        |answer: &Value| answer["items"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    goes_on_as_it_began(&world, (&without, &with), "meeting-insights:///MSo", text).await;
}

/// Reads the first page of `uri` without a zone and the others with one: together they are what is read in UTC.
async fn goes_on_as_it_began(
    world: &World,
    (without, with): (&str, &str),
    uri: &str,
    text: impl Fn(&Value) -> String,
) {
    let first = world.answer(without, "read_resource", json!({ "uri": uri })).await;
    assert!(first["nextCursor"].is_string(), "there is a second page: {first}");
    let known = world.answer(with, "outlook_email_search", json!({ "limit": 1 })).await;
    assert_eq!(known["understood"]["timeZone"], "Europe/Berlin");
    let on = json!({ "uri": uri, "cursor": first["nextCursor"] });
    let told = text(&first) + &rest(world, with, on, &text).await;
    let whole = rest(world, with, json!({ "uri": uri, "timeZone": "UTC" }), &text).await;
    assert!(whole.contains('Z') && !whole.contains("+01:00"), "{whole}");
    assert_eq!(told, whole);
}

/// The texts of all pages from here on.
async fn rest(world: &World, token: &str, mut arguments: Value, text: &impl Fn(&Value) -> String) -> String {
    let mut told = String::new();
    for _ in 0..50 {
        let answer = world.answer(token, "read_resource", arguments.clone()).await;
        told.push_str(&text(&answer));
        let Some(cursor) = answer["nextCursor"].as_str() else { return told };
        arguments["cursor"] = json!(cursor);
    }
    panic!("the pages never end");
}
