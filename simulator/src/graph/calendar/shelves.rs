//! What a GET of calendars and their groups answers.

use bytes::Bytes;
use serde_json::{Value, json};

use super::agenda::{Calendar, Group};
use super::reading::{Reading, missing};
use super::{page, render};
use crate::graph::odata::select::Selection;
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

impl Reading<'_> {
    pub(super) fn calendars(&self, group: Option<&str>) -> Result<Bytes, Refusal> {
        let group = group.map(|id| self.find_group(id)).transpose()?;
        let entries: Vec<(usize, &Calendar)> = self
            .agenda
            .calendars
            .iter()
            .enumerate()
            .filter(|(place, _)| *place == 0 || self.sight.is_own())
            .filter(|(_, calendar)| group.is_none_or(|place| place == calendar.group))
            .collect();
        let selection = self.calendar_selection()?;
        let context = self.context(&format!("/calendars{}", selection.context(CALENDAR_NAMES)));
        let write =
            |(place, calendar): &(usize, &Calendar)| self.shown_calendar(*place, calendar, &selection);
        Ok(bytes(&page::paged(self.asking, context, &entries, write)?))
    }

    pub(super) fn calendar(&self, place: usize) -> Result<Bytes, Refusal> {
        let selection = self.calendar_selection()?;
        let context = self.context(&format!("/calendars{}/$entity", selection.context(CALENDAR_NAMES)));
        let object = self.shown_calendar(place, &self.agenda.calendars[place], &selection);
        Ok(bytes(&Entity { context, object }))
    }

    fn calendar_selection(&self) -> Result<Selection, Refusal> {
        let query = &self.asking.query;
        for (option, value) in
            [("$filter", &query.filter), ("$search", &query.search), ("$expand", &query.expand)]
        {
            if value.is_some() {
                return Err(Refusal::UnsupportedOption(option));
            }
        }
        Selection::parse(query.select.as_deref(), CALENDAR_NAMES, "microsoft.graph.calendar")
    }

    fn shown_calendar(&self, place: usize, calendar: &Calendar, selection: &Selection) -> Object {
        let mut object = Object::new();
        for (column, name) in CALENDAR_NAMES.iter().enumerate() {
            if *name == "id" || selection.holds(column, true) {
                object.set(name, self.calendar_property(name, place, calendar));
            }
        }
        object
    }

    fn calendar_property(&self, name: &str, place: usize, calendar: &Calendar) -> Value {
        match name {
            "id" => calendar.id.as_str().into(),
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
