//! `outlook_calendar_search`, held against what Graph itself says.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing};
use crate::world::{Person, World};

const SEARCH: &str = "outlook_calendar_search";

/// Everything that Graph's view has within the time that an answer was about, earliest first.
async fn view(world: &World, person: &Person, mailbox: &str, understood: &Value) -> Vec<Value> {
    let utc = |end: &str| -> String {
        let moment: jiff::Timestamp = understood[end].as_str().unwrap().parse().unwrap();
        moment.to_string()
    };
    let (start, end) = (utc("after"), utc("before"));
    let path = format!(
        "{mailbox}/calendarView?startDateTime={start}&endDateTime={end}&$orderby=start/dateTime&$top=1000"
    );
    let whole = world.graph(person, &path).await;
    assert!(whole["@odata.nextLink"].is_null(), "all of it is one page");
    whole["value"].as_array().unwrap_or_else(|| panic!("{whole}")).clone()
}

/// The connector's uris of events of Graph's, in their order.
fn uris<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let id = |event: &Value| format!("calendar:///events/{}", event["id"].as_str().unwrap());
    events.into_iter().map(id).collect()
}

/// A person of the cast, and a good token.
async fn maja(world: &World) -> (Person, String) {
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    (person, token)
}

/// If this failed, people would not see what their next weeks hold, or not know which weeks they see.
#[actix_web::test]
async fn without_arguments_the_next_thirty_days_are_listed() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let answer = world.answer(&token, SEARCH, json!({ "limit": 50 })).await;
    let understood = &answer["understood"];
    assert_ne!(understood["timeZone"], "UTC", "{answer}");
    assert!(understood["after"].as_str().unwrap().contains("T00:00:00+"), "{understood}");
    let whole = view(&world, &person, "/me", understood).await;
    let found = members(answer["items"].as_array().unwrap(), "uri").len();
    assert!(found > 10 && found <= 50);
    assert_eq!(members(answer["items"].as_array().unwrap(), "uri"), uris(whole.iter().take(found)));
}

/// If this failed, a list would lose events, show some twice, or end too early.
#[rstest]
#[case::earliest_first(json!({}))]
#[case::latest_first(json!({ "order": "newest" }))]
#[actix_web::test]
async fn pages_follow_each_other_to_the_end(#[case] more: Value) {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let mut arguments = json!({ "afterDateTime": "20 days ago", "beforeDateTime": "in 20 days", "limit": 7 });
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let first = world.answer(&token, SEARCH, arguments.clone()).await;
    let (items, pages) = world.all_items(&token, SEARCH, arguments).await;
    assert!(pages > 3, "{pages} pages");
    let mut expected = uris(&view(&world, &person, "/me", &first["understood"]).await);
    let mut seen = members(&items, "uri");
    // Of what begins at once Graph alone knows the order.
    expected.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, expected);
    let begins: Vec<&str> = items.iter().filter_map(|item| item["startUtc"].as_str()).collect();
    let is_newest_first = first["understood"]["order"] == "newest";
    assert!(begins.is_sorted_by(|a, b| if is_newest_first { a >= b } else { a <= b }), "{begins:?}");
}

/// If this failed, an argument would be dropped quietly, or events be missed that were asked for.
#[rstest]
#[case::query(json!({ "query": "AURORA" }))]
#[case::attendee(json!({ "attendee": "ferreira" }))]
#[case::organizer(json!({ "organizer": "maja.lindqvist@larkmoor.example" }))]
#[case::all_of_them(json!({ "query": "stand-up", "attendee": "tomás", "organizer": "lindqvist" }))]
#[case::words_of_subject_and_place(json!({ "query": "planning room" }))]
#[case::person_from_outside(json!({ "organizer": "@steinbach-press.example", "order": "newest" }))]
#[actix_web::test]
async fn words_and_people_are_looked_for_in_all_pages(#[case] conditions: Value) {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let mut arguments =
        json!({ "afterDateTime": "100 days ago", "beforeDateTime": "in 60 days", "limit": 50 });
    arguments.as_object_mut().unwrap().extend(conditions.as_object().unwrap().clone());
    let first = world.answer(&token, SEARCH, arguments.clone()).await;
    let (items, _) = world.all_items(&token, SEARCH, arguments).await;
    let whole = view(&world, &person, "/me", &first["understood"]).await;
    assert!(whole.len() > 100, "Graph would have given more than one page of ours");
    let named = |people: &[&Value], wanted: &str| {
        let wanted = wanted.to_lowercase();
        people.iter().any(|person| {
            let person = &person["emailAddress"];
            format!("{} {}", person["name"].as_str().unwrap(), person["address"].as_str().unwrap())
                .to_lowercase()
                .contains(&wanted)
        })
    };
    let fits = |event: &&Value| {
        let organizer = vec![&event["organizer"]];
        let mut all: Vec<&Value> = event["attendees"].as_array().unwrap().iter().collect();
        all.push(&event["organizer"]);
        let text =
            format!("{} {} {}", event["subject"], event["bodyPreview"], event["locations"]).to_lowercase();
        conditions["query"]
            .as_str()
            .is_none_or(|query| query.to_lowercase().split(' ').all(|word| text.contains(word)))
            && conditions["attendee"].as_str().is_none_or(|wanted| named(&all, wanted))
            && conditions["organizer"].as_str().is_none_or(|wanted| named(&organizer, wanted))
    };
    let mut expected = uris(whole.iter().filter(fits));
    let mut seen = members(&items, "uri");
    expected.sort_unstable();
    seen.sort_unstable();
    assert!(!expected.is_empty() && expected.len() < whole.len(), "{} of {}", expected.len(), whole.len());
    assert_eq!(seen, expected);
}

/// If this failed, occurrences that were moved or cancelled would be told as they once were planned.
#[actix_web::test]
async fn each_occurrence_of_a_series_is_told_as_it_takes_place() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let arguments = json!({
        "query": "all hands", "afterDateTime": "60 days ago", "beforeDateTime": "in 90 days", "limit": 50, "timeZone": "Asia/Tokyo",
    });
    let answer = world.answer(&token, SEARCH, arguments).await;
    let whole = view(&world, &person, "/me", &answer["understood"]).await;
    let expected: Vec<Value> = whole
        .iter()
        .filter(|event| event["subject"].as_str().unwrap().starts_with("All hands"))
        .map(|event| {
            let start = event["start"]["dateTime"].as_str().unwrap().replace(".0000000", "Z");
            json!([event["id"], start, event["type"]])
        })
        .collect();
    let told: Vec<Value> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let id = item["uri"].as_str().unwrap().strip_prefix("calendar:///events/").unwrap();
            let (utc, local) = (item["startUtc"].as_str().unwrap(), item["start"].as_str().unwrap());
            let same: [jiff::Timestamp; 2] = [utc.parse().unwrap(), local.parse().unwrap()];
            assert!(same[0] == same[1] && local.ends_with("+09:00"), "{item}");
            json!([id, utc, item["series"]])
        })
        .collect();
    assert_eq!(told, expected);
    assert!(told.iter().any(|event| event[2] == "exception"), "{told:?}");
    assert!(told.iter().any(|event| event[2] == "occurrence"), "{told:?}");
}

/// If this failed, a meeting that is always at a quarter past nine would move by an hour when the clocks change.
#[actix_web::test]
async fn a_series_keeps_its_time_of_day_when_the_clocks_change() {
    let world = World::start().await;
    let (_, token) = maja(&world).await;
    // Longer than from any change of Europe's clocks to the next.
    let arguments = json!({ "query": "daily stand-up", "afterDateTime": "200 days ago", "beforeDateTime": "in 60 days", "limit": 50 });
    let (items, pages) = world.all_items(&token, SEARCH, arguments).await;
    assert!(items.len() > 100 && pages > 2, "{} on {pages} pages", items.len());
    let regular: Vec<&Value> = items.iter().filter(|item| item["series"] == "occurrence").collect();
    assert!(regular.iter().all(|item| &item["start"].as_str().unwrap()[11..16] == "09:15"), "{regular:?}");
    let offsets: std::collections::BTreeSet<&str> =
        regular.iter().map(|item| &item["start"].as_str().unwrap()[19..]).collect();
    assert_eq!(offsets.len(), 2, "{offsets:?}");
}

/// If this failed, a holiday would fall on another day for whoever asks from far away.
#[rstest]
#[case("Pacific/Honolulu")]
#[case("UTC")]
#[case("Pacific/Kiritimati")]
#[actix_web::test]
async fn whole_days_are_the_same_days_in_every_zone(#[case] zone: &str) {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let arguments = json!({
        "query": "annual leave", "afterDateTime": "120 days ago", "beforeDateTime": "in 60 days", "timeZone": zone,
    });
    let answer = world.answer(&token, SEARCH, arguments).await;
    let whole = view(&world, &person, "/me", &answer["understood"]).await;
    let expected: Vec<&str> = whole
        .iter()
        .filter(|event| event["subject"] == "Annual leave")
        .map(|event| &event["start"]["dateTime"].as_str().unwrap()[..10])
        .collect();
    assert_eq!(members(answer["items"].as_array().unwrap(), "firstDay"), expected);
    assert_eq!(expected.len(), 2);
    assert!(
        answer["items"].as_array().unwrap().iter().all(|item| item.get("startUtc").is_none()),
        "{answer}"
    );
}

/// If this failed, another's calendar could not be read, or would show more than its owner does.
#[actix_web::test]
async fn a_shared_calendar_is_searched_and_read_as_its_owners() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    // Whoever stands one seat before shares all but private events.
    let owner = world.person(0, 11).upn;
    let arguments = json!({ "calendarOwnerEmail": owner, "afterDateTime": "90 days ago", "limit": 50, "query": "private appointment" });
    let answer = world.answer(&token, SEARCH, arguments).await;
    assert_eq!(answer["understood"]["calendarOwner"], json!(owner));
    let mailbox = format!("/users/{owner}");
    let whole = view(&world, &person, &mailbox, &answer["understood"]).await;
    let private = whole.iter().filter(|event| event["subject"] == "Private Appointment").count();
    assert!(private > 0);
    assert_eq!(answer["items"].as_array().unwrap().len(), private, "{answer}");

    let open = world
        .answer(&token, SEARCH, json!({ "calendarOwnerEmail": owner, "query": "stand-up", "limit": 1 }))
        .await;
    let uri = open["items"][0]["uri"].as_str().unwrap();
    assert!(uri.ends_with(&format!("?owner={}", owner.replace('@', "%40"))), "{uri}");
    let read = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!((&read["kind"], &read["subject"]), (&json!("event"), &open["items"][0]["subject"]));
    assert!(read.get("meetingTranscriptUrl").is_none(), "transcripts are one's own: {read}");
    let hidden = answer["items"][0]["uri"].as_str().unwrap();
    assert_eq!(world.error_code(&token, "read_resource", json!({ "uri": hidden })).await, "not_found");
}

/// If this failed, a calendar by another name could not be searched, or its events not be read.
#[actix_web::test]
async fn a_calendar_is_found_by_its_name() {
    let world = World::start().await;
    let (_, token) = maja(&world).await;
    let holidays = json!({ "calendarName": "holidays", "beforeDateTime": "in 365 days" });
    let answer = world.answer(&token, SEARCH, holidays).await;
    assert_eq!(answer["understood"]["calendar"], "Holidays in Europe");
    let subjects = members(answer["items"].as_array().unwrap(), "subject");
    assert!(subjects.contains(&"Christmas Day") && !subjects.contains(&"Daily stand-up"), "{subjects:?}");
    let uri = &answer["items"][0]["uri"];
    let read = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert!(read["recurrence"].as_str().unwrap().starts_with("every year on "), "{read}");

    // Among one's own calendars stand those that others share, under their names.
    let sharer = world.stage.simulator.directory().tenants[0].users[11].name.clone();
    let shared = world.answer(&token, SEARCH, json!({ "calendarName": sharer, "query": "stand-up" })).await;
    let read = world.answer(&token, "read_resource", json!({ "uri": shared["items"][0]["uri"] })).await;
    assert!(read["uri"].as_str().unwrap().contains("?owner="), "{read}");

    let missing = world.call(&token, SEARCH, json!({ "calendarName": "No such calendar" })).await;
    let error = &missing["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "not_found", "{missing}");
    assert!(error["how"].as_str().unwrap().contains("\"Birthdays\""), "{missing}");
}

/// If this failed, of two calendars of one name neither could be searched, or the wrong one.
#[actix_web::test]
async fn of_two_calendars_of_one_name_each_is_found_by_its_id() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let calendars =
        world.graph(&person, "/me/calendars?$select=id,name,isDefaultCalendar,owner&$top=100").await;
    let mut calendars = calendars["value"].as_array().unwrap().clone();
    calendars.retain(|calendar| calendar["owner"]["address"] == person.upn);
    let subjects = async |name: &str| -> BTreeSet<String> {
        let arguments = json!({ "calendarName": name, "beforeDateTime": "in 365 days" });
        let (found, _) = world.all_items(&token, SEARCH, arguments).await;
        assert!(!found.is_empty(), "{name} has events");
        members(&found, "subject").into_iter().map(str::to_owned).collect()
    };
    let (own, holidays) = (subjects("Calendar").await, subjects("Holidays in Europe").await);
    assert!(own.is_disjoint(&holidays), "{own:?} {holidays:?}");
    for calendar in &mut calendars {
        calendar["name"] = json!("Team");
    }
    let list = json!({ "value": calendars });
    world.fault(json!({ "service": "graph", "route": "/me/calendars", "status": 200, "body": list })).await;
    let refused = world.call(&token, SEARCH, json!({ "calendarName": "team" })).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "not_found", "{refused}");
    let ids = error["how"].as_str().unwrap().split(", id ").skip(1).filter_map(|rest| rest.split(')').next());
    let mut searched = Vec::new();
    for id in ids {
        let arguments = json!({ "calendarName": id, "beforeDateTime": "in 365 days" });
        let (found, _) = world.all_items(&token, SEARCH, arguments).await;
        searched.push(members(&found, "subject").into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
    }
    assert_eq!(searched.len(), calendars.len(), "{refused}");
    assert!(searched.contains(&own) && searched.contains(&holidays), "{searched:?}");
}

/// If this failed, an answer without hits would be an error, or leave open whether there are some.
#[actix_web::test]
async fn no_hits_are_a_complete_answer() {
    let world = World::start().await;
    let (_, token) = maja(&world).await;
    let answer = world.answer(&token, SEARCH, json!({ "query": "zzzyyyxxx" })).await;
    assert_eq!(answer["completeness"], json!({ "state": "complete", "returned": 0 }));
    assert!(answer["notes"][0].as_str().unwrap().contains("first 255 characters"), "{answer}");
}

/// If this failed, an answer that ran out of time would pass for all there is, or not lead on.
#[actix_web::test]
async fn an_answer_that_runs_out_of_time_is_partial_and_goes_on() {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(1)).await;
    let (_, token) = maja(&world).await;
    let arguments = json!({
        "attendee": "ferreira", "afterDateTime": "100 days ago", "beforeDateTime": "in 60 days", "limit": 50, "timeZone": "UTC",
    });
    // Within a second there is never enough time left for a second page.
    let first = world.answer(&token, SEARCH, arguments.clone()).await;
    assert_eq!(first["completeness"]["state"], "partial", "{first}");
    let reason = first["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("nextCursor"), "{reason}");
    let (in_pieces, _) = world.all_items(&token, SEARCH, arguments.clone()).await;
    let patient = World::start().await;
    let (_, token) = maja(&patient).await;
    let (whole, _) = patient.all_items(&token, SEARCH, arguments).await;
    assert_eq!(members(&in_pieces, "subject"), members(&whole, "subject"));
}

/// If this failed, a hiccup behind the first page would lose what had come, or pass for the end.
#[actix_web::test]
async fn what_came_before_a_fault_is_given() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    world.answer(&token, "get_me", json!({})).await;
    let whole = world.answer(&token, SEARCH, json!({ "timeZone": "UTC", "limit": 50 })).await;
    let mut page = json!({ "value": view(&world, &person, "/me", &whole["understood"]).await });
    page["value"].as_array_mut().unwrap().truncate(3);
    let elsewhere = "/v1.0/me/calendar/calendarView?$skip=3";
    page["@odata.nextLink"] = json!(format!("{}{elsewhere}", world.stage.simulator_url()));
    world.fault(json!({ "service": "graph", "path_prefix": "/me/calendarView", "body": page })).await;
    world.fault(json!({ "service": "graph", "path_prefix": "/me/calendar/", "status": 503 })).await;
    let answer = world.answer(&token, SEARCH, json!({ "timeZone": "UTC", "limit": 50 })).await;
    let completeness = &answer["completeness"];
    assert_eq!(
        (&completeness["state"], &completeness["returned"]),
        (&json!("partial"), &json!(3)),
        "{answer}"
    );
    assert!(completeness["reason"].as_str().unwrap().contains("gave no answer for the rest"), "{answer}");
    assert!(answer["nextCursor"].is_string(), "{answer}");
}

/// If this failed, a model would be told something else than what went wrong.
#[rstest]
#[case::throttled(429, "TooManyRequests", "throttled")]
#[case::forbidden(403, "ErrorAccessDenied", "no_access")]
#[case::gone(404, "ErrorItemNotFound", "not_found")]
#[case::no_mailbox(404, "MailboxNotEnabledForRESTAPI", "not_licensed")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] code: &str, #[case] expected: &str) {
    let world = World::start().await;
    let (_, token) = maja(&world).await;
    world.answer(&token, "get_me", json!({})).await;
    world.fault(refusing(status, code)).await;
    assert_eq!(world.error_code(&token, SEARCH, json!({ "timeZone": "UTC" })).await, expected);
    assert_eq!(
        world.error_code(&token, "read_resource", json!({ "uri": "calendar:///events/A" })).await,
        expected
    );
}

/// If this failed, another's calendar would open without a permission, or a closed one be explained as something else.
#[actix_web::test]
async fn a_calendar_that_is_not_open_says_why() {
    let world = World::start().await;
    let (person, token) = maja(&world).await;
    let of = |owner: &str| json!({ "calendarOwnerEmail": owner, "timeZone": "UTC" });
    assert_eq!(world.error_code(&token, SEARCH, of(&world.person(0, 5).upn)).await, "no_access");
    assert_eq!(world.error_code(&token, SEARCH, of("nobody@larkmoor.example")).await, "mailbox_not_found");
    assert_eq!(world.error_code(&token, SEARCH, of("Adele")).await, "invalid_arguments");
    let own = world.answer(&token, SEARCH, of(&person.upn)).await;
    assert!(
        own["understood"].get("calendarOwner").is_none(),
        "one's own address means one's own calendar: {own}"
    );

    let alone = World::start().await;
    let token = alone.token_with_scopes(&alone.person(0, 0), "User.Read Calendars.Read").await;
    assert_eq!(alone.error_code(&token, SEARCH, of(&alone.person(0, 11).upn)).await, "missing_scope");
}

/// If this failed, somebody could go on with another's cursor, or with other arguments.
#[actix_web::test]
async fn a_cursor_is_good_for_its_own_search_alone() {
    let world = World::start().await;
    let (_, token) = maja(&world).await;
    let first = world.answer(&token, SEARCH, json!({ "limit": 2 })).await;
    let cursor = &first["nextCursor"];
    let other = world.token(&world.person(0, 1)).await;
    for (token, arguments) in [
        (&token, json!({ "limit": 3, "cursor": cursor })),
        (&token, json!({ "limit": 2, "order": "newest", "cursor": cursor })),
        (&other, json!({ "limit": 2, "cursor": cursor })),
    ] {
        assert_eq!(world.error_code(token, SEARCH, arguments).await, "invalid_cursor");
    }
}
