//! `teams:///`: chats, channels, and what was said in them.

use futures_util::future::{LocalBoxFuture, try_join};
use schemars::JsonSchema;
use serde::Serialize;

use super::teams_message::{MessageContent, read_message};
use super::{Kind, Read, Reading, Scheme};
use crate::graph::{Chat, ConversationMember, GraphBody, GraphError, GraphRequest, Page, QueryOption};
use crate::tools::error::ToolError;
use crate::tools::pages::{self, Ending, Opening, Shelf, Start, Turn, link_of};
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Answerable, Reviewed};
use crate::tools::sought::Thing;
use crate::tools::teams::{
    ChannelId, ChatAccess, ChatItem, EXPAND_BASIC, Listing, MEMBERS, MessageList, Naming, PAGES, Place,
    Replies, TEAMS, TeamsUri, chat_request, list_messages,
};
use crate::tools::text::Fence;
use crate::tools::tool::{ToolAnswer, ToolCall};
use crate::tools::window::Window;
use crate::tools::zone::Zone;

/// Messages of a page.
const LIMIT: u32 = 25;
/// Pages of a chat's members, the first of which comes with the chat.
const MEMBER_PAGES: u32 = 4;
/// The chat with its members, and its messages.
const MOST_REQUESTS: u32 = MEMBER_PAGES + PAGES;
const MORE_MEMBERS: &str = "The chat has more members than are named here.";

pub(in crate::tools) static TEAMS_SCHEME: Scheme = Scheme {
    name: "teams",
    forms: TeamsUri::FORMS,
    scopes: TEAMS,
    most_requests: MOST_REQUESTS,
    part: |_| None,
    names: named,
    kinds: &[
        Kind::of::<ChatContent>("chat"),
        Kind::of::<MessageList>("channel"),
        Kind::of::<MessageContent>("message"),
        Kind::of::<MessageList>("replies"),
    ],
    templates: &[
        ResourceTemplate {
            uri_template: "teams:///chats/{chat}",
            name: "chat",
            title: "A chat",
            description: "Who is in a Teams chat, and its newest messages.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "teams:///chats/{chat}/messages/{message}",
            name: "chat-message",
            title: "A message of a chat",
            description: "The whole text of a message with its images, files and quotes.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "teams:///teams/{team}/channels/{channel}",
            name: "channel",
            title: "A channel",
            description: "The posts of a channel by their latest activity.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "teams:///teams/{team}/channels/{channel}/messages/{message}",
            name: "channel-message",
            title: "A post of a channel",
            description: "The whole text of a post with its images, files and replies.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "teams:///teams/{team}/channels/{channel}/messages/{message}/replies/{reply}",
            name: "channel-reply",
            title: "A reply to a post",
            description: "The whole text of a reply with its images and files.",
            mime_type: "application/json",
        },
    ],
    read,
};

fn named(uri: &str) -> Thing {
    match TeamsUri::parse("uri", uri) {
        Ok(TeamsUri::Chat { message: None, .. }) => Thing::Chat,
        Ok(TeamsUri::Channel { message: None, .. }) => Thing::Channel,
        _ => Thing::ChatMessage,
    }
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let uri = TeamsUri::parse("uri", reading.uri)?;
        match &uri {
            TeamsUri::Chat { message: Some(id), .. } => read_message(reading, uri.place(), id, None).await,
            TeamsUri::Channel { message: Some(id), reply, .. } => {
                read_message(reading, uri.place(), id, reply.as_deref()).await
            }
            TeamsUri::Chat { chat, message: None } => read_chat(reading, chat).await,
            TeamsUri::Channel { team, channel, message: None, .. } => {
                read_channel(reading, ChannelId { team, channel }).await
            }
        }
    })
}

/// A chat with its messages; further pages are messages alone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChatContent {
    #[serde(skip_serializing_if = "Option::is_none")]
    chat: Option<Reviewed<ChatItem>>,
    #[serde(flatten)]
    messages: MessageList,
}

/// Both were reviewed.
impl Answerable for ChatContent {}

/// The messages have a fence of their own.
impl ReadAlone for ChatContent {
    fn enclose(&mut self, fence: Fence) {
        self.chat.enclose(fence);
    }
}

async fn read_chat(reading: &Reading<'_>, chat: &str) -> Result<ToolAnswer, ToolError> {
    let Reading { call, cursor, binding, .. } = reading;
    let start: Start = Start::of(call, *cursor, binding)?;
    let access = ChatAccess::of(call.graph.lease().await?.scopes());
    let request = if start.at.is_start() { about(access, chat)? } else { None };
    let review = reading.review();
    let place = Place::Chat(chat);
    let Some(request) = request else {
        let listing = listing(place, reading.zone.as_ref(), start);
        let (messages, size) = list_messages(call, &listing, binding, &review).await?;
        return ToolAnswer::new(&Read::item("chat", ChatContent { chat: None, messages }, &review)?, size);
    };
    let (zone, body) = reading.get(&request, ToolError::from).await?;
    let shelf = Shelf::default();
    let listing = listing(place, Some(&zone), start);
    // At once: neither takes the other's time.
    let members = members(call, (chat, access), body, &shelf);
    let messages = list_messages(call, &listing, binding, &review);
    let ((chat, note), (mut messages, size)) = try_join(members, messages).await?;
    let chat = review.admit_one(chat)?.shape(|chat, _| ChatItem::of(chat, Naming::Most, &zone, &review));
    messages.sanitized = review.sanitized();
    let messages = messages.notes(note.map(Into::into));
    ToolAnswer::new(&Read::item("chat", ChatContent { chat: Some(chat), messages }, &review)?, size)
}

/// For what the permissions let be told of a chat.
fn about(access: ChatAccess, chat: &str) -> Result<Option<GraphRequest>, ToolError> {
    Ok(match access {
        ChatAccess::Full | ChatAccess::Basic => {
            Some(chat_request(chat, "uri", MEMBERS)?.query(QueryOption::Expand, EXPAND_BASIC))
        }
        ChatAccess::MembersOnly => Some(members_of(chat)?),
        ChatAccess::MessagesOnly => None,
    })
}

fn members_of(chat: &str) -> Result<GraphRequest, ToolError> {
    Ok(chat_request(chat, "uri", MEMBERS)?.part("/members"))
}

/// The chat with its members from `body` on, and a note where they are not all: a page of them that does not come leaves those
/// before it.
async fn members<'b>(
    call: &ToolCall<'_>,
    (id, access): (&'b str, ChatAccess),
    body: GraphBody,
    shelf: &'b Shelf,
) -> Result<(Chat<'b>, Option<&'static str>), ToolError> {
    let request = members_of(id)?;
    let mut chat: Option<Chat<'b>> = None;
    let look = |body: GraphBody, _| {
        let body = shelf.keep(body);
        let link = match &mut chat {
            None => chat.insert(known(body, access, id)?).members_next_link.take(),
            Some(chat) => {
                let page: Page<'b, ConversationMember<'b>> = body.parse()?;
                chat.members.get_or_insert_default().extend(page.value);
                page.next_link
            }
        };
        Ok(Turn::On(link_of(link)))
    };
    let pages =
        pages::Reading { user: call, request: &request, most_pages: MEMBER_PAGES, refused: ToolError::from };
    let note = match pages.read(Opening::come(body), look).await {
        Ok((Ending::Complete, _)) => None,
        Err(ToolError::Internal(error)) => return Err(error.into()),
        Ok(_) | Err(ToolError::Actionable(_)) => Some(MORE_MEMBERS),
    };
    Ok((chat.ok_or(GraphError::Unintelligible)?, note))
}

/// A chat, or of a chat nothing but its members.
fn known<'b>(body: &'b GraphBody, access: ChatAccess, id: &'b str) -> Result<Chat<'b>, GraphError> {
    if access != ChatAccess::MembersOnly {
        return body.parse();
    }
    let page: Page<'b, ConversationMember<'b>> = body.parse()?;
    Ok(Chat::of_members(id, page))
}

async fn read_channel(reading: &Reading<'_>, channel: ChannelId<'_>) -> Result<ToolAnswer, ToolError> {
    let Reading { call, cursor, binding, .. } = reading;
    let start = Start::of(call, *cursor, binding)?;
    let listing = listing(Place::Channel(channel), reading.zone.as_ref(), start);
    let review = reading.review();
    let (posts, size) = list_messages(call, &listing, binding, &review).await?;
    ToolAnswer::new(&Read::list("channel", posts), size)
}

fn listing<'a>(place: Place<'a>, zone: Option<&'a Zone>, start: Start) -> Listing<'a> {
    let (window, replies) = (Window::default(), Replies::LeftOut);
    Listing { place, argument: "uri", window, replies, limit: LIMIT, zone, start }
}
