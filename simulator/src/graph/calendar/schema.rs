//! Events as OData sees them.

use super::instance::Instance;
use crate::graph::odata::filter::Filter;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::refusal::calendar::CalendarRefusal;

/// A property that may stand in `$filter` or `$orderby`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Created,
    Modified,
    Subject,
    Start,
    End,
    Importance,
    Sensitivity,
    ShowAs,
    Type,
    ICalUid,
    HasAttachments,
    IsAllDay,
    IsCancelled,
    IsOnlineMeeting,
    IsOrganizer,
    IsReminderOn,
    Categories,
    /// A property of the type that Exchange does not look into.
    Closed,
    ClosedRecipients,
}

impl Field {
    /// Whether those who may not see a private event are told this of it.
    pub(super) const fn is_shown_of_private(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::Start
                | Self::End
                | Self::ShowAs
                | Self::Type
                | Self::Sensitivity
                | Self::IsAllDay
        )
    }
}

/// Names the resource type.
pub(super) struct EventSchema;

impl Schema for EventSchema {
    type Field = Field;

    const TYPE_NAME: &'static str = "microsoft.graph.event";

    fn field(path: &str) -> Option<(Field, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "id" => (Field::Id, Kind::Text),
            "createddatetime" => (Field::Created, Kind::Time),
            "lastmodifieddatetime" => (Field::Modified, Kind::Time),
            "subject" => (Field::Subject, Kind::Text),
            "start/datetime" => (Field::Start, Kind::QuotedTime),
            "end/datetime" => (Field::End, Kind::QuotedTime),
            "importance" => (Field::Importance, Kind::Member(&["low", "normal", "high"])),
            "sensitivity" => {
                (Field::Sensitivity, Kind::Member(&["normal", "personal", "private", "confidential"]))
            }
            "showas" => (
                Field::ShowAs,
                Kind::Member(&["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]),
            ),
            "type" => {
                (Field::Type, Kind::Member(&["singleInstance", "occurrence", "exception", "seriesMaster"]))
            }
            "icaluid" => (Field::ICalUid, Kind::Text),
            "hasattachments" => (Field::HasAttachments, Kind::Flag),
            "isallday" => (Field::IsAllDay, Kind::Flag),
            "iscancelled" => (Field::IsCancelled, Kind::Flag),
            "isonlinemeeting" => (Field::IsOnlineMeeting, Kind::Flag),
            "isorganizer" => (Field::IsOrganizer, Kind::Flag),
            "isreminderon" => (Field::IsReminderOn, Kind::Flag),
            "categories" => (Field::Categories, Kind::Texts),
            "attendees" => (Field::ClosedRecipients, Kind::Recipients),
            "bodypreview"
            | "body/content"
            | "location/displayname"
            | "organizer/emailaddress/address"
            | "organizer/emailaddress/name"
            | "onlinemeeting/joinurl"
            | "weblink"
            | "seriesmasterid" => (Field::Closed, Kind::Text),
            _ => return None,
        })
    }
}

/// Whether Exchange can evaluate a filter on events.
pub(super) fn is_open(filter: &Filter<Field>) -> Result<(), CalendarRefusal> {
    let closed = |field: &Field| matches!(field, Field::Closed | Field::ClosedRecipients);
    if filter.fields.iter().any(closed) { Err(CalendarRefusal::FilterNode) } else { Ok(()) }
}

impl Row<Field> for Instance<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let event = self.event;
        match field {
            Field::Id => Value::Text(&self.id),
            Field::Created => Value::Time(event.created),
            Field::Modified => Value::Time(event.modified),
            Field::Subject => Value::Text(self.subject()),
            Field::Start => Value::Time(self.start),
            Field::End => Value::Time(self.end),
            Field::Importance => Value::Text(event.importance),
            Field::Sensitivity => Value::Text(event.sensitivity),
            Field::ShowAs => Value::Text(event.show_as),
            Field::Type => Value::Text(self.type_name()),
            Field::ICalUid => Value::Text(&event.i_cal_uid),
            Field::HasAttachments => Value::Flag(!event.attachments.is_empty()),
            Field::IsAllDay => Value::Flag(self.when.is_all_day()),
            Field::IsCancelled => Value::Flag(event.is_cancelled),
            Field::IsOnlineMeeting => Value::Flag(event.join_url.is_some()),
            Field::IsOrganizer => Value::Flag(event.is_organizer),
            Field::IsReminderOn => Value::Flag(event.is_reminder_on),
            Field::Categories | Field::Closed | Field::ClosedRecipients => Value::Null,
        }
    }

    fn elements(&self, field: Field) -> Vec<Element<'_>> {
        match field {
            Field::Categories => self.event.categories.iter().map(|name| Element::Text(name)).collect(),
            _ => Vec::new(),
        }
    }
}
