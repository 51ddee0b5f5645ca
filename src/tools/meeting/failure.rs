//! What the refusals of the meeting service mean, in sentences.

use crate::graph::GraphError;
use crate::tools::error::{ADMINISTRATOR, About, ErrorCode, ToolError};

/// Inner codes of transcripts, as Microsoft documents them:
/// <https://learn.microsoft.com/graph/api/calltranscript-get>.
const SWITCHED_OFF: &str = "GraphAccessToTranscriptsDisabled";
const SPEAKERS_FORBIDDEN: &str = "SpeakerAttributionNotAllowed";

const PARTICIPANTS: &str = "the meeting's organizer";

/// Of a meeting itself.
pub(in crate::tools) fn meeting(error: GraphError) -> ToolError {
    match error {
        GraphError::Rejected { status: 400, codes } if codes.contains("InvalidArgument") => {
            GraphError::NotFound { codes }.into()
        }
        GraphError::AccessDenied { missing: None, .. } => ToolError::new(
            ErrorCode::NoAccess,
            About::Unnamed,
            "The meeting can't be read by the signed-in user.",
            "only its organizer and those who are invited to it can.",
            PARTICIPANTS,
            "Ask the organizer for an invitation, or for what is wanted from the meeting.",
        ),
        error => error.into(),
    }
}

/// Whether the tenant wants no speakers named, so that the form without them has to be asked for.
pub(in crate::tools) fn forbids_speakers(error: &GraphError) -> bool {
    matches!(error, GraphError::AccessDenied { codes, .. } if codes.contains(SPEAKERS_FORBIDDEN))
}

pub(in crate::tools) fn transcripts(error: GraphError) -> ToolError {
    match error {
        GraphError::AccessDenied { codes, .. } if codes.contains(SWITCHED_OFF) => ToolError::new(
            ErrorCode::NotInstalled,
            About::NoArgument,
            "The organisation has switched off access to transcripts.",
            "Its administrator does not let any app read transcripts through Microsoft Graph.",
            ADMINISTRATOR,
            "Ask the administrator to allow it in the Teams settings, or have the user open the transcript in Teams. \
             Trying again does not help until then.",
        ),
        error => meeting(error),
    }
}

pub(in crate::tools) fn recordings(error: GraphError) -> ToolError {
    meeting(error)
}

pub(in crate::tools) fn attendance(error: GraphError) -> ToolError {
    match error {
        GraphError::AccessDenied { missing: None, .. } => ToolError::new(
            ErrorCode::NoAccess,
            About::Unnamed,
            "The attendance reports of this meeting can't be read by the signed-in user.",
            "Microsoft 365 gives them to the meeting's organizer and co-organizers alone.",
            PARTICIPANTS,
            "Ask the organizer who was there; the transcript names those who spoke.",
        ),
        error => meeting(error),
    }
}

pub(in crate::tools) fn insights(error: GraphError) -> ToolError {
    match error {
        GraphError::AccessDenied { missing: None, .. } => ToolError::new(
            ErrorCode::NotLicensed,
            About::NoArgument,
            "The AI notes of this meeting can't be read.",
            "They need a Microsoft 365 Copilot licence of the signed-in user, and are for participants alone.",
            ADMINISTRATOR,
            "Ask the administrator for a licence, or read the transcript (meeting-transcript:///) and summarise that.",
        ),
        error => meeting(error),
    }
}
