//! What a GET of calendars and their groups answers.

use bytes::Bytes;
use serde_json::{Value, json};

use super::agenda::{Calendar, Group};
use super::reading::{Reading, missing};
use super::{access, page, render};
use crate::directory::User;
use crate::graph::odata::select::Selection;
use crate::graph::people::Person;
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Entity, Object, bytes};

const CALENDAR_NAMES: &[&str] = &[
    "id",
    "name",
    "color",
    "hexColor",
    "groupClassId",
    "isDefaultCalendar",
    "changeKey",
    "canShare",
    "canViewPrivateItems",
    "canEdit",
    "allowedOnlineMeetingProviders",
    "defaultOnlineMeetingProvider",
    "isTallyingResponses",
    "isRemovable",
    "owner",
];
const GROUP_NAMES: &[&str] = &["id", "name", "classId", "changeKey"];

/// Place of the group in which shared calendars stand.
const GROUP_OF_LINKS: usize = 1;

/// A calendar in the list of one owner.
#[derive(Clone, Copy)]
enum Shelf<'a> {
    Kept(usize, &'a Calendar),
    /// The id here, and who shares it.
    Linked(&'a str, &'a User),
}

impl Reading<'_> {
    pub(super) fn calendars(&self, group: Option<&str>) -> Result<Bytes, Refusal> {
        let group = group.map(|id| self.find_group(id)).transpose()?;
        let mut entries: Vec<Shelf<'_>> = self
            .agenda
            .calendars
            .iter()
            .enumerate()
            .filter(|(place, _)| *place == 0 || self.sight.is_own())
            .filter(|(_, calendar)| group.is_none_or(|place| place == calendar.group))
            .map(|(place, calendar)| Shelf::Kept(place, calendar))
            .collect();
        if group.is_none_or(|place| place == GROUP_OF_LINKS) {
            entries.extend(self.linked());
        }
        let selection = self.calendar_selection()?;
        let context = self.context(&format!("/calendars{}", selection.context(CALENDAR_NAMES)));
        let write = |shelf: &Shelf<'_>| self.shown_calendar(*shelf, &selection);
        Ok(bytes(&page::paged(self.asking, context, &entries, write)?))
    }

    /// What others share with the caller, among the caller's own.
    fn linked(&self) -> Vec<Shelf<'_>> {
        let asking = self.asking;
        if !self.sight.is_own() || !asking.scopes.shared_calendars() {
            return Vec::new();
        }
        let shared = access::DISTANCES.into_iter().zip(&self.agenda.links);
        shared
            .filter_map(|(seats, id)| {
                Some(Shelf::Linked(id, access::sharer(asking.tenant, asking.caller, seats)?))
            })
            .collect()
    }

    pub(super) fn calendar(&self, place: usize) -> Result<Bytes, Refusal> {
        let selection = self.calendar_selection()?;
        let context = self.context(&format!("/calendars{}/$entity", selection.context(CALENDAR_NAMES)));
        let object = self.shown_calendar(Shelf::Kept(place, &self.agenda.calendars[place]), &selection);
        Ok(bytes(&Entity { context, object }))
    }

    fn calendar_selection(&self) -> Result<Selection, Refusal> {
        Selection::parse(self.asking.query.select.as_deref(), CALENDAR_NAMES, "microsoft.graph.calendar")
    }

    fn shown_calendar(&self, shelf: Shelf<'_>, selection: &Selection) -> Object {
        let mut object = Object::new();
        for (column, name) in CALENDAR_NAMES.iter().enumerate() {
            if *name == "id" || selection.holds(column, true) {
                let value = match shelf {
                    Shelf::Kept(place, calendar) => self.calendar_property(name, place, calendar),
                    Shelf::Linked(id, sharer) => self.link_property(name, id, sharer),
                };
                object.set(name, value);
            }
        }
        object
    }

    /// A shared calendar is called by the name of who shares it.
    fn link_property(&self, name: &str, id: &str, sharer: &User) -> Value {
        let group = &self.agenda.groups[GROUP_OF_LINKS];
        let sight = access::shared_sight(self.asking.tenant, Person::User(sharer), self.asking.caller);
        match name {
            "id" => id.into(),
            "name" => sharer.name.as_str().into(),
            "color" => "auto".into(),
            "hexColor" => "".into(),
            "groupClassId" => group.class_id.as_str().into(),
            "changeKey" => group.change_key.as_str().into(),
            "isDefaultCalendar" | "isTallyingResponses" | "canShare" | "canEdit" => false.into(),
            "canViewPrivateItems" => sight.sees_private().into(),
            "isRemovable" => true.into(),
            "allowedOnlineMeetingProviders" => json!([]),
            "defaultOnlineMeetingProvider" => "unknown".into(),
            "owner" => render::address(&super::team::contact(sharer)),
            _ => Value::Null,
        }
    }

    fn calendar_property(&self, name: &str, place: usize, calendar: &Calendar) -> Value {
        match name {
            "id" => self.link.as_ref().unwrap_or(&calendar.id).as_str().into(),
            "name" => calendar.name.into(),
            "color" => calendar.color.into(),
            "hexColor" => "".into(),
            "groupClassId" => self.agenda.groups[calendar.group].class_id.as_str().into(),
            "isDefaultCalendar" | "isTallyingResponses" => (place == 0).into(),
            "changeKey" => calendar.change_key.as_str().into(),
            "canShare" | "canEdit" => (self.sight.is_own() && calendar.group == 0).into(),
            "canViewPrivateItems" => self.sight.sees_private().into(),
            "allowedOnlineMeetingProviders" if place == 0 => json!(["teamsForBusiness"]),
            "allowedOnlineMeetingProviders" => json!([]),
            "defaultOnlineMeetingProvider" => if place == 0 { "teamsForBusiness" } else { "unknown" }.into(),
            "isRemovable" => (place != 0).into(),
            "owner" => render::address(&self.agenda.owner),
            _ => Value::Null,
        }
    }

    pub(super) fn groups(&self) -> Result<Bytes, Refusal> {
        self.require_own()?;
        let selection = self.group_selection()?;
        let context = self.context(&format!("/calendarGroups{}", selection.context(GROUP_NAMES)));
        let write = |group: &Group| shown_group(group, &selection);
        Ok(bytes(&page::paged(self.asking, context, &self.agenda.groups, write)?))
    }

    pub(super) fn group(&self, id: &str) -> Result<Bytes, Refusal> {
        let (selection, place) = (self.group_selection()?, self.find_group(id)?);
        let context = self.context(&format!("/calendarGroups{}/$entity", selection.context(GROUP_NAMES)));
        Ok(bytes(&Entity { context, object: shown_group(&self.agenda.groups[place], &selection) }))
    }

    fn group_selection(&self) -> Result<Selection, Refusal> {
        let select = self.asking.query.select.as_deref();
        Selection::parse(select, GROUP_NAMES, "microsoft.graph.calendarGroup")
    }

    fn find_group(&self, id: &str) -> Result<usize, Refusal> {
        self.require_own()?;
        self.agenda.groups.iter().position(|group| group.id == id).ok_or_else(|| missing(id))
    }

    fn require_own(&self) -> Result<(), Refusal> {
        if self.sight.is_own() { Ok(()) } else { Err(Refusal::MailAccessDenied) }
    }
}

fn shown_group(group: &Group, selection: &Selection) -> Object {
    let mut object = Object::new();
    for (column, name) in GROUP_NAMES.iter().enumerate() {
        if *name != "id" && !selection.holds(column, true) {
            continue;
        }
        let value = match *name {
            "id" => group.id.as_str(),
            "classId" => group.class_id.as_str(),
            "changeKey" => group.change_key.as_str(),
            _ => group.name,
        };
        object.set(name, value);
    }
    object
}
