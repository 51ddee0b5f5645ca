//! `meeting:///`: an online meeting, and where to read what it left behind.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::{Kind, Read, Reading, Scheme};
use super::{attendance, insights, only_id, recordings, told, transcript_list};
use crate::graph::{OnlineMeeting, PathSegment, Text};
use crate::tools::error::ToolError;
use crate::tools::line::clean_line;
use crate::tools::meeting::{self, MEETINGS, meeting_request};
use crate::tools::participant::Participant;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Review, Withheld};
use crate::tools::sought::Thing;
use crate::tools::text::{Counts, Fence, Sanitized};
use crate::tools::tool::ToolAnswer;
use crate::tools::zone::Zone;

/// People that are named.
const PEOPLE: usize = 100;

pub(in crate::tools) static MEETING_SCHEME: Scheme = Scheme {
    name: "meeting",
    forms: MEETING.forms,
    scopes: MEETINGS,
    most_requests: 1,
    part: |_| None,
    names: |_| Thing::Meeting,
    kinds: &[Kind::of::<MeetingContent<'_>>("meeting")],
    templates: &[ResourceTemplate {
        uri_template: MEETING.forms,
        name: "meeting",
        title: "An online meeting",
        description: "Time and people of a Teams meeting, and where its transcripts and notes are read.",
        mime_type: "application/json",
    }],
    read,
};
use crate::tools::uri::{MEETING, meeting_uri};

/// A meeting. Of a series the times are those of the first one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MeetingContent<'a> {
    uri: String,
    subject: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    time_zone: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizer: Option<Person<'a>>,
    /// Of the organizer.
    origin: Origin,
    attendees: Vec<Participant<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_attendees: Option<usize>,
    transcripts_uri: String,
    insights_uri: String,
    recordings_uri: String,
    attendance_uri: String,
    /// Where people wrote to each other meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    sanitized: Option<Sanitized>,
    /// For people: where it is joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<Cow<'a, str>>,
}

/// Nothing of it is more than a subject and names.
impl ReadAlone for MeetingContent<'_> {
    fn enclose(&mut self, _: Fence) {}
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let id = only_id(MEETING, reading.uri)?;
        let request = meeting_request(&["OnlineMeetings.Read"], &id)?;
        let (zone, body) = reading.get(&request, meeting::meeting).await?;
        let review = reading.review();
        let content = review
            .admit_one(body.parse::<OnlineMeeting<'_>>()?)?
            .shape(|meeting, withheld| shape(meeting, withheld, &zone, &review));
        ToolAnswer::new(&Read::item("meeting", content, &review)?, body.size())
    })
}

fn shape<'a>(
    meeting: OnlineMeeting<'a>,
    withheld: Option<Withheld>,
    zone: &Zone,
    review: &Review<'_>,
) -> MeetingContent<'a> {
    let (organizer, attendees) =
        meeting.participants.map_or((None, None), |people| (people.organizer, people.attendees));
    let organizer = organizer.and_then(|organizer| Participant::of(organizer, review));
    let attendees = attendees.unwrap_or_default();
    let more_attendees = attendees.len().checked_sub(PEOPLE).filter(|more| *more > 0);
    let (start_utc, start) = told(meeting.start_date_time, zone);
    let (end_utc, end) = told(meeting.end_date_time, zone);
    let chat = meeting.chat_info.and_then(|chat| chat.thread_id);
    let chat = chat.as_deref().and_then(|thread| PathSegment::new(thread).ok());
    MeetingContent {
        uri: meeting_uri(&meeting.id),
        subject: meeting
            .subject
            .map(|subject| clean_line(review.texts(), subject.into_cow()))
            .unwrap_or_default(),
        start_utc,
        start,
        end_utc,
        end,
        time_zone: zone.name(),
        origin: organizer.as_ref().map_or(Origin::Unknown, |organizer| organizer.origin),
        organizer: organizer.map(|organizer| organizer.person),
        attendees: attendees
            .into_iter()
            .take(PEOPLE)
            .filter_map(|attendee| Participant::of(attendee, review))
            .collect(),
        more_attendees,
        transcripts_uri: transcript_list::uri(&meeting.id),
        insights_uri: insights::FAMILY.uri(&[&meeting.id]),
        recordings_uri: recordings::FAMILY.uri(&[&meeting.id]),
        attendance_uri: attendance::FAMILY.uri(&[&meeting.id]),
        chat_uri: chat.map(|thread| format!("teams:///chats/{thread}")),
        withheld,
        sanitized: review.sanitized(),
        web_url: meeting.join_web_url.map(Text::into_cow),
    }
}
