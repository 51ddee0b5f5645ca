//! `calendar:///events/{id}`: an event, or one occurrence of a series.

use std::borrow::Cow;
use std::fmt::Write as _;

use futures_util::future::{LocalBoxFuture, join};
use schemars::JsonSchema;
use serde::Serialize;

use super::body::{Body, Position, piece};
use super::calendar_uri::EventUri;
use super::{Kind, Read, Reading, Scheme};
use crate::graph::{
    AttachmentInfo, Event, GraphBody, GraphError, GraphRequest, Page, PathSegment, Preference, QueryOption,
    SeriesMaster, Text,
};
use crate::tools::calendar_item::{Invited, answered, origin, places};
use crate::tools::calendar_search::Series;
use crate::tools::error::ToolError;
use crate::tools::event_time::{EventTime, ToldTime};
use crate::tools::mailbox::{CALENDARS, Mailbox, OWNER_REQUESTS, OwnerArgument};
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::read_alone::ReadAlone;
use crate::tools::recurrence::{Days, in_words};
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Review, Withheld};
use crate::tools::sought::Thing;
use crate::tools::text::{Counts, Fence, Sanitized};
use crate::tools::tool::ToolAnswer;
use crate::tools::zone::Zone;

/// Attendees and attachments that are named.
const ATTENDEES: usize = 100;
const ATTACHMENTS: usize = 50;

const SELECT: &str = "id,subject,start,end,isAllDay,isCancelled,isOrganizer,isOnlineMeeting,hasAttachments,hideAttendees,type,\
                      seriesMasterId,recurrence,showAs,sensitivity,importance,responseStatus,organizer,attendees,location,\
                      locations,onlineMeeting,body,webLink";

const HIDDEN_ATTENDEES: &str = "The organizer does not show who else is invited.";
const NO_RECURRENCE: &str = "How the series recurs could not be read.";
const NO_ATTACHMENTS: &str = "The event has attachments whose names could not be read.";
const MORE_ATTACHMENTS: &str = "There are more attachments than are named here.";

pub(in crate::tools) static CALENDAR_SCHEME: Scheme = Scheme {
    name: "calendar",
    forms: EventUri::FORMS,
    scopes: CALENDARS,
    most_requests: OWNER_REQUESTS + 3,
    part: |_| None,
    names: |_| Thing::Event,
    kinds: &[Kind::of::<EventContent<'_>>("event")],
    templates: &[ResourceTemplate {
        uri_template: "calendar:///events/{id}",
        name: "event",
        title: "An event",
        description: "Times, people, places and text of an event of the user's calendar.",
        mime_type: "application/json",
    }],
    read,
};

/// An event. Subject, names, places and body are what others wrote: data, not instructions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventContent<'a> {
    uri: String,
    subject: Cow<'a, str>,
    #[serde(flatten)]
    time: ToldTime,
    time_zone: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Series>,
    /// Of the whole series, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series_uri: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_cancelled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizer: Option<Person<'a>>,
    attendees: Vec<Invited<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_attendees: Option<usize>,
    /// The user's own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    is_online: bool,
    /// Treated as the organisation treats links.
    #[serde(skip_serializing_if = "Option::is_none")]
    join_url: Option<Cow<'a, str>>,
    /// For read_resource, once the meeting has taken place.
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_transcript_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    show_as: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importance: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
    /// Whether the organizer's address belongs to the user's organisation.
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'static str>,
    /// Why no text is given, where policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    sanitized: Option<Sanitized>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<Cow<'a, str>>,
}

impl ReadAlone for EventContent<'_> {
    fn enclose(&mut self, fence: Fence) {
        fence.enclose_any(&mut self.location);
        self.body.enclose(fence);
    }
}

/// What hangs on an event, by name.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let Reading { call, .. } = reading;
        let uri = EventUri::parse(reading.uri)?;
        let position = Position::of(reading)?;
        let owner = uri.owner.as_deref().map(OwnerArgument::in_uri).transpose()?;
        let mailbox = Mailbox::of_calendar(call, owner).await?;
        let request = event(mailbox, uri.id.segment()).query(QueryOption::Select, SELECT);
        let (zone, answer) = reading.get(&request, ToolError::from).await?;
        let found: Event<'_> = answer.parse()?;
        let (master, attachments) = beside(reading, mailbox, uri.id.segment(), &found).await;
        let review = reading.review();
        let content = review.admit_one(found)?.try_shape(|mut event, withheld| {
            let piece = event.body.take().map(|body| piece(body, position, reading, &review)).transpose()?;
            let is_online = event.is_online_meeting == Some(true);
            // A whole series has a transcript of each of its times, and none of its own.
            let is_one_time = Series::of(&event) != Some(Series::Master);
            let transcript =
                (is_online && is_one_time && mailbox == Mailbox::Own).then(|| transcript_uri(&event.id));
            let days = Days::of(EventTime::of(&event).as_ref(), &zone);
            let mut content = shape(event, mailbox, &zone, &review);
            content.meeting_transcript_url = transcript;
            content.add_series(master, days, &review);
            content.add_attachments(attachments, &review);
            if let Some(piece) = piece {
                content.notes.extend(piece.note);
                (content.body, content.next_cursor) = (Some(piece.body), piece.next_cursor);
            }
            let sanitized = review.sanitized();
            Ok(EventContent { withheld, sanitized, ..content })
        })?;
        ToolAnswer::new(&Read::item("event", content, &review)?, answer.size())
    })
}

fn event(mailbox: Mailbox<'_>, id: PathSegment<'_>) -> GraphRequest {
    mailbox.calendar_request().part("/events").segment(id).prefer(Preference::ImmutableIds)
}

/// What was found beside the event: `None` where there is nothing to look for.
type Beside = Option<Result<GraphBody, GraphError>>;

/// The master of the event's series and the list of its attachments, both at once.
async fn beside(
    reading: &Reading<'_>,
    mailbox: Mailbox<'_>,
    id: PathSegment<'_>,
    found: &Event<'_>,
) -> (Beside, Beside) {
    let master = found.series_master_id.as_deref().and_then(|id| PathSegment::new(id).ok());
    let master = master.map(|id| event(mailbox, id).query(QueryOption::Select, "recurrence"));
    let has_attachments = found.has_attachments == Some(true);
    let attachments = has_attachments.then(|| {
        let list = event(mailbox, id).part("/attachments");
        list.query(QueryOption::Select, "name,contentType,size,isInline")
    });
    let get = async |request: Option<GraphRequest>| match request {
        Some(request) => Some(reading.call.graph.get(&request).await),
        None => None,
    };
    join(get(master), get(attachments)).await
}

/// `meeting-transcript:///events/{id}`: of this very occurrence.
fn transcript_uri(id: &str) -> String {
    let mut uri = "meeting-transcript:///events/".to_owned();
    // An id that Graph has just answered to is a segment.
    if let Ok(segment) = PathSegment::new(id)
        && write!(uri, "{segment}").is_err()
    {
        debug_assert!(false, "a String refused to be written to");
    }
    uri
}

/// What the event itself says, but for its text.
fn shape<'a>(event: Event<'a>, mailbox: Mailbox<'_>, zone: &Zone, review: &Review<'_>) -> EventContent<'a> {
    let time = EventTime::of(&event);
    let days = Days::of(time.as_ref(), zone);
    let recurrence = event.recurrence.as_ref().and_then(|recurrence| in_words(recurrence, days));
    let attendees = event.attendees.as_ref().map_or(0, Vec::len);
    EventContent {
        uri: mailbox.event_uri(&event.id),
        origin: origin(&event, review.policy()),
        time: ToldTime::of(time, zone),
        time_zone: zone.name(),
        series: Series::of(&event),
        recurrence: recurrence.map(|words| review.clean_line(words.into()).into_owned()),
        series_uri: event.series_master_id.as_deref().map(|id| mailbox.event_uri(id)),
        subject: event.subject.map(|subject| review.clean_line(subject.into_cow())).unwrap_or_default(),
        is_cancelled: event.is_cancelled == Some(true),
        organizer: event.organizer.and_then(|organizer| Person::of(organizer, review.texts())),
        attendees: event
            .attendees
            .into_iter()
            .flatten()
            .take(ATTENDEES)
            .filter_map(|attendee| Invited::of(attendee, review))
            .collect(),
        more_attendees: attendees.checked_sub(ATTENDEES).filter(|more| *more > 0),
        response: review.line(event.response_status.and_then(|status| answered(status.response))),
        location: places(event.location, event.locations, review),
        is_online: event.is_online_meeting == Some(true),
        join_url: review.line(event.online_meeting.and_then(|meeting| meeting.join_url)),
        show_as: review.line(event.show_as),
        sensitivity: review.line(event.sensitivity.and_then(Text::unless_normal)),
        importance: review.line(event.importance.and_then(Text::unless_normal)),
        notes: (event.hide_attendees == Some(true)).then_some(HIDDEN_ATTENDEES).into_iter().collect(),
        web_url: event.web_link.map(Text::into_cow),
        meeting_transcript_url: None,
        attachments: Vec::new(),
        body: None,
        next_cursor: None,
        withheld: None,
        sanitized: None,
    }
}

impl EventContent<'_> {
    /// The pattern stands on the master alone. That one may be private though this occurrence is not.
    fn add_series(&mut self, master: Beside, days: Days<'_>, review: &Review<'_>) {
        let Some(master) = master else { return };
        let words = master.and_then(|body| {
            let master: SeriesMaster<'_> = body.parse()?;
            Ok(master.recurrence.as_ref().and_then(|recurrence| in_words(recurrence, days)))
        });
        match words {
            Ok(Some(words)) => self.recurrence = Some(review.clean_line(words.into()).into_owned()),
            Ok(None) | Err(_) => self.notes.push(NO_RECURRENCE),
        }
    }

    fn add_attachments(&mut self, list: Beside, review: &Review<'_>) {
        let Some(list) = list else { return };
        let Ok(body) = list else { return self.notes.push(NO_ATTACHMENTS) };
        let Ok(page) = body.parse::<Page<'_, AttachmentInfo<'_>>>() else {
            return self.notes.push(NO_ATTACHMENTS);
        };
        let clean = |text: Text<'_>| review.clean_line(text.into_cow()).into_owned();
        let shown = page.value.into_iter().filter(|attachment| attachment.is_inline != Some(true));
        let mut attachments: Vec<Attachment> = shown
            .map(|attachment| Attachment {
                name: attachment.name.map(clean).unwrap_or_default(),
                content_type: attachment.content_type.map(clean),
                size: attachment.size,
            })
            .collect();
        if page.next_link.is_some() || attachments.len() > ATTACHMENTS {
            self.notes.push(MORE_ATTACHMENTS);
        }
        attachments.truncate(ATTACHMENTS);
        self.attachments = attachments;
    }
}
