//! What is said in one chat or channel: immutable, generated.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::people::Participant;

/// All messages of a chat or a channel, in the order in which they were written. A reply stands behind its post.
#[derive(Debug, Default)]
pub(in crate::graph) struct Thread {
    pub(in crate::graph) messages: Vec<Message>,
    by_id: HashMap<String, usize>,
    /// Places of the replies, by the place of the post.
    replies: HashMap<usize, Vec<usize>>,
    /// Places of the pinned ones.
    pub(super) pinned: Vec<usize>,
}

#[derive(Debug)]
pub(in crate::graph) struct Message {
    /// Milliseconds since 1970, as Teams names its messages.
    pub(in crate::graph) id: String,
    /// Place of the post that it replies to.
    pub(in crate::graph) reply_to: Option<usize>,
    pub(in crate::graph) created: Timestamp,
    pub(in crate::graph) modified: Timestamp,
    pub(super) edited: Option<Timestamp>,
    pub(in crate::graph) deleted: Option<Timestamp>,
    pub(in crate::graph) sender: Sender,
    pub(in crate::graph) subject: Option<String>,
    /// The body as markup; [`PICTURES`] stands for the address of the hosted contents.
    pub(super) html: Option<String>,
    /// The body as a person reads it; what is sent where there is no markup.
    pub(in crate::graph) text: String,
    pub(in crate::graph) importance: &'static str,
    pub(super) locale: &'static str,
    pub(in crate::graph) mentions: Vec<Mention>,
    pub(super) reactions: Vec<Reaction>,
    pub(in crate::graph) attachments: Vec<Attachment>,
    pub(super) pictures: Vec<Picture>,
    pub(super) event: Option<Event>,
}

/// Stands in markup where the address of the message's hosted contents belongs.
pub(super) const PICTURES: &str = "{hostedContents}";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Sender {
    Person(Participant),
    /// Place in [`super::people::APPLICATIONS`].
    Application(usize),
    System,
}

/// Who or what a message speaks to.
#[derive(Debug, Clone)]
pub(in crate::graph) enum Mention {
    Person(Participant, String),
    /// The whole channel, by its name.
    Channel(&'static str),
}

#[derive(Debug)]
pub(super) struct Reaction {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) at: Timestamp,
    pub(super) by: Participant,
}

#[derive(Debug)]
pub(in crate::graph) enum Attachment {
    /// A file of a simulated drive. Its id is the unique id of the item.
    File { unique: Uuid, name: String, web_url: String },
    /// Another message of the same chat, by its place.
    Quote(usize),
    /// An adaptive card.
    Card { id: Uuid, content: String },
}

/// An image within a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    /// The object behind it.
    pub(super) object: Uuid,
}

/// What the system tells of.
#[derive(Debug)]
pub(super) enum Event {
    MembersAdded { members: Vec<Participant>, by: Participant },
    Renamed { name: String, by: Participant },
    CallEnded { call: Uuid, minutes: i64, participants: Vec<Participant>, by: Participant },
    ChannelAdded { by: Participant },
}

impl Thread {
    pub(super) fn of(messages: Vec<Message>, pinned: Vec<usize>) -> Self {
        let by_id = messages.iter().enumerate().map(|(place, message)| (message.id.clone(), place)).collect();
        let mut replies: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, message) in messages.iter().enumerate() {
            if let Some(post) = message.reply_to {
                replies.entry(post).or_default().push(place);
            }
        }
        Self { messages, by_id, replies, pinned }
    }

    /// A message of a chat, or a post of a channel.
    pub(super) fn post(&self, id: &str) -> Option<usize> {
        let place = self.by_id.get(id).copied()?;
        self.messages[place].reply_to.is_none().then_some(place)
    }

    pub(super) fn reply(&self, post: usize, id: &str) -> Option<usize> {
        let place = self.by_id.get(id).copied()?;
        (self.messages[place].reply_to == Some(post)).then_some(place)
    }

    /// Messages of a chat, or posts of a channel.
    pub(super) fn posts(&self) -> impl Iterator<Item = usize> {
        (0..self.messages.len()).filter(|place| self.messages[*place].reply_to.is_none())
    }

    /// Places of the replies to a post, the newest first.
    pub(super) fn replies(&self, post: usize) -> Vec<usize> {
        self.replies.get(&post).map(|replies| replies.iter().rev().copied().collect()).unwrap_or_default()
    }

    /// When a post was last written, changed or replied to.
    pub(super) fn activity(&self, post: usize) -> Timestamp {
        let of = |place: &usize| self.messages[*place].modified;
        let newest = self.replies.get(&post).and_then(|replies| replies.iter().map(of).max());
        newest.map_or(of(&post), |newest| newest.max(of(&post)))
    }
}

impl Message {
    /// Nothing is left of what was deleted.
    pub(in crate::graph) const fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    /// What the system tells is no message of anybody.
    pub(in crate::graph) const fn is_event(&self) -> bool {
        self.event.is_some()
    }
}
