//! The answer of `findMeetingTimes`.
//! Source: <https://learn.microsoft.com/graph/api/resources/meetingtimesuggestionsresult>.

use serde::Deserialize;

use super::calendar::{DateTimeTimeZone, Location};
use super::mail::EmailAddress;
use super::text::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingTimes<'a> {
    /// Why there are no suggestions: `attendeesUnavailable`, `attendeesUnavailableOrUnknown`, `locationsUnavailable`,
    /// `organizerUnavailable` or `unknown`; empty where there are some.
    #[serde(borrow, default)]
    pub empty_suggestions_reason: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub meeting_time_suggestions: Vec<MeetingTime<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingTime<'a> {
    /// In percent: the mean of the attendees' chances.
    #[serde(default)]
    pub confidence: f64,
    #[serde(borrow, default)]
    pub organizer_availability: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub attendee_availability: Vec<AttendeeAvailability<'a>>,
    #[serde(borrow, default)]
    pub locations: Vec<Location<'a>>,
    #[serde(borrow)]
    pub meeting_time_slot: MeetingTimeSlot<'a>,
}

#[derive(Debug, Deserialize)]
pub struct AttendeeAvailability<'a> {
    /// `free`, `tentative`, `busy`, `oof`, `workingElsewhere` or `unknown`.
    #[serde(borrow, default)]
    pub availability: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub attendee: Option<AttendeeBase<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendeeBase<'a> {
    #[serde(borrow, default)]
    pub email_address: Option<EmailAddress<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct MeetingTimeSlot<'a> {
    #[serde(borrow)]
    pub start: DateTimeTimeZone<'a>,
    #[serde(borrow)]
    pub end: DateTimeTimeZone<'a>,
}
