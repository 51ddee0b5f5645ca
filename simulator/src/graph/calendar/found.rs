//! Events as Microsoft Search finds and shows them: single ones and masters of series, of one's own calendars.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::agenda::{Agenda, Event};
use super::instance::Instance;
use super::render::stored;
use super::zone::Zone;
use crate::graph::findable::{Document, Found};
use crate::graph::kql::{Flag, Moment, Needle, Place, Role, Searchable, normalised};

/// What is the same for every occurrence, and shown in a hit.
const SHOWN: &[&str] = &[
    "attendees",
    "bodyPreview",
    "hasAttachments",
    "importance",
    "isCancelled",
    "isOnlineMeeting",
    "isOrganizer",
    "isReminderOn",
    "location",
    "organizer",
    "reminderMinutesBeforeStart",
    "sensitivity",
    "showAs",
];

/// Everything that is kept in the calendars of one owner.
pub(in crate::graph) fn documents(agenda: &Agenda) -> Vec<Found<'_>> {
    agenda.events.iter().map(|event| Found::Kept(event)).collect()
}

impl Searchable for Event {
    fn subject(&self) -> &str {
        &self.subject
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&normalised(&self.text))
    }

    fn people(&self, role: Role) -> Vec<(&str, &str)> {
        match role {
            Role::From => vec![(&self.organizer.name, &self.organizer.address)],
            Role::To => {
                let contacts = self.attendees.iter().map(|attendee| &attendee.contact);
                contacts.map(|contact| (contact.name.as_str(), contact.address.as_str())).collect()
            }
            Role::Cc | Role::Bcc => Vec::new(),
        }
    }

    fn texts(&self, place: Place) -> Vec<&str> {
        match place {
            Place::Anywhere | Place::Location => self.locations.clone(),
            _ => Vec::new(),
        }
    }

    fn flag(&self, flag: Flag) -> bool {
        flag == Flag::HasAttachment && !self.attachments.is_empty()
    }

    fn importance(&self) -> &'static str {
        self.importance
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        let (start, end) = self.when.span(&self.zone);
        match which {
            Moment::Start => Some(start),
            Moment::End => Some(end),
            Moment::Created => Some(self.created),
            Moment::Modified => Some(self.modified),
            _ => None,
        }
    }
}

impl Document for Event {
    /// In the form of Exchange Web Services, with `/` and `+`: Graph itself takes `-` and `_` in their place.
    fn hit_id(&self) -> String {
        self.id.replace('-', "/").replace('_', "+")
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.text)
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        let instance = Instance::stored(self);
        let mut resource = json!({
            "@odata.type": "#microsoft.graph.event",
            "subject": self.subject,
            "start": Zone::utc().shown(instance.start),
            "end": Zone::utc().shown(instance.end),
            "isAllDay": self.when.is_all_day(),
            "type": instance.type_name(),
            "createdDateTime": self.created.to_string(),
            "lastModifiedDateTime": self.modified.to_string(),
        });
        for name in SHOWN {
            resource[*name] = stored(name, self);
        }
        resource
    }
}
