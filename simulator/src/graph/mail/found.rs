//! Messages as Microsoft Search finds and shows them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::mailbox::{Mailbox, Message};
use super::render::{recipient, web_link};
use crate::graph::findable::{Document, Found};
use crate::graph::kql::{Flag, Moment, Needle, Place, Role, Searchable};

/// A message to Microsoft Search, which looks for bare words in the names of attachments too, as `$search` does not.
struct MailDocument<'a>(&'a Message);

/// Everything that lies in a mailbox.
pub(in crate::graph) fn documents(mailbox: &Mailbox) -> Vec<Found<'_>> {
    mailbox.messages.iter().map(|message| Found::made(MailDocument(message))).collect()
}

impl Searchable for MailDocument<'_> {
    fn subject(&self) -> &str {
        Searchable::subject(self.0)
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        self.0.body_holds(needle)
    }

    fn people(&self, role: Role) -> Vec<(&str, &str)> {
        self.0.people(role)
    }

    fn texts(&self, place: Place) -> Vec<&str> {
        self.0.texts(if place == Place::Anywhere { Place::Attachment } else { place })
    }

    fn flag(&self, flag: Flag) -> bool {
        self.0.flag(flag)
    }

    fn importance(&self) -> &'static str {
        Searchable::importance(self.0)
    }

    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        self.0.moment(which)
    }

    fn size(&self) -> u64 {
        Searchable::size(self.0)
    }
}

impl Document for MailDocument<'_> {
    fn hit_id(&self) -> String {
        self.0.id.clone()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.text)
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.message",
            "createdDateTime": self.0.received.to_string(),
            "lastModifiedDateTime": self.0.modified.to_string(),
            "receivedDateTime": self.0.received.to_string(),
            "sentDateTime": self.0.sent.to_string(),
            "hasAttachments": self.0.has_attachments(),
            "subject": self.0.subject,
            "bodyPreview": self.0.preview,
            "importance": self.0.importance,
            "webLink": web_link(&self.0.id),
            "replyTo": [],
            "sender": recipient(&self.0.from),
            "from": recipient(&self.0.from),
        })
    }
}
