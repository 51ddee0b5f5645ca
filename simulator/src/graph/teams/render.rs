//! Messages as JSON.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::message::{Attachment, Event, Mention, Message, PICTURES, Reaction, Sender, Thread};
use super::people::{Enrolled, Participant, People};
use crate::graph::odata::query::VALUE;
use crate::graph::respond::Object;

/// Letters of a quoted message that are shown.
const PREVIEW: usize = 80;

/// Where a thread is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Home {
    Chat(String),
    Channel { team: Uuid, channel: String },
}

/// A thread as one request sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) people: People<'a>,
    pub(super) home: &'a Home,
    pub(super) thread: &'a Thread,
    pub(super) base_url: &'a str,
    /// Whether the client has asked for enumeration members that came later.
    pub(super) shows_unknown: bool,
}

/// As it stands in contexts and links.
pub(super) fn encoded(id: &str) -> String {
    utf8_percent_encode(id, VALUE).to_string()
}

impl Home {
    /// As `@odata.context` names it.
    pub(super) fn context(&self) -> String {
        match self {
            Self::Chat(id) => format!("chats('{}')", encoded(id)),
            Self::Channel { team, channel } => format!("teams('{team}')/channels('{}')", encoded(channel)),
        }
    }

    /// The path of its messages.
    fn path(&self) -> String {
        match self {
            Self::Chat(id) => format!("/chats/{id}/messages"),
            Self::Channel { team, channel } => format!("/teams/{team}/channels/{channel}/messages"),
        }
    }
}

impl Scene<'_> {
    /// The address of a message, without the version.
    pub(super) fn path(&self, place: usize) -> String {
        let message = &self.thread.messages[place];
        let own = self.home.path();
        match message.reply_to {
            Some(post) => format!("{own}/{}/replies/{}", self.thread.messages[post].id, message.id),
            None => format!("{own}/{}", message.id),
        }
    }

    pub(super) fn message(&self, place: usize) -> Object {
        let message = &self.thread.messages[place];
        let (chat, channel) = match self.home {
            Home::Chat(id) => (json!(id), Value::Null),
            Home::Channel { team, channel } => (Value::Null, json!({ "teamId": team, "channelId": channel })),
        };
        let mut object = Object::new();
        object.set("id", message.id.as_str());
        object.set("replyToId", message.reply_to.map(|post| self.thread.messages[post].id.clone()));
        object.set("etag", message.modified.as_millisecond().to_string());
        object.set("messageType", self.message_type(message));
        object.set("createdDateTime", message.created.to_string());
        object.set("lastModifiedDateTime", message.modified.to_string());
        object.set("lastEditedDateTime", message.edited.map(|time| time.to_string()));
        object.set("deletedDateTime", message.deleted.map(|time| time.to_string()));
        object.set("subject", message.subject.clone());
        object.set("summary", Value::Null);
        object.set("chatId", chat);
        object.set("importance", message.importance);
        object.set("locale", message.locale);
        object.set("webUrl", web_url(self.people, self.home, self.thread, place));
        object.set("channelIdentity", channel);
        object.set("onBehalfOf", Value::Null);
        object.set("policyViolation", Value::Null);
        object.set("eventDetail", message.event.as_ref().map_or(Value::Null, |event| self.event(event)));
        object.set("from", self.sender(message.sender));
        object.set("body", self.body(place));
        let attachments = message.attachments.iter().map(|attachment| self.attachment(attachment));
        object.set("attachments", attachments.collect::<Value>());
        object.set("mentions", self.mentions(message));
        let reactions = message.reactions.iter().map(|reaction| self.reaction(reaction));
        object.set("reactions", reactions.collect::<Value>());
        object.set("messageHistory", self.history(message));
        object
    }

    /// What a list of chats shows of the last message.
    pub(super) fn preview(&self, place: usize) -> Value {
        let message = &self.thread.messages[place];
        json!({
            "id": message.id,
            "createdDateTime": message.created.to_string(),
            "isDeleted": message.is_deleted(),
            "messageType": self.message_type(message),
            "eventDetail": message.event.as_ref().map_or(Value::Null, |event| self.event(event)),
            "body": self.body(place),
            "from": self.sender(message.sender),
        })
    }

    /// System messages came later than the enumeration.
    const fn message_type(&self, message: &Message) -> &'static str {
        match (message.is_event(), self.shows_unknown) {
            (false, _) => "message",
            (true, false) => "unknownFutureValue",
            (true, true) => "systemEventMessage",
        }
    }

    fn sender(&self, sender: Sender) -> Value {
        match sender {
            Sender::Person(who) => self.people.identity(who),
            Sender::Application(place) => self.people.application(place),
            Sender::System => Value::Null,
        }
    }

    fn body(&self, place: usize) -> Value {
        let message = &self.thread.messages[place];
        if message.is_deleted() {
            return json!({ "contentType": "html", "content": "" });
        }
        let Some(html) = &message.html else {
            return json!({ "contentType": "text", "content": message.text });
        };
        if message.pictures.is_empty() {
            return json!({ "contentType": "html", "content": html });
        }
        let address = format!("{}{}/hostedContents", self.base_url, self.path(place));
        json!({ "contentType": "html", "content": html.replace(PICTURES, &address) })
    }

    fn attachment(&self, attachment: &Attachment) -> Value {
        let (id, kind, url, content, name) = match attachment {
            Attachment::File { unique, name, web_url } => {
                (unique.to_string(), "reference", Some(web_url.clone()), None, Some(name.clone()))
            }
            Attachment::Quote(place) => {
                let quoted = &self.thread.messages[*place];
                let preview: String = quoted.text.chars().take(PREVIEW).collect();
                let content = json!({
                    "messageId": quoted.id,
                    "messagePreview": preview,
                    "messageSender": self.sender(quoted.sender),
                });
                (quoted.id.clone(), "messageReference", None, Some(content.to_string()), None)
            }
            Attachment::Card { id, content } => (
                id.simple().to_string(),
                "application/vnd.microsoft.card.adaptive",
                None,
                Some(content.clone()),
                None,
            ),
        };
        json!({
            "id": id,
            "contentType": kind,
            "contentUrl": url,
            "content": content,
            "name": name,
            "thumbnailUrl": null,
            "teamsAppId": null,
        })
    }

    fn mentions(&self, message: &Message) -> Value {
        let mention = |(number, mention): (usize, &Mention)| {
            let (text, user, conversation) = match mention {
                Mention::Person(who, name) => {
                    (name.as_str(), self.people.identity(*who)["user"].clone(), Value::Null)
                }
                Mention::Channel(name) => (*name, Value::Null, self.conversation(name)),
            };
            json!({
                "id": number,
                "mentionText": text,
                "mentioned": {
                    "application": null, "device": null, "user": user, "conversation": conversation, "tag": null,
                },
            })
        };
        message.mentions.iter().enumerate().map(mention).collect()
    }

    fn conversation(&self, name: &str) -> Value {
        let Home::Channel { channel, .. } = self.home else { return Value::Null };
        json!({ "id": channel, "displayName": name, "conversationIdentityType": "channel" })
    }

    fn reaction(&self, reaction: &Reaction) -> Value {
        json!({
            "reactionType": reaction.kind,
            "displayName": reaction.name,
            "reactionContentUrl": null,
            "createdDateTime": reaction.at.to_string(),
            "user": self.people.nameless(reaction.by),
        })
    }

    fn history(&self, message: &Message) -> Value {
        let entry = |reaction: &Reaction| {
            json!({
                "modifiedDateTime": reaction.at.to_string(),
                "actions": "reactionAdded",
                "reaction": self.reaction(reaction),
            })
        };
        message.reactions.iter().map(entry).collect()
    }

    fn event(&self, event: &Event) -> Value {
        let users = |members: &[Participant]| -> Value {
            members.iter().map(|who| self.people.nameless_user(*who)).collect()
        };
        let (kind, mut detail, by) = match event {
            Event::MembersAdded { members, by } => {
                let detail = json!({ "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z", "members": users(members) });
                ("membersAdded", detail, by)
            }
            Event::Renamed { name, by } => {
                let Home::Chat(id) = self.home else { return Value::Null };
                ("chatRenamed", json!({ "chatId": id, "chatDisplayName": name }), by)
            }
            Event::CallEnded { call, minutes, participants, by } => {
                let joined: Value = participants
                    .iter()
                    .map(|who| json!({ "participant": self.people.nameless(*who) }))
                    .collect();
                let detail = json!({
                    "callId": call,
                    "callDuration": format!("PT{minutes}M"),
                    "callEventType": "meeting",
                    "callParticipants": joined,
                });
                ("callEnded", detail, by)
            }
            Event::ChannelAdded { by } => {
                let Home::Channel { channel, .. } = self.home else { return Value::Null };
                ("channelAdded", json!({ "channelId": channel, "channelDisplayName": null }), by)
            }
        };
        detail["@odata.type"] = format!("#microsoft.graph.{kind}EventMessageDetail").into();
        detail["initiator"] = self.people.nameless(*by);
        detail
    }
}

/// The address of a message for people; Teams gives none for those of chats.
pub(super) fn web_url(people: People<'_>, home: &Home, thread: &Thread, place: usize) -> Option<String> {
    let Home::Channel { team, channel } = home else { return None };
    let message = &thread.messages[place];
    let (id, parent) = (&message.id, &thread.messages[message.reply_to.unwrap_or(place)].id);
    Some(format!(
        "https://teams.microsoft.com/l/message/{}/{id}?groupId={team}&tenantId={}&createdTime={id}&parentMessageId={parent}",
        encoded(channel),
        people.tenant.id
    ))
}

/// A member of a chat, a team or a channel. `thread` makes its id one of this conversation alone.
pub(super) fn member(people: People<'_>, thread: &str, enrolled: Enrolled) -> Object {
    let who = enrolled.who;
    let mut object = Object::new();
    object.set("@odata.type", "#microsoft.graph.aadUserConversationMember");
    object.set("id", membership(people, thread, who));
    object.set("roles", role(people, enrolled).into_iter().collect::<Vec<_>>());
    object.set("displayName", people.name(who));
    object.set("visibleHistoryStartDateTime", "0001-01-01T00:00:00Z");
    object.set("userId", people.id(who).to_string());
    object.set("email", people.address(who));
    object.set("tenantId", people.home_tenant(who).to_string());
    object
}

/// What a member is more than that, or less: people of elsewhere are guests, whatever they own.
pub(super) fn role(people: People<'_>, Enrolled { who, is_owner }: Enrolled) -> Option<&'static str> {
    if people.home_tenant(who) != people.tenant.id {
        return Some("guest");
    }
    is_owner.then_some("owner")
}

/// The id of a membership.
pub(super) fn membership(people: People<'_>, thread: &str, who: Participant) -> String {
    let (tenant, user) = (people.tenant.id, people.id(who));
    URL_SAFE.encode(format!("MCMjMSMj{tenant}##{thread}##{user}"))
}
