//! How long an answer about meetings may be, and that nothing of it is lost.

use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::sizes::{LONGEST, bytes_of, line, page_of};
use crate::world::World;

/// What a meeting leaves behind, each time that it took place: so many signs, or people with so many signs in all names.
const TIMES: usize = 3;
const SIGNS: usize = 20_000;
/// Of each of the people: as often did they come and go.
const STAYS: usize = 30;

fn notes_of_a_meeting(sign: char) -> Value {
    let point = || json!({ "title": "", "text": bytes_of(sign, SIGNS / 4) });
    let points: Vec<Value> = (0..4 * sign.len_utf8()).map(|_| point()).collect();
    json!({ "meetingNotes": [{ "title": "Notes", "text": "", "subpoints": points }] })
}

fn people_of_a_meeting(sign: char) -> Value {
    let stay = json!({ "joinDateTime": "2026-11-23T10:00:00Z", "leaveDateTime": "2026-11-23T11:00:00Z" });
    let person = |_| {
        json!({
            "emailAddress": format!("{}@contoso.example", line('a', 60)), "identity": { "displayName": line(sign, 250) },
            "totalAttendanceInSeconds": 3_600, "attendanceIntervals": vec![stay.clone(); STAYS],
        })
    };
    json!({ "attendanceRecords": (0..SIGNS / 250).map(person).collect::<Vec<_>>() })
}

/// If this failed, long notes or a large meeting could fill a model's context, or their rest never be read.
#[rstest]
#[case::notes("meeting-insights:///MSo", "/copilot/users", "/aiInsights", notes_of_a_meeting)]
#[case::people("meeting-attendance:///MSo", "/me/onlineMeetings", "/attendanceReports", people_of_a_meeting)]
#[actix_web::test]
async fn what_a_meeting_leaves_behind_stays_short_and_loses_nothing(
    #[case] uri: &str,
    #[case] root: &str,
    #[case] name: &str,
    #[case] of_one_time: fn(char) -> Value,
    #[values('語', '"', 'a')] sign: char,
) {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let root = if root == "/me/onlineMeetings" {
        root.to_owned()
    } else {
        format!("{root}/{}/onlineMeetings", person.id)
    };
    let path = format!("{root}/MSo{name}");
    let entries: Vec<Value> = (1..=TIMES)
        .map(|time| {
            let begun = json!(format!("2026-11-{time:0>2}T10:00:00Z"));
            json!({ "id": format!("A{time}"), "createdDateTime": begun, "meetingStartDateTime": begun })
        })
        .collect();
    for entry in &entries {
        let mut whole = of_one_time(sign);
        whole.as_object_mut().unwrap().extend(entry.as_object().unwrap().clone());
        let of_one = format!("{path}/{}", entry["id"].as_str().unwrap());
        world.fault(json!({ "service": "graph", "path_prefix": of_one, "status": 200, "body": whole })).await;
    }
    world
        .fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": page_of(&entries) }))
        .await;
    let (mut arguments, mut signs, mut stays, mut people) = (json!({ "uri": uri }), 0, 0, 0);
    loop {
        let answer = world.call(&token, "read_resource", arguments.clone()).await;
        let text = answer["content"][0]["text"].as_str().unwrap();
        assert!(text.len() <= LONGEST, "{} bytes: {answer}", text.len());
        let list = &answer["structuredContent"];
        for item in list["items"].as_array().unwrap_or_else(|| panic!("{answer}")) {
            let entries = item["people"].as_array().into_iter().flatten();
            stays += entries.clone().map(|entry| entry["stays"].as_array().unwrap().len()).sum::<usize>();
            // Who came and went often has several entries: the first one says how long it was in all.
            let firsts = entries.filter(|entry| entry["seconds"].is_number());
            people += firsts.clone().count();
            let names = firsts.map(|person| &person["name"]);
            let given = names.chain([&item["text"]]).filter_map(Value::as_str);
            signs += given.map(|text| text.matches(sign).count()).sum::<usize>();
        }
        let Some(cursor) = list["nextCursor"].as_str() else {
            assert_eq!(list["completeness"]["state"], "complete", "{answer}");
            break;
        };
        assert!(list["completeness"]["reason"].as_str().unwrap().contains("nextCursor"), "{answer}");
        arguments["cursor"] = json!(cursor);
    }
    assert!(signs.abs_diff(TIMES * SIGNS) < 30, "{signs}");
    assert_eq!(stays, people * STAYS);
}

/// If this failed, many people and many times would fill a model's context.
#[actix_web::test]
async fn times_to_meet_stay_short_however_many_people_meet() {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let people: Vec<String> =
        (0..20).map(|seat| format!("{seat}{}@contoso.example", line('a', 60))).collect();
    let attendee = |address: &String| json!({ "availability": "free", "attendee": { "emailAddress": { "address": address } } });
    let time = |hour: usize| {
        let at = |minute: &str| json!({ "dateTime": format!("2026-11-23T{hour:0>2}:{minute}:00"), "timeZone": "UTC" });
        json!({
            "confidence": 100.0, "organizerAvailability": "free", "meetingTimeSlot": { "start": at("00"), "end": at("30") },
            "attendeeAvailability": people.iter().map(attendee).collect::<Vec<_>>(),
        })
    };
    let body = json!({ "meetingTimeSuggestions": (0..24).map(time).collect::<Vec<_>>(), "emptySuggestionsReason": "" });
    world
        .fault(
            json!({ "service": "graph", "path_prefix": "/me/findMeetingTimes", "status": 200, "body": body }),
        )
        .await;
    let arguments = json!({
        "participants": people, "afterDateTime": "tomorrow", "beforeDateTime": "in 3 days", "durationMinutes": 30, "maxCandidates": 50,
    });
    let answer = world.call(&token, "find_meeting_availability", arguments).await;
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= LONGEST, "{} bytes", text.len());
    let list = &answer["structuredContent"];
    let given = list["items"].as_array().unwrap_or_else(|| panic!("{answer}")).len();
    assert!(given > 5 && given < 24, "{given}");
    assert!(list["completeness"]["reason"].as_str().unwrap().contains("as long as one may be"), "{list}");
}
