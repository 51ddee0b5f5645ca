//! The answers of the availability tools, held against calendars: every free time is given, and nothing else is.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::diaries::{Diary, Meeting, Rules, Span, When, whole_days};
use crate::world::{Person, World};

const FREE: &str = "outlook_find_available_time";
const MEET: &str = "find_meeting_availability";

/// Four weeks, and the day before which everything in the calendars was written. Some occurrences near that day are moved
/// or cancelled; five whole days off follow it by 25 days.
#[derive(Debug, Clone, Copy)]
struct Weeks {
    written: &'static str,
    after: &'static str,
    before: &'static str,
}

/// Europe puts its clocks back on 25 October, America on 1 November.
const AUTUMN: Weeks =
    Weeks { written: "2026-10-19T09:00:00Z", after: "2026-10-19T00:00:00Z", before: "2026-11-20T11:37:00Z" };
/// Europe puts its clocks forward on 28 March, and Israel two days before.
const SPRING: Weeks =
    Weeks { written: "2027-03-15T20:00:00Z", after: "2027-03-14T22:10:00Z", before: "2027-04-20T00:00:00Z" };
/// The year ends.
const WINTER: Weeks =
    Weeks { written: "2026-12-07T06:00:00Z", after: "2026-12-06T00:00:00Z", before: "2027-01-10T00:00:00Z" };
const ALL_WEEKS: [Weeks; 3] = [AUTUMN, SPRING, WINTER];

impl Weeks {
    async fn world(self) -> World {
        let written = self.written.parse().unwrap();
        World::written_before(Catalogue::MICROSOFT_365, written, without_limits).await
    }

    fn arguments(self, more: &Value) -> Value {
        let mut arguments = json!({ "afterDateTime": self.after, "beforeDateTime": self.before });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    }

    /// The same in pieces of five days, in which there are few enough times to meet for one answer.
    fn parts(self) -> Vec<Span> {
        let whole = self.span();
        let starts = std::iter::successors(Some(whole.start), |start| start.checked_add(120.hours()).ok());
        let starts = starts.take_while(|start| *start < whole.end);
        starts
            .map(|start| Span { start, end: whole.end.min(start.checked_add(120.hours()).unwrap()) })
            .collect()
    }

    /// All that anybody is asked about.
    fn span(self) -> Span {
        Span { start: self.after.parse().unwrap(), end: self.before.parse().unwrap() }
    }
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("no time: {value}")).parse().unwrap()
}

/// The time that an answer is about, and the zone in which it tells times.
fn understood(answer: &Value) -> (Span, TimeZone) {
    let told = &answer["understood"];
    let zone = told["timeZone"].as_str().unwrap();
    let zone = if zone == "the user's own" { "Europe/London" } else { zone };
    let span = Span { start: moment(&told["after"]), end: moment(&told["before"]) };
    (span, TimeZone::get(zone).unwrap())
}

/// Somebody of any tenant whose mailbox is in that language, which decides about zone and hours.
fn speaker(world: &World, language: &str) -> Person {
    let tenants = world.stage.simulator.directory().tenants.iter().enumerate();
    let mut found = tenants.filter_map(|(tenant, listed)| {
        let speaks = |user: &m365_simulator::directory::User| {
            user.preferred_language == language && !user.upn.contains("#EXT#")
        };
        Some(world.person(tenant, listed.users.iter().position(speaks)?))
    });
    found.next().unwrap_or_else(|| panic!("nobody speaks {language}"))
}

/// The whole list, and what was understood of the call.
async fn whole(world: &World, token: &str, arguments: Value) -> (Vec<Value>, Value) {
    let first = world.answer(token, FREE, arguments.clone()).await;
    let (items, _) = world.all_items(token, FREE, arguments).await;
    assert_eq!(first["completeness"]["total"], items.len(), "{first}");
    (items, first)
}

/// If this failed, somebody would be told to be free in a meeting or on leave, or lose an hour when the clocks change.
#[rstest]
#[case::stockholm("sv-SE")]
#[case::lisbon("pt-PT")]
#[case::london_by_an_old_client("ga-IE")]
#[case::warsaw("pl-PL")]
#[case::bangalore("en-IN")]
#[case::tokyo("ja-JP")]
#[case::from_sunday_to_thursday("he-IL")]
#[actix_web::test]
async fn all_free_time_is_given_and_nothing_else(
    #[case] language: &str,
    #[values(AUTUMN, SPRING, WINTER)] weeks: Weeks,
) {
    let world = weeks.world().await;
    let person = speaker(&world, language);
    let token = world.token(&person).await;
    let diary = world.diary(&person, weeks.span()).await;
    let mut given = 0;
    for minutes in [30, 75, 1_440, 4_000] {
        for (when, zone) in [
            (When::AtWork, json!({})),
            (When::AtWork, json!({ "timeZone": "Pacific/Chatham" })),
            (When::AnyTime, json!({ "workingHoursOnly": false })),
            (When::AnyTime, json!({ "workingHoursOnly": false, "timeZone": "America/St_Johns" })),
        ] {
            let mut arguments = weeks.arguments(&zone);
            arguments["durationMinutes"] = json!(minutes);
            arguments["limit"] = json!(50);
            let (items, answer) = whole(&world, &token, arguments.clone()).await;
            given += items.len();
            let (span, zone) = understood(&answer);
            match whole_days(minutes) {
                None => assert_eq!(spans(&items), diary.free(span, minutes, when), "{arguments}"),
                Some(days) => {
                    assert_eq!(runs(&items), diary.free_days(span, &zone, days, when), "{arguments}");
                }
            }
        }
    }
    assert!(given > 100, "{given} times");
}

fn spans(items: &[Value]) -> Vec<Span> {
    let span = |item: &Value| Span { start: moment(&item["startUtc"]), end: moment(&item["endUtc"]) };
    items.iter().map(span).collect()
}

fn runs(items: &[Value]) -> Vec<(Date, Date, usize)> {
    let day = |item: &Value, name: &str| item[name].as_str().unwrap().parse().unwrap();
    let days = |item: &Value| usize::try_from(item["days"].as_u64().unwrap()).unwrap();
    items.iter().map(|item| (day(item, "firstDay"), day(item, "lastDay"), days(item))).collect()
}

/// If this failed, the calendars would have none of what is hard about them, and the other tests prove little.
#[actix_web::test]
async fn the_calendars_hold_what_is_hard() {
    let mut kinds = BTreeSet::new();
    for weeks in ALL_WEEKS {
        let world = weeks.world().await;
        let diary = world.diary(&world.person(0, 0), weeks.span()).await;
        kinds.extend(diary.kinds);
    }
    for kind in [
        "isAllDay",
        "isCancelled",
        "exception",
        "occurrence",
        "singleInstance",
        "tentative",
        "busy",
        "oof",
        "free",
        "workingElsewhere",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

/// People of Portugal, Poland, Vietnam, India and Japan, and somebody of whom nothing is known.
const PARTICIPANTS: [usize; 5] = [1, 3, 4, 7, 9];
const NOBODY: &str = "nobody@larkmoor.example";

/// If this failed, people in several zones would be offered a time at which one of them sleeps or is busy, or would miss one
/// that suits them.
#[rstest]
#[case::worked_out("User.Read Calendars.Read", Rules::Connectors)]
#[case::by_microsoft("User.Read Calendars.Read Calendars.Read.Shared", Rules::Microsofts)]
#[actix_web::test]
async fn all_times_to_meet_are_given_the_best_first(
    #[case] scopes: &str,
    #[case] rules: Rules,
    #[values(AUTUMN, SPRING, WINTER)] weeks: Weeks,
) {
    let world = weeks.world().await;
    let person = world.person(0, 0);
    let mine = world.diary(&person, weeks.span()).await;
    let people: Vec<Person> = PARTICIPANTS.map(|user| world.person(0, user)).into();
    let mut diaries = Vec::new();
    for other in &people {
        diaries.push(world.diary(other, weeks.span()).await);
    }
    let token = world.token_with_scopes(&person, scopes).await;
    let mut given = 0;
    for (others, minutes, minimum, zone) in [
        (0..1, 30, 100, "Europe/Berlin"),
        (0..2, 60, 100, "Europe/Berlin"),
        (0..2, 45, 50, "Asia/Tokyo"),
        (2..4, 30, 50, "Europe/Lisbon"),
        (0..5, 30, 40, "Europe/Berlin"),
        (0..5, 120, 20, "Asia/Kolkata"),
        (0..6, 60, 24, "Europe/Berlin"),
    ] {
        let addresses = people.iter().map(|person| person.upn.as_str()).chain([NOBODY]);
        let addresses: Vec<&str> = addresses.skip(others.start).take(others.len()).collect();
        let known = diaries.iter().map(Some).chain([None]);
        let known: Vec<Option<&Diary>> = known.skip(others.start).take(others.len()).collect();
        let meeting = Meeting { organizer: &mine, participants: known, minutes, minimum, rules };
        for part in weeks.parts() {
            let arguments = json!({
                "participants": addresses, "durationMinutes": minutes, "minimumAttendeePercentage": minimum,
                "maxCandidates": 50, "timeZone": zone, "afterDateTime": part.start.to_string(),
                "beforeDateTime": part.end.to_string(),
            });
            let answer = world.answer(&token, MEET, arguments.clone()).await;
            let (span, zone) = understood(&answer);
            let expected = meeting.times(span, &zone);
            let times: Vec<(Timestamp, u32)> = answer["items"].as_array().unwrap().iter().map(time).collect();
            // Of many people, fewer times fill an answer.
            let is_full = answer["completeness"]["reason"].to_string().contains("as long as one may be");
            assert!(!is_full || times.len() > 20, "{arguments}: {}", times.len());
            let most = if is_full { times.len() } else { expected.len().min(50) };
            assert_eq!(times, expected[..most], "{arguments}");
            if rules == Rules::Connectors {
                assert_eq!(answer["completeness"]["total"], expected.len(), "{arguments}");
            }
            assert_all_can_come(&answer, minutes);
            given += times.len();
        }
    }
    assert!(given > 100, "{given} times");
}

fn time(item: &Value) -> (Timestamp, u32) {
    (moment(&item["startUtc"]), u32::try_from(item["confidence"].as_u64().unwrap()).unwrap())
}

/// What is said of each participant is what the confidence is made of.
fn assert_all_can_come(answer: &Value, minutes: i64) {
    for item in answer["items"].as_array().unwrap() {
        let participants = item["participants"].as_array().unwrap();
        let chance = |one: &Value| match one["availability"].as_str().unwrap() {
            "free" | "workingElsewhere" => 100,
            "unknown" => 49,
            _ => 0,
        };
        let chances: u64 = participants.iter().map(chance).sum();
        assert_eq!(item["confidence"], chances / participants.len() as u64, "{item}");
        let length = moment(&item["endUtc"]).duration_since(moment(&item["startUtc"]));
        assert_eq!(length.as_mins(), minutes, "{item}");
    }
}
