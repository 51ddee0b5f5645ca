//! Of whom `findMeetingTimes`, which does not say it, may know nothing.

use super::schedule::{Agenda, State};
use super::suggestion::{Suggestion, Taking};
use super::unknown::{Unknown, UnknownPerson};

/// Of whom `findMeetingTimes` may know nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PerhapsUnknown {
    /// Whoever has no time then: some of these, or none.
    Some(Vec<String>),
    /// These, for every time that it suggests.
    Surely(Vec<String>),
}

impl PerhapsUnknown {
    pub(super) fn addresses(&self) -> &[String] {
        let (Self::Some(addresses) | Self::Surely(addresses)) = self;
        addresses
    }

    /// Whether of some nothing may be known, and nobody can tell of whom.
    pub(super) fn leaves_open_who(&self) -> bool {
        matches!(self, Self::Some(addresses) if !addresses.is_empty())
    }

    /// Those of whom nothing is known for sure, for one reason.
    pub(super) fn surely(&self, why: Unknown) -> Vec<UnknownPerson> {
        match self {
            Self::Some(_) => Vec::new(),
            Self::Surely(addresses) => {
                addresses.iter().map(|address| UnknownPerson { address: address.clone(), why }).collect()
            }
        }
    }
}

/// `why_none` is its reason for suggesting nothing.
/// Source: <https://learn.microsoft.com/graph/api/resources/meetingtimesuggestionsresult>.
pub(super) fn perhaps_unknown(
    participants: &[String],
    suggestions: &[Suggestion],
    why_none: Option<&str>,
) -> PerhapsUnknown {
    if suggestions.is_empty() {
        let may_be = why_none == Some("attendeesUnavailableOrUnknown");
        return PerhapsUnknown::Some(if may_be { participants.to_vec() } else { Vec::new() });
    }
    let is_unknown = |address: &&String| {
        suggestions.iter().all(|suggestion| {
            let is_theirs = |taking: &&Taking| taking.address.eq_ignore_ascii_case(address);
            suggestion
                .participants
                .iter()
                .find(is_theirs)
                .is_some_and(|taking| taking.state == State::Unknown)
        })
    };
    PerhapsUnknown::Surely(participants.iter().filter(is_unknown).cloned().collect())
}

/// Those of `told` by the reasons that their agendas give, and others of whose agendas nothing is known; without those
/// whose agendas came all the same.
pub(super) fn with_reasons(mut told: Vec<UnknownPerson>, agendas: &[Agenda]) -> Vec<UnknownPerson> {
    let is_theirs =
        |agenda: &Agenda, person: &UnknownPerson| agenda.address.eq_ignore_ascii_case(&person.address);
    told.retain(|person| !agendas.iter().any(|agenda| agenda.entries.is_ok() && is_theirs(agenda, person)));
    agendas.iter().filter_map(Agenda::without_data).fold(told, |mut people, person| {
        match people.iter_mut().find(|known| known.address.eq_ignore_ascii_case(&person.address)) {
            Some(known) => known.why = person.why,
            None => people.push(person),
        }
        people
    })
}

#[cfg(test)]
mod tests {
    use super::super::intervals::Interval;
    use super::*;

    fn agenda(address: &str, entries: Result<Vec<(Interval, State)>, Unknown>) -> Agenda {
        Agenda { address: address.to_owned(), entries, week: None }
    }

    /// If this failed, somebody whose calendar has just been read would be told as unknown, or a reason as another's.
    #[test]
    fn who_has_an_agenda_is_not_unknown_and_the_others_have_their_reasons() {
        let told = ["adele@contoso.example", "alex@contoso.example"]
            .map(|address| UnknownPerson { address: address.to_owned(), why: Unknown::NotSaid });
        let agendas = [
            agenda("Adele@contoso.example", Ok(Vec::new())),
            agenda("ALEX@contoso.example", Err(Unknown::NotShared)),
            agenda("nobody@contoso.example", Err(Unknown::NoSuchAddress)),
        ];
        let people = with_reasons(told.to_vec(), &agendas);
        let people: Vec<_> = people.iter().map(|person| (person.address.as_str(), person.why)).collect();
        assert_eq!(
            people,
            [
                ("alex@contoso.example", Unknown::NotShared),
                ("nobody@contoso.example", Unknown::NoSuchAddress),
            ]
        );
    }
}
