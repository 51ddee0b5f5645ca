//! Why OneDrive or SharePoint refuses: status, codes and sentence, as the OneDrive API writes them.

use thiserror::Error;

use crate::graph::odata::expand::NotExpandable;
use crate::graph::refusal::Refusal;
use crate::graph::request::GraphResponse;
use crate::graph::respond;

/// A closed list of refusals.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::graph) enum FileRefusal {
    /// Of OData parsing, in front of the service.
    #[error(transparent)]
    Parsing(#[from] Refusal),
    #[error("The caller does not have the permissions that this API requires.")]
    ScopeMissing,
    #[error("Access denied")]
    AccessDenied,
    #[error("Access denied")]
    OwnerOnly,
    #[error("The resource could not be found.")]
    ItemNotFound,
    #[error("Requested site could not be found")]
    SiteNotFound,
    #[error("Invalid hostname for this tenancy")]
    WrongHost,
    #[error("The provided drive id appears to be malformed, or does not represent a valid drive.")]
    MalformedDrive,
    #[error("User's mysite not found.")]
    NoHome,
    #[error("The sharing token is malformed.")]
    MalformedShare,
    #[error("The sharing link could not be found.")]
    ShareNotFound,
    #[error("The item is a folder and has no content.")]
    NoContent,
    #[error("The requested format is not supported.")]
    FormatNotSupported,
    #[error("The query option '{0}' is not supported here.")]
    OptionNotSupported(&'static str),
    #[error(
        "The query specified in the URI is not valid. The limit of '{limit}' for Top query has been exceeded. The value from the incoming request is '{asked}'."
    )]
    TopTooLarge { limit: usize, asked: usize },
    #[error("The value '{value}' of '{option}' is not supported here.")]
    ValueNotSupported { option: &'static str, value: String },
    #[error("Sites can't be listed without the query option 'search', which has no '$'.")]
    SitesWithoutSearch,
    #[error("Redeeming a sharing link grants lasting access, which is a change.")]
    WouldWrite,
    #[error(
        "Field '{0}' cannot be referenced in filter or orderby as it is not indexed. Provide the 'Prefer: HonorNonIndexedQueriesWarningMayFailRandomly' header to allow this, but be warned that such queries may fail on large lists."
    )]
    NotIndexed(String),
}

impl From<NotExpandable> for FileRefusal {
    fn from(NotExpandable(value): NotExpandable) -> Self {
        Self::ValueNotSupported { option: "$expand", value }
    }
}

impl FileRefusal {
    const fn status(&self) -> u16 {
        match self {
            Self::Parsing(refusal) => refusal.status(),
            Self::ScopeMissing | Self::AccessDenied | Self::OwnerOnly => 403,
            Self::ItemNotFound | Self::SiteNotFound | Self::NoHome | Self::ShareNotFound => 404,
            Self::WouldWrite => 405,
            Self::FormatNotSupported => 406,
            _ => 400,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Parsing(refusal) => refusal.code(),
            Self::ScopeMissing | Self::AccessDenied | Self::OwnerOnly => "accessDenied",
            Self::ItemNotFound | Self::SiteNotFound | Self::ShareNotFound => "itemNotFound",
            Self::NoHome => "ResourceNotFound",
            Self::WouldWrite => "notAllowed",
            Self::FormatNotSupported | Self::OptionNotSupported(_) => "notSupported",
            _ => "invalidRequest",
        }
    }

    /// The deeper code, where the OneDrive API has one that says more.
    const fn inner_code(&self) -> Option<&'static str> {
        match self {
            Self::OwnerOnly => Some("accessRestricted"),
            _ => None,
        }
    }

    pub(super) fn response(&self, client_request_id: Option<&str>) -> GraphResponse {
        let codes = (self.code(), self.inner_code());
        respond::error_within(self.status(), codes, &self.to_string(), client_request_id)
    }
}
