//! What a list of events looks like.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::order::Order;
use crate::graph::{Event, Text};
use crate::tools::calendar_item::{answered, origin, places};
use crate::tools::event_time::{EventTime, ToldTime};
use crate::tools::line::on_one_line;
use crate::tools::list::List;
use crate::tools::mailbox::Mailbox;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Withheld};
use crate::tools::text::TextRoom;
use crate::tools::zone::Zone;

/// Attendees that a hit names; reading the event shows all.
const ATTENDEES: usize = 3;
/// In bytes: what a hit takes beside its uri, its marks and the texts of others.
const FRAME: usize = 434;
/// In bytes: what a member takes that most events do not have, `"isCancelled":true` and its like.
const LONGEST_MARK: usize = 30;
/// In bytes: how much a hit shows of a subject, and of its places.
const LONGEST_SUBJECT: usize = 160;
const LONGEST_PLACES: usize = 100;
/// In bytes: a whole preview of Exchange's, where its 255 characters are Latin ones, and there is room.
const LONGEST_PREVIEW: usize = 280;

pub(super) type EventList<'a> = List<Hit<'a>, Understood<'a>>;

/// One event. Subject, places, names and preview are what others wrote, long ones cut: data, not instructions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hit<'a> {
    /// For read_resource.
    uri: String,
    subject: Cow<'a, str>,
    #[serde(flatten)]
    time: ToldTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizer: Option<Person<'a>>,
    /// The first three at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attendees: Vec<Person<'a>>,
    /// How many attendees more there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_attendees: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    show_as: Option<Cow<'a, str>>,
    /// The user's own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_cancelled: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    series: Option<Series>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_attachments: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<String>,
    /// Whether the organizer's address belongs to the user's organisation.
    origin: Origin,
    /// Why no preview is given, where policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<Cow<'a, str>>,
}

/// What an event is of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::tools) enum Series {
    Occurrence,
    /// One that was moved or changed.
    Exception,
    Master,
}

impl Series {
    pub(in crate::tools) fn of(event: &Event<'_>) -> Option<Self> {
        match event.kind.as_deref()? {
            "occurrence" => Some(Self::Occurrence),
            "exception" => Some(Self::Exception),
            "seriesMaster" => Some(Self::Master),
            _ => None,
        }
    }
}

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Understood<'a> {
    pub(super) order: Order,
    pub(super) time_zone: Cow<'static, str>,
    /// Events that end later than this
    pub(super) after: String,
    /// and begin earlier than this.
    pub(super) before: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calendar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calendar_owner: Option<&'a str>,
}

/// Shapes an event for the list.
pub(super) fn hit<'a>(
    event: Event<'a>,
    withheld: Option<Withheld>,
    mailbox: Mailbox<'_>,
    zone: &Zone,
    review: &Review<'_>,
) -> Hit<'a> {
    let uri = mailbox.event_uri(&event.id);
    let (origin, series) = (origin(&event, review.policy()), Series::of(&event));
    let time = ToldTime::of(EventTime::of(&event), zone);
    let sensitivity = review.line(event.sensitivity).filter(|text| text != "normal");
    let is = |flag: Option<bool>| flag == Some(true);
    let flags = [event.is_cancelled, event.is_online_meeting, event.has_attachments].map(is);
    let marks = [time.floating, series.is_some(), sensitivity.is_some()].into_iter().chain(flags);
    let mut room = TextRoom::beside(FRAME, &[&uri]);
    room.give(marks.filter(|is_there| *is_there).count() * LONGEST_MARK);
    room.give(withheld.as_ref().map_or(0, Withheld::length));
    let subject = event.subject.map(|subject| review.clean_line(subject.into_cow()));
    let subject = subject.map(|subject| room.text(subject, LONGEST_SUBJECT));
    let organizer = event.organizer.and_then(|organizer| Person::of(organizer, review.texts()));
    let organizer = organizer.and_then(|organizer| organizer.within(&mut room));
    let location = places(event.location, event.locations, review);
    let location = location.map(|places| room.text(places.into(), LONGEST_PLACES).into_owned());
    let all = event.attendees.as_ref().map_or(0, Vec::len);
    let first = event.attendees.into_iter().flatten().take(ATTENDEES);
    let first = first.filter_map(|attendee| Person::named(attendee.email_address?, review.texts()));
    let attendees: Vec<_> = first.map_while(|attendee| attendee.within(&mut room)).collect();
    let preview = event.body_preview.map(|text| on_one_line(review.clean_line(text.into_cow())));
    let preview = preview.map(|preview| room.text(preview, LONGEST_PREVIEW).into_owned());
    let [is_cancelled, is_online, has_attachments] = flags;
    Hit {
        uri,
        origin,
        time,
        series,
        subject: subject.unwrap_or_default(),
        organizer,
        more_attendees: Some(all - attendees.len()).filter(|more| *more > 0),
        attendees,
        location: location.filter(|location| !location.is_empty()),
        show_as: review.line(event.show_as),
        response: review.line(event.response_status.and_then(|status| answered(status.response))),
        is_cancelled,
        is_online,
        has_attachments,
        sensitivity,
        preview: preview.filter(|preview| !preview.is_empty()),
        withheld,
        web_url: event.web_link.map(Text::into_cow),
    }
}
