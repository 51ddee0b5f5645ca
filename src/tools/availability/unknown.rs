//! People of whose calendars nothing is known, and why.

use std::borrow::Cow;

use crate::tools::review::Review;
use crate::tools::text::beginning;

/// In bytes: how much of an address is told.
const LONGEST_ADDRESS: usize = 120;

/// Why nothing is known of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    NoSuchAddress,
    NotShared,
    NotSaid,
    /// The permission to find times does not open what would say it.
    /// Source: <https://learn.microsoft.com/graph/api/calendar-getschedule>, "Permissions".
    NotAsked,
}

impl Unknown {
    /// Of the code of a schedule's error: a name of Exchange's, or its number.
    /// Source: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode>.
    pub(super) fn of(code: Option<&str>) -> Self {
        match code {
            Some("ErrorMailRecipientNotFound" | "5009") => Self::NoSuchAddress,
            Some("ErrorNoFreeBusyAccess") => Self::NotShared,
            _ => Self::NotSaid,
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::NoSuchAddress => "nobody of that address in Microsoft 365",
            Self::NotShared => "does not share when they are busy",
            Self::NotSaid => "Microsoft 365 does not say why",
            Self::NotAsked => "why can't be asked: the app lacks Calendars.Read",
        }
    }
}

/// Somebody of whom nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownPerson {
    pub(super) address: String,
    pub(super) why: Unknown,
}

/// What an answer says that lacks these people's calendars, if any.
pub(super) fn lack_of(people: &[UnknownPerson], review: &Review<'_>) -> Option<String> {
    if people.is_empty() {
        return None;
    }
    let told = people.iter().map(|UnknownPerson { address, why }| {
        let address = beginning(review.clean_line(Cow::Borrowed(address.as_str())), LONGEST_ADDRESS);
        format!("{address} ({})", why.told())
    });
    Some(format!(
        "Nothing is known of {}: ask them, or check the addresses with search_people.",
        told.collect::<Vec<_>>().join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a wrong address would be told as a calendar that is not shared, or the other way round.
    #[rstest]
    #[case::name(Some("ErrorMailRecipientNotFound"), Unknown::NoSuchAddress)]
    #[case::number(Some("5009"), Unknown::NoSuchAddress)]
    #[case::not_shared(Some("ErrorNoFreeBusyAccess"), Unknown::NotShared)]
    #[case::another(Some("ErrorProxyRequestProcessingFailed"), Unknown::NotSaid)]
    #[case::none(None, Unknown::NotSaid)]
    fn a_code_says_why_nothing_is_known(#[case] code: Option<&str>, #[case] expected: Unknown) {
        assert_eq!(Unknown::of(code), expected);
    }
}
