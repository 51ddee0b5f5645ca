//! What takes place: single events, and the occurrences of series.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::agenda::{Agenda, Event, Exception, Series, When};
use super::id;
use super::recurrence::days;
use crate::graph::mail::id::ItemIds;

/// From when on (inclusive) and until when (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl Window {
    /// What only touches the window is not in it; what lasts no time is where it begins.
    fn holds(self, start: Timestamp, end: Timestamp) -> bool {
        if start == end {
            return self.start <= start && start < self.end;
        }
        start < self.end && end > self.start
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Single,
    Master,
    /// On the day of the pattern.
    Occurrence(Date),
    Exception(&'a Exception),
}

/// An event as one row of a list.
#[derive(Debug, Clone)]
pub(super) struct Instance<'a> {
    pub(super) event: &'a Event,
    pub(super) kind: Kind<'a>,
    pub(super) when: When,
    pub(super) id: String,
    pub(super) immutable_id: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl<'a> Instance<'a> {
    /// A single event, or the master of a series, as it is kept.
    pub(super) fn stored(event: &'a Event) -> Self {
        let kind = if event.series.is_some() { Kind::Master } else { Kind::Single };
        let ids = (event.id.clone(), event.immutable_id.clone());
        Self::at(event, kind, event.when, ids)
    }

    fn occurrence(event: &'a Event, day: Date) -> Self {
        Self::at(event, Kind::Occurrence(day), event.when.on(day), ids_on(event, day))
    }

    fn exception(event: &'a Event, exception: &'a Exception) -> Self {
        let ids = ids_on(event, exception.original);
        Self::at(event, Kind::Exception(exception), exception.when, ids)
    }

    fn at(event: &'a Event, kind: Kind<'a>, when: When, (id, immutable_id): (String, String)) -> Self {
        let (start, end) = when.span(&event.zone);
        Self { event, kind, when, id, immutable_id, start, end }
    }

    pub(super) fn subject(&self) -> &'a str {
        match self.kind {
            Kind::Exception(Exception { subject: Some(subject), .. }) => subject,
            _ => &self.event.subject,
        }
    }

    /// As Graph names it.
    pub(super) const fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Single => "singleInstance",
            Kind::Master => "seriesMaster",
            Kind::Occurrence(_) => "occurrence",
            Kind::Exception(_) => "exception",
        }
    }

    /// The day of the pattern that this stands for.
    pub(super) const fn original_day(&self) -> Option<Date> {
        match self.kind {
            Kind::Single | Kind::Master => None,
            Kind::Occurrence(day) => Some(day),
            Kind::Exception(exception) => Some(exception.original),
        }
    }
}

fn ids_on(event: &Event, day: Date) -> (String, String) {
    (id::occurrence(&event.id, day), id::occurrence(&event.immutable_id, day))
}

/// Everything of one calendar that takes place within `window`. Series stand together, in no order of time.
pub(super) fn view(agenda: &Agenda, calendar: usize, window: Window) -> Vec<Instance<'_>> {
    agenda
        .events
        .iter()
        .filter(|event| event.calendar == calendar)
        .flat_map(|event| instances(event, window))
        .collect()
}

/// What of one event takes place within `window`.
pub(super) fn instances(event: &Event, window: Window) -> Vec<Instance<'_>> {
    let Some(series) = &event.series else {
        let single = Instance::stored(event);
        return if window.holds(single.start, single.end) { vec![single] } else { Vec::new() };
    };
    // A day more on both sides, for zones on the other side of the date line.
    let earliest = event.zone.wall(window.start).date().checked_sub((event.when.reach() + 1).days());
    let latest = event.zone.wall(window.end).date().checked_add(1.day());
    let (earliest, latest) = (earliest.unwrap_or(Date::MIN), latest.unwrap_or(Date::MAX));
    let regular = days(&series.pattern, series.range, earliest, latest)
        .into_iter()
        .filter(|day| series.is_regular(*day))
        .map(|day| Instance::occurrence(event, day));
    let exceptional = series.exceptions.iter().map(|exception| Instance::exception(event, exception));
    let mut found: Vec<Instance<'_>> =
        regular.chain(exceptional).filter(|instance| window.holds(instance.start, instance.end)).collect();
    found.sort_by_key(|instance| instance.start);
    found
}

/// The changed occurrences of a series.
pub(super) fn exceptions(event: &Event) -> Vec<Instance<'_>> {
    let changed = event.series.iter().flat_map(|series| &series.exceptions);
    changed.map(|exception| Instance::exception(event, exception)).collect()
}

/// Finds what an id means, among everything that the agenda keeps.
pub(super) fn find<'a>(agenda: &'a Agenda, wanted: &str) -> Option<Instance<'a>> {
    let (master, day) = id::taken_apart(wanted);
    let is_it = |event: &&Event| event.id == master || event.immutable_id == master;
    let event = agenda.events.iter().find(is_it)?;
    let Some(day) = day else { return Some(Instance::stored(event)) };
    let series = event.series.as_ref()?;
    if let Some(exception) = series.exceptions.iter().find(|exception| exception.original == day) {
        return Some(Instance::exception(event, exception));
    }
    let takes_place = series.is_regular(day) && !days(&series.pattern, series.range, day, day).is_empty();
    takes_place.then(|| Instance::occurrence(event, day))
}

impl Agenda {
    /// The ids of whatever takes place by that id, occurrences included.
    pub(in crate::graph) fn ids_of(&self, id: &str) -> Option<ItemIds> {
        let found = find(self, id)?;
        Some(ItemIds { ordinary: found.id, immutable: Some(found.immutable_id) })
    }
}

impl Series {
    fn is_regular(&self, day: Date) -> bool {
        !self.cancelled.contains(&day) && self.exceptions.iter().all(|exception| exception.original != day)
    }
}
