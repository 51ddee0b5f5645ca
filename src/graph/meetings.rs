//! Online meetings, and what they leave behind, as Graph writes them. Every field that `$select` may leave out is
//! optional.

use serde::Deserialize;

use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/onlinemeeting>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnlineMeeting<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    /// Of a series the first time.
    #[serde(borrow, default)]
    pub start_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub end_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub join_web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub participants: Option<MeetingParticipants<'a>>,
    #[serde(borrow, default)]
    pub chat_info: Option<MeetingChat<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct MeetingParticipants<'a> {
    #[serde(borrow, default)]
    pub organizer: Option<MeetingParticipant<'a>>,
    #[serde(borrow, default)]
    pub attendees: Option<Vec<MeetingParticipant<'a>>>,
}

/// The service names nobody but by the principal name.
#[derive(Debug, Deserialize)]
pub struct MeetingParticipant<'a> {
    #[serde(borrow, default)]
    pub upn: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub identity: Option<AccountSet<'a>>,
}

/// An account behind a name, where there is one.
#[derive(Debug, Deserialize)]
pub struct AccountSet<'a> {
    #[serde(borrow, default)]
    pub user: Option<NamedIdentity<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingChat<'a> {
    #[serde(borrow, default)]
    pub thread_id: Option<Text<'a>>,
}

/// A transcript or a recording: of one time that a meeting took place, or of a part of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallArtifact<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub end_date_time: Option<Text<'a>>,
    /// Whose meeting it was.
    #[serde(borrow, default)]
    pub meeting_organizer: Option<AccountSet<'a>>,
    /// Names a stretch of the call: the same for its transcript and its recording.
    #[serde(borrow, default)]
    pub content_correlation_id: Option<Text<'a>>,
}

/// Who was there, of one time that a meeting took place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceReport<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(default)]
    pub total_participant_count: Option<u32>,
    #[serde(borrow, default)]
    pub meeting_start_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub meeting_end_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub attendance_records: Option<Vec<AttendanceRecord<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceRecord<'a> {
    #[serde(borrow, default)]
    pub email_address: Option<Text<'a>>,
    #[serde(default)]
    pub total_attendance_in_seconds: Option<u32>,
    /// `Organizer`, `Presenter` or `Attendee`.
    #[serde(borrow, default)]
    pub role: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub identity: Option<NamedIdentity<'a>>,
    #[serde(borrow, default)]
    pub attendance_intervals: Option<Vec<AttendanceInterval<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedIdentity<'a> {
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    /// The tenant that the account belongs to; of people without one there is none.
    #[serde(borrow, default)]
    pub tenant_id: Option<Text<'a>>,
}

impl AccountSet<'_> {
    pub fn tenant(&self) -> Option<&str> {
        self.user.as_ref()?.tenant_id.as_deref()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceInterval<'a> {
    #[serde(borrow, default)]
    pub join_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub leave_date_time: Option<Text<'a>>,
}

/// What Copilot has made of a transcript.
/// Source: <https://learn.microsoft.com/microsoft-365-copilot/extensibility/api/ai-services/meeting-insights/overview>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AiInsight<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub end_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub meeting_notes: Option<Vec<MeetingNote<'a>>>,
    #[serde(borrow, default)]
    pub action_items: Option<Vec<ActionItem<'a>>>,
    #[serde(borrow, default)]
    pub viewpoint: Option<Viewpoint<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct MeetingNote<'a> {
    #[serde(borrow, default)]
    pub title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub subpoints: Option<Vec<MeetingSubpoint<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct MeetingSubpoint<'a> {
    #[serde(borrow, default)]
    pub title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionItem<'a> {
    #[serde(borrow, default)]
    pub title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub owner_display_name: Option<Text<'a>>,
}

/// What concerns the reader.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewpoint<'a> {
    #[serde(borrow, default)]
    pub mention_events: Option<Vec<MentionEvent<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MentionEvent<'a> {
    #[serde(borrow, default)]
    pub event_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub transcript_utterance: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub speaker: Option<MentionSpeaker<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct MentionSpeaker<'a> {
    #[serde(borrow, default)]
    pub user: Option<NamedIdentity<'a>>,
}
