//! The two switches of a tenant, the forms of a transcript, recordings, attendance and AI insights.

use m365_simulator::graph::{Caller, DownloadRequest, TenantPolicy, Transcripts};
use rstest::rstest;
use serde_json::Value;

use crate::meetings::{ORGANIZER, SERIES, series, text};
use crate::world::{SEED, WORLD, World, encoded, ids};

const UNATTRIBUTED: &str = "application/vnd.microsoft.graph.transcript+text";

/// The path of the first transcript of the series.
fn transcript() -> String {
    let path = series(&WORLD.caller(0, 0));
    let list = WORLD.get(&format!("{path}/transcripts"));
    format!("{path}/transcripts/{}", encoded(ids(list.entries())[0]))
}

/// Status, inner code, type and words.
fn content(world: &World, target: &str, accept: Option<&'static str>) -> (u16, String, String, String) {
    let response = world.ask(&world.caller(0, 0), target, |request| request.accept = accept);
    let words = String::from_utf8(response.body.to_vec()).unwrap();
    let body: Value = serde_json::from_str(&words).unwrap_or_default();
    let inner = body["error"]["innerError"]["code"].as_str().unwrap_or("none").to_owned();
    let kind = response.headers.iter().find(|(name, _)| *name == "content-type").unwrap().1.clone();
    (response.status, inner, kind, words)
}

/// Fails when a client gets another form than it asked for, or another call's words.
#[rstest]
#[case("", None, "text/vtt")]
#[case("?$format=text/vtt", None, "text/vtt")]
#[case("", Some("text/vtt"), "text/vtt")]
#[case("", Some(UNATTRIBUTED), UNATTRIBUTED)]
fn the_form_of_a_transcript_is_negotiated(
    #[case] query: &str,
    #[case] accept: Option<&'static str>,
    #[case] wanted: &str,
) {
    let (status, _, kind, words) = content(&WORLD, &format!("{}/content{query}", transcript()), accept);
    assert_eq!((status, kind.as_str()), (200, wanted), "{words}");
    assert_eq!(words.contains("<v Tomás Ferreira>"), wanted == "text/vtt");
    assert!(words.starts_with("WEBVTT") && words.contains("This is Weekly planning."));
}

/// Fails when a form that is not made any more is given, or the cues lose what is known about them.
#[test]
fn cues_have_metadata_and_no_document() {
    let path = transcript();
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(content(&WORLD, &format!("{path}/content"), Some(docx)).0, 406);
    let (status, _, _, words) = content(&WORLD, &format!("{path}/metadataContent"), None);
    assert_eq!(status, 200);
    let cue: Value = serde_json::from_str(words.lines().nth(3).unwrap()).unwrap();
    assert_eq!(text(&cue, "/speakerName"), "Tomás Ferreira");
    assert!(text(&cue, "/startDateTime").ends_with('Z') && cue["spokenText"].is_string());
}

/// Fails when a switch of the tenant lets out what it should not, says something else, or reaches another tenant.
#[test]
fn the_switches_of_a_tenant_are_kept() {
    let world = World::generate(SEED);
    let (path, tenant) = (transcript(), world.tenant(0).id);
    let switch = |transcripts| {
        let policy = world.graph.policy(tenant);
        world.graph.set_policy(tenant, TenantPolicy { transcripts, ..policy });
    };
    let list = path.rsplit_once('/').unwrap().0;
    let attributed = format!("{path}/content");
    let inner = |target: &str, accept| content(&world, target, accept).1;
    assert_eq!(content(&world, &attributed, None).0, 200);
    switch(Transcripts::Unattributed);
    assert_eq!(inner(&attributed, None), "SpeakerAttributionNotAllowed", "even though it was just read");
    assert_eq!(inner(&format!("{path}/metadataContent"), None), "SpeakerAttributionNotAllowed");
    assert_eq!(content(&world, &attributed, Some(UNATTRIBUTED)).0, 200);
    assert_eq!(content(&world, list, None).0, 200);
    switch(Transcripts::Disabled);
    for target in [&attributed, &path, &list.to_owned(), &format!("{path}/metadataContent")] {
        let (status, inner, _, words) = content(&world, target, Some(UNATTRIBUTED));
        assert_eq!((status, inner.as_str()), (403, "GraphAccessToTranscriptsDisabled"), "{target}");
        assert!(words.contains("\"code\":\"Forbidden\""));
    }
    assert_eq!(world.graph.policy(world.tenant(1).id), TenantPolicy::default());
    switch(Transcripts::Allowed);
    assert_eq!(content(&world, &attributed, None).0, 200);
}

/// Fails when a recording is not given out by the host of files, or by an address that outlives its request's cache.
#[test]
fn a_recording_lies_elsewhere() {
    let caller = WORLD.caller(0, 0);
    let path = series(&caller);
    let list = WORLD.get(&format!("{path}/recordings"));
    let recording = &list.entries()[0];
    let transcripts = WORLD.every_page(&caller, &format!("{path}/transcripts"));
    assert!(transcripts.iter().any(|transcript| transcript["callId"] == recording["callId"]));
    let single = WORLD.get(&format!("{path}/recordings/{}", text(recording, "/id")));
    assert_eq!(single.body["recordingContentUrl"], recording["recordingContentUrl"]);
    let content = text(recording, "/recordingContentUrl").strip_prefix(crate::world::BASE_URL).unwrap();
    let redirect = WORLD.raw(&caller, content, &[]);
    assert_eq!((redirect.status, redirect.body.len()), (302, 0));
    let location = &redirect.headers.iter().find(|(name, _)| *name == "location").unwrap().1;
    let query = location.split_once('?').unwrap().1;
    let video = WORLD.graph.download(DownloadRequest { query, authorization: None, range: None });
    assert!(video.status == 200 && video.body[4..8] == *b"ftyp");
    let leaked = DownloadRequest { query, authorization: Some("Bearer x"), range: None };
    assert_eq!(WORLD.graph.download(leaked).status, 401);
}

/// Fails when a report doesn't add up, or an attendee reads it.
#[test]
fn attendance_is_for_the_organizer() {
    let organizer = WORLD.caller(0, ORGANIZER);
    let path = series(&organizer);
    let reports = WORLD.get_as(&organizer, &format!("{path}/attendanceReports"));
    assert!(reports.entries().len() >= 5);
    let mut outsiders = 0;
    for report in reports.entries() {
        let base = format!("{path}/attendanceReports/{}", text(report, "/id"));
        let records = WORLD.get_as(&organizer, &format!("{base}/attendanceRecords"));
        assert_eq!(report["totalParticipantCount"], records.entries().len());
        let expanded = WORLD.get_as(&organizer, &format!("{base}?$expand=attendanceRecords")).body;
        assert_eq!(expanded["attendanceRecords"].as_array().unwrap(), records.entries());
        assert_eq!(text(&records.entries()[0], "/role"), "Organizer");
        for record in records.entries() {
            let seconds = |interval: &Value| interval["durationInSeconds"].as_i64().unwrap();
            let sum: i64 = record["attendanceIntervals"].as_array().unwrap().iter().map(seconds).sum();
            assert_eq!(record["totalAttendanceInSeconds"], sum);
        }
        outsiders += records.entries().iter().filter(|record| record["emailAddress"].is_null()).count();
    }
    assert!(outsiders > 0, "somebody without an account comes now and then");
    let refused = WORLD.get(&format!("{path}/attendanceReports"));
    assert_eq!((refused.status, refused.error_code()), (403, "Forbidden"));
}

fn insights(user: usize) -> String {
    let caller = WORLD.caller(0, 0);
    let id = series(&caller).rsplit('/').next().unwrap().to_owned();
    format!("/copilot/users/{}/onlineMeetings/{id}/aiInsights", WORLD.user(0, user).id)
}

/// Fails when insights are given without a licence, to somebody else, or without their contents.
#[test]
fn insights_need_a_licence() {
    let world = World::generate(SEED);
    let get = |caller: &Caller, target: &str| world.get_as(caller, target);
    let caller = world.caller(0, 0);
    let list = get(&caller, &insights(0));
    assert_eq!(list.status, 200, "{:?}", list.body);
    assert!(
        list.entries()
            .iter()
            .all(|insight| insight["meetingNotes"].is_null() && insight["callId"].is_string())
    );
    let one = get(&caller, &format!("{}/{}", insights(0), encoded(ids(list.entries())[0]))).body;
    assert_eq!(text(&one, "/meetingNotes/0/title"), SERIES);
    assert!(text(&one, "/actionItems/0/ownerDisplayName").contains(' '));
    assert!(one["viewpoint"]["mentionEvents"].is_array());
    let notes = get(&caller, &format!("{}?$select=meetingNotes", insights(0)));
    assert!(notes.entries()[0]["meetingNotes"].is_array() && notes.entries()[0]["actionItems"].is_null());
    let same = get(&caller, &format!("{}/aiInsights", series(&caller)));
    assert_eq!(ids(same.entries()), ids(list.entries()));
    assert_eq!(get(&caller, &insights(2)).error_code(), "Forbidden");
    let (tenant, user) = (caller.tenant, caller.user);
    world.graph.set_licensed(tenant, user, false);
    assert_eq!(get(&caller, &insights(0)).error_code(), "Forbidden", "one person's licence");
    world.graph.set_licensed(tenant, user, true);
    assert_eq!(get(&caller, &insights(0)).status, 200);
    let unlicensed = TenantPolicy { copilot_licensed: false, ..TenantPolicy::default() };
    world.graph.set_policy(world.tenant(0).id, unlicensed);
    let refused = get(&caller, &insights(0));
    assert_eq!((refused.status, refused.error_code()), (403, "Forbidden"));
    let other_door = insights(0).replace("/aiInsights", "/transcripts");
    assert_eq!(get(&caller, &other_door).error_code(), "BadRequest");
}
