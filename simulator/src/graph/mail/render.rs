//! Messages and attachments as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::enclosure::{Enclosure, Item, ItemKind};
use super::mailbox::{Attachment, Message};
use super::mime;
use super::preferences::Preferences;
use super::recipient::Recipient;
use super::schema::Entry;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;
use crate::graph::scopes::MailAccess;

/// The properties of a message, in the order in which Graph writes them.
pub(super) const NAMES: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "receivedDateTime",
    "sentDateTime",
    "hasAttachments",
    "internetMessageId",
    "subject",
    "bodyPreview",
    "importance",
    "parentFolderId",
    "conversationId",
    "conversationIndex",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "isRead",
    "isDraft",
    "webLink",
    "inferenceClassification",
    "body",
    "sender",
    "from",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "flag",
    "uniqueBody",
    "internetMessageHeaders",
];

/// Writes the selected properties of a message that `access` lets through. The id always comes along.
pub(super) fn message(
    entry: Entry<'_>,
    selection: &Selection,
    preferences: Preferences,
    access: MailAccess,
) -> Object {
    let mut object = Object::new();
    object.set("@odata.etag", format!("W/\"{}\"", entry.message.change_key));
    for (place, name) in NAMES.iter().enumerate() {
        let selected = *name == "id"
            || selection.holds(place, !matches!(*name, "uniqueBody" | "internetMessageHeaders"));
        let hidden = access == MailAccess::Basic && matches!(*name, "body" | "bodyPreview" | "uniqueBody");
        if selected && !hidden {
            object.set(name, property(name, entry, preferences));
        }
    }
    object
}

fn property(name: &str, entry: Entry<'_>, preferences: Preferences) -> Value {
    let message = entry.message;
    match name {
        "id" => id(message, preferences).into(),
        "createdDateTime" | "receivedDateTime" => message.received.to_string().into(),
        "lastModifiedDateTime" => message.modified.to_string().into(),
        "changeKey" => message.change_key.as_str().into(),
        "categories" => json!(message.categories),
        "sentDateTime" => message.sent.to_string().into(),
        "hasAttachments" => message.has_attachments().into(),
        "internetMessageId" => message.internet_message_id.as_str().into(),
        "subject" => message.subject.as_str().into(),
        "bodyPreview" => message.preview.as_str().into(),
        "importance" => message.importance.into(),
        "parentFolderId" => entry.mailbox.folders[message.folder].id.as_str().into(),
        "conversationId" => message.conversation_id.as_str().into(),
        "conversationIndex" => message.conversation_index.as_str().into(),
        "isReadReceiptRequested" => false.into(),
        "isRead" => message.is_read.into(),
        "isDraft" => message.is_draft.into(),
        "webLink" => web_link(id(message, preferences)).into(),
        "inferenceClassification" => message.inference.into(),
        "body" | "uniqueBody" => body(message, preferences),
        "sender" | "from" => recipient(&message.from),
        "toRecipients" => message.to.iter().map(recipient).collect(),
        "ccRecipients" => message.cc.iter().map(recipient).collect(),
        "bccRecipients" => message.bcc.iter().map(recipient).collect(),
        "replyTo" => json!([]),
        // What was never sent has none.
        "internetMessageHeaders" if message.is_draft => Value::Null,
        "internetMessageHeaders" => mime::headers(message)
            .into_iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect(),
        "flag" => json!({ "flagStatus": message.flag }),
        _ => Value::Null,
    }
}

fn id(message: &Message, preferences: Preferences) -> &str {
    if preferences.immutable_ids { &message.immutable_id } else { &message.id }
}

pub(super) fn web_link(id: &str) -> String {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    format!("https://outlook.office365.com/owa/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem")
}

fn body(message: &Message, preferences: Preferences) -> Value {
    if preferences.text_bodies {
        json!({ "contentType": "text", "content": message.text })
    } else {
        json!({ "contentType": "html", "content": message.html })
    }
}

pub(super) fn recipient(person: &Recipient) -> Value {
    json!({ "emailAddress": { "name": person.name, "address": person.address } })
}

/// The properties of an attachment, in the order in which Graph writes them.
pub(super) const ATTACHMENT_NAMES: &[&str] =
    &["id", "lastModifiedDateTime", "name", "contentType", "size", "isInline", "contentId", "contentBytes"];

/// Whether attached items are shown, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    Closed,
    AsHtml,
    AsText,
}

pub(super) fn attachment(
    message: &Message,
    attachment: &Attachment,
    selection: &Selection,
    items: Items,
) -> Object {
    let enclosure = &attachment.enclosure;
    let content_type = enclosure.content_type();
    let holds = |name: &str| {
        ATTACHMENT_NAMES
            .iter()
            .position(|known| *known == name)
            .is_some_and(|place| selection.holds(place, true))
    };
    let content = if holds("size") || holds("contentBytes") { enclosure.bytes() } else { Vec::new() };
    let mut object = Object::new();
    object.set("@odata.type", enclosure.type_name());
    object.set("@odata.mediaContentType", content_type);
    for name in ATTACHMENT_NAMES {
        let is_of_files = matches!(*name, "contentId" | "contentBytes");
        if (is_of_files && content_type.is_none()) || (*name != "id" && !holds(name)) {
            continue;
        }
        let value = match *name {
            "id" => attachment.id.as_str().into(),
            "lastModifiedDateTime" => message.modified.to_string().into(),
            "name" => attachment.name.as_str().into(),
            "contentType" => content_type.into(),
            "size" if content_type.is_none() => enclosure.weight().into(),
            "size" => content.len().into(),
            "isInline" => enclosure.content_id().is_some().into(),
            "contentId" => enclosure.content_id().into(),
            "contentBytes" => STANDARD.encode(&content).into(),
            _ => Value::Null,
        };
        object.set(name, value);
    }
    if let (Enclosure::Item(item), false) = (enclosure, items == Items::Closed) {
        object.set("item", attached_item(message, &attachment.name, item, items));
    }
    object
}

/// What lies in an item attachment. It has no place in the mailbox, so its id is empty.
fn attached_item(message: &Message, subject: &str, item: &Item, items: Items) -> Value {
    let body = match items {
        Items::AsText => json!({ "contentType": "text", "content": item.text }),
        Items::AsHtml | Items::Closed => {
            let lines = crate::graph::drive::document::escaped(&item.text).replace("\r\n", "<br>\r\n");
            json!({ "contentType": "html", "content": format!("<html><body>{lines}</body></html>") })
        }
    };
    let (sent, from) = (message.sent.to_string(), recipient(&item.from));
    match item.kind {
        ItemKind::Message => json!({
            "@odata.type": "#microsoft.graph.message",
            "id": "",
            "createdDateTime": sent,
            "receivedDateTime": sent,
            "sentDateTime": sent,
            "hasAttachments": false,
            "subject": subject,
            "importance": "normal",
            "isRead": true,
            "isDraft": false,
            "body": body,
            "sender": from,
            "from": from,
            "toRecipients": [recipient(&item.to)],
            "ccRecipients": [],
        }),
        ItemKind::Event => json!({
            "@odata.type": "#microsoft.graph.event",
            "id": "",
            "createdDateTime": sent,
            "subject": subject,
            "isAllDay": false,
            "hasAttachments": false,
            "body": body,
            "start": { "dateTime": message.sent.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": "UTC" },
            "end": {
                "dateTime": message.received.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(),
                "timeZone": "UTC",
            },
            "organizer": from,
            "attendees": [{ "type": "required", "emailAddress": recipient(&item.to)["emailAddress"] }],
        }),
    }
}
