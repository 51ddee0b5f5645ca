//! Calendars: events, views with occurrences, attachments, free and busy times.

mod access;
mod agenda;
mod draft;
mod found;
mod generate;
mod hostile;
mod id;
mod instance;
mod meeting_chat;
mod meeting_times;
pub(in crate::graph) mod online;
mod own;
mod page;
mod pattern;
pub(in crate::graph) mod payload;
mod preferences;
mod reading;
mod recurrence;
mod render;
mod route;
mod schedule;
mod schema;
mod shelves;
mod team;
mod topics;
mod window;
mod zone;
mod zone_names;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) use agenda::Agenda;
pub(super) use found::documents;
pub(super) use generate::agenda;
pub(super) use id::is_well_formed;
pub(super) use meeting_chat::{MeetingChat, meeting_chats};
pub(super) use route::CalendarRoute;

use super::odata::query::Query;
use super::people::Person;
use super::refusal::Refusal;
use super::refusal::calendar::CalendarRefusal;
use super::request::{GraphMethod, GraphRequest};
use super::scopes::Scopes;
use super::who::Who;
use crate::directory::Tenant;
use access::Sight;
use payload::Payload;
use preferences::Preferences;
use reading::Reading;
use route::Which;

/// A request for something of a calendar, and who makes it.
pub(super) struct Asking<'a> {
    pub(super) tenant: &'a Tenant,
    /// Object id within `tenant`.
    pub(super) caller: Uuid,
    pub(super) scopes: Scopes,
    pub(super) query: Query,
    pub(super) request: &'a GraphRequest<'a>,
    /// The time around which calendars were generated.
    pub(super) now: Timestamp,
}

/// An answer without its envelope.
pub(super) struct Answer {
    pub(super) body: Bytes,
    /// Value of `Preference-Applied`.
    pub(super) applied: Option<String>,
    /// Where it is no JSON of Graph's.
    pub(super) content_type: Option<&'static str>,
}

/// Gives the calendars of somebody of the caller's tenant.
type Agendas<'a> = dyn Fn(Person<'_>) -> Arc<Agenda> + 'a;

impl Asking<'_> {
    pub(super) fn answer(
        &self,
        who: &Who,
        route: &CalendarRoute,
        agendas: &Agendas<'_>,
    ) -> Result<Answer, Refusal> {
        if *route == CalendarRoute::TimeZones {
            let body = zone::supported(self.request.base_url);
            return Ok(Answer { body, applied: None, content_type: None });
        }
        let mut route = route.clone();
        let named = self.person(who)?;
        let link = self.link(&mut route, named, agendas);
        let person = link.as_ref().map_or(named, |(sharer, _)| *sharer);
        self.permit(&route, person)?;
        let preferences = Preferences::parse(&self.request.prefer)?;
        let (body, content_type) = match &route {
            CalendarRoute::GetSchedule => {
                let question = schedule::Question::read(&self.payload(schedule::OPERATION)?)?;
                (schedule::answer(self, &question, &preferences, agendas), None)
            }
            CalendarRoute::FindMeetingTimes => {
                let question =
                    meeting_times::Question::read(&self.payload(meeting_times::OPERATION)?, self.now)?;
                (meeting_times::answer(self, &question, &preferences, agendas), None)
            }
            _ => {
                let agenda = agendas(person);
                let sight = self.sight(person);
                let reading = Reading {
                    asking: self,
                    agenda: &agenda,
                    owner: person.id(),
                    sight,
                    preferences: &preferences,
                    link: link.map(|(_, id)| id),
                };
                reading.answer(&route)?
            }
        };
        Ok(Answer { body, applied: preferences.applied(), content_type })
    }

    /// Finds whose calendar it is. Guests have theirs at home.
    fn person(&self, who: &Who) -> Result<Person<'_>, Refusal> {
        let own = self.caller.to_string();
        let key = match who {
            Who::Me => &own,
            Who::Named(key) => key,
        };
        let person = Person::find(self.tenant, key).ok_or_else(|| Refusal::UnknownMailbox(key.clone()))?;
        if matches!(person, Person::User(user) if access::is_guest(user)) {
            return Err(CalendarRefusal::NoMailbox.into());
        }
        Ok(person)
    }

    /// Among one's own calendars stand those that others share: asked for one, `route` becomes that of the sharer's
    /// default calendar.
    fn link(
        &self,
        route: &mut CalendarRoute,
        person: Person<'_>,
        agendas: &Agendas<'_>,
    ) -> Option<(Person<'_>, String)> {
        let which = route.which_mut()?;
        let Which::Named(id) = which else { return None };
        if person.id() != self.caller {
            return None;
        }
        let place = agendas(person).links.iter().position(|link| link == id)?;
        let sharer = access::sharer(self.tenant, self.caller, *access::DISTANCES.get(place)?)?;
        let id = id.clone();
        *which = Which::Default;
        Some((Person::User(sharer), id))
    }

    /// Whether the scopes and the owner's sharing open what is asked for.
    fn permit(&self, route: &CalendarRoute, person: Person<'_>) -> Result<(), Refusal> {
        let is_own = person.id() == self.caller;
        let scopes = self.scopes;
        let permitted = match route {
            CalendarRoute::FindMeetingTimes | CalendarRoute::GetSchedule => is_own,
            CalendarRoute::Calendars { .. } if is_own => true,
            CalendarRoute::Attachments(..)
            | CalendarRoute::Attachment { .. }
            | CalendarRoute::AttachmentValue { .. }
                if is_own =>
            {
                scopes.full_calendar()
            }
            _ if is_own => scopes.basic_calendar(),
            _ => scopes.shared_calendars() && self.sight(person).sees_events(),
        };
        if permitted { Ok(()) } else { Err(Refusal::MailAccessDenied) }
    }

    fn sight(&self, person: Person<'_>) -> Sight {
        if person.id() != self.caller {
            return access::shared_sight(self.tenant, person, self.caller);
        }
        if self.scopes.full_calendar() { Sight::Own } else { Sight::OwnBasic }
    }

    fn payload(&self, operation: &'static str) -> Result<Payload, Refusal> {
        let GraphMethod::Post(payload) = self.request.method else { return Err(Refusal::MethodNotAllowed) };
        Ok(Payload::parse(payload, operation)?)
    }
}
