//! `teams:///`: chats, channels, and what was said in them.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::teams_message::{self, MessageContent, read_message};
use super::{Kind, Read, Reading, Scheme};
use crate::graph::{Chat, ConversationMember, GraphBody, GraphError, Page, QueryOption};
use crate::tools::error::ToolError;
use crate::tools::pages::Start;
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Answerable, Review, Reviewed};
use crate::tools::sought::Thing;
use crate::tools::teams::{
    ChannelId, ChatAccess, ChatItem, EXPAND_BASIC, Listing, MEMBERS, MessageList, Naming, Place, Replies,
    TEAMS, TeamsUri, chat_request, list_messages,
};
use crate::tools::text::Fence;
use crate::tools::tool::ToolAnswer;
use crate::tools::window::Window;
use crate::tools::zone::Zone;

/// Messages of a page.
const LIMIT: u32 = 25;

pub(in crate::tools) static TEAMS_SCHEME: Scheme = Scheme {
    name: "teams",
    forms: TeamsUri::FORMS,
    scopes: TEAMS,
    most_requests: teams_message::MOST_REQUESTS,
    has_parts: |_| false,
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
    let zone = &*reading.zone().await?;
    let review = reading.review();
    let about = if start.at.is_start() { about(reading, chat, zone, &review).await? } else { None };
    let listing = listing(Place::Chat(chat), zone, start);
    let (messages, size) = list_messages(call, &listing, binding, &review).await?;
    ToolAnswer::new(&Read::item("chat", ChatContent { chat: about, messages }, &review)?, size)
}

/// What the permissions let be told of a chat.
async fn about(
    reading: &Reading<'_>,
    chat: &str,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<Option<Reviewed<ChatItem>>, ToolError> {
    let Reading { call, .. } = reading;
    let access = ChatAccess::of(call.graph.lease().await?.scopes());
    let request = chat_request(chat, "uri", MEMBERS)?;
    let request = match access {
        ChatAccess::Full | ChatAccess::Basic => request.query(QueryOption::Expand, EXPAND_BASIC),
        ChatAccess::MembersOnly => request.part("/members"),
        ChatAccess::MessagesOnly => return Ok(None),
    };
    let body = call.graph.get(&request).await?;
    let chat = known(&body, access, chat)?;
    Ok(Some(review.admit_one(chat)?.shape(|chat, _| ChatItem::of(chat, Naming::All, zone, review))))
}

/// A chat, or of a chat nothing but its members.
fn known<'b>(body: &'b GraphBody, access: ChatAccess, id: &'b str) -> Result<Chat<'b>, GraphError> {
    if access != ChatAccess::MembersOnly {
        return body.parse();
    }
    let page: Page<'b, ConversationMember<'b>> = body.parse()?;
    Ok(Chat::of_members(id, page.value))
}

async fn read_channel(reading: &Reading<'_>, channel: ChannelId<'_>) -> Result<ToolAnswer, ToolError> {
    let Reading { call, cursor, binding, .. } = reading;
    let start = Start::of(call, *cursor, binding)?;
    let zone = &*reading.zone().await?;
    let listing = listing(Place::Channel(channel), zone, start);
    let review = reading.review();
    let (posts, size) = list_messages(call, &listing, binding, &review).await?;
    ToolAnswer::new(&Read::list("channel", posts), size)
}

fn listing<'a>(place: Place<'a>, zone: &'a Zone, start: Start) -> Listing<'a> {
    let (window, replies) = (Window::default(), Replies::LeftOut);
    Listing { place, argument: "uri", window, replies, limit: LIMIT, zone, start }
}
