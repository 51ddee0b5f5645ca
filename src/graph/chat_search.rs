//! What Microsoft Search answers about messages of chats and channels.

use serde::Deserialize;

use super::mail::Recipient;
use super::search_answer::SearchHit;
use super::text::Text;

/// A hit on a message.
/// Source: <https://learn.microsoft.com/graph/search-concept-chat-messages>.
pub type ChatHit<'a> = SearchHit<'a, FoundChatMessage<'a>>;

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
