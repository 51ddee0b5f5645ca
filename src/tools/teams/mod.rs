//! Chats, teams and channels.

mod access;
mod attachment;
mod author;
mod channel_messages;
mod channels;
mod chat;
mod chat_messages;
mod chats;
mod event;
pub(super) mod first_page;
mod found;
mod hit;
mod listing;
mod message;
mod message_text;
mod post;
mod search;
mod search_query;
mod seen_teams;
mod team_item;
mod team_list;
mod uri;

/// Pages of one answer. Of chats and of the messages of one chat, Teams lets a user read one page a second.
pub(super) const PAGES: u32 = 6;

pub(super) use access::{ChatAccess, MEMBERS, TEAMS, channels_request, chat_request, message_request};
pub(super) use channel_messages::TEAMS_LIST_CHANNEL_MESSAGES;
pub(super) use channels::TEAMS_LIST_CHANNELS;
pub(super) use chat::{ChatItem, EXPAND_BASIC, Naming};
pub(super) use chat_messages::TEAMS_LIST_CHAT_MESSAGES;
pub(super) use chats::TEAMS_LIST_CHATS;
pub(super) use hit::Hit;
pub(super) use listing::{Listing, list_messages};
pub(super) use message::{MessageItem, MessageList, Shaping};
pub(super) use message_text::hosted_images;
pub(super) use post::Replies;
pub(super) use search::CHAT_MESSAGE_SEARCH;
pub(super) use team_list::TEAMS_LIST_TEAMS;
pub(super) use uri::{ChannelId, Place, TeamsUri};
