//! Attachments, and mails as they travel: what needs `Mail.Read`.

use bytes::Bytes;

use super::enclosure::Enclosure;
use super::mailbox::{Attachment, Message};
use super::{Reading, Written, expand, list, mime, missing, render};
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Entity, Page, bytes};
use crate::graph::scopes::MailAccess;

impl Reading<'_> {
    pub(super) fn message_value(&self, message: &Message) -> Result<Written, Refusal> {
        self.require_full()?;
        Ok((Bytes::from(mime::message(message)), Some("text/plain")))
    }

    pub(super) fn attachments(&self, message: &Message) -> Result<Bytes, Refusal> {
        self.require_full()?;
        let with_items = expand::wants_item(self.query.expand.as_deref())?;
        let selection = expand::selection(self.query.select.as_deref())?;
        let list = list::paged(self, message.attachments.iter().collect())?;
        let names = selection.context(render::ATTACHMENT_NAMES);
        let page = Page {
            context: self.context(&format!("/messages('{}')/attachments{names}", message.id)),
            count: list.count,
            value: list
                .entries
                .into_iter()
                .map(|kept| render::attachment(message, kept, &selection, self.expanded(with_items)))
                .collect(),
            next_link: list.next_link,
        };
        Ok(bytes(&page))
    }

    pub(super) fn attachment(&self, message: &Message, id: &str) -> Result<Bytes, Refusal> {
        self.require_full()?;
        let with_item = expand::wants_item(self.query.expand.as_deref())?;
        let selection = expand::selection(self.query.select.as_deref())?;
        let kept = find(message, id)?;
        let context = self.context(&format!("/messages('{}')/attachments/$entity", message.id));
        let object = render::attachment(message, kept, &selection, self.expanded(with_item));
        Ok(bytes(&Entity { context, object }))
    }

    pub(super) fn attachment_value(&self, message: &Message, id: &str) -> Result<Written, Refusal> {
        self.require_full()?;
        let kept = find(message, id)?;
        match &kept.enclosure {
            Enclosure::Reference => Err(Refusal::ReferenceValue),
            Enclosure::Item(item) => {
                let (text, content_type) = mime::item(item, &kept.name, message.sent);
                Ok((Bytes::from(text), Some(content_type)))
            }
            file => Ok((Bytes::from(file.bytes()), file.content_type())),
        }
    }

    fn expanded(&self, with_items: bool) -> render::Items {
        match (with_items, self.preferences.text_bodies) {
            (false, _) => render::Items::Closed,
            (true, false) => render::Items::AsHtml,
            (true, true) => render::Items::AsText,
        }
    }

    pub(super) fn require_full(&self) -> Result<(), Refusal> {
        if self.access == MailAccess::Full { Ok(()) } else { Err(Refusal::MailAccessDenied) }
    }
}

fn find<'a>(message: &'a Message, id: &str) -> Result<&'a Attachment, Refusal> {
    message.attachments.iter().find(|attachment| attachment.id == id).ok_or_else(|| missing(id))
}
