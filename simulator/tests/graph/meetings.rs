//! Online meetings: how they are found, who may read them, transcripts.

use m365_simulator::graph::Caller;
use rstest::rstest;
use serde_json::Value;

use crate::world::{Answer, WORLD, World, encoded, ids};

/// The weekly planning of the first team. Its organizer is the team's second member.
pub(crate) const SERIES: &str = "Weekly planning";
pub(crate) const ORGANIZER: usize = 1;

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// The join link of a series, as the calendar of `caller` tells it.
pub(crate) fn join_url(caller: &Caller, subject: &str) -> String {
    let filter = encoded(&format!("subject eq '{subject}' and type eq 'seriesMaster'"));
    let events = WORLD.get_as(caller, &format!("/me/events?$filter={filter}&$top=100"));
    text(&events.entries()[0], "/onlineMeeting/joinUrl").to_owned()
}

fn look_up(world: &World, caller: &Caller, property: &str, value: &str) -> Answer {
    world.get_as(
        caller,
        &format!("/me/onlineMeetings?$filter={}", encoded(&format!("{property} eq '{value}'"))),
    )
}

/// The path of the series for whoever asks.
pub(crate) fn series(caller: &Caller) -> String {
    let found = look_up(&WORLD, caller, "JoinWebUrl", &join_url(caller, SERIES));
    format!("/me/onlineMeetings/{}", encoded(ids(found.entries())[0]))
}

/// Fails when a meeting can't be found by any of the three ways, or is not the one of the calendar.
#[test]
fn a_meeting_is_found_by_what_the_calendar_tells() {
    let caller = WORLD.caller(0, 0);
    let url = join_url(&caller, SERIES);
    let found = look_up(&WORLD, &caller, "JoinWebUrl", &url);
    let meeting = &found.entries()[0];
    assert_eq!((found.entries().len(), text(meeting, "/joinWebUrl")), (1, url.as_str()));
    assert_eq!(text(meeting, "/subject"), SERIES);
    assert!(text(meeting, "/id").starts_with("MSo"));
    assert_eq!(text(meeting, "/participants/organizer/upn"), WORLD.user(0, ORGANIZER).upn);
    assert_eq!(meeting["participants"]["attendees"].as_array().unwrap().len(), 5);
    assert!(text(meeting, "/chatInfo/threadId").starts_with("19:meeting_"));
    let by_number = text(meeting, "/joinMeetingIdSettings/joinMeetingId");
    let again = look_up(&WORLD, &caller, "joinMeetingIdSettings/joinMeetingId", by_number);
    assert_eq!(ids(again.entries()), ids(found.entries()));
    let single = WORLD.get(&series(&caller));
    assert_eq!(single.body["joinWebUrl"], meeting["joinWebUrl"]);
    let light = WORLD.get(&format!("{}?$select=subject", series(&caller)));
    assert!(light.body["subject"].is_string() && light.body["participants"].is_null());
    let events = WORLD.get_as(&caller, "/me/events?$top=1000");
    let urls = events.entries().iter().filter_map(|event| event["onlineMeeting"]["joinUrl"].as_str());
    let device = urls
        .map(|url| look_up(&WORLD, &caller, "joinWebUrl", url))
        .find_map(|found| found.entries().first()?["videoTeleconferenceId"].as_str().map(str::to_owned));
    let device = look_up(&WORLD, &caller, "VideoTeleconferenceId", &device.unwrap());
    assert_eq!(device.entries().len(), 1);
}

/// Fails when a list is given without a filter, or a wrong filter is passed over.
#[rstest]
#[case("", 400, "InvalidArgument")]
#[case("?$filter=subject eq 'a'", 400, "InvalidArgument")]
#[case("?$filter=startDateTime ge 2026-01-01T00:00:00Z", 400, "InvalidArgument")]
#[case("?$filter=JoinWebUrl ne 'a'", 400, "InvalidArgument")]
#[case("?$filter=JoinWebUrl eq 'a' or JoinWebUrl eq 'b'", 400, "InvalidArgument")]
#[case("?$filter=JoinWebUrl eq 'https://teams.microsoft.com/l/meetup-join/nothing'", 200, "none")]
#[case("/abc", 400, "InvalidArgument")]
#[case("/MSoxKjAwMA==", 404, "NotFound")]
#[case("/MSoxKjAwMA==/transcripts", 404, "NotFound")]
#[case("/MSoxKjAwMA==/whiteboards", 400, "BadRequest")]
fn what_leads_nowhere_is_said_so(#[case] rest: &str, #[case] status: u16, #[case] code: &str) {
    let answer = WORLD.get(&format!("/me/onlineMeetings{}", rest.replace(' ', "%20")));
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
    assert!(answer.status != 200 || answer.entries().is_empty());
}

/// Fails when a join link that lost its escapes on the way finds the meeting all the same.
#[test]
fn a_join_link_is_compared_letter_by_letter() {
    let caller = WORLD.caller(0, 0);
    let url = join_url(&caller, SERIES);
    let once = WORLD.get(&format!("/me/onlineMeetings?$filter=JoinWebUrl%20eq%20'{}'", encoded(&url)));
    assert_eq!(once.entries().len(), 1);
    let raw = WORLD.get(&format!("/me/onlineMeetings?$filter=JoinWebUrl%20eq%20'{url}'"));
    assert!(raw.entries().is_empty());
}

/// Fails when a scope opens more than its own part, or the sentence doesn't say which one is missing.
#[rstest]
#[case("", "OnlineMeetings.Read")]
#[case("/transcripts", "OnlineMeetingTranscript.Read.All")]
#[case("/recordings", "OnlineMeetingRecording.Read.All")]
#[case("/attendanceReports", "OnlineMeetingArtifact.Read.All")]
#[case("/aiInsights", "OnlineMeetingAiInsight.Read.All")]
fn a_scope_opens_its_part(#[case] rest: &str, #[case] scope: &str) {
    let path = format!("{}{rest}", series(&WORLD.caller(0, ORGANIZER)));
    let alone = WORLD.get_as(&WORLD.caller_with(0, ORGANIZER, &[scope]), &path);
    assert_eq!(alone.status, 200, "{:?}", alone.body);
    let others: Vec<&str> =
        m365_simulator::directory::EVERY_SCOPE.iter().copied().filter(|other| *other != scope).collect();
    let refused = WORLD.get_as(&WORLD.caller_with(0, ORGANIZER, &others), &path);
    assert_eq!((refused.status, refused.error_code()), (403, "Forbidden"));
    assert!(text(&refused.body, "/error/message").contains(&format!("one of '{scope}'")));
}

/// Fails when somebody who is not invited reads a meeting, or an address of another user opens more than its own meetings.
#[test]
fn meetings_open_to_those_who_take_part() {
    let (attendee, organizer, stranger) =
        (WORLD.caller(0, 0), WORLD.caller(0, ORGANIZER), WORLD.caller(0, 7));
    let path = series(&attendee);
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(series(&organizer), path, "it is the same meeting for everybody");
    let status = |caller: &Caller, user: usize| {
        let target = format!("/users/{}/onlineMeetings/{id}", WORLD.user(0, user).id);
        WORLD.get_as(caller, &target).status
    };
    assert_eq!(WORLD.get_as(&stranger, &path).error_code(), "NotFound");
    assert_eq!((status(&attendee, 0), status(&attendee, ORGANIZER), status(&attendee, 2)), (200, 200, 403));
    assert_eq!((status(&stranger, 7), status(&stranger, ORGANIZER)), (404, 403));
    let elsewhere = WORLD.get_as(&WORLD.caller(1, 0), &path);
    assert_eq!((elsewhere.status, elsewhere.error_code()), (404, "NotFound"));
    let twin = WORLD.get_as(&WORLD.caller(1, 1), &format!("{path}/transcripts"));
    assert_eq!(twin.status, 404, "the organizer's object id exists in the other tenant too");
    let guest = WORLD.get_as(&WORLD.caller(1, 12), &path);
    assert_eq!(guest.status, 404);
    let found = WORLD
        .get_as(&attendee, &format!("/users/{}/onlineMeetings?$filter=a%20eq%20'b'", WORLD.user(0, 2).id));
    assert_eq!(found.error_code(), "Forbidden");
}

/// Fails when a series has not one transcript for each time that it took place.
#[test]
fn a_series_has_a_transcript_for_each_time() {
    let caller = WORLD.caller(0, 0);
    let path = series(&caller);
    let transcripts = WORLD.every_page(&caller, &format!("{path}/transcripts?$top=3"));
    assert!((5..=9).contains(&transcripts.len()), "{}", transcripts.len());
    assert_eq!(WORLD.get(&format!("{path}/transcripts")).body["@odata.count"], transcripts.len());
    let view = "startDateTime=2026-09-20T00:00:00Z&endDateTime=2026-11-24T00:00:00Z&$top=1000";
    let events = WORLD.get(&format!("/me/calendarView?{view}"));
    let starts: Vec<jiff::Timestamp> = events
        .entries()
        .iter()
        .filter(|event| text(event, "/subject").starts_with(SERIES))
        .map(|event| format!("{}Z", text(event, "/start/dateTime")).parse().unwrap())
        .collect();
    for transcript in &transcripts {
        assert!(text(transcript, "/id").starts_with("MSMjMCMj"));
        let created: jiff::Timestamp = text(transcript, "/createdDateTime").parse().unwrap();
        let ended: jiff::Timestamp = text(transcript, "/endDateTime").parse().unwrap();
        let near = |start: &&jiff::Timestamp| (0..200).contains(&created.duration_since(**start).as_secs());
        assert_eq!(starts.iter().filter(near).count(), 1, "{created} is no time of the series");
        assert!(ended > created && ended <= "2026-11-23T18:00:00Z".parse().unwrap());
        assert!(text(transcript, "/contentCorrelationId").ends_with("-0"));
        assert_eq!(text(transcript, "/meetingOrganizer/user/id"), WORLD.user(0, ORGANIZER).id.to_string());
        let url = text(transcript, "/transcriptContentUrl").strip_prefix(crate::world::BASE_URL).unwrap();
        assert_eq!(WORLD.raw(&caller, url, &[]).status, 200, "{url}");
    }
    let single = WORLD.get(&format!("{path}/transcripts/{}", encoded(text(&transcripts[0], "/id"))));
    assert_eq!(single.body["createdDateTime"], transcripts[0]["createdDateTime"]);
    assert_eq!(WORLD.get(&format!("{path}/transcripts/MSMjMCMj")).error_code(), "NotFound");
    assert_eq!(WORLD.get(&format!("{path}/transcripts?$filter=a%20eq%20'b'")).error_code(), "BadRequest");
}

/// Fails when organizer and attendee read different words, or no word of a transcript attacks its reader.
#[test]
fn a_transcript_is_the_same_for_everybody() {
    let (attendee, organizer) = (WORLD.caller(0, 0), WORLD.caller(0, ORGANIZER));
    let path = series(&attendee);
    let transcripts = WORLD.every_page(&attendee, &format!("{path}/transcripts"));
    let mut all = String::new();
    for id in ids(&transcripts) {
        let target = format!("{path}/transcripts/{}/content", encoded(id));
        let read = WORLD.raw(&attendee, &target, &[]);
        assert_eq!(read.body, WORLD.raw(&organizer, &target, &[]).body);
        let words = String::from_utf8(read.body.to_vec()).unwrap();
        assert!(
            words.starts_with("WEBVTT\n\n00:00:")
                && words.contains(" --> ")
                && words.contains("<v Tomás Ferreira>")
        );
        assert!(words.contains("This is Weekly planning."), "{words}");
        all.push_str(&words);
    }
    assert!(
        all.contains("collect@exfiltration.example") || all.contains("SYSTEM:") || all.contains("notetaker")
    );
}
