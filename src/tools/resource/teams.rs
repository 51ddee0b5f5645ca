//! `teams:///`: chats, channels, and what was said in them.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::teams_message::{self, MessageContent, read_message};
use super::{Kind, Read, Reading, Scheme};
use crate::graph::{Chat, ConversationMember, GraphBody, GraphError, GraphRequest, Page, QueryOption};
use crate::tools::error::ToolError;
use crate::tools::pages::{Start, in_time};
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
/// Pages of members behind the first one: as many requests as a message takes for its images.
const MEMBER_PAGES: usize = 3;
const MORE_MEMBERS: &str = "The chat has more members than are named here.";

pub(in crate::tools) static TEAMS_SCHEME: Scheme = Scheme {
    name: "teams",
    forms: TeamsUri::FORMS,
    scopes: TEAMS,
    most_requests: teams_message::MOST_REQUESTS,
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
    let asked = match &request {
        Some(request) => Some(reading.get(request, ToolError::from).await?),
        None => None,
    };
    let review = reading.review();
    let described = match &asked {
        Some((zone, body)) => {
            Some(described(reading, chat, known(body, access, chat)?, zone, &review).await?)
        }
        None => None,
    };
    let (about, note) = described.unzip();
    let zone = asked.as_ref().map_or(reading.zone.as_ref(), |(zone, _)| Some(&**zone));
    let listing = listing(Place::Chat(chat), zone, start);
    let (messages, size) = list_messages(call, &listing, binding, &review).await?;
    let messages = messages.notes(note.flatten().map(Into::into));
    ToolAnswer::new(&Read::item("chat", ChatContent { chat: about, messages }, &review)?, size)
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

/// The chat with all its members, and a note where they are not all.
async fn described(
    reading: &Reading<'_>,
    id: &str,
    mut chat: Chat<'_>,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<(Reviewed<ChatItem>, Option<&'static str>), ToolError> {
    let link = chat.members_next_link.as_deref().map(str::to_owned);
    let (further, note) = further_members(reading, &members_of(id)?, link).await?;
    for page in &further {
        let page: Page<'_, ConversationMember<'_>> = page.parse()?;
        chat.members.get_or_insert_default().extend(page.value);
    }
    Ok((review.admit_one(chat)?.shape(|chat, _| ChatItem::of(chat, Naming::Most, zone, review)), note))
}

/// The pages of `members` from `link` on, and a note where they are not all: one that does not come leaves those before it.
async fn further_members(
    reading: &Reading<'_>,
    members: &GraphRequest,
    mut link: Option<String>,
) -> Result<(Vec<GraphBody>, Option<&'static str>), ToolError> {
    let Reading { call, .. } = reading;
    let mut pages = Vec::new();
    while let Some(next) = link {
        if pages.len() == MEMBER_PAGES {
            return Ok((pages, Some(MORE_MEMBERS)));
        }
        call.progress.step("Looking at further members.");
        match in_time(call, call.graph.follow(members, &next)).await {
            Some(Ok(body)) => {
                let page: Page<'_, ConversationMember<'_>> = body.parse()?;
                link = page.next_link.as_deref().map(str::to_owned);
                pages.push(body);
            }
            Some(Err(error)) if error.ends_the_call() => return Err(error.into()),
            Some(Err(_)) | None => return Ok((pages, Some(MORE_MEMBERS))),
        }
    }
    Ok((pages, None))
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
