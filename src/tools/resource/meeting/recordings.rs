//! `meeting-recordings:///`: which recordings there are, never the video.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::{Kind, Read, Reading, Scheme};
use super::{only_id, told};
use crate::graph::{AccountSet, CallArtifact};
use crate::tools::error::ToolError;
use crate::tools::list::{List, NotEchoed};
use crate::tools::meeting::{RECORDINGS, meeting_request, recordings};
use crate::tools::pages::{MOST_PAGES, Position, collect_or, entry};
use crate::tools::provenance::Origin;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::Withheld;
use crate::tools::sought::Thing;
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::Family;

/// Of one answer.
const LIMIT: usize = 50;
/// What Graph names, `recordingContentUrl`, opens with a token alone.
/// Source: <https://learn.microsoft.com/graph/api/resources/callrecording>.
const NO_VIDEO: &str = "Videos are not given here, and Microsoft Graph knows no link to one that a browser opens: people find \
                        them in the meeting's chat in Teams, and among the Recordings in the OneDrive of who recorded it.";

pub(super) const FAMILY: Family =
    Family { root: "meeting-recordings:///", forms: "meeting-recordings:///{meetingId}" };

pub(in crate::tools) static RECORDINGS_SCHEME: Scheme = Scheme {
    name: "meeting-recordings",
    forms: FAMILY.forms,
    scopes: RECORDINGS,
    most_requests: MOST_PAGES,
    part: |_| None,
    names: |_| Thing::Meeting,
    kinds: &[Kind::of::<List<Recording<'_>>>("recordings")],
    templates: &[ResourceTemplate {
        uri_template: FAMILY.forms,
        name: "meeting-recordings",
        title: "Recordings of a meeting",
        description: "When a meeting was recorded; never the video itself.",
        mime_type: "application/json",
    }],
    read,
};

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Recording<'a> {
    id: Cow<'a, str>,
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

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let Reading { call, binding, .. } = reading;
        let meeting = only_id(FAMILY, reading.uri)?;
        let request = meeting_request(&["OnlineMeetingRecording.Read.All"], &meeting)?.part("/recordings");
        let from = Position::of(call, reading.cursor, binding)?;
        let kept = |raw: &RawValue| Ok(Some(raw.to_owned()));
        let listed = collect_or(call, &request, from, LIMIT, kept, recordings);
        let (zone, collected) = reading.beside(listed).await?;
        let size = collected.size;
        let (raws, mut collected) = collected.take();
        let review = reading.review();
        for raw in &raws {
            let shaped = review.admit(entry::<CallArtifact<'_>>(raw)?).map(|artifact| {
                artifact.shape(|artifact, withheld| {
                    let organizer = artifact.meeting_organizer.as_ref().and_then(AccountSet::tenant);
                    let origin = Origin::of_tenant(organizer, review.policy());
                    let (started_utc, started) = told(artifact.created_date_time, &zone);
                    let (ended_utc, ended) = told(artifact.end_date_time, &zone);
                    let id = artifact.id.into_cow();
                    Recording { id, started_utc, started, ended_utc, ended, origin, withheld }
                })
            });
            collected.items.extend(shaped);
        }
        let note = (!raws.is_empty()).then_some(NO_VIDEO.into());
        let list: List<_, NotEchoed> = collected.into_list(call, binding, &review)?.notes(note);
        ToolAnswer::new(&Read::list("recordings", list), size)
    })
}
