//! What policy asks of calendars, and what it withholds of them; how the people of an event are told.

use schemars::JsonSchema;
use serde::Serialize;

use super::person::Person;
use super::provenance::Origin;
use super::review::{Review, Reviewable};
use crate::graph::{Attendee, Event, Location, Text};
use crate::policy::{ItemFacts, TenantPolicy};

impl Reviewable for Event<'_> {
    /// An invitation from outside came by mail, and is treated as that.
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts { mail_from: Some(origin(self, policy).into()), ..ItemFacts::default() }
    }

    fn withhold(&mut self) {
        self.body = None;
        self.body_preview = None;
    }
}

/// Where an event comes from: from inside where the user has called it, else from where its organizer is.
pub(super) fn origin(event: &Event<'_>, policy: &TenantPolicy) -> Origin {
    let organizer = event.organizer.as_ref().and_then(|organizer| organizer.email_address.as_ref());
    match event.is_organizer {
        Some(true) => Origin::Internal,
        _ => Origin::of(organizer.and_then(|organizer| organizer.address.as_deref()), policy),
    }
}

/// Somebody who is invited.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invited<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    /// `optional` or `resource`; left out for those who are required.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<std::borrow::Cow<'a, str>>,
    /// accepted, tentativelyAccepted or declined; left out where there is no answer, or none that the user is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<std::borrow::Cow<'a, str>>,
}

impl<'a> Invited<'a> {
    pub(super) fn of(attendee: Attendee<'a>, review: &Review<'_>) -> Option<Self> {
        let clean = |text: Text<'a>| review.clean_line(text.into_cow());
        let person = Person::named(attendee.email_address?, review.texts())?;
        let role = attendee.kind.filter(|kind| &**kind != "required").map(clean);
        let response = attendee.status.and_then(|status| answered(status.response)).map(clean);
        Some(Self { person, role, response })
    }
}

/// A response, where there is one.
pub(super) fn answered(response: Option<Text<'_>>) -> Option<Text<'_>> {
    response.filter(|response| !matches!(&**response, "none" | "notResponded" | ""))
}

/// All places of an event in one line, each once.
pub(super) fn places(
    location: Option<Location<'_>>,
    locations: Option<Vec<Location<'_>>>,
    review: &Review<'_>,
) -> Option<String> {
    let locations = locations.unwrap_or_default();
    let all = if locations.is_empty() { location.into_iter().collect() } else { locations };
    let names = all.into_iter().filter_map(|place| place.display_name);
    let mut places: Vec<String> = Vec::new();
    for name in names.map(|name| review.clean_line(name.into_cow()).trim().to_owned()) {
        if !name.is_empty() && !places.contains(&name) {
            places.push(name);
        }
    }
    Some(places.join("; ")).filter(|places| !places.is_empty())
}
