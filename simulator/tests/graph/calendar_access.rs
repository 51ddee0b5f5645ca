//! Who may see what of whose calendar.

use rstest::rstest;
use serde_json::Value;

use crate::calendar::YEAR;
use crate::world::{WORLD, encoded, ids};

const READER: usize = 11;
const DELEGATE: usize = 10;
const TITLES: usize = 9;
const STRANGER: usize = 5;

/// The calendar of the first tenant's user at `seat`, of whom the first user is the next, the next but one, and so on.
fn view_of(seat: usize) -> String {
    format!("/users/{}/calendarView?{YEAR}&$top=1000", WORLD.user(0, seat).upn)
}

/// Fails when a scope opens more or less than Microsoft says.
#[rstest]
#[case("/me/events", &["Calendars.Read"], 200, "none")]
#[case("/me/events", &["Calendars.ReadBasic"], 200, "none")]
#[case("/me/events", &["Calendars.Read.Shared"], 403, "ErrorAccessDenied")]
#[case("/me/events", &["Mail.Read"], 403, "ErrorAccessDenied")]
#[case("/me/calendars", &["Calendars.Read.Shared"], 200, "none")]
#[case("/users/maja.lindqvist@larkmoor.example/events", &["Calendars.Read"], 200, "none")]
#[case("/users/bjork.hallsdottir@larkmoor.example/events", &["Calendars.Read.Shared"], 200, "none")]
#[case("/users/bjork.hallsdottir@larkmoor.example/calendar", &["Calendars.Read.Shared"], 200, "none")]
#[case("/users/bjork.hallsdottir@larkmoor.example/events", &["Calendars.Read"], 403, "ErrorAccessDenied")]
#[case("/users/bjork.hallsdottir@larkmoor.example/calendarGroups", &["Calendars.Read.Shared"], 403, "ErrorAccessDenied")]
#[case("/users/kofi.mensahadjei@larkmoor.example/events", &["Calendars.Read.Shared"], 403, "ErrorAccessDenied")]
#[case("/users/orders@larkmoor.example/events", &["Calendars.Read.Shared"], 200, "none")]
#[case("/users/orders@larkmoor.example/events", &["Calendars.Read"], 403, "ErrorAccessDenied")]
#[case("/users/nobody@larkmoor.example/events", &["Calendars.Read.Shared"], 404, "ErrorInvalidUser")]
#[case("/users/wanjiru.kamau@baobabfreight.example/events", &["Calendars.Read.Shared"], 404, "ErrorInvalidUser")]
fn a_scope_opens_what_it_should(
    #[case] target: &str,
    #[case] scopes: &[&str],
    #[case] status: u16,
    #[case] code: &str,
) {
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, scopes), target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when `Calendars.ReadBasic` shows bodies or attachments, even right after somebody with `Calendars.Read` has
/// asked for the same.
#[test]
fn basic_events_have_no_bodies() {
    let full = WORLD.caller_with(0, 0, &["Calendars.Read"]);
    let basic = WORLD.caller_with(0, 0, &["Calendars.ReadBasic"]);
    let target = "/me/events?$select=subject,body,bodyPreview,attendees";
    assert!(WORLD.get_as(&full, target).entries()[0]["body"]["content"].is_string());
    let list = WORLD.get_as(&basic, target);
    let id = encoded(ids(list.entries())[0]);
    let single = WORLD.get_as(&basic, &format!("/me/events/{id}"));
    for event in list.entries().iter().chain([&single.body]) {
        assert!(event["attendees"].is_array());
        assert_eq!((&event["body"], &event["bodyPreview"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(WORLD.get_as(&basic, &format!("/me/events/{id}/attachments")).status, 403);
    assert_eq!(WORLD.get_as(&basic, "/me/events?$expand=attachments").status, 403);
}

/// Fails when sharing a calendar shows private events to more than delegates, or hides that the owner is busy.
#[rstest]
#[case::a_reader(READER, false)]
#[case::a_delegate(DELEGATE, true)]
fn private_events_show_themselves_to_delegates_alone(#[case] owner: usize, #[case] sees_private: bool) {
    let answer = WORLD.get(&view_of(owner));
    let private: Vec<&Value> =
        answer.entries().iter().filter(|event| event["sensitivity"] == "private").collect();
    assert!(private.len() > 2);
    for event in &private {
        assert_eq!(event["subject"] != "Private Appointment", sees_private);
        assert_eq!(event["body"].is_object(), sees_private);
        assert!(event["showAs"].is_string() && event["start"].is_object());
        let (owner, id) = (&WORLD.user(0, owner).upn, encoded(event["id"].as_str().unwrap()));
        let single = WORLD.get(&format!("/users/{owner}/events/{id}"));
        assert_eq!(single.status, if sees_private { 200 } else { 404 });
    }
    for filter in [
        "contains(subject,'dentist') or contains(subject,'evening') or contains(subject,'physio')",
        "sensitivity eq 'private' and isOnlineMeeting eq false",
    ] {
        let guessed = WORLD.get(&format!("{}&$filter={}", view_of(owner), encoded(filter)));
        assert_eq!(guessed.entries().is_empty(), !sees_private, "a filter tells what is hidden");
    }
}

/// Fails when `limitedRead` shows more than times, titles and places.
#[test]
fn titles_are_all_that_a_limited_reader_sees() {
    let answer = WORLD.get(&view_of(TITLES));
    assert!(answer.entries().len() > 100);
    for event in answer.entries() {
        assert!(event["subject"].is_string() && event["start"].is_object());
        for hidden in ["body", "bodyPreview", "attendees", "organizer", "onlineMeeting", "iCalUId"] {
            assert_eq!(event[hidden], Value::Null, "{hidden}");
        }
    }
}

/// Fails when a calendar is open to those it is not shared with, or an id of it works in another.
#[test]
fn a_calendar_is_closed_to_everybody_else() {
    assert_eq!(WORLD.get(&view_of(STRANGER)).error_code(), "ErrorAccessDenied");
    let foreign = WORLD.get_as(&WORLD.caller(0, STRANGER), "/me/events?$top=1");
    let id = encoded(ids(foreign.entries())[0]);
    for target in [format!("/me/events/{id}"), format!("/me/events/{id}/attachments")] {
        let answer = WORLD.get(&target);
        assert_eq!((answer.status, answer.error_code()), (404, "ErrorItemNotFound"), "{target}");
    }
}

/// Fails when other calendars than the default one come along with it.
#[test]
fn only_the_default_calendar_is_shared() {
    let owner = WORLD.caller(0, READER);
    let own = WORLD.get_as(&owner, "/me/calendars");
    let shared = WORLD.get(&format!("/users/{}/calendars", owner.user));
    assert_eq!(ids(shared.entries()), &ids(own.entries())[..1]);
    assert_eq!(shared.entries()[0]["canEdit"], false);
    let second = encoded(ids(own.entries())[1]);
    let answer = WORLD.get(&format!("/users/{}/calendars/{second}/events", owner.user));
    assert_eq!((answer.status, answer.error_code()), (404, "ErrorItemNotFound"));
}

/// Fails when anything is keyed by the object id alone: two users of two tenants have the same on purpose.
#[test]
fn two_users_with_one_object_id_never_mix() {
    let (left, right) = (WORLD.caller(0, 1), WORLD.caller(1, 1));
    assert_eq!(left.user, right.user);
    let target = "/me/events?$top=1000&$select=subject";
    let (left, right) = (WORLD.get_as(&left, target), WORLD.get_as(&right, target));
    let right = ids(right.entries());
    assert!(ids(left.entries()).iter().all(|id| !right.contains(id)));
}

/// Fails when a calendar that somebody shares can't be found among one's own, or can be read without the scope.
#[test]
fn shared_calendars_stand_among_ones_own() {
    let all = WORLD.get("/me/calendars");
    let own = WORLD.get_as(&WORLD.caller_with(0, 0, &["Calendars.Read"]), "/me/calendars");
    assert_eq!(all.entries().len(), own.entries().len() + 3);
    assert!(all.entries().starts_with(own.entries()));
    for (place, seat) in [READER, DELEGATE, TITLES].into_iter().enumerate() {
        let (linked, sharer) = (&all.entries()[own.entries().len() + place], WORLD.user(0, seat));
        assert_eq!(
            (&linked["name"], &linked["canEdit"]),
            (&Value::from(sharer.name.as_str()), &Value::from(false))
        );
        assert_eq!(linked["owner"]["address"], sharer.upn);
        assert_eq!(linked["canViewPrivateItems"], seat == DELEGATE);
        let id = encoded(linked["id"].as_str().unwrap());
        assert_eq!(WORLD.get(&format!("/me/calendars/{id}")).body["id"], linked["id"]);
        let target = format!("/me/calendars/{id}/calendarView?{YEAR}&$top=1000");
        assert_eq!(ids(WORLD.get(&target).entries()), ids(WORLD.get(&view_of(seat)).entries()));
        let without = WORLD.caller_with(0, 0, &["Calendars.Read"]);
        assert_eq!(WORLD.get_as(&without, &target).error_code(), "ErrorAccessDenied");
    }
}
