//! The uris of transcripts.

use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::tools::error::ToolError;
use crate::tools::meeting::{EventReference, Occurrence};
use crate::tools::uri::TRANSCRIPT;

/// A uri that can be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TranscriptUri<'a> {
    /// Of the time that the event takes place, or of the one that is given.
    Event {
        event: EventReference<'a>,
        time: Option<Occurrence>,
    },
    /// Which there are.
    Meeting(Cow<'a, str>),
    One {
        meeting: Cow<'a, str>,
        transcript: Cow<'a, str>,
    },
}

impl<'a> TranscriptUri<'a> {
    pub(super) fn parse(uri: &'a str) -> Result<Self, ToolError> {
        let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
        if let Some(event) = path.strip_prefix("meeting-transcript:///events/") {
            let event = EventReference::of_encoded(event).ok_or_else(|| TRANSCRIPT.refused("uri"))?;
            return Ok(Self::Event { event, time: query.map(time).transpose()? });
        }
        if query.is_some() {
            return Err(refused("only the uri of an event's transcript has a query"));
        }
        let mut ids = TRANSCRIPT.segments("uri", uri)?.into_iter();
        match (ids.next(), ids.next(), ids.next()) {
            (Some(meeting), None, None) => Ok(Self::Meeting(meeting)),
            (Some(meeting), Some(transcript), None) => Ok(Self::One { meeting, transcript }),
            _ => Err(TRANSCRIPT.refused("uri")),
        }
    }
}

/// `start={time}&end={time}`, ISO 8601 in UTC or with an offset.
fn time(query: &str) -> Result<Occurrence, ToolError> {
    let (mut start, mut end) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let wanted = match &*name {
            "start" => &mut start,
            "end" => &mut end,
            _ => return Err(refused("its query can only be start={time}&end={time}")),
        };
        // A plus sign that nobody has encoded is a space by now.
        let value = percent_decode_str(&value).decode_utf8_lossy().replace(' ', "+");
        *wanted = Some(
            value
                .parse::<Timestamp>()
                .map_err(|_| refused("start and end must be ISO 8601 with Z or an offset"))?,
        );
    }
    match (start, end) {
        (Some(start), Some(end)) if start < end => Ok(Occurrence { start, end }),
        _ => Err(refused("its query needs start and a later end")),
    }
}

fn refused(why: &'static str) -> ToolError {
    ToolError::unreadable_uri("uri", why, TRANSCRIPT.forms)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[rstest]
    #[case::nothing("meeting-transcript:///")]
    #[case::no_event("meeting-transcript:///events/")]
    #[case::below_an_event("meeting-transcript:///events/A/B")]
    #[case::too_long("meeting-transcript:///a/b/c")]
    #[case::query_of_a_meeting("meeting-transcript:///a/b?start=2026-11-23T10:00:00Z")]
    #[case::half_a_time("meeting-transcript:///events/A?start=2026-11-23T10:00:00Z")]
    #[case::backwards("meeting-transcript:///events/A?start=2026-11-23T10:00:00Z&end=2026-11-23T09:00:00Z")]
    #[case::no_zone("meeting-transcript:///events/A?start=2026-11-23T10:00:00&end=2026-11-23T11:00:00")]
    #[case::other_query("meeting-transcript:///events/A?owner=adele")]
    fn anything_else_names_the_forms(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = TranscriptUri::parse(uri) else { panic!("{uri} was read") };
        assert!(error.how.contains("meeting-transcript:///events/{eventId}"), "{}", error.how);
    }

    /// If this failed, another time of a series would be read than the one that was asked for.
    #[rstest]
    #[case::utc("start=2026-11-23T10:00:00Z&end=2026-11-23T11:00:00Z")]
    #[case::encoded("start=2026-11-23T10%3A00%3A00Z&end=2026-11-23T11%3A00%3A00Z")]
    #[case::offset("start=2026-11-23T11:00:00%2B01:00&end=2026-11-23T12:00:00+01:00")]
    fn a_time_is_read_however_it_is_written(#[case] query: &str) {
        let uri = format!("meeting-transcript:///events/AA%3D?{query}");
        let Ok(TranscriptUri::Event { event, time: Some(time) }) = TranscriptUri::parse(&uri) else {
            panic!("{uri}")
        };
        assert_eq!(Some(event), EventReference::of_encoded("AA="));
        assert_eq!(time.start.to_string(), "2026-11-23T10:00:00Z");
        assert_eq!(time.end.to_string(), "2026-11-23T11:00:00Z");
    }
}
