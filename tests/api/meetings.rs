//! Online meetings, and what they leave behind.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use m365_connector::{ContentPolicy, LinkTreatment};
use m365_simulator::graph::{TenantPolicy, Transcripts};
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{refusing, showing};
use crate::calls::without_limits;
use crate::world::World;

const STAND_UPS: &str = "stand-up";

/// What `meetings_find` finds in the last weeks.
pub(crate) async fn found(world: &World, token: &str, arguments: Value) -> Value {
    let answer = world.call(token, "meetings_find", arguments).await;
    assert_ne!(answer["isError"], true, "{answer}");
    answer["structuredContent"].clone()
}

pub(crate) async fn stand_ups(world: &World, token: &str) -> Vec<Value> {
    let arguments =
        json!({ "subject": STAND_UPS, "afterDateTime": "16 days ago", "beforeDateTime": "now", "limit": 10 });
    found(world, token, arguments).await["items"].as_array().unwrap().clone()
}

pub(crate) async fn read(world: &World, token: &str, uri: &Value) -> Value {
    world.call(token, "read_resource", json!({ "uri": uri })).await
}

pub(crate) fn error(answer: &Value) -> (&str, &str) {
    let code = answer["_meta"]["m365-connector/error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no error: {answer}"));
    (code, answer["content"][0]["text"].as_str().unwrap())
}

/// Switches what the first tenant's administrator allows.
fn allow(world: &World, policy: TenantPolicy) {
    let tenant = world.stage.simulator.directory().tenants[0].id;
    world.stage.simulator.set_policy(tenant, policy);
}

/// The uri of a transcript that there is, with its meeting's.
pub(crate) async fn a_transcript(world: &World, token: &str) -> (String, String) {
    for hit in stand_ups(world, token).await {
        let answer = read(world, token, &hit["transcriptUri"]).await;
        if answer["isError"] == false {
            let uri = hit["transcriptUri"].as_str().unwrap();
            return (uri.to_owned(), answer["structuredContent"]["meetingUri"].as_str().unwrap().to_owned());
        }
    }
    panic!("no stand-up of three weeks was transcribed");
}

/// If this failed, people would read what was said on another day as what was said on the day that they asked for.
#[actix_web::test]
async fn each_occurrence_has_its_own_transcript() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let hits = stand_ups(&world, &token).await;
    assert!(hits.len() > 7, "{hits:?}");
    let meetings: BTreeSet<&str> = hits.iter().map(|hit| hit["uri"].as_str().unwrap()).collect();
    assert_eq!(meetings.len(), 1, "all times of a series are one meeting");
    let mut transcribed = 0;
    for hit in &hits {
        let answer = read(&world, &token, &hit["transcriptUri"]).await;
        if answer["isError"] == true {
            let (code, text) = error(&answer);
            assert_eq!(code, "not_found");
            assert!(text.contains("no transcript of this time"), "{text}");
            continue;
        }
        let transcript = &answer["structuredContent"];
        let started = transcript["startedUtc"].as_str().unwrap();
        assert!(
            hit["startUtc"].as_str().unwrap() <= started && started < hit["endUtc"].as_str().unwrap(),
            "{answer}"
        );
        let text = transcript["body"]["text"].as_str().unwrap();
        assert!(text.contains(": ") && text.lines().nth(1).unwrap().starts_with("[00:00:"), "{text}");
        assert_eq!(transcript["hasSpeakers"], true);
        transcribed += 1;
    }
    assert!(transcribed > 3, "{transcribed}");
}

/// If this failed, an explicit time, a list of transcripts, or a range within one would lead somewhere else.
#[actix_web::test]
async fn a_transcript_is_read_by_each_of_its_uris() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (by_event, meeting) = a_transcript(&world, &token).await;
    let whole = read(&world, &token, &json!(by_event)).await["structuredContent"].clone();
    let listed = meeting.replace("meeting:///", "meeting-transcript:///");
    let list = read(&world, &token, &json!(listed)).await["structuredContent"].clone();
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
    let it = items.iter().find(|item| item["startedUtc"] == whole["startedUtc"]).unwrap();
    let one = read(&world, &token, &it["uri"]).await["structuredContent"].clone();
    let words = |transcript: &Value| {
        let text = transcript["body"]["text"].as_str().unwrap();
        text.lines().filter(|line| line.starts_with('[')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words(&one), words(&whole));

    let (start, end) = (whole["startedUtc"].as_str().unwrap(), whole["endedUtc"].as_str().unwrap());
    let other_event = stand_ups(&world, &token).await[0]["transcriptUri"].as_str().unwrap().to_owned();
    let by_time = json!(format!("{other_event}?start={start}&end={end}"));
    assert_eq!(words(&read(&world, &token, &by_time).await["structuredContent"]), words(&whole));

    let range = json!({ "uri": it["uri"], "range": "00:00:30-00:02:00" });
    let part = world.call(&token, "read_resource", range).await["structuredContent"].clone();
    let all = words(&whole);
    assert!(words(&part).len() < all.len(), "{part}");
    let bad = world.call(&token, "read_resource", json!({ "uri": it["uri"], "range": "noon" })).await;
    assert_eq!(error(&bad).0, "invalid_arguments");
}

/// If this failed, a tenant that wants no speakers named would get nothing, or speakers.
#[actix_web::test]
async fn where_speakers_are_forbidden_the_words_are_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, _) = a_transcript(&world, &token).await;
    allow(&world, TenantPolicy { transcripts: Transcripts::Unattributed, ..TenantPolicy::default() });
    let answer = read(&world, &token, &json!(uri)).await["structuredContent"].clone();
    assert_eq!(answer["hasSpeakers"], false, "{answer}");
    assert!(answer["notes"][0].as_str().unwrap().contains("who speaks"), "{answer}");
    assert!(answer["body"]["text"].as_str().unwrap().contains("] "), "{answer}");
}

/// If this failed, people would look for a mistake of their own where the administrator has decided.
#[actix_web::test]
async fn what_the_tenant_does_not_allow_is_said_plainly() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (uri, meeting) = a_transcript(&world, &token).await;
    allow(&world, TenantPolicy { transcripts: Transcripts::Disabled, copilot_licensed: false });
    let list = meeting.replace("meeting:///", "meeting-transcript:///");
    for uri in [uri, list] {
        let answer = read(&world, &token, &json!(uri)).await;
        let (code, text) = error(&answer);
        assert_eq!(code, "not_installed");
        assert!(text.contains("switched off access to transcripts"), "{text}");
    }
    let answer = read(&world, &token, &json!(meeting.replace("meeting:///", "meeting-insights:///"))).await;
    let (code, text) = error(&answer);
    assert_eq!(code, "not_licensed");
    assert!(text.contains("Copilot licence"), "{text}");
}

/// If this failed, notes, recordings and reports of a meeting would not be read.
#[actix_web::test]
async fn what_a_meeting_leaves_behind_is_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (_, uri) = a_transcript(&world, &token).await;
    let meeting = read(&world, &token, &json!(uri)).await["structuredContent"].clone();
    assert!(meeting["subject"].as_str().unwrap().contains("stand-up"), "{meeting}");
    assert!(meeting["attendees"].as_array().is_some_and(|attendees| !attendees.is_empty()), "{meeting}");

    let insights = read(&world, &token, &meeting["insightsUri"]).await["structuredContent"].clone();
    let items = insights["items"].as_array().unwrap_or_else(|| panic!("{insights}"));
    assert_eq!(items.len(), 5, "{insights}");
    let times: Vec<&str> = items.iter().map(|item| item["startedUtc"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
    assert!(items[0]["text"].as_str().unwrap().contains("## Action items"), "{insights}");
    assert_eq!(insights["completeness"]["state"], "partial");
    let more = json!({ "uri": meeting["insightsUri"], "cursor": insights["nextCursor"] });
    let more = world.call(&token, "read_resource", more).await["structuredContent"].clone();
    assert!(more["items"][0]["startedUtc"].as_str().unwrap() < times[4], "{more}");

    let recordings = read(&world, &token, &meeting["recordingsUri"]).await;
    let list = &recordings["structuredContent"];
    assert!(list["items"][0]["startedUtc"].is_string(), "{list}");
    assert!(list["notes"][0].as_str().unwrap().contains("no link to one that a browser opens"), "{list}");
    assert!(
        !recordings.to_string().contains("/content"),
        "what opens with a token alone is no link for people"
    );
}

/// If this failed, an organizer would not learn who was there, or everybody would.
#[actix_web::test]
async fn attendance_is_for_the_organizer() {
    let world = World::start().await;
    let organizer = world.token(&world.person(0, 0)).await;
    let invited = world.token(&world.person(0, 1)).await;
    let (_, meeting) = a_transcript(&world, &organizer).await;
    let uri = json!(meeting.replace("meeting:///", "meeting-attendance:///"));
    let reports = read(&world, &organizer, &uri).await["structuredContent"].clone();
    let people = reports["items"][0]["people"].as_array().unwrap_or_else(|| panic!("{reports}"));
    assert!(people.iter().any(|person| person["role"] == "Organizer"), "{reports}");
    assert!(people[0]["seconds"].as_u64().is_some_and(|seconds| seconds > 0), "{reports}");
    let refused = read(&world, &invited, &uri).await;
    let (code, text) = error(&refused);
    assert_eq!(code, "no_access");
    assert!(text.contains("organizer"), "{text}");
}

/// If this failed, a meeting would be found by one of its three ways and not by the others.
#[actix_web::test]
async fn a_meeting_is_found_by_link_and_by_event() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let hit = stand_ups(&world, &token).await[0].clone();
    let by_event = found(&world, &token, json!({ "eventUri": hit["eventUri"] })).await;
    assert_eq!(by_event["items"][0]["uri"], hit["uri"], "{by_event}");
    let meeting = read(&world, &token, &hit["uri"]).await["structuredContent"].clone();
    let by_link = found(&world, &token, json!({ "joinUrl": meeting["webUrl"] })).await;
    assert_eq!(by_link["items"][0]["uri"], hit["uri"], "{by_link}");
    let nothing = found(&world, &token, json!({ "joinUrl": "https://teams.example/l/meetup-join/0" })).await;
    assert_eq!(nothing["completeness"]["returned"], 0);
    assert!(nothing["notes"][0].as_str().unwrap().contains("letter for letter"), "{nothing}");
}

/// If this failed, the link that an event gives would find nothing, and the advice to take it letter for letter lead round in a
/// circle.
#[rstest]
#[case::defanged(LinkTreatment::Defang, "hxxps://", true)]
#[case::kept(LinkTreatment::Keep, "https://", true)]
#[case::removed(LinkTreatment::Strip, "[link removed]", false)]
#[actix_web::test]
async fn a_meeting_is_found_by_the_link_that_its_event_gives(
    #[case] links: LinkTreatment,
    #[case] begins: &str,
    #[case] is_found: bool,
) {
    let world = World::start_with(showing(ContentPolicy { links, ..ContentPolicy::default() })).await;
    let token = world.token(&world.person(0, 0)).await;
    let hit = stand_ups(&world, &token).await[0].clone();
    let event = read(&world, &token, &hit["eventUri"]).await["structuredContent"].clone();
    let link = &event["joinUrl"];
    assert!(link.as_str().is_some_and(|link| link.starts_with(begins)), "{event}");
    let by_link = found(&world, &token, json!({ "joinUrl": link })).await;
    assert_eq!(by_link["items"][0]["uri"] == hit["uri"], is_found, "{by_link}");
    let note = by_link["notes"][0].as_str().unwrap_or_default();
    assert_eq!(note.contains("where links are removed"), !is_found, "{by_link}");
    let by_event = found(&world, &token, json!({ "eventUri": event["uri"] })).await;
    assert_eq!(by_event["items"][0]["uri"], hit["uri"], "{by_event}");
}

/// If this failed, pages of meetings would lose some, or show some twice.
#[actix_web::test]
async fn pages_of_meetings_follow_each_other() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let whole = json!({ "subject": STAND_UPS, "afterDateTime": "24 days ago", "beforeDateTime": "today", "limit": 20 });
    let mut arguments = json!({ "subject": STAND_UPS, "afterDateTime": "24 days ago", "beforeDateTime": "today", "limit": 3 });
    let whole = found(&world, &token, whole).await;
    let mut seen = Vec::new();
    loop {
        let page = found(&world, &token, arguments.clone()).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|hit| hit["eventUri"].clone()));
        match page["nextCursor"].as_str() {
            Some(cursor) => arguments["cursor"] = json!(cursor),
            None => break,
        }
    }
    let all: Vec<Value> =
        whole["items"].as_array().unwrap().iter().map(|hit| hit["eventUri"].clone()).collect();
    assert!(all.len() > 6);
    assert_eq!(seen, all);
}

/// If this failed, one meeting that the user may not read, or that Microsoft 365 does not give just now, would cost all the
/// others, or be missing without a word.
#[rstest]
#[case::forbidden(refusing(403, "Forbidden"), "organizer and invited alone can")]
#[case::failing(refusing(501, "notImplemented"), "try again later")]
#[actix_web::test]
async fn a_meeting_that_cannot_be_read_does_not_cost_the_others(#[case] mut fault: Value, #[case] why: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let window = json!({ "afterDateTime": "16 days ago", "beforeDateTime": "now", "limit": 20 });
    let whole = found(&world, &token, window.clone()).await;

    fault["route"] = json!("/me/onlineMeetings");
    fault["times"] = json!(1);
    world.fault(fault).await;
    let partial = found(&world, &token, window).await;
    let hits = |answer: &Value| answer["items"].as_array().unwrap().clone();
    assert_eq!(hits(&partial).len(), hits(&whole).len(), "{partial}");
    let (mut read, mut unread) = (Vec::new(), Vec::new());
    for (before, now) in hits(&whole).into_iter().zip(hits(&partial)) {
        let starts = if before["uri"] == now["uri"] { &mut read } else { &mut unread };
        starts.push(now["startUtc"].as_str().unwrap().to_owned());
    }
    assert!(!read.is_empty() && !unread.is_empty(), "{partial}");
    assert_eq!(partial["completeness"]["state"], "partial");
    let reason = partial["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains(why), "{reason}");
    assert!(unread.iter().all(|start| reason.contains(start)), "{unread:?}: {reason}");
    read.retain(|start| !unread.contains(start));
    assert!(!read.iter().any(|start| reason.contains(start)), "{read:?}: {reason}");
}

/// If this failed, a list would end in an error, or without a word, at the first page whose meetings the user may not read: what
/// follows could not be reached.
#[actix_web::test]
async fn a_later_page_of_meetings_that_cannot_be_read_leads_on() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut arguments = json!({ "subject": STAND_UPS, "afterDateTime": "24 days ago", "beforeDateTime": "today", "limit": 3 });
    let first = found(&world, &token, arguments.clone()).await;
    arguments["cursor"] = first["nextCursor"].clone();
    let mut fault = refusing(403, "Forbidden");
    fault["route"] = json!("/me/onlineMeetings");
    world.fault(fault).await;
    let second = found(&world, &token, arguments.clone()).await;
    let hits = second["items"].as_array().unwrap();
    assert!(hits.len() == 3 && hits.iter().all(|hit| hit.get("uri").is_none()), "{second}");
    assert_eq!(second["completeness"]["state"], "partial");
    let reason = second["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("organizer and invited alone can"), "{reason}");
    assert!(hits.iter().all(|hit| reason.contains(hit["startUtc"].as_str().unwrap())), "{reason}");

    world.clear_faults().await;
    arguments["cursor"] = second["nextCursor"].clone();
    let third = found(&world, &token, arguments).await;
    assert!(third["items"][0]["uri"].is_string(), "{third}");
    assert!(third["items"][0]["startUtc"].as_str() > hits[2]["startUtc"].as_str(), "{third}");
}

/// If this failed, a search of which no meeting came would look as if there were none that could be read.
#[actix_web::test]
async fn where_no_meeting_comes_the_fault_is_told() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.fault(json!({ "service": "graph", "route": "/me/onlineMeetings", "status": 501 })).await;
    let window = json!({ "afterDateTime": "16 days ago", "beforeDateTime": "now" });
    assert_eq!(world.error_code(&token, "meetings_find", window).await, "unavailable");
}

/// If this failed, a model could not tell which argument to mend.
#[rstest]
#[case::nothing(json!({}), "one of them is needed")]
#[case::two_ways(json!({ "joinUrl": "https://a.example", "subject": "x" }), "one of them is needed")]
#[case::no_event(json!({ "eventUri": "mail:///messages/A" }), "eventUri: ")]
#[case::backwards(json!({ "afterDateTime": "2026-11-02", "beforeDateTime": "2026-11-01" }), "is not before")]
#[case::too_wide(json!({ "afterDateTime": "2010-01-01", "beforeDateTime": "2026-01-01" }), "five years")]
#[actix_web::test]
async fn arguments_that_find_nothing_are_explained(#[case] arguments: Value, #[case] why: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = world.call(&token, "meetings_find", arguments).await;
    let (code, text) = error(&answer);
    assert_eq!(code, "invalid_arguments");
    assert!(text.contains(why), "{text}");
}

/// If this failed, what Graph refuses would be blamed on the wrong one.
#[rstest]
#[case::unknown("meeting:///MSox", 404, "not_found")]
#[case::malformed("meeting:///x", 400, "not_found")]
#[case::forbidden("meeting:///MSox", 403, "no_access")]
#[case::throttled("meeting-recordings:///MSox", 429, "throttled")]
#[actix_web::test]
async fn refusals_of_the_meeting_service_are_told_apart(
    #[case] uri: &str,
    #[case] status: u16,
    #[case] expected: &str,
) {
    let world =
        World::start_with(|settings| settings.calls.deadline = std::time::Duration::from_secs(2)).await;
    let token = world.token(&world.person(0, 0)).await;
    let code = if status == 400 { "InvalidArgument" } else { "Refused" };
    let fault = json!({
        "service": "graph", "path_prefix": "/me/onlineMeetings", "status": status,
        "body": { "error": { "code": code } }, "headers": { "Retry-After": "30" },
    });
    world.fault(fault).await;
    let answer = read(&world, &token, &json!(uri)).await;
    assert_eq!(error(&answer).0, expected, "{answer}");
}

/// If this failed, a list would be given up because its later pages don't come, or pass for complete.
#[actix_web::test]
async fn half_a_list_is_given_as_half_a_list() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (_, meeting) = a_transcript(&world, &token).await;
    let list = meeting.replace("meeting:///", "meeting-transcript:///");
    let request = world
        .requests()
        .await
        .into_iter()
        .rfind(|request| request["path"].as_str().is_some_and(|path| path.ends_with("/transcripts")));
    let path = request.unwrap()["path"].as_str().unwrap().to_owned();
    let first = json!({
        "value": [{ "id": "A", "createdDateTime": "2026-11-02T10:00:00Z" }],
        "@odata.nextLink": format!("{}{path}?$skiptoken=x", world.stage.simulator_url()),
    });
    world.fault(json!({ "service": "graph", "path_prefix": path, "body": first, "times": 1 })).await;
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 503 })).await;
    let half = read(&world, &token, &json!(list)).await["structuredContent"].clone();
    assert_eq!(half["completeness"]["state"], "partial", "{half}");
    assert_eq!(half["items"].as_array().map(Vec::len), Some(1), "{half}");
    assert!(half["nextCursor"].is_string(), "{half}");
}

/// If this failed, people would have to work out by themselves when somebody came, or was spoken of.
#[actix_web::test]
async fn every_time_of_a_meeting_is_told_in_the_asked_zone_too() {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (_, meeting) = a_transcript(&world, &token).await;
    let of =
        |scheme: &str| json!({ "uri": meeting.replace("meeting:///", scheme), "timeZone": "Asia/Tokyo" });
    let reports = world.answer(&token, "read_resource", of("meeting-attendance:///")).await;
    let stay = &reports["items"][0]["people"][0]["stays"][0];
    for (utc, here) in [("fromUtc", "from"), ("toUtc", "to")] {
        let at = |member: &str| stay[member].as_str().unwrap().parse::<Timestamp>().unwrap().as_second();
        assert_eq!(at(utc), at(here), "{stay}");
        assert!(stay[here].as_str().unwrap().ends_with("+09:00"), "{stay}");
    }
    let (notes, _) = world.all_items(&token, "read_resource", of("meeting-insights:///")).await;
    let texts = notes.iter().filter_map(|notes| notes["text"].as_str()).collect::<Vec<_>>().join("\n");
    let mentions: Vec<&str> = texts.lines().filter(|line| line.starts_with("- 20")).collect();
    assert!(
        !mentions.is_empty()
            && mentions.iter().all(|line| line.contains("Z (20") && line.contains("+09:00), ")),
        "{mentions:?}"
    );
}

/// If this failed, an online day would begin the evening before in the west.
#[actix_web::test]
async fn a_whole_day_online_stays_its_day() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({
        "subject": "strategy days", "afterDateTime": "today", "beforeDateTime": "in 370 days", "timeZone": "America/Los_Angeles",
    });
    let hit = found(&world, &token, arguments.clone()).await["items"][0].clone();
    let day = |member: &str| hit[member].as_str().unwrap_or_else(|| panic!("{hit}")).parse::<Date>().unwrap();
    assert_eq!(
        (day("firstDay").weekday(), day("lastDay").weekday()),
        (Weekday::Monday, Weekday::Tuesday),
        "{hit}"
    );
    assert!(hit.get("startUtc").is_none() && hit.get("start").is_none(), "{hit}");
    let by_event = json!({ "eventUri": hit["eventUri"], "timeZone": "America/Los_Angeles" });
    assert_eq!(found(&world, &token, by_event).await["items"][0]["firstDay"], hit["firstDay"]);
}
