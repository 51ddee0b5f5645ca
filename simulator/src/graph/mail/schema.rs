//! Messages as OData and KQL see them.

use jiff::Timestamp;

use super::mailbox::{Mailbox, Message};
use super::recipient::Recipient;
use crate::graph::kql::{Flag, Moment, Needle, Place, Role, Searchable};
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};

/// A property that may stand in `$filter` or `$orderby`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Created,
    Modified,
    Received,
    Sent,
    Subject,
    Body,
    BodyPreview,
    Importance,
    ParentFolderId,
    ConversationId,
    InternetMessageId,
    IsRead,
    IsDraft,
    HasAttachments,
    FromName,
    FromAddress,
    Inference,
    FlagStatus,
    To,
    Cc,
    Bcc,
    Categories,
}

impl Field {
    /// Whether `Mail.ReadBasic` hides it.
    pub(super) const fn is_body(self) -> bool {
        matches!(self, Self::Body | Self::BodyPreview)
    }
}

/// Names the resource type.
pub(super) struct MessageSchema;

impl Schema for MessageSchema {
    type Field = Field;

    const TYPE_NAME: &'static str = "microsoft.graph.message";

    fn field(path: &str) -> Option<(Field, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "id" => (Field::Id, Kind::Text),
            "createddatetime" => (Field::Created, Kind::Time),
            "lastmodifieddatetime" => (Field::Modified, Kind::Time),
            "receiveddatetime" => (Field::Received, Kind::Time),
            "sentdatetime" => (Field::Sent, Kind::Time),
            "subject" => (Field::Subject, Kind::Text),
            "body/content" => (Field::Body, Kind::Text),
            "bodypreview" => (Field::BodyPreview, Kind::Text),
            "importance" => (Field::Importance, Kind::Member(&["low", "normal", "high"])),
            "parentfolderid" => (Field::ParentFolderId, Kind::Text),
            "conversationid" => (Field::ConversationId, Kind::Text),
            "internetmessageid" => (Field::InternetMessageId, Kind::Text),
            "isread" => (Field::IsRead, Kind::Flag),
            "isdraft" => (Field::IsDraft, Kind::Flag),
            "hasattachments" => (Field::HasAttachments, Kind::Flag),
            "from/emailaddress/name" | "sender/emailaddress/name" => (Field::FromName, Kind::Text),
            "from/emailaddress/address" | "sender/emailaddress/address" => (Field::FromAddress, Kind::Text),
            "inferenceclassification" => (Field::Inference, Kind::Member(&["focused", "other"])),
            "flag/flagstatus" => (Field::FlagStatus, Kind::Member(&["notFlagged", "complete", "flagged"])),
            "torecipients" => (Field::To, Kind::Recipients),
            "ccrecipients" => (Field::Cc, Kind::Recipients),
            "bccrecipients" => (Field::Bcc, Kind::Recipients),
            "categories" => (Field::Categories, Kind::Texts),
            _ => return None,
        })
    }
}

/// A message together with the mailbox that it lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) mailbox: &'a Mailbox,
    pub(super) message: &'a Message,
}

impl Row<Field> for Entry<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let message = self.message;
        match field {
            Field::Id => Value::Text(&message.id),
            Field::Created | Field::Received => Value::Time(message.received),
            Field::Modified => Value::Time(message.modified),
            Field::Sent => Value::Time(message.sent),
            Field::Subject => Value::Text(&message.subject),
            Field::Body => Value::Text(&message.html),
            Field::BodyPreview => Value::Text(&message.preview),
            Field::Importance => Value::Text(message.importance),
            Field::ParentFolderId => Value::Text(&self.mailbox.folders[message.folder].id),
            Field::ConversationId => Value::Text(&message.conversation_id),
            Field::InternetMessageId => Value::Text(&message.internet_message_id),
            Field::IsRead => Value::Flag(message.is_read),
            Field::IsDraft => Value::Flag(message.is_draft),
            Field::HasAttachments => Value::Flag(message.has_attachments()),
            Field::FromName => Value::Text(&message.from.name),
            Field::FromAddress => Value::Text(&message.from.address),
            Field::Inference => Value::Text(message.inference),
            Field::FlagStatus => Value::Text(message.flag),
            Field::To | Field::Cc | Field::Bcc | Field::Categories => Value::Null,
        }
    }

    fn elements(&self, field: Field) -> Vec<Element<'_>> {
        match field {
            Field::To => self.message.to.iter().map(element).collect(),
            Field::Cc => self.message.cc.iter().map(element).collect(),
            Field::Bcc => self.message.bcc.iter().map(element).collect(),
            Field::Categories => self.message.categories.iter().map(|name| Element::Text(name)).collect(),
            _ => Vec::new(),
        }
    }
}

fn element(recipient: &Recipient) -> Element<'_> {
    Element::Recipient { name: &recipient.name, address: &recipient.address }
}

impl Searchable for Message {
    fn subject(&self) -> &str {
        &self.subject
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&self.normalised)
    }

    fn people(&self, role: Role) -> Vec<(&str, &str)> {
        let recipients = match role {
            Role::From => std::slice::from_ref(&self.from),
            Role::To => &self.to,
            Role::Cc => &self.cc,
            Role::Bcc => &self.bcc,
        };
        recipients.iter().map(|person| (person.name.as_str(), person.address.as_str())).collect()
    }

    fn texts(&self, place: Place) -> Vec<&str> {
        match place {
            Place::Attachment => self.attachments.iter().map(|attachment| attachment.name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    fn flag(&self, flag: Flag) -> bool {
        flag == Flag::HasAttachment && self.has_attachments()
    }

    fn importance(&self) -> &'static str {
        self.importance
    }

    fn kind(&self) -> &'static str {
        "email"
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Sent => Some(self.sent),
            Moment::Received => Some(self.received),
            _ => None,
        }
    }

    fn size(&self) -> u64 {
        Message::size(self) as u64
    }
}
