//! The closed list of POSTs that only read. Whoever wants to write has nothing to say it with.

use connector_actors::throttle::Workload;
use serde::Serialize;

/// A question that Graph takes as the body of a POST. There are no others, and none of them changes anything.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum Question {
    /// `POST /search/query`.
    Search(SearchQuestion),
    /// `POST /me/calendar/getSchedule`.
    Schedule(ScheduleQuestion),
    /// `POST /me/findMeetingTimes`.
    MeetingTimes(MeetingTimesQuestion),
}

/// Without what is asked: it holds search words and addresses.
impl std::fmt::Debug for Question {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Search(_) => "Search",
            Self::Schedule(_) => "Schedule",
            Self::MeetingTimes(_) => "MeetingTimes",
        })
    }
}

impl Question {
    /// Below the base.
    pub(super) const fn path(&self) -> &'static str {
        match self {
            Self::Search(_) => "/search/query",
            Self::Schedule(_) => "/me/calendar/getSchedule",
            Self::MeetingTimes(_) => "/me/findMeetingTimes",
        }
    }

    pub(super) const fn workload(&self) -> Workload {
        match self {
            Self::Search(_) => Workload::Search,
            Self::Schedule(_) | Self::MeetingTimes(_) => Workload::Outlook,
        }
    }
}

/// One search request; the service takes no second one in the same body.
/// Source: `searchRequest`, <https://learn.microsoft.com/graph/api/resources/searchrequest>.
#[derive(Debug, Clone, Serialize)]
pub struct SearchQuestion {
    requests: [SearchRequest; 1],
}

impl SearchQuestion {
    pub fn new(request: SearchRequest) -> Self {
        Self { requests: [request] }
    }
}

/// `query_string` is KQL: user text is put in with [`kql_value`](super::kql_value).
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchRequest {
    /// Those of files, lists and sites may be asked for together, each other one alone.
    pub entity_types: Vec<EntityType>,
    pub query: SearchText,
    pub from: u32,
    /// At most 25 for messages and events, 200 for files, lists and sites.
    pub size: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<&'static str>,
    /// Not for messages, events and chat messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sort_properties: Vec<SearchSort>,
    /// The first three by relevance; for messages and chat messages.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_top_results: bool,
}

impl std::fmt::Debug for SearchRequest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SearchRequest").field("entity_types", &self.entity_types).finish_non_exhaustive()
    }
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchText {
    pub query_string: String,
}

/// What can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EntityType {
    Message,
    Event,
    ChatMessage,
    DriveItem,
    Drive,
    List,
    ListItem,
    Site,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchSort {
    pub name: &'static str,
    pub is_descending: bool,
}

/// A local time and the zone that it is local in, by its Windows or IANA name.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DateTimeInZone {
    /// `2026-11-23T10:00:00`, without an offset.
    pub date_time: String,
    pub time_zone: String,
}

/// When people are free and busy.
/// Source: <https://learn.microsoft.com/graph/api/calendar-getschedule>.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleQuestion {
    /// Addresses of people, rooms or lists.
    pub schedules: Vec<String>,
    pub start_time: DateTimeInZone,
    pub end_time: DateTimeInZone,
    /// In minutes, 5 to 1440.
    pub availability_view_interval: u32,
}

/// Times at which people could meet.
/// Source: <https://learn.microsoft.com/graph/api/user-findmeetingtimes>.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingTimesQuestion {
    pub attendees: Vec<AskedAttendee>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_constraint: Option<LocationConstraint>,
    pub time_constraint: TimeConstraint,
    /// ISO 8601, such as `PT30M`.
    pub meeting_duration: String,
    pub max_candidates: u32,
    pub minimum_attendee_percentage: f64,
    pub is_organizer_optional: bool,
    pub return_suggestion_reasons: bool,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedAttendee {
    pub r#type: AttendeeType,
    pub email_address: AskedAddress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AttendeeType {
    Required,
    Optional,
    Resource,
}

#[derive(Clone, Serialize)]
pub struct AskedAddress {
    pub address: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeConstraint {
    pub activity_domain: ActivityDomain,
    pub time_slots: Vec<TimeSlot>,
}

/// Which hours of a day are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActivityDomain {
    Work,
    Unrestricted,
}

#[derive(Debug, Clone, Serialize)]
pub struct TimeSlot {
    pub start: DateTimeInZone,
    pub end: DateTimeInZone,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationConstraint {
    pub is_required: bool,
    pub suggest_location: bool,
    pub locations: Vec<AskedLocation>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedLocation {
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_email_address: Option<String>,
    pub resolve_availability: bool,
}

/// Declares `Debug` for what holds words or addresses of people: the name alone.
macro_rules! say_only_the_name {
    ($($type:ident),*) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )*};
}

say_only_the_name!(
    SearchText,
    ScheduleQuestion,
    MeetingTimesQuestion,
    AskedAttendee,
    AskedAddress,
    LocationConstraint,
    AskedLocation
);
