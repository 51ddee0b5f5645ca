//! Calendars and events as Graph writes them. Every field that `$select` may leave out is optional.

use serde::Deserialize;

use super::mail::{EmailAddress, ItemBody, Recipient};
use super::text::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub start: Option<DateTimeTimeZone<'a>>,
    /// The first moment behind it.
    #[serde(borrow, default)]
    pub end: Option<DateTimeTimeZone<'a>>,
    #[serde(default)]
    pub is_all_day: Option<bool>,
    #[serde(default)]
    pub is_cancelled: Option<bool>,
    #[serde(default)]
    pub is_organizer: Option<bool>,
    #[serde(default)]
    pub is_online_meeting: Option<bool>,
    #[serde(default)]
    pub has_attachments: Option<bool>,
    #[serde(default)]
    pub hide_attendees: Option<bool>,
    /// `singleInstance`, `occurrence`, `exception` or `seriesMaster`.
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub series_master_id: Option<Text<'a>>,
    /// Only on the master of a series.
    #[serde(borrow, default)]
    pub recurrence: Option<Recurrence<'a>>,
    /// `free`, `tentative`, `busy`, `oof`, `workingElsewhere` or `unknown`.
    #[serde(borrow, default)]
    pub show_as: Option<Text<'a>>,
    /// `normal`, `personal`, `private` or `confidential`.
    #[serde(borrow, default)]
    pub sensitivity: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub importance: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub response_status: Option<ResponseStatus<'a>>,
    #[serde(borrow, default)]
    pub organizer: Option<Recipient<'a>>,
    #[serde(borrow, default)]
    pub attendees: Option<Vec<Attendee<'a>>>,
    #[serde(borrow, default)]
    pub locations: Option<Vec<Location<'a>>>,
    #[serde(borrow, default)]
    pub location: Option<Location<'a>>,
    #[serde(borrow, default)]
    pub online_meeting: Option<OnlineMeetingInfo<'a>>,
    /// At most 255 characters.
    #[serde(borrow, default)]
    pub body_preview: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub body: Option<ItemBody<'a>>,
    #[serde(borrow, default)]
    pub web_link: Option<Text<'a>>,
}

/// A time on the wall (`2026-11-24T09:15:00.0000000`) and the zone that it is read in, by its Windows or IANA name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DateTimeTimeZone<'a> {
    #[serde(borrow)]
    pub date_time: Text<'a>,
    #[serde(borrow, default)]
    pub time_zone: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attendee<'a> {
    #[serde(borrow, default)]
    pub email_address: Option<EmailAddress<'a>>,
    /// `required`, `optional` or `resource`.
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Text<'a>>,
    /// Of others, the organizer alone is told.
    #[serde(borrow, default)]
    pub status: Option<ResponseStatus<'a>>,
}

/// `none`, `organizer`, `tentativelyAccepted`, `accepted`, `declined` or `notResponded`.
#[derive(Debug, Deserialize)]
pub struct ResponseStatus<'a> {
    #[serde(borrow, default)]
    pub response: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location<'a> {
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnlineMeetingInfo<'a> {
    #[serde(borrow, default)]
    pub join_url: Option<Text<'a>>,
}

/// How a series recurs.
/// Source: <https://learn.microsoft.com/graph/api/resources/patternedrecurrence>.
#[derive(Debug, Deserialize)]
pub struct Recurrence<'a> {
    #[serde(borrow)]
    pub pattern: RecurrencePattern<'a>,
    #[serde(borrow)]
    pub range: RecurrenceRange<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecurrencePattern<'a> {
    /// `daily`, `weekly`, `absoluteMonthly`, `relativeMonthly`, `absoluteYearly` or `relativeYearly`.
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(default)]
    pub interval: u32,
    #[serde(default)]
    pub month: u8,
    #[serde(default)]
    pub day_of_month: u8,
    #[serde(borrow, default)]
    pub days_of_week: Option<Vec<Text<'a>>>,
    /// `first`, `second`, `third`, `fourth` or `last`.
    #[serde(borrow, default)]
    pub index: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecurrenceRange<'a> {
    /// `noEnd`, `endDate` or `numbered`.
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow, default)]
    pub start_date: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub end_date: Option<Text<'a>>,
    /// By whose clocks the days of the pattern are days: a name of Windows or of the IANA database.
    #[serde(borrow, default)]
    pub recurrence_time_zone: Option<Text<'a>>,
    #[serde(default)]
    pub number_of_occurrences: u32,
}

/// What is told of a series to those who read one of its occurrences.
#[derive(Debug, Deserialize)]
pub struct SeriesMaster<'a> {
    #[serde(borrow, default)]
    pub recurrence: Option<Recurrence<'a>>,
}

/// A file, an item or a link that hangs on an event, without its content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentInfo<'a> {
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub content_type: Option<Text<'a>>,
    /// In bytes.
    #[serde(default)]
    pub size: Option<u64>,
    #[serde(default)]
    pub is_inline: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calendar<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(default)]
    pub is_default_calendar: Option<bool>,
    #[serde(borrow, default)]
    pub owner: Option<EmailAddress<'a>>,
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    /// If this failed, attendees would lose their names or their answers, or be copied.
    #[test]
    fn an_event_is_read_and_borrowed() {
        let json = r#"{"@odata.etag":"x","id":"AAMk","subject":"Planning","type":"occurrence",
            "start":{"dateTime":"2026-11-24T09:15:00.0000000","timeZone":"UTC"},
            "attendees":[{"type":"optional","status":{"response":"accepted","time":"2026-11-20T10:00:00Z"},
                "emailAddress":{"name":"Adele","address":"adele@contoso.example"}}],
            "recurrence":null,"onlineMeeting":null,"location":{"displayName":"Room"}}"#;
        let event: Event<'_> = serde_json::from_str(json).unwrap();
        assert!(matches!(event.subject, Some(Text(Cow::Borrowed("Planning")))));
        let attendee = &event.attendees.as_ref().unwrap()[0];
        assert_eq!(attendee.status.as_ref().unwrap().response.as_deref(), Some("accepted"));
        let person = attendee.email_address.as_ref().unwrap();
        assert_eq!(person.name.as_deref(), Some("Adele"));
        assert!(event.recurrence.is_none() && event.online_meeting.is_none());
    }
}
