//! What Microsoft Search answers about messages of chats and channels.

use serde::Deserialize;

use super::mail::Recipient;
use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/search-concept-chat-messages>.
#[derive(Debug, Deserialize)]
pub struct ChatSearchAnswer<'a> {
    #[serde(borrow)]
    pub value: Vec<ChatSearchResponse<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatSearchResponse<'a> {
    #[serde(borrow, default)]
    pub hits_containers: Option<Vec<ChatHitsContainer<'a>>>,
}

/// One page. Its `total` counts this page alone, and is not read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatHitsContainer<'a> {
    #[serde(default)]
    pub more_results_available: Option<bool>,
    #[serde(borrow, default)]
    pub hits: Option<Vec<ChatHit<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatHit<'a> {
    /// `<c0>` stands round what was looked for, `<ddd/>` where something is left out.
    #[serde(borrow, default)]
    pub summary: Option<Text<'a>>,
    #[serde(borrow)]
    pub resource: FoundChatMessage<'a>,
}

/// A message as far as a hit tells: without its text, and with a sender as mail has one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundChatMessage<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub from: Option<Recipient<'a>>,
    #[serde(borrow, default)]
    pub chat_id: Option<Text<'a>>,
    /// Empty for a message of a chat.
    #[serde(borrow, default)]
    pub channel_identity: Option<ChannelIdentity<'a>>,
    #[serde(borrow, default)]
    pub reply_to_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_link: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelIdentity<'a> {
    #[serde(borrow, default)]
    pub team_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub channel_id: Option<Text<'a>>,
}
