//! People of online meetings.

use schemars::JsonSchema;
use serde::Serialize;

use super::person::Person;
use super::provenance::Origin;
use super::review::Review;
use crate::graph::MeetingParticipant;

/// Somebody in a meeting, and whether they belong to the user's organisation.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Participant<'a> {
    #[serde(flatten)]
    pub(super) person: Person<'a>,
    pub(super) origin: Origin,
}

impl<'a> Participant<'a> {
    /// The service names nobody but by the principal name; `None` where it does not even do that.
    pub(super) fn of(participant: MeetingParticipant<'a>, review: &Review<'_>) -> Option<Self> {
        let MeetingParticipant { upn, identity } = participant;
        let upn = upn?;
        let tenant = identity.as_ref().and_then(|identity| identity.tenant());
        let origin = Origin::of_account(tenant, Some(&upn), review.policy());
        let person = Person { name: None, address: Some(review.clean_line(upn.into_cow())) };
        Some(Self { person, origin })
    }
}
