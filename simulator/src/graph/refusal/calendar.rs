//! Why Exchange's calendar refuses a request.

use thiserror::Error;

/// A closed list. Codes and sentences are those that the service is known to answer with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::graph) enum CalendarRefusal {
    #[error(
        "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime."
    )]
    WindowMissing,
    #[error("The value '{value}' of parameter '{parameter}' is invalid.")]
    InvalidMoment { parameter: &'static str, value: String },
    #[error("The start of the time window must not be after its end.")]
    WindowBackwards,
    #[error(
        "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: 1825"
    )]
    WindowTooLong,
    #[error("The parameter $search is not currently supported on the Events resource.")]
    SearchEvents,
    #[error("The query filter contains one or more invalid nodes.")]
    FilterNode,
    #[error("Your request can't be completed. Only a series master has instances.")]
    NoSeries,
    #[error(
        "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{0}'."
    )]
    UnknownTimeZone(String),
    #[error("The mailbox is inactive, or this tenant does not host it.")]
    NoMailbox,
    #[error("The content of a reference attachment lies elsewhere and can't be read as a value.")]
    NoContent,
    #[error("Empty Payload. JSON content expected.")]
    EmptyPayload,
    #[error(
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
    )]
    UnreadablePayload,
    #[error(
        "The parameter '{parameter}' in the request payload is not a valid parameter for the operation '{operation}'."
    )]
    UnknownParameter { parameter: String, operation: &'static str },
    #[error("Cannot convert the value of the parameter '{parameter}' to the expected type '{expected}'.")]
    WrongType { parameter: String, expected: &'static str },
    #[error("The parameter '{0}' is required.")]
    MissingParameter(&'static str),
    #[error("The time duration specified for FreeBusyViewOptions.TimeWindow is invalid.")]
    IntervalInvalid,
    #[error(
        "The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit = 62 days; the actual limit = {0} days."
    )]
    IntervalTooLong(i64),
    #[error(
        "The specified merged free/busy interval is not valid. Specify an interval that is less than the free/busy time window and  between 5 and 1440 minutes."
    )]
    SlotInvalid,
    #[error(
        "There are too many target users in the EmailAddress array. The allowed size = 100; the actual size = {0}."
    )]
    TooManyAddresses(usize),
}

impl CalendarRefusal {
    pub(in crate::graph) const fn status(&self) -> u16 {
        match self {
            Self::NoMailbox => 404,
            _ => 400,
        }
    }

    pub(in crate::graph) const fn code(&self) -> &'static str {
        match self {
            Self::WindowMissing | Self::InvalidMoment { .. } | Self::MissingParameter(_) => {
                "ErrorInvalidParameter"
            }
            Self::WindowBackwards => "ErrorCalendarEndDateIsEarlierThanStartDate",
            Self::WindowTooLong | Self::NoSeries => "ErrorInvalidRequest",
            Self::SearchEvents => "SearchEvents",
            Self::FilterNode => "ErrorInvalidUrlQueryFilter",
            Self::UnknownTimeZone(_) => "TimeZoneNotSupportedException",
            Self::NoMailbox => "MailboxNotEnabledForRESTAPI",
            Self::NoContent => "ErrorInvalidOperation",
            Self::EmptyPayload
            | Self::UnreadablePayload
            | Self::UnknownParameter { .. }
            | Self::WrongType { .. } => "BadRequest",
            Self::IntervalInvalid => "ErrorInvalidTimeInterval",
            Self::IntervalTooLong(_) => "ErrorTimeIntervalTooBig",
            Self::SlotInvalid => "ErrorInvalidMergedFreeBusyInterval",
            Self::TooManyAddresses(_) => "ErrorMailboxDataArrayTooBig",
        }
    }
}
