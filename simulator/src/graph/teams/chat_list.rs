//! Chats as JSON, and as rows that `$filter` looks at.

use serde_json::{Value as Json, json};

use super::people::{Participant, People};
use super::render::encoded;
use super::roster::{Chat, ChatKind};
use crate::graph::odata::select::Selection;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::respond::Object;

/// The properties of a chat, in the order in which Graph writes them.
pub(super) const NAMES: &[&str] = &[
    "id",
    "topic",
    "createdDateTime",
    "lastUpdatedDateTime",
    "chatType",
    "webUrl",
    "tenantId",
    "isHiddenForAllMembers",
    "onlineMeetingInfo",
    "viewpoint",
];
pub(super) const TYPE_NAME: &str = "microsoft.graph.chat";

/// What a filter may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChatField {
    Topic,
    Kind,
    Created,
    Updated,
    LastMessage,
    Members,
}

/// The resource type.
#[derive(Debug)]
pub(super) struct ChatSchema;

impl Schema for ChatSchema {
    type Field = ChatField;
    const TYPE_NAME: &'static str = TYPE_NAME;

    fn field(path: &str) -> Option<(ChatField, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "topic" => (ChatField::Topic, Kind::Text),
            "chattype" => (ChatField::Kind, Kind::Member(&["oneOnOne", "group", "meeting"])),
            "createddatetime" => (ChatField::Created, Kind::Time),
            "lastupdateddatetime" => (ChatField::Updated, Kind::Time),
            "lastmessagepreview/createddatetime" => (ChatField::LastMessage, Kind::Time),
            "members" => (ChatField::Members, Kind::Members),
            _ => return None,
        })
    }
}

/// A chat among the people of its tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChatRow<'a> {
    pub(super) chat: &'a Chat,
    pub(super) people: People<'a>,
}

impl Row<ChatField> for ChatRow<'_> {
    fn value(&self, field: ChatField) -> Value<'_> {
        match field {
            ChatField::Topic => self.chat.topic.as_deref().map_or(Value::Null, Value::Text),
            ChatField::Kind => Value::Text(self.chat.kind.name()),
            ChatField::Created => Value::Time(self.chat.created),
            ChatField::Updated => Value::Time(self.chat.updated()),
            ChatField::LastMessage => self.chat.last.map_or(Value::Null, Value::Time),
            ChatField::Members => Value::Null,
        }
    }

    fn elements(&self, field: ChatField) -> Vec<Element<'_>> {
        if field != ChatField::Members {
            return Vec::new();
        }
        let element = |who: &Participant| Element::Recipient {
            name: self.people.name(*who),
            address: self.people.address(*who),
        };
        self.chat.members.iter().map(element).collect()
    }
}

impl ChatRow<'_> {
    pub(super) fn object(self, selection: &Selection) -> Object {
        let mut object = Object::new();
        for (place, name) in NAMES.iter().enumerate() {
            if *name == "id" || selection.holds(place, true) {
                object.set(name, self.property(name));
            }
        }
        object
    }

    fn property(self, name: &str) -> Json {
        let Self { chat, people } = self;
        let tenant = people.tenant.id;
        match name {
            "id" => chat.id.as_str().into(),
            "topic" => chat.topic.as_deref().into(),
            "createdDateTime" => chat.created.to_string().into(),
            "lastUpdatedDateTime" => chat.updated().to_string().into(),
            "chatType" => chat.kind.name().into(),
            "webUrl" => {
                format!("https://teams.microsoft.com/l/chat/{}/0?tenantId={tenant}", encoded(&chat.id)).into()
            }
            "tenantId" => tenant.to_string().into(),
            "isHiddenForAllMembers" => false.into(),
            "onlineMeetingInfo" => self.meeting(),
            "viewpoint" => json!({
                "isHidden": false,
                "lastMessageReadDateTime": chat.last.map(|last| last.to_string()),
            }),
            _ => Json::Null,
        }
    }

    fn meeting(self) -> Json {
        let Some(meeting) = &self.chat.meeting else { return Json::Null };
        json!({
            "calendarEventId": meeting.event,
            "joinWebUrl": meeting.join_url,
            "organizer": {
                "id": meeting.organizer,
                "displayName": null,
                "userIdentityType": "aadUser",
                "tenantId": self.people.tenant.id,
            },
        })
    }
}

impl ChatKind {
    const fn name(self) -> &'static str {
        match self {
            Self::OneOnOne => "oneOnOne",
            Self::Group => "group",
            Self::Meeting => "meeting",
        }
    }
}
