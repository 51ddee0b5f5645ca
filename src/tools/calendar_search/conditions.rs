//! What a search looks for in the events of its time. Graph's views can't be asked for any of it.

use crate::graph::Event;
use crate::tools::person::PersonQuery;
use crate::tools::words::holds_all;

/// All of them hold at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions<'a> {
    pub(super) query: Option<&'a str>,
    pub(super) attendee: Option<PersonQuery<'a>>,
    pub(super) organizer: Option<PersonQuery<'a>>,
}

impl Conditions<'_> {
    /// Whether every event will do.
    pub(super) fn are_none(&self) -> bool {
        self.query.is_none() && self.attendee.is_none() && self.organizer.is_none()
    }

    pub(super) fn admit(&self, event: &Event<'_>) -> bool {
        let is_organizer =
            |person: &PersonQuery<'_>| event.organizer.as_ref().is_some_and(|who| person.matches(who));
        let is_invited = |person: &PersonQuery<'_>| {
            let attendees = event.attendees.iter().flatten();
            attendees.filter_map(|attendee| attendee.email_address.as_ref()).any(|who| person.means(who))
        };
        self.organizer.as_ref().is_none_or(is_organizer)
            && self.attendee.as_ref().is_none_or(|person| is_invited(person) || is_organizer(person))
            && self.query.is_none_or(|words| holds_all(&text_of(event), words))
    }
}

/// Where words are looked for: subject, places and preview.
fn text_of(event: &Event<'_>) -> String {
    let places = event.location.iter().chain(event.locations.iter().flatten());
    let places = places.filter_map(|place| place.display_name.as_deref());
    let texts = [event.subject.as_deref(), event.body_preview.as_deref()];
    texts.into_iter().flatten().chain(places).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const EVENT: &str = r#"{"id":"A","subject":"Budget check","bodyPreview":"Bring your numbers.",
        "location":{"displayName":"Room Larch"},
        "organizer":{"emailAddress":{"name":"Adele Vance","address":"adele@contoso.example"}},
        "attendees":[{"type":"required","emailAddress":{"name":"Alex Wilber","address":"alex@contoso.example"}}]}"#;

    /// If this failed, a search would answer with events that were not asked for, or miss some that were.
    #[rstest]
    #[case::nothing_asked(None, None, None, true)]
    #[case::words_of_several_places(Some("larch BUDGET numbers"), None, None, true)]
    #[case::one_word_too_many(Some("budget meeting"), None, None, false)]
    #[case::a_person_is_no_word(Some("adele"), None, None, false)]
    #[case::attendee(None, Some("wilber"), None, true)]
    #[case::attendee_by_address(None, Some("ALEX@contoso.example"), None, true)]
    #[case::who_invites_takes_part(None, Some("adele"), None, true)]
    #[case::organizer(None, None, Some("Vance"), true)]
    #[case::an_attendee_is_no_organizer(None, None, Some("alex"), false)]
    #[case::all_together(Some("budget"), Some("alex"), Some("adele@contoso.example"), true)]
    #[case::all_but_one(Some("budget"), Some("megan"), Some("adele"), false)]
    fn conditions_hold_together(
        #[case] query: Option<&str>,
        #[case] attendee: Option<&str>,
        #[case] organizer: Option<&str>,
        #[case] admitted: bool,
    ) {
        let (attendee, organizer) = (attendee.map(PersonQuery::parse), organizer.map(PersonQuery::parse));
        let conditions = Conditions { query, attendee, organizer };
        assert_eq!(conditions.admit(&serde_json::from_str(EVENT).unwrap()), admitted);
    }
}
