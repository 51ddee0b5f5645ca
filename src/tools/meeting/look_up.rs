//! From an event or a link to its meeting: Graph lists no meetings, it finds one by its link.

use connector_actors::throttle::Workload;

use crate::graph::{
    DecodedSegment, Event, GraphBody, GraphRequest, OnlineMeeting, Page, PathSegment, Preference,
    QueryOption, string_literal,
};
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::mailbox::OWN_CALENDARS;
use crate::tools::uri::decoded_id;

const READ: &[&str] = &["OnlineMeetings.Read"];
/// What is asked of an event.
pub(super) const EVENT: &str =
    "id,subject,start,end,isAllDay,isOrganizer,type,organizer,onlineMeeting,webLink";

/// An event of the user's own calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) struct EventReference<'a>(DecodedSegment<'a>);

impl<'a> EventReference<'a> {
    /// `calendar:///events/{id}`. `argument` names the argument in the error.
    pub(super) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        let refused = |why: &str| {
            ToolError::invalid_argument(
                argument,
                format!("{why}."),
                "Give the uri of an event of the user's own calendar as outlook_calendar_search gives it: \
                 calendar:///events/{id}.",
            )
        };
        let id = uri.strip_prefix("calendar:///events/").ok_or_else(|| refused("not the uri of an event"))?;
        if id.contains("?owner=") {
            return Err(refused("meetings are found by the user's own calendar alone"));
        }
        Self::of_encoded(id).ok_or_else(|| refused("not the uri of an event"))
    }

    /// The id as it stands in a uri.
    pub(in crate::tools) fn of_encoded(id: &'a str) -> Option<Self> {
        let is_one = !id.contains(['?', '#']);
        is_one.then(|| decoded_id(id).ok()).flatten().map(Self)
    }
}

pub(in crate::tools) fn event_request(event: &EventReference<'_>) -> GraphRequest {
    GraphRequest::get(Workload::Outlook, OWN_CALENDARS, "/me")
        .part("/events")
        .segment(event.0.segment())
        .query(QueryOption::Select, EVENT)
        .prefer(Preference::ImmutableIds)
}

/// What takes place between two moments, recurrences one by one, the earliest first.
pub(in crate::tools) fn view_request(start: jiff::Timestamp, end: jiff::Timestamp) -> GraphRequest {
    GraphRequest::get(Workload::Outlook, OWN_CALENDARS, "/me")
        .part("/calendarView")
        .query(QueryOption::StartDateTime, &start.to_string())
        .query(QueryOption::EndDateTime, &end.to_string())
        .query(QueryOption::Select, EVENT)
        .query(QueryOption::OrderBy, "start/dateTime")
        .top(100)
        .prefer(Preference::ImmutableIds)
}

/// The link is compared letter by letter, so that its own escapes are kept.
/// Source: <https://learn.microsoft.com/graph/api/onlinemeeting-get>.
pub(in crate::tools) fn by_join_url(link: &str) -> GraphRequest {
    let filter = format!("JoinWebUrl eq {}", string_literal(link));
    GraphRequest::get(Workload::Teams, READ, "/me/onlineMeetings").query(QueryOption::Filter, &filter)
}

/// The one meeting that was found, where one was.
pub(in crate::tools) fn first_meeting(found: &GraphBody) -> Result<Option<OnlineMeeting<'_>>, ToolError> {
    let page: Page<'_, OnlineMeeting<'_>> = found.parse()?;
    Ok(page.value.into_iter().next())
}

/// `/me/onlineMeetings/{id}`, and what is below it.
pub(in crate::tools) fn meeting_request(
    opened_by: &'static [&'static str],
    meeting: &str,
) -> Result<GraphRequest, ToolError> {
    let id = PathSegment::new(meeting).map_err(|_| {
        ToolError::invalid_argument(
            "uri",
            "not the id of a meeting.",
            "Take the uri from meetings_find as it is.",
        )
    })?;
    Ok(GraphRequest::get(Workload::Teams, opened_by, "/me/onlineMeetings").segment(id))
}

/// The link by which an event's meeting is joined and found.
pub(super) fn join_url<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    event.online_meeting.as_ref()?.join_url.as_deref().filter(|link| !link.is_empty())
}

/// The link of an event's meeting. An event without one is an error.
pub(in crate::tools) fn join_url_of(event: &Event<'_>) -> Result<String, ToolError> {
    join_url(event).map(str::to_owned).ok_or_else(|| {
        ToolError::new(
            ErrorCode::NotFound,
            About::argument("uri"),
            "The event has no Teams meeting.",
            "the event takes place without one, or by another service.",
            MODEL,
            "Look for another event, or read the event itself (calendar:///events/{id}).",
        )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a wrong uri would be asked of Graph, or somebody else's event be taken for the user's.
    #[rstest]
    #[case::other_scheme("mail:///messages/A")]
    #[case::of_somebody_else("calendar:///events/A?owner=adele%40contoso.example")]
    #[case::no_id("calendar:///events/")]
    #[case::a_step_up("calendar:///events/..")]
    #[case::two_ids("calendar:///events/A/B")]
    #[case::below_an_event("calendar:///events/A/attachments/B")]
    #[case::not_utf8("calendar:///events/%FF")]
    fn what_names_no_own_event_is_refused(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = EventReference::parse("eventUri", uri) else {
            panic!("{uri}")
        };
        assert!(error.why().starts_with("eventUri: "), "{}", error.why());
    }
}
