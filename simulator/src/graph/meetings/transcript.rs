//! Transcripts: their metadata, and what was said as WebVTT.

use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{self, Call};
use super::meeting::Meeting;
use super::speech::{self, Cue};
use crate::graph::odata::select::Selection;
use crate::graph::policy::Transcripts;
use crate::graph::refusal::meetings::MeetingRefusal;
use crate::graph::respond::Object;

pub(super) const NAMES: &[&str] = &[
    "id",
    "meetingId",
    "callId",
    "contentCorrelationId",
    "transcriptContentUrl",
    "createdDateTime",
    "endDateTime",
    "meetingOrganizer",
];
const ATTRIBUTED: &str = "text/vtt";
const UNATTRIBUTED: &str = "application/vnd.microsoft.graph.transcript+text";

/// In which form a transcript is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With the name of who speaks.
    Attributed,
    Unattributed,
}

impl Form {
    /// Reads `$format`, which can't ask for the form without speakers, else `Accept`.
    pub(super) fn wanted(format: Option<&str>, accept: Option<&str>) -> Result<Self, MeetingRefusal> {
        if let Some(format) = format {
            let is_known = format.eq_ignore_ascii_case(ATTRIBUTED);
            return if is_known { Ok(Self::Attributed) } else { Err(MeetingRefusal::NotAcceptable) };
        }
        let Some(accept) = accept else { return Ok(Self::Attributed) };
        accept
            .split(',')
            .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
            .find_map(|kind| match kind.as_str() {
                ATTRIBUTED | "text/*" | "*/*" | "" => Some(Self::Attributed),
                UNATTRIBUTED => Some(Self::Unattributed),
                _ => None,
            })
            .ok_or(MeetingRefusal::NotAcceptable)
    }

    /// Whether the tenant lets it out.
    pub(super) fn permit(self, policy: Transcripts) -> Result<(), MeetingRefusal> {
        match (policy, self) {
            (Transcripts::Unattributed, Self::Attributed) => Err(MeetingRefusal::AttributionDisabled),
            _ => Ok(()),
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Attributed => ATTRIBUTED,
            Self::Unattributed => UNATTRIBUTED,
        }
    }
}

pub(super) fn shown(meeting: Meeting<'_>, call: &Call, base_url: &str, selection: &Selection) -> Object {
    let id = call.transcript_id();
    Object::selected(NAMES, selection, |name| match name {
        "id" => id.as_str().into(),
        "meetingId" => meeting.id().into(),
        "callId" => call.id.to_string().into(),
        "contentCorrelationId" => call.correlation().into(),
        "transcriptContentUrl" => format!("{}/transcripts/{id}/content", meeting.url(base_url)).into(),
        "createdDateTime" => call.start.to_string().into(),
        "endDateTime" => call.end.to_string().into(),
        "meetingOrganizer" => call::organizer(meeting),
        _ => Value::Null,
    })
}

pub(super) fn content(meeting: Meeting<'_>, call: &Call, form: Form) -> Bytes {
    vtt(meeting, call, |cue| match form {
        Form::Attributed => format!("<v {}>{}</v>", cue.speaker, cue.text),
        Form::Unattributed => cue.text.clone(),
    })
}

/// Every cue as a JSON object.
pub(super) fn metadata(meeting: Meeting<'_>, call: &Call) -> Bytes {
    let instant = |milliseconds: u64| {
        let offset = jiff::SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or_default());
        call.start.checked_add(offset).unwrap_or(call.start).to_string()
    };
    vtt(meeting, call, |cue| {
        json!({
            "startDateTime": instant(cue.start),
            "endDateTime": instant(cue.end),
            "speakerName": cue.speaker,
            "spokenText": cue.text,
            "spokenLanguage": "en-us",
        })
        .to_string()
    })
}

fn vtt(meeting: Meeting<'_>, call: &Call, write: impl Fn(&Cue<'_>) -> String) -> Bytes {
    let mut text = "WEBVTT\n\n".to_owned();
    for cue in speech::cues(meeting, call) {
        text.extend([&stamp(cue.start), " --> ", &stamp(cue.end), "\n", &write(&cue), "\n\n"]);
    }
    Bytes::from(text)
}

/// Hours, minutes, seconds and milliseconds.
fn stamp(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60, milliseconds % 1_000)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Fails when a client gets another form than it asked for.
    #[rstest]
    #[case(None, None, Ok(Form::Attributed))]
    #[case(None, Some("*/*"), Ok(Form::Attributed))]
    #[case(Some("text/vtt"), Some(UNATTRIBUTED), Ok(Form::Attributed))]
    #[case(
        None,
        Some("application/json, application/vnd.microsoft.graph.transcript+text;q=0.9"),
        Ok(Form::Unattributed)
    )]
    #[case(Some(UNATTRIBUTED), None, Err(MeetingRefusal::NotAcceptable))]
    #[case(
        None,
        Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        Err(MeetingRefusal::NotAcceptable)
    )]
    fn the_form_is_negotiated(
        #[case] format: Option<&str>,
        #[case] accept: Option<&str>,
        #[case] wanted: Result<Form, MeetingRefusal>,
    ) {
        assert_eq!(Form::wanted(format, accept), wanted);
    }

    /// Fails when a time is written otherwise than WebVTT has it.
    #[test]
    fn times_are_written_with_hours() {
        assert_eq!(stamp(3_723_045), "01:02:03.045");
    }
}
