//! From a path to what is asked of chats, teams and channels.

use percent_encoding::percent_decode_str;

use crate::graph::refusal::Refusal;
use crate::graph::segment::is;
use crate::graph::who::Who;

/// What is asked for, and below whom where a user was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) owner: Option<Who>,
    pub(super) route: TeamsRoute,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TeamsRoute {
    Chats,
    Chat(String, ChatRoute),
    JoinedTeams,
    Team(String, TeamRoute),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChatRoute {
    Chat,
    Members,
    Member(String),
    Messages,
    Message(String, MessageView),
    PinnedMessages,
    Operations,
    Operation(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TeamRoute {
    Team,
    Members,
    Member(String),
    Channels,
    AllChannels,
    IncomingChannels,
    PrimaryChannel,
    Channel(String, ChannelRoute),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChannelRoute {
    Channel,
    Members,
    Member(String),
    FilesFolder,
    Messages,
    /// The posts, as a list that can be gone on with later.
    Delta,
    Message(String, MessageView),
    Replies(String),
    Reply {
        post: String,
        reply: String,
        view: MessageView,
    },
}

/// What of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MessageView {
    Message,
    HostedContents,
    HostedContent(String),
    HostedContentValue(String),
}

/// Reads a path that is still percent-encoded. Nothing where the path is for another workload.
pub(super) fn parse(path: &str) -> Option<Result<Address, Refusal>> {
    let mut names = path.trim_matches('/').split('/');
    let first = names.next()?;
    let is_ours = |name: &str| is(name, "chats") || is(name, "joinedTeams");
    let ours = match first.to_ascii_lowercase().as_str() {
        "chats" | "teams" => true,
        "me" => names.next().is_some_and(is_ours),
        "users" => names.nth(1).is_some_and(is_ours),
        _ => false,
    };
    ours.then(|| parse_ours(path))
}

fn parse_ours(path: &str) -> Result<Address, Refusal> {
    let segments = path
        .trim_matches('/')
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().map(std::borrow::Cow::into_owned))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| Refusal::MalformedUri("the path is not UTF-8"))?;
    let (owner, rest) = match segments.as_slice() {
        [first, rest @ ..] if is(first, "me") => (Some(Who::Me), rest),
        [first, key, rest @ ..] if is(first, "users") => (Some(Who::Named(key.clone())), rest),
        all => (None, all),
    };
    let route = match rest {
        [first] if is(first, "chats") => TeamsRoute::Chats,
        [first, id, rest @ ..] if is(first, "chats") => TeamsRoute::Chat(id.clone(), chat(rest)?),
        [first] if is(first, "joinedTeams") => TeamsRoute::JoinedTeams,
        [first, id, rest @ ..] if is(first, "teams") => TeamsRoute::Team(id.clone(), team(rest)?),
        [.., last] => return Err(unknown(last)),
        [] => return Err(Refusal::MalformedUri("the path is empty")),
    };
    Ok(Address { owner, route })
}

fn unknown(segment: &str) -> Refusal {
    Refusal::UnknownSegment(segment.to_owned())
}

fn chat(rest: &[String]) -> Result<ChatRoute, Refusal> {
    match rest {
        [] => Ok(ChatRoute::Chat),
        [name] if is(name, "members") => Ok(ChatRoute::Members),
        [name, id] if is(name, "members") => Ok(ChatRoute::Member(id.clone())),
        [name] if is(name, "messages") => Ok(ChatRoute::Messages),
        [name, id, rest @ ..] if is(name, "messages") => Ok(ChatRoute::Message(id.clone(), view(rest)?)),
        [name] if is(name, "pinnedMessages") => Ok(ChatRoute::PinnedMessages),
        [name] if is(name, "operations") => Ok(ChatRoute::Operations),
        [name, id] if is(name, "operations") => Ok(ChatRoute::Operation(id.clone())),
        [name, ..] => Err(unknown(name)),
    }
}

fn team(rest: &[String]) -> Result<TeamRoute, Refusal> {
    match rest {
        [] => Ok(TeamRoute::Team),
        [name] if is(name, "members") => Ok(TeamRoute::Members),
        [name, id] if is(name, "members") => Ok(TeamRoute::Member(id.clone())),
        [name] if is(name, "channels") => Ok(TeamRoute::Channels),
        [name] if is(name, "allChannels") => Ok(TeamRoute::AllChannels),
        [name] if is(name, "incomingChannels") => Ok(TeamRoute::IncomingChannels),
        [name] if is(name, "primaryChannel") => Ok(TeamRoute::PrimaryChannel),
        [name, id, rest @ ..] if is(name, "channels") => Ok(TeamRoute::Channel(id.clone(), channel(rest)?)),
        [name, ..] => Err(unknown(name)),
    }
}

fn channel(rest: &[String]) -> Result<ChannelRoute, Refusal> {
    match rest {
        [] => Ok(ChannelRoute::Channel),
        [name] if is(name, "members") => Ok(ChannelRoute::Members),
        [name, id] if is(name, "members") => Ok(ChannelRoute::Member(id.clone())),
        [name] if is(name, "filesFolder") => Ok(ChannelRoute::FilesFolder),
        [name] if is(name, "messages") => Ok(ChannelRoute::Messages),
        [name, id] if is(name, "messages") && (is(id, "delta") || is(id, "delta()")) => {
            Ok(ChannelRoute::Delta)
        }
        [name, id, next] if is(name, "messages") && is(next, "replies") => {
            Ok(ChannelRoute::Replies(id.clone()))
        }
        [name, post, next, reply, rest @ ..] if is(name, "messages") && is(next, "replies") => {
            Ok(ChannelRoute::Reply { post: post.clone(), reply: reply.clone(), view: view(rest)? })
        }
        [name, id, rest @ ..] if is(name, "messages") => Ok(ChannelRoute::Message(id.clone(), view(rest)?)),
        [name, ..] => Err(unknown(name)),
    }
}

fn view(rest: &[String]) -> Result<MessageView, Refusal> {
    match rest {
        [] => Ok(MessageView::Message),
        [name] if is(name, "hostedContents") => Ok(MessageView::HostedContents),
        [name, id] if is(name, "hostedContents") => Ok(MessageView::HostedContent(id.clone())),
        [name, id, value] if is(name, "hostedContents") && value == "$value" => {
            Ok(MessageView::HostedContentValue(id.clone()))
        }
        [.., last] => Err(unknown(last)),
    }
}
