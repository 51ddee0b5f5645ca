//! Messages and attachments as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::mailbox::{Attachment, Message, Recipient};
use super::preferences::Preferences;
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
        let selected = *name == "id" || selection.holds(place, *name != "uniqueBody");
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
        "hasAttachments" => (!message.attachments.is_empty()).into(),
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
        "bccRecipients" | "replyTo" => json!([]),
        "flag" => json!({ "flagStatus": message.flag }),
        _ => Value::Null,
    }
}

fn id(message: &Message, preferences: Preferences) -> &str {
    if preferences.immutable_ids { &message.immutable_id } else { &message.id }
}

fn web_link(id: &str) -> String {
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

fn recipient(person: &Recipient) -> Value {
    json!({ "emailAddress": { "name": person.name, "address": person.address } })
}

/// The properties of an attachment, in the order in which Graph writes them.
pub(super) const ATTACHMENT_NAMES: &[&str] =
    &["id", "lastModifiedDateTime", "name", "contentType", "size", "isInline", "contentId", "contentBytes"];

pub(super) fn attachment(message: &Message, attachment: &Attachment, selection: &Selection) -> Object {
    let mut object = Object::new();
    object.set("@odata.type", "#microsoft.graph.fileAttachment");
    object.set("@odata.mediaContentType", attachment.content_type);
    for (place, name) in ATTACHMENT_NAMES.iter().enumerate() {
        if *name != "id" && !selection.holds(place, true) {
            continue;
        }
        let value = match *name {
            "id" => attachment.id.as_str().into(),
            "lastModifiedDateTime" => message.modified.to_string().into(),
            "name" => attachment.name.as_str().into(),
            "contentType" => attachment.content_type.into(),
            "size" => attachment.content.len().into(),
            "isInline" => false.into(),
            "contentBytes" => STANDARD.encode(&attachment.content).into(),
            _ => Value::Null,
        };
        object.set(name, value);
    }
    object
}
