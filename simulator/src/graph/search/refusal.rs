//! Why a search is refused.

use thiserror::Error;

use crate::graph::permissions::MissingPermission;
use crate::graph::refusal::Refusal;

/// A closed list. The sentence about permissions is Microsoft's; the others say what its documentation says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum SearchRefusal {
    #[error("Specified HTTP method is not allowed for the request target.")]
    Method,
    #[error("The request body is not well-formed JSON of content type application/json.")]
    Unreadable,
    #[error("'{0}' is missing or empty.")]
    Missing(&'static str),
    #[error("The value of '{property}' is invalid: {expected} was expected.")]
    Invalid { property: &'static str, expected: &'static str },
    #[error("The property '{0}' does not exist on type 'microsoft.graph.searchRequest'.")]
    UnknownProperty(String),
    #[error("Only one searchRequest is supported; there are {0}.")]
    Requests(usize),
    #[error("The entity type '{0}' is not supported.")]
    UnknownEntity(String),
    #[error("The entity types '{0}' and '{1}' can't be searched for together.")]
    Combination(&'static str, &'static str),
    #[error("The page size {size} is above the limit of {max} for '{entity}'.")]
    Size { size: usize, max: usize, entity: &'static str },
    #[error("'from' must be 0 for the first page of '{entity}'; no page of this search reaches to {from}.")]
    FirstPageMissing { from: usize, entity: &'static str },
    #[error("'{property}' is not supported for the entity type '{entity}'.")]
    Unsupported { property: &'static str, entity: &'static str },
    #[error("Results can't be sorted by '{0}'.")]
    SortName(String),
    #[error("Results can't be aggregated by '{0}'.")]
    Field(String),
    #[error("The aggregation filter '{0}' is not well-formed.")]
    Filter(String),
    #[error("Results are sorted by at most 5 properties.")]
    SortCount,
    #[error("SearchRequest Invalid ({0} is not supported when request with delegated permission.)")]
    ForApplications(&'static str),
    #[error(
        "Access to {entity} in Graph API requires the following permissions: {}. However, the application only has the following permissions granted: {}",
        .missing.needed, .missing.held
    )]
    Scopes { entity: &'static str, missing: MissingPermission },
    #[error("Guests can't search for this entity type.")]
    Guest,
    #[error("The caller does not exist in this tenant.")]
    Stranger,
    #[error("'contentSources' must name a connection, and this tenant has none.")]
    NoConnection,
    #[error(transparent)]
    Query(#[from] Refusal),
}

impl SearchRefusal {
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Scopes { .. } | Self::Guest | Self::Stranger => 403,
            _ => 400,
        }
    }

    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Method => "Request_BadRequest",
            Self::Scopes { .. } | Self::Guest | Self::Stranger => "Forbidden",
            _ => "BadRequest",
        }
    }
}
