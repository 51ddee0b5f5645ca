//! People in answers and in arguments.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::line::clean_line;
use super::text::{Sanitizer, TextRoom};
use super::words::holds_all;
use crate::graph::{EmailAddress, Recipient};

/// In bytes: how much of a name a hit shows.
const LONGEST_NAME: usize = 64;
/// In bytes. Source: <https://www.rfc-editor.org/rfc/rfc5321>, section 4.5.3.1.3: a path of 256 with its brackets.
pub(super) const LONGEST_ADDRESS: usize = 254;

/// A sender or recipient.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Person<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<Cow<'a, str>>,
}

impl<'a> Person<'a> {
    pub(super) fn of(recipient: Recipient<'a>, sanitizer: &Sanitizer) -> Option<Self> {
        Self::named(recipient.email_address?, sanitizer)
    }

    pub(super) fn named(person: EmailAddress<'a>, sanitizer: &Sanitizer) -> Option<Self> {
        let EmailAddress { name, address } = person;
        let address = address
            .map(|address| clean_line(sanitizer, address.into_cow()))
            .filter(|address| !address.is_empty());
        // Where there is no name Graph repeats the address.
        let name = name
            .map(|name| clean_line(sanitizer, name.into_cow()))
            .filter(|name| !name.is_empty() && address.as_ref() != Some(name));
        (name.is_some() || address.is_some()).then_some(Self { name, address })
    }

    /// In a hit, with a name that is cut where it is long. `None` where there is no room for the address: cut it would be
    /// somebody else's.
    pub(super) fn within(self, room: &mut TextRoom) -> Option<Self> {
        let Self { name, address } = self;
        if address.as_deref().is_some_and(|address| !room.holds(address, LONGEST_ADDRESS)) {
            return None;
        }
        let name = name.map(|name| room.text(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        (name.is_some() || address.is_some()).then_some(Self { name, address })
    }
}

/// A person as an argument gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PersonQuery<'a> {
    /// A whole address.
    Address(&'a str),
    /// A name, or part of a name or address.
    Words(&'a str),
}

impl<'a> PersonQuery<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) =>
            {
                Self::Address(text)
            }
            _ => Self::Words(text),
        }
    }

    /// Whether `recipient` is meant.
    pub(super) fn matches(&self, recipient: &Recipient<'_>) -> bool {
        recipient.email_address.as_ref().is_some_and(|person| self.means(person))
    }

    /// Whether this person is meant.
    pub(super) fn means(&self, person: &EmailAddress<'_>) -> bool {
        let EmailAddress { name, address } = person;
        let (name, address) = (name.as_deref().unwrap_or_default(), address.as_deref().unwrap_or_default());
        match self {
            Self::Address(wanted) => address.eq_ignore_ascii_case(wanted),
            Self::Words(words) => holds_all(&format!("{name} {address}"), words),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, searches by sender would take the slow way, or miss.
    #[rstest]
    #[case::address("adele@contoso.example", PersonQuery::Address("adele@contoso.example"))]
    #[case::name("Adele Vance", PersonQuery::Words("Adele Vance"))]
    #[case::domain("@contoso.example", PersonQuery::Words("@contoso.example"))]
    #[case::address_in_words(
        "adele@contoso.example or so",
        PersonQuery::Words("adele@contoso.example or so")
    )]
    fn a_whole_address_is_told_from_words(#[case] text: &str, #[case] expected: PersonQuery<'_>) {
        assert_eq!(PersonQuery::parse(text), expected);
    }

    /// If this failed, people would be found by names that are not theirs.
    #[rstest]
    #[case::part_of_a_name("ade", true)]
    #[case::words_in_any_order("vance adele", true)]
    #[case::domain("@contoso", true)]
    #[case::address("ADELE@contoso.example", true)]
    #[case::other_address("dele@contoso.example", false)]
    #[case::one_word_too_many("adele smith", false)]
    fn a_person_is_found_by_address_or_words(#[case] text: &str, #[case] found: bool) {
        let json = r#"{"emailAddress":{"name":"Adele Vance","address":"adele@contoso.example"}}"#;
        let recipient: Recipient<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(PersonQuery::parse(text).matches(&recipient), found);
    }
}
