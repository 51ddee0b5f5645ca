//! What a GET of calendars and events answers.

use bytes::Bytes;
use uuid::Uuid;

use super::access::Sight;
use super::agenda::{Agenda, Attachment, Content, Event};
use super::instance::{self, Instance};
use super::preferences::Preferences;
use super::render::{self, Expansion, Viewing};
use super::route::{CalendarRoute, Which};
use super::schema::{self, EventSchema, Field};
use super::{Asking, id, page, window};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::calendar::CalendarRefusal;
use crate::graph::respond::{Entity, bytes};

const EVENT: &str = "microsoft.graph.event";
/// A body and its type, where that is not Graph's JSON.
type Written = (Bytes, Option<&'static str>);

/// A reading of one owner's calendars.
pub(super) struct Reading<'a> {
    pub(super) asking: &'a Asking<'a>,
    pub(super) agenda: &'a Agenda,
    /// Object id of the owner, for `@odata.context`.
    pub(super) owner: Uuid,
    pub(super) sight: Sight,
    pub(super) preferences: &'a Preferences,
    /// The id under which the default calendar of somebody else was asked for.
    pub(super) link: Option<String>,
}

impl Reading<'_> {
    pub(super) fn answer(&self, route: &CalendarRoute) -> Result<Written, Refusal> {
        let body = match route {
            CalendarRoute::Groups => self.groups()?,
            CalendarRoute::Group(id) => self.group(id)?,
            CalendarRoute::Calendars { group } => self.calendars(group.as_deref())?,
            CalendarRoute::Calendar(which) => self.calendar(self.find_calendar(which)?)?,
            CalendarRoute::Events(which) => self.events(which)?,
            CalendarRoute::View(which) => self.view(which)?,
            CalendarRoute::Event(which, id) => self.event(which, id)?,
            CalendarRoute::Instances(which, id) => self.instances(which, id)?,
            CalendarRoute::Attachments(which, id) => self.attachments(which, id)?,
            CalendarRoute::Attachment { which, event, attachment } => {
                self.attachment(which, event, attachment)?
            }
            CalendarRoute::AttachmentValue { which, event, attachment } => {
                return self.attachment_value(which, event, attachment);
            }
            CalendarRoute::GetSchedule | CalendarRoute::FindMeetingTimes | CalendarRoute::TimeZones => {
                return Err(Refusal::MethodNotAllowed);
            }
        };
        Ok((body, None))
    }

    fn events(&self, which: &Which) -> Result<Bytes, Refusal> {
        let calendar = self.find_calendar(which)?;
        let kept = self.agenda.events.iter().filter(|event| event.calendar == calendar);
        self.list("events", kept.map(Instance::stored).collect(), &[])
    }

    fn view(&self, which: &Which) -> Result<Bytes, Refusal> {
        let calendar = self.find_calendar(which)?;
        let entries = instance::view(self.agenda, calendar, window::of(&self.asking.query)?);
        self.list("calendarView", entries, self.silent_in_views())
    }

    fn instances(&self, which: &Which, id: &str) -> Result<Bytes, Refusal> {
        let master = self.find_event(which, id)?;
        let window = window::of(&self.asking.query)?;
        if !matches!(master.kind, instance::Kind::Master) {
            return Err(CalendarRefusal::NoSeries.into());
        }
        let within = format!("events('{}')/instances", master.id);
        self.list(&within, instance::instances(master.event, window), self.silent_in_views())
    }

    /// Views do not give these two when they are selected, but do when nothing is.
    fn silent_in_views(&self) -> &'static [&'static str] {
        if self.asking.query.select.is_some() { &["createdDateTime", "lastModifiedDateTime"] } else { &[] }
    }

    fn list(
        &self,
        within: &str,
        mut entries: Vec<Instance<'_>>,
        silent: &'static [&'static str],
    ) -> Result<Bytes, Refusal> {
        let query = &self.asking.query;
        if query.search.is_some() {
            return Err(CalendarRefusal::SearchEvents.into());
        }
        let viewing = Viewing { silent, ..self.viewing()? };
        if let Some(filter) = &query.filter {
            let filter = Filter::parse::<EventSchema>(filter)?;
            schema::is_open(&filter)?;
            entries.retain(|entry| self.may_be_filtered(entry, &filter) && filter.passes(entry));
        }
        if let Some(order_by) = &query.order_by {
            let order_by = OrderBy::parse::<EventSchema>(order_by)?;
            entries.sort_by(|left, right| order_by.order(left, right));
        }
        let context = self.context(&format!("/{within}{}", viewing.selection.context(render::NAMES)));
        Ok(bytes(&page::paged(self.asking, context, &entries, |entry| viewing.event(entry))?))
    }

    /// A filter must not tell of a private event what is not shown of it.
    fn may_be_filtered(&self, entry: &Instance<'_>, filter: &Filter<Field>) -> bool {
        let is_masked = entry.event.is_private() && !self.sight.sees_private();
        !is_masked || filter.fields.iter().all(|field| field.is_shown_of_private())
    }

    fn event(&self, which: &Which, id: &str) -> Result<Bytes, Refusal> {
        let viewing = self.viewing()?;
        let instance = self.find_event(which, id)?;
        let context = self.context(&format!("/events{}/$entity", viewing.selection.context(render::NAMES)));
        Ok(bytes(&Entity { context, object: viewing.event(&instance) }))
    }

    fn viewing(&self) -> Result<Viewing<'_>, Refusal> {
        let query = &self.asking.query;
        let expansion = match query.expand.as_deref().map(str::trim) {
            None => Expansion::Nothing,
            Some(name) if name.eq_ignore_ascii_case("attachments") => Expansion::Attachments,
            Some(name) if name.eq_ignore_ascii_case("exceptionOccurrences") => Expansion::Exceptions,
            Some(name) if ["calendar", "instances", "extensions"].contains(&name) => {
                return Err(Refusal::UnsupportedOption("$expand"));
            }
            Some(name) => {
                return Err(Refusal::UnknownSelected { property: name.to_owned(), resource: EVENT });
            }
        };
        if expansion == Expansion::Attachments && !self.sight.sees_bodies() {
            return Err(Refusal::MailAccessDenied);
        }
        let selection = Selection::parse(query.select.as_deref(), render::NAMES, EVENT)?;
        let preferences = self.preferences;
        Ok(Viewing { selection, preferences, sight: self.sight, expansion, silent: &[] })
    }

    fn attachments(&self, which: &Which, id: &str) -> Result<Bytes, Refusal> {
        let (event, selection) = (self.open_event(which, id)?, self.attachment_selection()?);
        let names = selection.context(render::ATTACHMENT_NAMES);
        let context = self.context(&format!("/events('{}')/attachments{names}", event.id));
        let write = |kept: &Attachment| render::attachment(event, kept, &selection);
        Ok(bytes(&page::paged(self.asking, context, &event.attachments, write)?))
    }

    fn attachment(&self, which: &Which, id: &str, wanted: &str) -> Result<Bytes, Refusal> {
        let (event, selection) = (self.open_event(which, id)?, self.attachment_selection()?);
        let kept = find_attachment(event, wanted)?;
        let mut object = render::attachment(event, kept, &selection);
        match self.asking.query.expand.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("microsoft.graph.itemattachment/item") if kept.content == Content::Item => {
                object.set("item", render::attached_item(event, kept));
            }
            // Of another kind of attachment there is nothing to expand.
            Some("microsoft.graph.itemattachment/item") | None => {}
            Some(_) => return Err(Refusal::UnsupportedOption("$expand")),
        }
        let context = self.context(&format!("/events('{}')/attachments/$entity", event.id));
        Ok(bytes(&Entity { context, object }))
    }

    fn attachment_value(&self, which: &Which, id: &str, wanted: &str) -> Result<Written, Refusal> {
        let event = self.open_event(which, id)?;
        let kept = find_attachment(event, wanted)?;
        let (text, content_type) = render::content(event, kept).ok_or(CalendarRefusal::NoContent)?;
        Ok((Bytes::from(text), Some(content_type)))
    }

    fn attachment_selection(&self) -> Result<Selection, Refusal> {
        let select = self.asking.query.select.as_deref();
        Selection::parse(select, render::ATTACHMENT_NAMES, "microsoft.graph.attachment")
    }

    /// An event whose content may be seen.
    fn open_event(&self, which: &Which, id: &str) -> Result<&Event, Refusal> {
        if !self.sight.sees_bodies() {
            return Err(Refusal::MailAccessDenied);
        }
        Ok(self.find_event(which, id)?.event)
    }

    /// An event by either of its ids. Lists tell that there is a private event; the event itself is then not found.
    fn find_event(&self, which: &Which, id: &str) -> Result<Instance<'_>, Refusal> {
        let calendar = match which {
            Which::Unnamed if self.sight.is_own() => None,
            which => Some(self.find_calendar(which)?),
        };
        let found = instance::find(self.agenda, id).filter(|found| {
            calendar.is_none_or(|place| place == found.event.calendar)
                && (self.sight.sees_private() || !found.event.is_private())
        });
        found.ok_or_else(|| missing(id))
    }

    /// Place of a calendar. Of somebody else's there is the default one alone.
    fn find_calendar(&self, which: &Which) -> Result<usize, Refusal> {
        let Which::Named(id) = which else { return Ok(0) };
        let place = self.agenda.calendars.iter().position(|calendar| calendar.id == *id);
        place.filter(|place| *place == 0 || self.sight.is_own()).ok_or_else(|| missing(id))
    }

    pub(super) fn context(&self, rest: &str) -> String {
        format!("{}/$metadata#users('{}'){rest}", self.asking.request.base_url, self.owner)
    }
}

fn find_attachment<'a>(event: &'a Event, id: &str) -> Result<&'a Attachment, Refusal> {
    event.attachments.iter().find(|attachment| attachment.id == id).ok_or_else(|| missing(id))
}

/// What Exchange says of an id that leads nowhere. An id of another mailbox leads nowhere too.
pub(super) fn missing(id: &str) -> Refusal {
    if id::is_well_formed(id) { Refusal::ItemNotFound } else { Refusal::MalformedId }
}
