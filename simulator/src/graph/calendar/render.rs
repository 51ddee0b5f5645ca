//! Events and attachments as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::access::Sight;
use super::agenda::{Attachment, Attendee, Contact, Content, Event};
use super::id;
use super::instance::{self, Instance, Kind};
use super::pattern;
use super::preferences::Preferences;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

/// The properties of an event, in the order in which Graph writes them.
pub(super) const NAMES: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "transactionId",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "iCalUId",
    "uid",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "responseRequested",
    "seriesMasterId",
    "showAs",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "allowNewTimeProposals",
    "occurrenceId",
    "isDraft",
    "hideAttendees",
    "originalStart",
    "responseStatus",
    "body",
    "start",
    "end",
    "location",
    "locations",
    "recurrence",
    "attendees",
    "organizer",
    "onlineMeeting",
    "cancelledOccurrences",
];

/// What one who may not see a private event is told of it.
const OF_PRIVATE: &[&str] = &[
    "id",
    "changeKey",
    "subject",
    "sensitivity",
    "isAllDay",
    "showAs",
    "type",
    "start",
    "end",
    "seriesMasterId",
];
/// What `limitedRead` shows on top of that.
const OF_TITLES: &[&str] = &["location", "locations", "isCancelled"];

/// What comes along with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expansion {
    Nothing,
    Attachments,
    /// The changed occurrences of a master.
    Exceptions,
}

/// Who looks, and how they want to see it.
pub(super) struct Viewing<'a> {
    pub(super) selection: Selection,
    pub(super) preferences: &'a Preferences,
    pub(super) sight: Sight,
    pub(super) expansion: Expansion,
    /// Names that are left out though they may be selected.
    pub(super) silent: &'static [&'static str],
}

impl Viewing<'_> {
    /// Writes the selected properties of an event that may be seen. The id always comes along.
    pub(super) fn event(&self, instance: &Instance<'_>) -> Object {
        let mut object = Object::new();
        object.set("@odata.etag", format!("W/\"{}\"", instance.event.change_key));
        let is_masked = instance.event.is_private() && !self.sight.sees_private();
        for (place, name) in NAMES.iter().enumerate() {
            let by_default = !matches!(*name, "originalStart" | "cancelledOccurrences");
            let selected = *name == "id" || self.selection.holds(place, by_default);
            if selected && !self.silent.contains(name) && self.shows(name, is_masked) {
                object.set(name, self.property(name, instance, is_masked));
            }
        }
        match self.expansion {
            Expansion::Attachments if self.sight.sees_bodies() && !is_masked => {
                let kept = instance.event.attachments.iter();
                let shown: Vec<Object> =
                    kept.map(|kept| attachment(instance.event, kept, &Selection::Default)).collect();
                object.set("attachments", json!(shown));
            }
            Expansion::Exceptions if matches!(instance.kind, Kind::Master) => {
                let shown: Vec<Object> =
                    instance::exceptions(instance.event).iter().map(|changed| self.event(changed)).collect();
                object.set("exceptionOccurrences", json!(shown));
            }
            _ => {}
        }
        object
    }

    fn shows(&self, name: &str, is_masked: bool) -> bool {
        if is_masked {
            return OF_PRIVATE.contains(&name);
        }
        match self.sight {
            Sight::Titles => OF_PRIVATE.contains(&name) || OF_TITLES.contains(&name),
            _ => self.sight.sees_bodies() || !matches!(name, "body" | "bodyPreview"),
        }
    }

    fn property(&self, name: &'static str, instance: &Instance<'_>, is_masked: bool) -> Value {
        let event = instance.event;
        match name {
            "id" => self.id(instance).into(),
            "subject" if is_masked => "Private Appointment".into(),
            "subject" => instance.subject().into(),
            "iCalUId" => id::global(event.number, instance.original_day()).into(),
            "isAllDay" => instance.when.is_all_day().into(),
            "seriesMasterId" => self.master_id(instance).into(),
            "type" => instance.type_name().into(),
            "webLink" => web_link(self.id(instance)).into(),
            "occurrenceId" => occurrence_id(instance).into(),
            "originalStart" => {
                instance.original_day().map(|day| event.when.on(day).span(&event.zone).0.to_string()).into()
            }
            "start" => self.moment(instance, Edge::Start),
            "end" => self.moment(instance, Edge::End),
            "recurrence" => match instance.kind {
                Kind::Master => pattern::recurrence(event),
                _ => Value::Null,
            },
            "cancelledOccurrences" => cancelled_occurrences(event, instance),
            "body" if self.preferences.text_bodies => json!({ "contentType": "text", "content": event.text }),
            "body" => json!({ "contentType": "html", "content": event.html }),
            _ => stored(name, event),
        }
    }

    fn id<'i>(&self, instance: &'i Instance<'_>) -> &'i str {
        if self.preferences.immutable_ids { &instance.immutable_id } else { &instance.id }
    }

    fn master_id(&self, instance: &Instance<'_>) -> Option<String> {
        instance.original_day()?;
        let event = instance.event;
        Some(if self.preferences.immutable_ids { event.immutable_id.clone() } else { event.id.clone() })
    }

    /// A whole day is always shown from midnight to midnight, whatever zone is asked for.
    fn moment(&self, instance: &Instance<'_>, edge: Edge) -> Value {
        let instant = match edge {
            Edge::Start => instance.start,
            Edge::End => instance.end,
        };
        if instance.when.is_all_day() {
            return self.preferences.zone.labelled(instance.event.zone.wall(instant).date().into());
        }
        self.preferences.zone.shown(instant)
    }
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// What is the same for every occurrence of an event.
pub(super) fn stored(name: &str, event: &Event) -> Value {
    match name {
        "createdDateTime" => event.created.to_string().into(),
        "lastModifiedDateTime" => event.modified.to_string().into(),
        "changeKey" => event.change_key.as_str().into(),
        "categories" => json!(event.categories),
        "originalStartTimeZone" | "originalEndTimeZone" => event.zone.name.as_str().into(),
        "uid" => event.i_cal_uid.as_str().into(),
        "reminderMinutesBeforeStart" => event.reminder_minutes.into(),
        "isReminderOn" => event.is_reminder_on.into(),
        "hasAttachments" => (!event.attachments.is_empty()).into(),
        "bodyPreview" => event.preview.as_str().into(),
        "importance" => event.importance.into(),
        "sensitivity" => event.sensitivity.into(),
        "isCancelled" => event.is_cancelled.into(),
        "isOrganizer" => event.is_organizer.into(),
        "responseRequested" | "allowNewTimeProposals" => true.into(),
        "showAs" => event.show_as.into(),
        "isOnlineMeeting" => event.join_url.is_some().into(),
        "onlineMeetingProvider" => {
            if event.join_url.is_some() { "teamsForBusiness" } else { "unknown" }.into()
        }
        "isDraft" => false.into(),
        "hideAttendees" => event.hides_attendees.into(),
        "responseStatus" => response(event.response, event),
        "location" => location(&event.locations.join("; ")),
        "locations" => event.locations.iter().map(|name| location(name)).collect(),
        "attendees" => event.attendees.iter().map(|attendee| shown_attendee(attendee, event)).collect(),
        "organizer" => json!({ "emailAddress": address(&event.organizer) }),
        "onlineMeeting" => event.join_url.as_ref().map(|url| json!({ "joinUrl": url })).into(),
        _ => Value::Null,
    }
}

fn shown_attendee(attendee: &Attendee, event: &Event) -> Value {
    json!({
        "type": attendee.kind,
        "status": response(attendee.response, event),
        "emailAddress": address(&attendee.contact),
    })
}

/// An answer that was never given was given in the year one.
fn response(response: &str, event: &Event) -> Value {
    let never = matches!(response, "none" | "notResponded" | "organizer");
    let time = if never { "0001-01-01T00:00:00Z".to_owned() } else { event.modified.to_string() };
    json!({ "response": response, "time": time })
}

pub(super) fn address(contact: &Contact) -> Value {
    json!({ "name": contact.name, "address": contact.address })
}

fn location(name: &str) -> Value {
    if name.is_empty() {
        return json!({ "displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}, "coordinates": {} });
    }
    json!({ "displayName": name, "locationType": "default", "uniqueId": name, "uniqueIdType": "private" })
}

fn web_link(id: &str) -> String {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item")
}

fn occurrence_id(instance: &Instance<'_>) -> Option<String> {
    Some(format!("OID.{}.{}", instance.event.id, instance.original_day()?))
}

fn cancelled_occurrences(event: &Event, instance: &Instance<'_>) -> Value {
    match (instance.kind, &event.series) {
        (Kind::Master, Some(series)) => {
            series.cancelled.iter().map(|day| format!("OID.{}.{day}", event.id)).collect()
        }
        _ => json!([]),
    }
}

/// The properties of an attachment, in the order in which Graph writes them.
pub(super) const ATTACHMENT_NAMES: &[&str] =
    &["id", "lastModifiedDateTime", "name", "contentType", "size", "isInline", "contentId", "contentBytes"];

pub(super) fn attachment(event: &Event, attachment: &Attachment, selection: &Selection) -> Object {
    let mut object = Object::new();
    let (type_name, content_type) = match attachment.content {
        Content::File(content_type) => ("#microsoft.graph.fileAttachment", Some(content_type)),
        Content::Item => ("#microsoft.graph.itemAttachment", None),
        Content::Reference => ("#microsoft.graph.referenceAttachment", None),
    };
    object.set("@odata.type", type_name);
    object.set("@odata.mediaContentType", content_type);
    for (place, name) in ATTACHMENT_NAMES.iter().enumerate() {
        let is_of_files = matches!(*name, "contentId" | "contentBytes");
        if (is_of_files && content_type.is_none()) || (*name != "id" && !selection.holds(place, true)) {
            continue;
        }
        let value = match *name {
            "id" => attachment.id.as_str().into(),
            "lastModifiedDateTime" => event.modified.to_string().into(),
            "name" => attachment.name.as_str().into(),
            "contentType" => content_type.into(),
            "size" => attachment.text.len().into(),
            "isInline" => false.into(),
            "contentBytes" => STANDARD.encode(&attachment.text).into(),
            _ => Value::Null,
        };
        object.set(name, value);
    }
    object
}

/// What lies in an item attachment: a message, as `$expand=microsoft.graph.itemattachment/item` shows it.
pub(super) fn attached_item(event: &Event, attachment: &Attachment) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.message",
        "subject": attachment.name,
        "sentDateTime": event.created.to_string(),
        "from": { "emailAddress": address(&event.organizer) },
        "body": { "contentType": "text", "content": attachment.text },
    })
}

/// The raw content of an attachment and its type; nothing where it lies elsewhere.
pub(super) fn content(event: &Event, attachment: &Attachment) -> Option<(String, &'static str)> {
    match attachment.content {
        Content::File(content_type) => Some((attachment.text.clone(), content_type)),
        Content::Item => {
            let headers = format!("From: <{}>\r\nSubject: {}\r\n", event.organizer.address, attachment.name);
            let kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
            Some((format!("{headers}{kind}\r\n{}", attachment.text), "message/rfc822"))
        }
        Content::Reference => None,
    }
}
