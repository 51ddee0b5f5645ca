//! When people have time, by their calendars.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Expected, Graph, text};
use crate::diaries::{Diary, Meeting, Rules, Span, When, whole_days};
use crate::world::Person;

/// The window and the zone that the connector has understood.
fn window(understood: &Value) -> (Span, TimeZone) {
    let bound = |name: &str| text(understood, name).parse::<Timestamp>().unwrap();
    let zone = TimeZone::get(text(understood, "timeZone")).unwrap();
    (Span { start: bound("after"), end: bound("before") }, zone)
}

/// `outlook_find_available_time`, by the days or the moments of its times.
pub(super) async fn free(graph: &Graph<'_>, arguments: &Value, understood: &Value) -> Expected {
    let (span, zone) = window(understood);
    let diary = graph.diary(graph.person(), span).await;
    let when = if arguments["workingHoursOnly"] == false { When::AnyTime } else { When::AtWork };
    let minutes = arguments["durationMinutes"].as_i64().unwrap();
    let Some(days) = whole_days(minutes) else {
        let free = diary.free(span, minutes, when).into_iter();
        return Expected::in_turn(free.map(|free| format!("{}/{}", free.start, free.end)));
    };
    let runs = diary.free_days(span, &zone, days, when).into_iter();
    Expected::in_turn(runs.map(|(first, last, _)| format!("{first}/{last}")))
}

/// `find_meeting_availability` as Microsoft itself answers, the best times first.
pub(super) async fn meetings(graph: &Graph<'_>, arguments: &Value, understood: &Value) -> Expected {
    let (span, zone) = window(understood);
    let own = graph.diary(graph.person(), span).await;
    let mut diaries: Vec<Option<Diary>> = Vec::new();
    for address in arguments["participants"].as_array().unwrap() {
        let known: Option<Person> = graph.colleague(address.as_str().unwrap());
        diaries.push(match known {
            Some(person) => Some(graph.diary(&person, span).await),
            None => None,
        });
    }
    let minutes = arguments["durationMinutes"].as_i64().unwrap();
    let minimum =
        arguments["minimumAttendeePercentage"].as_u64().map_or(50, |percent| u32::try_from(percent).unwrap());
    let meeting = Meeting {
        organizer: &own,
        participants: diaries.iter().map(Option::as_ref).collect(),
        minutes,
        minimum,
        rules: Rules::Microsofts,
    };
    let times = meeting.times(span, &zone).into_iter();
    Expected::in_turn(times.map(|(start, _)| {
        let end = start.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
        format!("{start}/{end}")
    }))
}
