//! Which permissions open what of Teams, and where its requests begin.

use connector_actors::lease::GrantedScopes;
use connector_actors::throttle::Workload;

use super::uri::{ChannelId, Place};
use crate::graph::{GraphRequest, PathSegment};
use crate::tools::error::ToolError;
use crate::tools::tool::ScopeRule;

/// Opens the text of chats. Microsoft lists ChatMessage.Read without an address: it is tried, and Graph decides.
pub(in crate::tools) const CHAT_MESSAGES: &[&str] = &["Chat.Read", "ChatMessage.Read"];
pub(in crate::tools) const CHANNEL_MESSAGES: &[&str] = &["ChannelMessage.Read.All"];
pub(super) const CHATS: &[&str] = &["Chat.ReadBasic", "Chat.Read"];
pub(in crate::tools) const MEMBERS: &[&str] = &["Chat.ReadBasic", "Chat.Read", "ChatMember.Read"];
pub(super) const CHANNELS: &[&str] = &["Channel.ReadBasic.All"];
pub(super) const JOINED_TEAMS: &[&str] = &["Team.ReadBasic.All"];

/// Any of these opens uris of Teams, each those of its own kind.
pub(in crate::tools) const TEAMS: ScopeRule = ScopeRule(&[
    &["Chat.Read"],
    &["ChatMessage.Read"],
    &["ChatMember.Read", "ChatMessage.Read"],
    &["ChannelMessage.Read.All"],
]);

/// How much of chats the permissions open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum ChatAccess {
    /// Chats with their messages.
    Full,
    /// Names and members of chats, and nothing that was said.
    Basic,
    /// Messages and members of a chat that is known.
    MembersOnly,
    /// Messages of a chat that is known.
    MessagesOnly,
}

impl ChatAccess {
    pub(in crate::tools) fn of(granted: &GrantedScopes) -> Self {
        if granted.contains("Chat.Read") {
            Self::Full
        } else if granted.contains("Chat.ReadBasic") {
            Self::Basic
        } else if granted.contains("ChatMember.Read") {
            Self::MembersOnly
        } else {
            Self::MessagesOnly
        }
    }
}

/// `/teams/{team}/channels`: those of its own.
pub(in crate::tools) fn channels_request(team: PathSegment<'_>) -> GraphRequest {
    GraphRequest::get(Workload::Teams, CHANNELS, "/teams").segment(team).part("/channels")
}

/// `/chats/{id}`, opened by `opened_by`.
pub(in crate::tools) fn chat_request(
    chat: &str,
    argument: &'static str,
    opened_by: &'static [&'static str],
) -> Result<GraphRequest, ToolError> {
    let chat = segment(chat, argument)?;
    Ok(GraphRequest::get(Workload::Teams, opened_by, "/chats").segment(chat))
}

/// `/chats/{id}/messages`.
pub(in crate::tools) fn chat_message_request(
    chat: &str,
    argument: &'static str,
) -> Result<GraphRequest, ToolError> {
    Ok(chat_request(chat, argument, CHAT_MESSAGES)?.part("/messages"))
}

/// `/teams/{team}/channels/{channel}/messages`.
pub(in crate::tools) fn channel_message_request(
    ChannelId { team, channel }: ChannelId<'_>,
    argument: &'static str,
) -> Result<GraphRequest, ToolError> {
    Ok(GraphRequest::get(Workload::Teams, CHANNEL_MESSAGES, "/teams")
        .segment(segment(team, argument)?)
        .part("/channels")
        .segment(segment(channel, argument)?)
        .part("/messages"))
}

/// One message, wherever it stands.
pub(in crate::tools) fn message_request(
    place: Place<'_>,
    id: &str,
    reply: Option<&str>,
) -> Result<GraphRequest, ToolError> {
    let request = match place {
        Place::Chat(chat) => chat_message_request(chat, "uri")?,
        Place::Channel(channel) => channel_message_request(channel, "uri")?,
    };
    let request = request.segment(segment(id, "uri")?);
    Ok(match reply {
        Some(reply) => request.part("/replies").segment(segment(reply, "uri")?),
        None => request,
    })
}

pub(super) fn segment<'a>(id: &'a str, argument: &'static str) -> Result<PathSegment<'a>, ToolError> {
    PathSegment::new(id).map_err(|_| {
        ToolError::invalid_argument(
            argument,
            "no id of Teams.",
            "Take the id or the uri from the answer of a tool as it is.",
        )
    })
}
