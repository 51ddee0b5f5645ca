//! `getSchedule`: when people are free, and when not.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access::{self, Sight};
use super::agenda::{Agenda, WorkingHours};
use super::instance::{self, Instance, Window};
use super::pattern::day_name;
use super::payload::{Payload, moment, wrong};
use super::preferences::Preferences;
use super::{Agendas, Asking};
use crate::graph::people::Person;
use crate::graph::refusal::calendar::CalendarRefusal;
use crate::graph::respond::bytes;

pub(super) const OPERATION: &str = "getSchedule";
const PARAMETERS: &[&str] = &["schedules", "startTime", "endTime", "availabilityViewInterval"];
const LONGEST_DAYS: i64 = 62;
/// The documents say 20; the service itself counts to this.
const MOST_SCHEDULES: usize = 100;
const DEFAULT_SLOT_MINUTES: i64 = 30;

/// What was asked, found to be in order.
#[derive(Debug)]
pub(super) struct Question {
    addresses: Vec<String>,
    window: Window,
    slot: SignedDuration,
}

impl Question {
    pub(super) fn read(payload: &Payload) -> Result<Self, CalendarRefusal> {
        payload.takes_only(PARAMETERS)?;
        let required = |name| payload.get(name).ok_or(CalendarRefusal::MissingParameter(name));
        required("schedules")?;
        let addresses = payload
            .list("schedules")?
            .iter()
            .map(|address| {
                address.as_str().map(str::to_owned).ok_or_else(|| wrong("schedules", "Edm.String"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if addresses.is_empty() {
            return Err(CalendarRefusal::MissingParameter("schedules"));
        }
        if addresses.len() > MOST_SCHEDULES {
            return Err(CalendarRefusal::TooManyAddresses(addresses.len()));
        }
        let start = moment("startTime", required("startTime")?)?;
        let end = moment("endTime", required("endTime")?)?;
        let window = bounded(Window { start, end })?;
        Ok(Self { addresses, window, slot: slot(payload, window)? })
    }
}

/// A window that is neither empty nor too long.
pub(super) fn bounded(window: Window) -> Result<Window, CalendarRefusal> {
    let length = window.end.duration_since(window.start);
    if length <= SignedDuration::ZERO {
        return Err(CalendarRefusal::IntervalInvalid);
    }
    if length > SignedDuration::from_hours(LONGEST_DAYS * 24) {
        let started_days = (length.as_secs() + 86_399) / 86_400;
        return Err(CalendarRefusal::IntervalTooLong(started_days));
    }
    Ok(window)
}

fn slot(payload: &Payload, window: Window) -> Result<SignedDuration, CalendarRefusal> {
    let sent = match payload.get("availabilityViewInterval") {
        None => return Ok(SignedDuration::from_mins(DEFAULT_SLOT_MINUTES)),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    let minutes: i64 = sent.ok_or_else(|| wrong("availabilityViewInterval", "Edm.Int32"))?;
    let slot = SignedDuration::from_mins(minutes.clamp(0, 100_000));
    if !(5..=1_440).contains(&minutes) || slot > window.end.duration_since(window.start) {
        return Err(CalendarRefusal::SlotInvalid);
    }
    Ok(slot)
}

pub(super) fn answer(
    asking: &Asking<'_>,
    question: &Question,
    preferences: &Preferences,
    agendas: &Agendas<'_>,
) -> Bytes {
    let schedules: Vec<Value> = question
        .addresses
        .iter()
        .map(|address| match known(asking, address) {
            Some(person) => schedule(question, preferences, address, &agendas(person), sight(asking, person)),
            None => unknown(address),
        })
        .collect();
    let context =
        format!("{}/$metadata#Collection(microsoft.graph.scheduleInformation)", asking.request.base_url);
    bytes(&json!({ "@odata.context": context, "value": schedules }))
}

/// Somebody of the caller's tenant who has a mailbox there. An address is meant, not an id.
pub(super) fn known<'a>(asking: &Asking<'a>, address: &str) -> Option<Person<'a>> {
    let person = Person::find(asking.tenant, address).filter(|_| address.contains('@'))?;
    let is_guest = matches!(person, Person::User(user) if access::is_guest(user));
    (!is_guest).then_some(person)
}

fn sight(asking: &Asking<'_>, person: Person<'_>) -> Sight {
    if person.id() == asking.caller {
        return Sight::Own;
    }
    access::shared_sight(asking.tenant, person, asking.caller)
}

fn unknown(address: &str) -> Value {
    let message = format!("Unable to resolve e-mail address <>SMTP:{address} to an Active Directory object.");
    json!({
        "scheduleId": address,
        "availabilityView": "",
        "error": { "message": message, "responseCode": "ErrorMailRecipientNotFound" },
        "scheduleItems": [],
    })
}

fn schedule(
    question: &Question,
    preferences: &Preferences,
    address: &str,
    agenda: &Agenda,
    sight: Sight,
) -> Value {
    let mut items = instance::view(agenda, 0, question.window);
    items.sort_by_key(|item| item.start);
    json!({
        "scheduleId": address,
        "availabilityView": availability_view(question, &items),
        "scheduleItems": items.iter().map(|item| shown(item, preferences, sight)).collect::<Vec<_>>(),
        "workingHours": shown_hours(&agenda.hours),
    })
}

/// One digit a slot: the busiest state that reaches into it.
fn availability_view(question: &Question, items: &[Instance<'_>]) -> String {
    let mut view = String::new();
    let mut start = question.window.start;
    while start < question.window.end {
        let end = start.checked_add(question.slot).unwrap_or(Timestamp::MAX);
        let reaches = |item: &&Instance<'_>| item.start < end && item.end > start;
        let busiest = items.iter().filter(reaches).map(|item| weight(item.event.show_as)).max();
        view.push(char::from(b'0' + busiest.unwrap_or(0)));
        start = end;
    }
    view
}

/// Working elsewhere counts as free, for the sake of old clients, as the resource's documentation says.
pub(super) fn weight(show_as: &str) -> u8 {
    match show_as {
        "tentative" => 1,
        "busy" => 2,
        "oof" => 3,
        _ => 0,
    }
}

/// Subject and place where the owner shows them; of a private event only that it is private.
fn shown(item: &Instance<'_>, preferences: &Preferences, sight: Sight) -> Value {
    let mut shown = json!({
        "status": item.event.show_as,
        "start": preferences.zone.shown(item.start),
        "end": preferences.zone.shown(item.end),
    });
    if sight == Sight::FreeBusy {
        return shown;
    }
    shown["isPrivate"] = item.event.is_private().into();
    if sight.sees_private() || !item.event.is_private() {
        shown["subject"] = item.subject().into();
        shown["location"] = item.event.locations.join("; ").into();
    }
    shown
}

fn shown_hours(hours: &WorkingHours) -> Value {
    let time = |time: jiff::civil::Time| time.strftime("%H:%M:%S.0000000").to_string();
    json!({
        "daysOfWeek": hours.days.iter().map(|day| day_name(*day)).collect::<Vec<_>>(),
        "startTime": time(hours.start),
        "endTime": time(hours.end),
        "timeZone": if hours.is_customized { customized() } else { json!({ "name": hours.zone.name }) },
    })
}

/// London's rules, as a client without names for zones writes them. The fifth Sunday is the last one.
fn customized() -> Value {
    let change = |time: &str, month: i8| json!({ "time": time, "dayOccurrence": 5, "dayOfWeek": "sunday", "month": month, "year": 0 });
    let mut daylight = change("01:00:00.0000000", 3);
    daylight["daylightBias"] = (-60).into();
    json!({
        "@odata.type": "#microsoft.graph.customTimeZone",
        "bias": 0,
        "name": "Customized Time Zone",
        "standardOffset": change("02:00:00.0000000", 10),
        "daylightOffset": daylight,
    })
}
