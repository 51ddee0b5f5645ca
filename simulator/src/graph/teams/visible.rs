//! What somebody may see of all that is written, for those who search in it.

use std::sync::Arc;

use uuid::Uuid;

use super::Conversations;
use super::message::{Message, Sender, Thread};
use super::people::{Participant, People};
use super::render::{self, Home};
use crate::directory::Tenant;
use crate::graph::drive::Files;

/// Which kinds of conversations are looked through: by what the scopes of a token open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Within {
    /// `Chat.Read` alone.
    Chats,
    /// `ChannelMessage.Read.All` alone.
    Channels,
    Both,
}

/// A message that somebody may see, and where it stands.
#[derive(Debug, Clone)]
pub(in crate::graph) struct VisibleMessage {
    pub(in crate::graph) home: Arc<Home>,
    thread: Arc<Thread>,
    place: usize,
}

impl VisibleMessage {
    pub(in crate::graph) fn message(&self) -> &Message {
        &self.thread.messages[self.place]
    }

    /// The post that it replies to.
    pub(in crate::graph) fn post(&self) -> Option<&Message> {
        self.message().reply_to.map(|post| &self.thread.messages[post])
    }

    /// Address for people; nothing for a message of a chat.
    pub(in crate::graph) fn web_url(&self, people: People<'_>) -> Option<String> {
        render::web_url(people, &self.home, &self.thread, self.place)
    }

    /// Who wrote it; nothing where an application did.
    pub(in crate::graph) fn author(&self) -> Option<Participant> {
        match self.message().sender {
            Sender::Person(who) => Some(who),
            Sender::Application(_) | Sender::System => None,
        }
    }
}

impl Conversations {
    /// All messages, posts and replies that a user may see, in no order. What was deleted and what the system tells
    /// are left out, as an index does. Nothing for somebody who is not in the tenant.
    pub(in crate::graph) fn messages_visible_to(
        &self,
        files: &Files,
        tenant: &Tenant,
        user: Uuid,
        within: Within,
    ) -> Vec<VisibleMessage> {
        let Some(seat) = tenant.users.iter().position(|known| known.id == user) else { return Vec::new() };
        let mut found = Vec::new();
        if within != Within::Channels {
            for own in self.chats_of(tenant, seat) {
                let chat = own.chat();
                let thread = self.chat_thread(tenant, files, chat);
                gather(&mut found, Home::Chat(chat.id.clone()), &thread);
            }
        }
        if within != Within::Chats {
            let organisation = self.organisation(tenant, files);
            for place in organisation.places().filter(|place| organisation.admits(*place, seat)) {
                let channel = organisation.channel(place).id.clone();
                let thread = self.channel_thread(tenant, files, &organisation, place);
                gather(
                    &mut found,
                    Home::Channel { team: organisation.teams[place.team].id, channel },
                    &thread,
                );
            }
        }
        found
    }
}

fn gather(found: &mut Vec<VisibleMessage>, home: Home, thread: &Arc<Thread>) {
    let home = Arc::new(home);
    let is_indexed = |place: &usize| {
        let message = &thread.messages[*place];
        !message.is_deleted() && !message.is_event()
    };
    let visible = |place| VisibleMessage { home: Arc::clone(&home), thread: Arc::clone(thread), place };
    found.extend((0..thread.messages.len()).filter(is_indexed).map(visible));
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::directory::Directory;

    struct World {
        directory: Arc<Directory>,
        files: Files,
        conversations: Conversations,
    }

    fn world() -> World {
        let directory = Arc::new(Directory::generate(7));
        let newest: Timestamp = "2026-11-23T18:00:00Z".parse().unwrap();
        World {
            files: Files::new(Arc::clone(&directory), 7, newest),
            conversations: Conversations::new(Arc::clone(&directory), 7, newest),
            directory,
        }
    }

    impl World {
        fn visible(&self, seat: usize, within: Within) -> Vec<VisibleMessage> {
            let tenant = &self.directory.tenants[0];
            self.conversations.messages_visible_to(&self.files, tenant, tenant.users[seat].id, within)
        }
    }

    /// Fails when a search would find what its reader may not see.
    #[test]
    fn everybody_sees_their_own_conversations_alone() {
        let world = world();
        let homes = |seat| {
            let visible = world.visible(seat, Within::Both);
            visible.into_iter().map(|found| found.home).collect::<Vec<_>>()
        };
        let (one, other) = (homes(2), homes(9));
        let shared: Vec<&Arc<Home>> = one.iter().filter(|home| other.contains(home)).collect();
        assert!(!shared.is_empty(), "both are in the handbook");
        assert!(shared.len() < one.len() && shared.len() < other.len());
        assert!(
            world
                .visible(2, Within::Both)
                .iter()
                .all(|found| found.post().is_none_or(|post| !post.is_event()))
        );
    }

    /// Fails when a kind of conversation is looked through that was not asked for, or one is left out.
    #[test]
    fn chats_and_channels_are_looked_through_apart() {
        let world = world();
        let (chats, channels) = (world.visible(0, Within::Chats), world.visible(0, Within::Channels));
        assert!(chats.iter().all(|found| matches!(*found.home, Home::Chat(_))));
        assert!(channels.iter().all(|found| matches!(*found.home, Home::Channel { .. })));
        assert_eq!(chats.len() + channels.len(), world.visible(0, Within::Both).len());
        assert!(chats.len() > 300 && channels.len() > 1_000, "{} {}", chats.len(), channels.len());
        let people = world.conversations.people(&world.directory.tenants[0]);
        assert!(chats.iter().all(|found| found.web_url(people).is_none() && found.author().is_some()));
        assert!(channels.iter().all(|found| found.web_url(people).is_some()));
    }

    /// Fails when what was deleted can still be found.
    #[test]
    fn what_was_deleted_is_not_found() {
        let visible = world().visible(0, Within::Both);
        assert!(visible.iter().all(|found| !found.message().is_deleted() && !found.message().is_event()));
        assert!(
            world()
                .conversations
                .messages_visible_to(&world().files, &world().directory.tenants[0], Uuid::nil(), Within::Both)
                .is_empty()
        );
    }
}
