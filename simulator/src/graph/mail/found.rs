//! Messages as Microsoft Search finds and shows them.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::mailbox::{Mailbox, Message};
use super::render::{recipient, web_link};
use crate::graph::search::{Document, Found};

/// Everything that lies in a mailbox.
pub(in crate::graph) fn documents(mailbox: &Mailbox) -> Vec<Found<'_>> {
    mailbox.messages.iter().map(|message| Found::Kept(message)).collect()
}

impl Document for Message {
    fn hit_id(&self) -> String {
        self.id.clone()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.text)
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.message",
            "createdDateTime": self.received.to_string(),
            "lastModifiedDateTime": self.modified.to_string(),
            "receivedDateTime": self.received.to_string(),
            "sentDateTime": self.sent.to_string(),
            "hasAttachments": !self.attachments.is_empty(),
            "subject": self.subject,
            "bodyPreview": self.preview,
            "importance": self.importance,
            "webLink": web_link(&self.id),
            "replyTo": [],
            "sender": recipient(&self.from),
            "from": recipient(&self.from),
        })
    }
}
