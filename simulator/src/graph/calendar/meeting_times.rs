//! `findMeetingTimes`: when people could meet.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

use super::agenda::{Agenda, WorkingHours};
use super::instance::{self, Window};
use super::payload::{Payload, moment, part, wrong};
use super::preferences::Preferences;
use super::schedule::{bounded, known};
use super::{Agendas, Asking};
use crate::graph::people::Person;
use crate::graph::refusal::calendar::CalendarRefusal;
use crate::graph::respond::bytes;

pub(super) const OPERATION: &str = "findMeetingTimes";
const PARAMETERS: &[&str] = &[
    "attendees",
    "isOrganizerOptional",
    "locationConstraint",
    "maxCandidates",
    "meetingDuration",
    "minimumAttendeePercentage",
    "returnSuggestionReasons",
    "timeConstraint",
];
const DEFAULT_CANDIDATES: usize = 20;
/// Suggestions begin on the half hour.
const STEP_SECONDS: i64 = 1_800;
const REASON: &str = "Suggested because it is one of the nearest times when all attendees are available.";
const REASON_SOME: &str =
    "Suggested because it is one of the nearest times when most attendees are available.";

/// At what times of the organizer's week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    Work,
    Personal,
    Unrestricted,
}

/// What was asked, found to be in order.
#[derive(Debug)]
pub(super) struct Question {
    attendees: Vec<String>,
    places: Vec<String>,
    windows: Vec<Window>,
    domain: Domain,
    duration: SignedDuration,
    candidates: usize,
    minimum: f64,
    organizer_is_optional: bool,
    with_reasons: bool,
}

impl Question {
    /// Where no time is asked for, the week after `now` is looked at.
    pub(super) fn read(payload: &Payload, now: Timestamp) -> Result<Self, CalendarRefusal> {
        payload.takes_only(PARAMETERS)?;
        let minimum = payload.number("minimumAttendeePercentage", "Edm.Double")?.unwrap_or(50.0);
        if !(0.0..=100.0).contains(&minimum) {
            return Err(wrong("minimumAttendeePercentage", "Edm.Double"));
        }
        let constraint = payload.get("timeConstraint").unwrap_or(&Value::Null);
        Ok(Self {
            attendees: payload.list("attendees")?.iter().map(address).collect::<Result<_, _>>()?,
            places: places(payload.get("locationConstraint").unwrap_or(&Value::Null)),
            windows: windows(constraint, now)?,
            domain: domain(constraint)?,
            duration: duration(payload)?,
            candidates: candidates(payload)?,
            minimum,
            organizer_is_optional: payload.flag("isOrganizerOptional")?,
            with_reasons: payload.flag("returnSuggestionReasons")?,
        })
    }
}

fn address(attendee: &Value) -> Result<String, CalendarRefusal> {
    let address = part(attendee, "emailAddress").and_then(|named| part(named, "address"));
    let address = address.and_then(Value::as_str).filter(|address| !address.is_empty());
    address.map(str::to_owned).ok_or_else(|| wrong("attendees", "microsoft.graph.attendeeBase"))
}

fn places(constraint: &Value) -> Vec<String> {
    let places = part(constraint, "locations").and_then(Value::as_array);
    let name = |place: &Value| Some(part(place, "displayName")?.as_str()?.to_owned());
    places.into_iter().flatten().filter_map(name).collect()
}

fn windows(constraint: &Value, now: Timestamp) -> Result<Vec<Window>, CalendarRefusal> {
    let wrong = || wrong("timeConstraint", "microsoft.graph.timeConstraint");
    let slots = match part(constraint, "timeSlots") {
        None => &[],
        Some(slots) => slots.as_array().ok_or_else(wrong)?.as_slice(),
    };
    if slots.is_empty() {
        let end = now.checked_add(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX);
        return Ok(vec![Window { start: now, end }]);
    }
    let window = |slot: &Value| {
        let start = moment("start", part(slot, "start").ok_or_else(wrong)?)?;
        let end = moment("end", part(slot, "end").ok_or_else(wrong)?)?;
        bounded(Window { start, end })
    };
    slots.iter().take(100).map(window).collect()
}

fn domain(constraint: &Value) -> Result<Domain, CalendarRefusal> {
    let name = part(constraint, "activityDomain").map(|name| name.as_str().unwrap_or_default());
    match name.map(str::to_ascii_lowercase).as_deref() {
        None | Some("work" | "unknown") => Ok(Domain::Work),
        Some("personal") => Ok(Domain::Personal),
        Some("unrestricted") => Ok(Domain::Unrestricted),
        Some(_) => Err(wrong("activityDomain", "microsoft.graph.activityDomain")),
    }
}

fn duration(payload: &Payload) -> Result<SignedDuration, CalendarRefusal> {
    let Some(value) = payload.get("meetingDuration") else { return Ok(SignedDuration::from_mins(30)) };
    let parsed = value.as_str().and_then(|text| text.parse::<SignedDuration>().ok());
    let fitting = |length: &SignedDuration| *length > SignedDuration::ZERO && length.as_hours() < 24;
    parsed.filter(fitting).ok_or_else(|| wrong("meetingDuration", "Edm.Duration"))
}

fn candidates(payload: &Payload) -> Result<usize, CalendarRefusal> {
    let sent = match payload.get("maxCandidates") {
        None => return Ok(DEFAULT_CANDIDATES),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    let number = sent.and_then(|number: u64| usize::try_from(number).ok()).filter(|number| *number > 0);
    number.ok_or_else(|| wrong("maxCandidates", "Edm.Int32"))
}

/// Whether somebody could come. What nobody knows is worth a little less than half.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Availability {
    name: &'static str,
    chance: f64,
}

const UNKNOWN: Availability = Availability { name: "unknown", chance: 49.0 };
const FREE: Availability = Availability { name: "free", chance: 100.0 };

struct Candidate {
    window: Window,
    confidence: f64,
    organizer: Availability,
    attendees: Vec<Availability>,
}

pub(super) fn answer(
    asking: &Asking<'_>,
    question: &Question,
    preferences: &Preferences,
    agendas: &Agendas<'_>,
) -> Bytes {
    let organizer = Person::find(asking.tenant, &asking.caller.to_string()).map(agendas);
    let attendees: Vec<Option<Arc<Agenda>>> =
        question.attendees.iter().map(|address| known(asking, address).map(agendas)).collect();
    let hours = organizer.as_ref().map(|agenda| &agenda.hours);
    let mut candidates = Vec::new();
    let mut organizer_was_free = false;
    for window in slots(question).filter(|window| is_in_domain(question.domain, hours, *window)) {
        let own = organizer.as_deref().map_or(UNKNOWN, |agenda| availability(agenda, window));
        let can_come = question.organizer_is_optional || !matches!(own.name, "busy" | "oof");
        organizer_was_free |= can_come;
        let attendees: Vec<Availability> = attendees
            .iter()
            .map(|agenda| agenda.as_deref().map_or(UNKNOWN, |agenda| availability(agenda, window)))
            .collect();
        let confidence = mean(&attendees);
        if can_come && confidence >= question.minimum {
            candidates.push(Candidate { window, confidence, organizer: own, attendees });
        }
    }
    // Stable: what is equally sure stays in the order of time.
    candidates.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    candidates.truncate(question.candidates);
    let reason = match (candidates.is_empty(), organizer_was_free, attendees.iter().all(Option::is_some)) {
        (false, ..) => "",
        (true, false, _) => "organizerUnavailable",
        (true, true, true) => "attendeesUnavailable",
        (true, true, false) => "attendeesUnavailableOrUnknown",
    };
    let suggestions: Vec<Value> = (1_usize..)
        .zip(&candidates)
        .map(|(order, candidate)| suggestion(question, preferences, order, candidate))
        .collect();
    let context =
        format!("{}/$metadata#microsoft.graph.meetingTimeSuggestionsResult", asking.request.base_url);
    bytes(&json!({
        "@odata.context": context,
        "emptySuggestionsReason": reason,
        "meetingTimeSuggestions": suggestions,
    }))
}

/// Every half hour at which the meeting would still end within a window.
fn slots(question: &Question) -> impl Iterator<Item = Window> {
    question.windows.iter().flat_map(move |window| {
        let first = window.start.as_second().div_euclid(STEP_SECONDS);
        let first = if first * STEP_SECONDS < window.start.as_second() { first + 1 } else { first };
        let last = window.end.as_second().div_euclid(STEP_SECONDS);
        (first..=last).filter_map(move |number| {
            let start = Timestamp::from_second(number * STEP_SECONDS).ok()?;
            let end = start.checked_add(question.duration).ok()?;
            (end <= window.end).then_some(Window { start, end })
        })
    })
}

fn is_in_domain(domain: Domain, hours: Option<&WorkingHours>, window: Window) -> bool {
    let Some(hours) = hours.filter(|_| domain != Domain::Unrestricted) else { return true };
    let (start, end) = (hours.zone.wall(window.start), hours.zone.wall(window.end));
    let is_day = domain == Domain::Personal || hours.days.contains(&start.date().weekday());
    is_day && start.date() == end.date() && start.time() >= hours.start && end.time() <= hours.end
}

fn availability(agenda: &Agenda, window: Window) -> Availability {
    let items = instance::view(agenda, 0, window);
    let busiest =
        items.iter().map(|item| item.event.show_as).max_by_key(|show_as| super::schedule::weight(show_as));
    match busiest {
        None | Some("free") => FREE,
        Some("workingElsewhere") => Availability { name: "workingElsewhere", chance: 100.0 },
        Some(name) => Availability { name, chance: 0.0 },
    }
}

fn mean(attendees: &[Availability]) -> f64 {
    if attendees.is_empty() {
        return 100.0;
    }
    let count = attendees.iter().map(|_| 1.0).sum::<f64>();
    attendees.iter().map(|attendee| attendee.chance).sum::<f64>() / count
}

fn suggestion(question: &Question, preferences: &Preferences, order: usize, candidate: &Candidate) -> Value {
    let attendees: Vec<Value> = question
        .attendees
        .iter()
        .zip(&candidate.attendees)
        .map(|(address, availability)| {
            json!({
                "availability": availability.name,
                "attendee": { "emailAddress": { "address": address } },
            })
        })
        .collect();
    let places: Vec<Value> = question.places.iter().map(|name| json!({ "displayName": name })).collect();
    let reason = if candidate.confidence >= 100.0 { REASON } else { REASON_SOME };
    let mut shown = json!({
        "confidence": candidate.confidence,
        "order": order,
        "organizerAvailability": candidate.organizer.name,
        "attendeeAvailability": attendees,
        "locations": places,
        "meetingTimeSlot": {
            "start": preferences.zone.shown(candidate.window.start),
            "end": preferences.zone.shown(candidate.window.end),
        },
    });
    shown["suggestionReason"] = if question.with_reasons { reason.into() } else { "".into() };
    shown
}
