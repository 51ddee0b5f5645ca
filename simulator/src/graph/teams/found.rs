//! Messages of chats and channels as Microsoft Search finds and shows them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::message::Mention;
use super::people::People;
use super::render::Home;
use super::visible::{VisibleMessage, Within};
use crate::graph::findable::{Document, Found};
use crate::graph::kql::{Attribute, Flag, Moment, Needle, Role, Searchable, normalised};
use crate::graph::permissions::holds;

struct ChatDocument<'a> {
    people: People<'a>,
    /// Object id of who searches.
    reader: Uuid,
    visible: VisibleMessage,
}

/// What the scopes of a token let a search look through.
pub(in crate::graph) fn within(granted: &[String]) -> Within {
    let chats = holds(granted, "Chat.Read") || holds(granted, "Chat.ReadWrite");
    match (chats, holds(granted, "ChannelMessage.Read.All")) {
        (true, true) => Within::Both,
        (true, false) => Within::Chats,
        (false, _) => Within::Channels,
    }
}

pub(in crate::graph) fn documents(
    people: People<'_>,
    reader: Uuid,
    visible: Vec<VisibleMessage>,
) -> Vec<Found<'_>> {
    visible.into_iter().map(|visible| Found::made(ChatDocument { people, reader, visible })).collect()
}

impl ChatDocument<'_> {
    fn mentioned(&self) -> impl Iterator<Item = Uuid> {
        self.visible.message().mentions.iter().filter_map(|mention| match mention {
            Mention::Person(who, _) => Some(self.people.id(*who)),
            Mention::Channel(_) => None,
        })
    }
}

impl Searchable for ChatDocument<'_> {
    fn subject(&self) -> &str {
        self.visible.message().subject.as_deref().unwrap_or_default()
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&normalised(&self.visible.message().text))
    }

    fn people(&self, role: Role) -> Vec<(&str, &str)> {
        match (role, self.visible.author()) {
            (Role::From, Some(who)) => vec![(self.people.name(who), self.people.address(who))],
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match attribute {
            Attribute::Mention => self.mentioned().map(|id| id.simple().to_string().into()).collect(),
            _ => Vec::new(),
        }
    }

    /// Everything is read here.
    fn flag(&self, flag: Flag) -> bool {
        match flag {
            Flag::HasAttachment => !self.visible.message().attachments.is_empty(),
            Flag::IsMentioned => self.mentioned().any(|id| id == self.reader),
            Flag::IsRead => true,
            Flag::IsDocument => false,
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Sent | Moment::Created => Some(self.visible.message().created),
            Moment::Modified => Some(self.visible.message().modified),
            _ => None,
        }
    }
}

impl Document for ChatDocument<'_> {
    fn hit_id(&self) -> String {
        self.visible.message().id.clone()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.visible.message().text)
    }

    /// Senders look like those of mail. `channelIdentity` is empty for chats.
    fn resource(&self, _fields: Map<String, Value>) -> Value {
        let message = self.visible.message();
        let mut resource = json!({
            "@odata.type": "#microsoft.graph.chatMessage",
            "id": message.id,
            "etag": message.id,
            "createdDateTime": message.created.to_string(),
            "lastModifiedDateTime": message.modified.to_string(),
            "importance": message.importance,
            "channelIdentity": {},
        });
        if let Some(subject) = &message.subject {
            resource["subject"] = subject.as_str().into();
        }
        if let Some(who) = self.visible.author() {
            let (name, address) = (self.people.name(who), self.people.address(who));
            resource["from"] = json!({ "emailAddress": { "name": name, "address": address } });
        }
        if let Some(url) = self.visible.web_url(self.people) {
            resource["webLink"] = url.into();
        }
        match &*self.visible.home {
            Home::Chat(chat) => resource["chatId"] = chat.as_str().into(),
            Home::Channel { team, channel } => {
                resource["channelIdentity"] = json!({ "teamId": team, "channelId": channel });
                if let Some(post) = self.visible.post() {
                    resource["replyToId"] = post.id.as_str().into();
                }
            }
        }
        resource
    }
}
