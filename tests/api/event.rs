//! `calendar:///events/{id}`.

use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

/// The uri of the first event with these words, within some months.
async fn uri_of(world: &World, token: &str, query: &str) -> Value {
    let arguments = json!({ "query": query, "afterDateTime": "100 days ago", "beforeDateTime": "in 60 days", "limit": 1 });
    world.answer(token, "outlook_calendar_search", arguments).await["items"][0]["uri"].clone()
}

/// If this failed, a person would not learn who comes, how often it takes place, or where the papers are.
#[actix_web::test]
async fn an_occurrence_is_read_with_all_that_belongs_to_it() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "weekly planning").await;
    world.forget_requests().await;
    let event = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(world.graph_requests().await, 3, "the event, its master, its attachments");
    assert_eq!((&event["kind"], &event["uri"]), (&json!("event"), &uri));
    assert!(event["recurrence"].as_str().unwrap().starts_with("every week on tuesday, from "), "{event}");
    assert_eq!(members(event["attachments"].as_array().unwrap(), "name"), ["plan.csv"]);
    let attendees = event["attendees"].as_array().unwrap();
    assert!(attendees.len() >= 4, "{event}");
    assert!(attendees.iter().all(|attendee| attendee["address"].as_str().unwrap().contains('@')), "{event}");
    assert!(attendees.iter().any(|attendee| attendee["response"].is_string()), "{event}");
    assert_eq!(event["isOnline"], true);
    let link = event["joinUrl"].as_str().unwrap();
    assert!(link.contains("teams") && !link.contains("://teams.microsoft.com"), "{link}");
    let transcript = event["meetingTranscriptUrl"].as_str().unwrap();
    let id = uri.as_str().unwrap().strip_prefix("calendar:///events/").unwrap();
    assert_eq!(transcript, format!("meeting-transcript:///events/{id}"));
    let text = event["body"]["text"].as_str().unwrap();
    assert!(text.starts_with("⟦untrusted content ") && text.contains("The usual agenda"), "{text}");

    let series = world.answer(&token, "read_resource", json!({ "uri": event["seriesUri"] })).await;
    assert_eq!((&series["series"], &series["recurrence"]), (&json!("master"), &event["recurrence"]));
    assert!(series["isOnline"] == true && series.get("meetingTranscriptUrl").is_none(), "{series}");
}

/// If this failed, people elsewhere would take the days of a series for days of their own.
#[actix_web::test]
async fn a_series_says_by_whose_clocks_its_days_are_meant() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "weekly planning").await;
    let here =
        world.answer(&token, "read_resource", json!({ "uri": uri, "timeZone": "Pacific/Kiritimati" })).await;
    for uri in [&uri, &here["seriesUri"]] {
        let event = world
            .answer(&token, "read_resource", json!({ "uri": uri, "timeZone": "Pacific/Kiritimati" }))
            .await;
        let words = event["recurrence"].as_str().unwrap();
        assert!(
            words.starts_with("every week on tuesday, from ") && words.contains(", by the clocks of "),
            "{words}"
        );
    }
}

/// If this failed, attachments of some kinds would be missing without a word.
#[actix_web::test]
async fn attachments_of_every_kind_are_named() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "journey to the third site").await;
    let event = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    let names = members(event["attachments"].as_array().unwrap(), "name");
    assert_eq!(names, ["timetable.txt", "Booking confirmation", "Map of the site.pdf"]);
    let place: Vec<&str> = event["location"].as_str().unwrap().lines().collect();
    assert_eq!(place[1], "Train 1184; Third site");
}

/// If this failed, an event would be lost because something beside it could not be read.
#[actix_web::test]
async fn what_stands_beside_an_event_may_fail() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "weekly planning").await;
    let id = uri.as_str().unwrap().strip_prefix("calendar:///events/").unwrap();
    let fault =
        json!({ "service": "graph", "path_prefix": format!("/me/events/{id}/attachments"), "status": 403 });
    world.fault(fault).await;
    let event = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert!(event["notes"].to_string().contains("attachments whose names could not be read"), "{event}");
    assert!(event["recurrence"].is_string() && event.get("attachments").is_none(), "{event}");
}

/// If this failed, a model would think that it sees everybody who comes.
#[actix_web::test]
async fn hidden_attendees_are_said_to_be_hidden() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "webinar").await;
    let event = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert!(event["notes"].to_string().contains("does not show who else"), "{event}");
}
