//! Why Graph refuses a request: status, code and sentence, as the services behind it write them.

pub(super) mod calendar;
pub(super) mod directory;
pub(super) mod meetings;

use thiserror::Error;

use self::calendar::CalendarRefusal;
use self::directory::DirectoryRefusal;
use self::meetings::MeetingRefusal;

/// A closed list of refusals. The codes are those of the service that would refuse: OData parsing in front,
/// Exchange for mail, the directory for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error("Resource not found for the segment '{0}'.")]
    UnknownSegment(String),
    #[error("The request URI is not valid: {0}.")]
    MalformedUri(&'static str),
    #[error("The query parameter '{0}' is not supported.")]
    UnknownOption(String),
    #[error("Query option '{0}' was specified more than once, but it must be specified at most once.")]
    RepeatedOption(String),
    #[error(
        "Invalid value '{value}' for {option} query option found. The {option} query option requires {expected}."
    )]
    InvalidOption { option: &'static str, value: String, expected: &'static str },
    #[error(
        "The limit of '{limit}' for Top query has been exceeded. The value from the incoming request is '{asked}'."
    )]
    TopTooLarge { limit: usize, asked: usize },
    #[error(
        "Parsing OData Select and Expand failed: Could not find a property named '{property}' on type '{resource}'."
    )]
    UnknownSelected { property: String, resource: &'static str },
    #[error("Could not find a property named '{property}' on type '{resource}'.")]
    UnknownProperty { property: String, resource: &'static str },
    #[error("Invalid filter clause: {0}")]
    FilterSyntax(String),
    #[error("The restriction or sort order is too complex for this operation.")]
    InefficientFilter,
    #[error("Syntax error: {0}")]
    SearchSyntax(String),
    #[error("The query parameter '$orderBy' is not supported with '$search'.")]
    SearchWithOrderBy,
    #[error("The query parameter '$filter' is not supported with '$search'.")]
    SearchWithFilter,
    #[error("The query parameter '$skip' is not supported with '$search'.")]
    SearchWithSkip,
    #[error("The query parameter '{0}' is not supported on this resource.")]
    UnsupportedOption(&'static str),
    #[error("Id is malformed.")]
    MalformedId,
    #[error("The id has no such form.")]
    NoSuchForm,
    #[error("The collection 'inputIds' holds {0} ids. The allowed size = 1000.")]
    TooManyIds(usize),
    #[error("The specified object was not found in the store.")]
    ItemNotFound,
    #[error("The requested user '{0}' is invalid.")]
    UnknownMailbox(String),
    #[error(
        "Resource '{0}' does not exist or one of its queried reference-property objects are not present."
    )]
    UnknownPerson(String),
    #[error("The mailbox is inactive, or this tenant does not host it.")]
    NoMailbox,
    #[error("Access is denied. Check credentials and try again.")]
    MailAccessDenied,
    #[error("The content of a reference attachment lies elsewhere and can't be read as a value.")]
    ReferenceValue,
    #[error("Insufficient privileges to complete the operation.")]
    DirectoryAccessDenied,
    #[error("Specified HTTP method is not allowed for the request target.")]
    MethodNotAllowed,
    #[error(transparent)]
    Calendar(#[from] CalendarRefusal),
    #[error(transparent)]
    Directory(#[from] DirectoryRefusal),
    #[error(transparent)]
    Meeting(#[from] MeetingRefusal),
}

impl Refusal {
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::MethodNotAllowed | Self::ReferenceValue => 405,
            Self::Calendar(refusal) => refusal.status(),
            Self::Directory(refusal) => refusal.status(),
            Self::Meeting(refusal) => refusal.status(),
            Self::MailAccessDenied | Self::DirectoryAccessDenied => 403,
            Self::ItemNotFound | Self::NoMailbox | Self::UnknownMailbox(_) | Self::UnknownPerson(_) => 404,
            _ => 400,
        }
    }

    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::MethodNotAllowed => "Request_BadRequest",
            Self::Calendar(refusal) => refusal.code(),
            Self::Directory(refusal) => refusal.code(),
            Self::Meeting(refusal) => refusal.code(),
            Self::UnknownProperty { .. } => "RequestBroker--ParseUri",
            Self::InefficientFilter => "InefficientFilter",
            Self::SearchWithOrderBy => "SearchWithOrderBy",
            Self::SearchWithFilter => "SearchWithFilter",
            Self::SearchWithSkip => "SearchWithSkip",
            Self::UnsupportedOption(_) => "ErrorInvalidUrlQuery",
            Self::MalformedId => "ErrorInvalidIdMalformed",
            Self::TooManyIds(_) => "ErrorInvalidParameter",
            Self::ReferenceValue | Self::NoSuchForm => "ErrorInvalidOperation",
            Self::ItemNotFound => "ErrorItemNotFound",
            Self::UnknownMailbox(_) => "ErrorInvalidUser",
            Self::UnknownPerson(_) => "Request_ResourceNotFound",
            Self::NoMailbox => "MailboxNotEnabledForRESTAPI",
            Self::MailAccessDenied => "ErrorAccessDenied",
            Self::DirectoryAccessDenied => "Authorization_RequestDenied",
            _ => "BadRequest",
        }
    }

    /// A deeper code, where the service has one that says more.
    pub(super) const fn inner_code(&self) -> Option<&'static str> {
        match self {
            Self::Meeting(refusal) => refusal.inner_code(),
            _ => None,
        }
    }
}
