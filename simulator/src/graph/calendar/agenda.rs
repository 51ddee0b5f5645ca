//! What the calendars of one owner hold: immutable, generated.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::recurrence::{Pattern, Range};
use super::zone::Zone;
use crate::graph::mail::id::ItemIds;

/// All calendars of one owner.
#[derive(Debug)]
pub(in crate::graph) struct Agenda {
    pub(super) owner: Contact,
    pub(super) calendars: Vec<Calendar>,
    /// Ids of the calendars that others share, in the order of [`super::access::DISTANCES`].
    pub(super) links: Vec<String>,
    pub(super) groups: Vec<Group>,
    /// Single events and series masters, in the order in which they were made.
    pub(super) events: Vec<Event>,
    pub(super) hours: WorkingHours,
}

impl Agenda {
    /// The ids of single events and masters.
    pub(in crate::graph) fn ids(&self) -> impl Iterator<Item = ItemIds> {
        self.events
            .iter()
            .map(|event| ItemIds { ordinary: event.id.clone(), immutable: Some(event.immutable_id.clone()) })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) address: String,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) class_id: String,
    pub(super) name: &'static str,
    pub(super) change_key: String,
}

/// The first calendar is the default one.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) color: &'static str,
    pub(super) change_key: String,
    /// Place in [`Agenda::groups`].
    pub(super) group: usize,
}

/// When somebody works.
#[derive(Debug)]
pub(super) struct WorkingHours {
    pub(super) zone: Zone,
    pub(super) days: &'static [jiff::civil::Weekday],
    pub(super) start: Time,
    pub(super) end: Time,
    /// Whether an old client has described the zone instead of naming it.
    pub(super) is_customized: bool,
}

/// When an event takes place; of a series the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Begins at a time on the wall and lasts so long.
    Timed(DateTime, SignedDuration),
    /// So many whole days.
    AllDay(Date, i64),
}

/// A change of one occurrence.
#[derive(Debug)]
pub(super) struct Exception {
    /// The day on which it would have taken place.
    pub(super) original: Date,
    pub(super) when: When,
    pub(super) subject: Option<String>,
}

#[derive(Debug)]
pub(super) struct Series {
    pub(super) pattern: Pattern,
    pub(super) range: Range,
    pub(super) exceptions: Vec<Exception>,
    pub(super) cancelled: Vec<Date>,
}

#[derive(Debug, Clone)]
pub(super) struct Attendee {
    pub(super) contact: Contact,
    /// `required`, `optional` or `resource`.
    pub(super) kind: &'static str,
    pub(super) response: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Content type.
    File(&'static str),
    /// An Outlook item within the event.
    Item,
    /// A link to a file that lies elsewhere.
    Reference,
}

#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) immutable_id: String,
    pub(super) change_key: String,
    pub(super) i_cal_uid: String,
    /// Of the meeting, in everybody's calendar.
    pub(super) number: u128,
    /// Place in [`Agenda::calendars`].
    pub(super) calendar: usize,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
    pub(super) preview: String,
    pub(super) when: When,
    pub(super) zone: Zone,
    pub(super) series: Option<Series>,
    pub(super) organizer: Contact,
    pub(super) attendees: Vec<Attendee>,
    pub(super) locations: Vec<&'static str>,
    pub(super) join_url: Option<String>,
    pub(super) show_as: &'static str,
    pub(super) sensitivity: &'static str,
    pub(super) importance: &'static str,
    /// The owner's own answer.
    pub(super) response: &'static str,
    pub(super) categories: Vec<&'static str>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) reminder_minutes: i64,
    pub(super) is_reminder_on: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_organizer: bool,
    pub(super) hides_attendees: bool,
}

impl Event {
    pub(super) fn is_private(&self) -> bool {
        self.sensitivity == "private"
    }
}

impl When {
    pub(super) const fn is_all_day(self) -> bool {
        matches!(self, Self::AllDay(..))
    }

    /// The same on another day.
    pub(super) fn on(self, day: Date) -> Self {
        match self {
            Self::Timed(first, length) => Self::Timed(day.to_datetime(first.time()), length),
            Self::AllDay(_, days) => Self::AllDay(day, days),
        }
    }

    /// From when to when, as instants. A whole day begins at midnight of `zone`.
    pub(super) fn span(self, zone: &Zone) -> (Timestamp, Timestamp) {
        match self {
            Self::Timed(first, length) => {
                let start = zone.instant(first);
                (start, start.checked_add(length).unwrap_or(Timestamp::MAX))
            }
            Self::AllDay(first, days) => {
                let last = first.checked_add(jiff::ToSpan::days(days)).unwrap_or(Date::MAX);
                (zone.instant(first.into()), zone.instant(last.into()))
            }
        }
    }

    /// Whole days that it reaches beyond its first, at most.
    pub(super) fn reach(self) -> i64 {
        match self {
            Self::Timed(_, length) => length.as_hours() / 24 + 1,
            Self::AllDay(_, days) => days,
        }
    }
}
