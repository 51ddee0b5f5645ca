//! Why the directory refuses a request.

use thiserror::Error;

/// A closed list. The sentences about advanced queries are those that the directory is known for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::graph) enum DirectoryRefusal {
    #[error(
        "{0} is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information."
    )]
    AdvancedQuery(&'static str),
    #[error(
        "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'"
    )]
    SearchWithoutEventual,
    #[error("$count is not currently supported.")]
    CountWithoutEventual,
    #[error("Unsupported or invalid query filter clause specified for property '{0}' of resource 'User'.")]
    UnsupportedFilter(&'static str),
    #[error("Sorting not supported for current query.")]
    UnsupportedSort,
    #[error("The property '{0}' can't be searched.")]
    UnsearchableProperty(String),
    #[error(
        "Invalid $search: {0}. Clauses are written \"property:value\", with their quotation marks, and joined by AND or OR."
    )]
    SearchSyntax(&'static str),
    #[error("Invalid page size specified: '{0}'. Must be between 1 and 999 inclusive.")]
    PageSize(usize),
    #[error("'{0}' is not supported by the service.")]
    UnsupportedOption(&'static str),
    /// Of what only lists can take, where there is one person.
    #[error("{0} not supported.")]
    OptionOfLists(&'static str),
    #[error(
        "Transitive manager's list is only supported on a single user, send the $expand request on /users/{{id}} endpoint"
    )]
    ChainOfMany,
    #[error("The specified page token value is invalid.")]
    PageToken,
    #[error("The photo wasn't found.")]
    ImageNotFound,
}

impl DirectoryRefusal {
    pub(in crate::graph) const fn status(&self) -> u16 {
        match self {
            Self::ImageNotFound => 404,
            _ => 400,
        }
    }

    pub(in crate::graph) const fn code(&self) -> &'static str {
        match self {
            Self::ImageNotFound => "ImageNotFound",
            Self::PageToken => "Directory_ExpiredPageToken",
            Self::SearchSyntax(_) | Self::UnsupportedOption(_) | Self::OptionOfLists(_) => {
                "Request_BadRequest"
            }
            _ => "Request_UnsupportedQuery",
        }
    }
}
