//! Why the meeting service refuses.

use thiserror::Error;

use crate::graph::permissions::MissingPermission;

/// A closed list. The sentences about the two switches are Microsoft's own.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::graph) enum MeetingRefusal {
    #[error(transparent)]
    MissingScope(#[from] MissingPermission),
    #[error("Filter expression expected - /onlineMeetings?$filter={{ParameterName}} eq '{{id}}'.")]
    FilterExpected,
    #[error("The user of the address takes no part in this meeting, or is not the caller.")]
    OtherUser,
    #[error("Only the organizer of a meeting may read its attendance reports.")]
    OrganizerOnly,
    #[error("The requested resource was not found.")]
    NotFound,
    #[error("The meeting id is malformed.")]
    MalformedId,
    #[error("The query option '{0}' is not supported here.")]
    OptionNotSupported(&'static str),
    #[error("The page token is malformed.")]
    PageToken,
    #[error("The requested media type is not supported.")]
    NotAcceptable,
    #[error("Graph API access to transcripts is disabled for this tenant.")]
    TranscriptsDisabled,
    #[error(
        "Speaker-attributed transcript content is disabled for this tenant. Ask for the content without speaker attribution."
    )]
    AttributionDisabled,
    #[error("The user has no license for Microsoft 365 Copilot.")]
    NotLicensed,
}

impl MeetingRefusal {
    pub(in crate::graph) const fn status(&self) -> u16 {
        match self {
            Self::MissingScope(_)
            | Self::OtherUser
            | Self::OrganizerOnly
            | Self::TranscriptsDisabled
            | Self::AttributionDisabled
            | Self::NotLicensed => 403,
            Self::NotFound => 404,
            Self::NotAcceptable => 406,
            Self::FilterExpected | Self::MalformedId | Self::OptionNotSupported(_) | Self::PageToken => 400,
        }
    }

    pub(in crate::graph) const fn code(&self) -> &'static str {
        match self {
            Self::FilterExpected | Self::MalformedId => "InvalidArgument",
            Self::OptionNotSupported(_) | Self::PageToken => "BadRequest",
            Self::NotFound => "NotFound",
            Self::NotAcceptable => "NotAcceptable",
            _ => "Forbidden",
        }
    }

    /// The deeper code, where there is one that says more.
    pub(in crate::graph) const fn inner_code(&self) -> Option<&'static str> {
        match self {
            Self::TranscriptsDisabled => Some("GraphAccessToTranscriptsDisabled"),
            Self::AttributionDisabled => Some("SpeakerAttributionNotAllowed"),
            _ => None,
        }
    }
}
