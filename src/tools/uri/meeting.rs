//! The uris of online meetings and of what was said in them.

use super::segments::Family;

pub(in crate::tools) const MEETING: Family = Family { root: "meeting:///", forms: "meeting:///{id}" };
pub(in crate::tools) const TRANSCRIPT: Family = Family {
    root: "meeting-transcript:///",
    forms: "meeting-transcript:///events/{eventId}[?start=&end=], meeting-transcript:///{meetingId}, \
            meeting-transcript:///{meetingId}/{transcriptId}",
};
const EVENT_TRANSCRIPT: Family = Family { root: "meeting-transcript:///events/", ..TRANSCRIPT };

/// `meeting:///{id}`.
pub(in crate::tools) fn meeting_uri(meeting: &str) -> String {
    MEETING.uri(&[meeting])
}

/// `meeting-transcript:///events/{id}`: of that very occurrence.
pub(in crate::tools) fn event_transcript_uri(event: &str) -> String {
    EVENT_TRANSCRIPT.uri(&[event])
}

/// `meeting-transcript:///{meeting}/{transcript}`.
pub(in crate::tools) fn transcript_uri_of(meeting: &str, transcript: &str) -> String {
    TRANSCRIPT.uri(&[meeting, transcript])
}
