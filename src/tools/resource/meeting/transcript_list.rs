//! `meeting-transcript:///{meeting}`: which transcripts there are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::{Read, Reading};
use super::told;
use crate::graph::{AccountSet, CallArtifact, GraphRequest};
use crate::tools::error::ToolError;
use crate::tools::list::{List, NotEchoed};
use crate::tools::meeting::{meeting_request, transcripts};
use crate::tools::pages::{Ending, Position, collect_or, entry, look_through};
use crate::tools::provenance::Origin;
use crate::tools::review::Withheld;
use crate::tools::tool::{ToolAnswer, ToolCall};
use crate::tools::uri::{TRANSCRIPT, transcript_uri_of};

pub(super) const OPENED_BY: &[&str] = &["OnlineMeetingTranscript.Read.All"];
/// Of one answer.
const LIMIT: usize = 50;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedTranscript<'a> {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Of the meeting's organizer.
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
}

/// A transcript, and when it was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl Made {
    /// `None` where Graph gives no time.
    pub(super) fn of(artifact: &CallArtifact<'_>) -> Option<Self> {
        let start: Timestamp = artifact.created_date_time.as_deref()?.parse().ok()?;
        let end = artifact.end_date_time.as_deref().and_then(|end| end.parse().ok());
        Some(Self { id: artifact.id.to_string(), start, end: end.unwrap_or(start) })
    }
}

/// `meeting-transcript:///{meeting}`.
pub(super) fn uri(meeting: &str) -> String {
    TRANSCRIPT.uri(&[meeting])
}

fn request(meeting: &str) -> Result<GraphRequest, ToolError> {
    Ok(meeting_request(OPENED_BY, meeting)?.part("/transcripts"))
}

/// The transcripts of a meeting, in Graph's order, as far as one answer may look; twenty on a page are those of a daily meeting
/// of more than half a year.
pub(super) async fn all(call: &ToolCall<'_>, meeting: &str) -> Result<(Vec<Made>, Ending), ToolError> {
    let made = |raw: &RawValue| Ok(Made::of(&entry::<CallArtifact<'_>>(raw)?));
    let (mut all, ending) = look_through(call, &request(meeting)?, made, transcripts).await?;
    // Pages of a list that has moved on meanwhile name some twice.
    let mut seen = BTreeSet::new();
    all.retain(|made: &Made| seen.insert(made.id.clone()));
    Ok((all, ending))
}

pub(super) async fn read(reading: &Reading<'_>, meeting: &str) -> Result<ToolAnswer, ToolError> {
    let Reading { call, binding, .. } = reading;
    let from = Position::of(call, reading.cursor, binding)?;
    let kept = |raw: &RawValue| Ok(Some(raw.to_owned()));
    let request = request(meeting)?;
    let listed = collect_or(call, &request, from, LIMIT, kept, transcripts);
    let (zone, collected) = reading.beside(listed).await?;
    let size = collected.size;
    let (raws, mut collected) = collected.take();
    let review = reading.review();
    for raw in &raws {
        let artifact: CallArtifact<'_> = entry(raw)?;
        let shaped = review.admit(artifact).map(|artifact| {
            artifact.shape(|artifact, withheld| {
                let organizer = artifact.meeting_organizer.as_ref().and_then(AccountSet::tenant);
                let origin = Origin::of_tenant(organizer, review.policy());
                let (started_utc, started) = told(artifact.created_date_time, &zone);
                let (ended_utc, ended) = told(artifact.end_date_time, &zone);
                let uri = transcript_uri_of(meeting, &artifact.id);
                ListedTranscript { uri, started_utc, started, ended_utc, ended, origin, withheld }
            })
        });
        collected.items.extend(shaped);
    }
    let list: List<_, NotEchoed> = collected.into_list(call, binding, &review)?;
    ToolAnswer::new(&Read::list("transcripts", list), size)
}
