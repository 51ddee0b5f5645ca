//! Recordings: metadata. The video itself is a file of the download host.

use serde_json::Value;

use super::call::{self, Call};
use super::meeting::Meeting;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

pub(super) const NAMES: &[&str] = &[
    "id",
    "meetingId",
    "callId",
    "contentCorrelationId",
    "recordingContentUrl",
    "createdDateTime",
    "endDateTime",
    "meetingOrganizer",
];

pub(super) fn shown(meeting: Meeting<'_>, call: &Call, base_url: &str, selection: &Selection) -> Object {
    Object::selected(NAMES, selection, |name| match name {
        "id" => call.recording.to_string().into(),
        "meetingId" => meeting.id().into(),
        "callId" => call.id.to_string().into(),
        "contentCorrelationId" => call.correlation().into(),
        "recordingContentUrl" => {
            format!("{}/recordings/{}/content", meeting.url(base_url), call.recording).into()
        }
        "createdDateTime" => call.start.to_string().into(),
        "endDateTime" => call.end.to_string().into(),
        "meetingOrganizer" => call::organizer(meeting),
        _ => Value::Null,
    })
}
