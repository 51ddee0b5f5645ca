//! Which scopes open what, as Microsoft lists them, from the least to the most.

use super::refusal::TeamsRefusal;
use super::route::{ChannelRoute, ChatRoute, TeamRoute, TeamsRoute};

const CHATS: &[&str] = &["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];
const CHAT_MEMBERS: &[&str] =
    &["ChatMember.Read", "ChatMember.ReadWrite", "Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];
const CHAT_MESSAGES: &[&str] = &["Chat.Read", "Chat.ReadWrite"];
const TEAMS: &[&str] = &["Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All"];
const TEAM_MEMBERS: &[&str] = &["TeamMember.Read.All", "TeamMember.ReadWrite.All"];
const CHANNELS: &[&str] =
    &["Channel.ReadBasic.All", "ChannelSettings.Read.All", "ChannelSettings.ReadWrite.All"];
const CHANNEL_MEMBERS: &[&str] = &["ChannelMember.Read.All", "ChannelMember.ReadWrite.All"];
const CHANNEL_MESSAGES: &[&str] = &["ChannelMessage.Read.All", "ChannelMessage.ReadWrite"];
const FILES: &[&str] = &["Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"];

/// Whether one of the scopes held opens what is asked for.
pub(super) fn require(route: &TeamsRoute, held: &[String]) -> Result<(), TeamsRefusal> {
    let required = opening(route);
    let is_open = required.iter().any(|name| held.iter().any(|scope| scope.eq_ignore_ascii_case(name)));
    if is_open {
        return Ok(());
    }
    Err(TeamsRefusal::MissingScope { required: required.join(", "), held: held.join(", ") })
}

const fn opening(route: &TeamsRoute) -> &'static [&'static str] {
    match route {
        TeamsRoute::Chats => CHATS,
        TeamsRoute::Chat(_, route) => match route {
            ChatRoute::Chat | ChatRoute::Operations | ChatRoute::Operation(_) => CHATS,
            ChatRoute::Members | ChatRoute::Member(_) => CHAT_MEMBERS,
            ChatRoute::Messages | ChatRoute::Message(..) | ChatRoute::PinnedMessages => CHAT_MESSAGES,
        },
        TeamsRoute::JoinedTeams => TEAMS,
        TeamsRoute::Team(_, route) => match route {
            TeamRoute::Team => TEAMS,
            TeamRoute::Members | TeamRoute::Member(_) => TEAM_MEMBERS,
            TeamRoute::Channel(_, route) => channel(route),
            _ => CHANNELS,
        },
    }
}

const fn channel(route: &ChannelRoute) -> &'static [&'static str] {
    match route {
        ChannelRoute::Channel => CHANNELS,
        ChannelRoute::Members | ChannelRoute::Member(_) => CHANNEL_MEMBERS,
        ChannelRoute::FilesFolder => FILES,
        _ => CHANNEL_MESSAGES,
    }
}
