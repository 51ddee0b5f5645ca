//! Chats, teams and channels as Graph writes them. What `$select`, `$expand` or a kind of message leaves out is
//! optional.

use serde::Deserialize;

use super::mail::{ItemBody, Page};
use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/chat>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub topic: Option<Text<'a>>,
    /// `oneOnOne`, `group` or `meeting`.
    #[serde(borrow, default)]
    pub chat_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub members: Option<Vec<ConversationMember<'a>>>,
    /// Where the chat has more members than Graph has told.
    #[serde(borrow, default, rename = "members@odata.nextLink")]
    pub members_next_link: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_message_preview: Option<MessagePreview<'a>>,
}

impl<'a> Chat<'a> {
    /// One of which nothing is known but who is in it.
    pub fn of_members(id: &'a str, page: Page<'a, ConversationMember<'a>>) -> Self {
        Self {
            id: Text(id.into()),
            topic: None,
            chat_type: None,
            web_url: None,
            members: Some(page.value),
            members_next_link: page.next_link,
            last_message_preview: None,
        }
    }
}

/// Source: <https://learn.microsoft.com/graph/api/resources/aaduserconversationmember>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationMember<'a> {
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// The tenant that the account belongs to.
    #[serde(borrow, default)]
    pub tenant_id: Option<Text<'a>>,
    /// `owner`, `guest`, or none.
    #[serde(borrow, default)]
    pub roles: Option<Vec<Text<'a>>>,
}

/// The last message of a chat, as a list of chats shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagePreview<'a> {
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    #[serde(default)]
    pub is_deleted: Option<bool>,
    #[serde(borrow, default)]
    pub event_detail: Option<EventDetail<'a>>,
    #[serde(borrow, default)]
    pub body: Option<ItemBody<'a>>,
    #[serde(borrow, default)]
    pub from: Option<ChatIdentitySet<'a>>,
}

/// A message of a chat, a post of a channel, or a reply to one.
/// Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage<'a> {
    /// Milliseconds since 1970, in digits.
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub created_date_time: Option<Text<'a>>,
    /// Of the message itself; what is replied to it does not count.
    #[serde(borrow, default)]
    pub last_modified_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub last_edited_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub deleted_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub importance: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    /// Nobody, where the system tells something.
    #[serde(borrow, default)]
    pub from: Option<ChatIdentitySet<'a>>,
    #[serde(borrow, default)]
    pub body: Option<ItemBody<'a>>,
    #[serde(borrow, default)]
    pub attachments: Option<Vec<ChatAttachment<'a>>>,
    #[serde(borrow, default)]
    pub mentions: Option<Vec<ChatMention<'a>>>,
    /// What the system tells.
    #[serde(borrow, default)]
    pub event_detail: Option<EventDetail<'a>>,
    /// With `$expand=replies`: at most 1,000.
    #[serde(borrow, default)]
    pub replies: Option<Vec<ChatMessage<'a>>>,
    /// Where there are more than those.
    #[serde(borrow, default, rename = "replies@odata.nextLink")]
    pub replies_next_link: Option<Text<'a>>,
}

/// Who or what wrote something: one of the two.
#[derive(Debug, Deserialize)]
pub struct ChatIdentitySet<'a> {
    #[serde(borrow, default)]
    pub application: Option<ChatIdentity<'a>>,
    #[serde(borrow, default)]
    pub user: Option<ChatIdentity<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/teamworkuseridentity>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatIdentity<'a> {
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// Missing in what the system tells.
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    /// The tenant that the account belongs to; of people alone.
    #[serde(borrow, default)]
    pub tenant_id: Option<Text<'a>>,
    /// `aadUser`, `anonymousGuest`, `federatedUser`, …; of people alone.
    #[serde(borrow, default)]
    pub user_identity_type: Option<Text<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/chatmessageattachment>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatAttachment<'a> {
    /// `reference` (a file), `messageReference` (a quote), the media type of a card, …
    #[serde(borrow, default)]
    pub content_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub content_url: Option<Text<'a>>,
    /// JSON of a quote or a card.
    #[serde(borrow, default)]
    pub content: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
}

/// What stands in the content of a `messageReference`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotedMessage<'a> {
    #[serde(borrow, default)]
    pub message_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub message_preview: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub message_sender: Option<ChatIdentitySet<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMention<'a> {
    #[serde(borrow, default)]
    pub mention_text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub mentioned: Option<ChatIdentitySet<'a>>,
}

/// Source: <https://learn.microsoft.com/graph/system-messages>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDetail<'a> {
    /// `#microsoft.graph.membersAddedEventMessageDetail`, …
    #[serde(borrow, default, rename = "@odata.type")]
    pub odata_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub members: Option<Vec<ChatIdentity<'a>>>,
    /// The new name of a chat.
    #[serde(borrow, default)]
    pub chat_display_name: Option<Text<'a>>,
    /// ISO 8601, of a call that has ended.
    #[serde(borrow, default)]
    pub call_duration: Option<Text<'a>>,
}

/// A team, as a list of teams shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Team<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub description: Option<Text<'a>>,
    #[serde(default)]
    pub is_archived: Option<bool>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/channel>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub description: Option<Text<'a>>,
    /// `standard`, `private` or `shared`.
    #[serde(borrow, default)]
    pub membership_type: Option<Text<'a>>,
    #[serde(default)]
    pub is_archived: Option<bool>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a post with its replies would be unintelligible, or who wrote it be lost.
    #[test]
    fn a_post_is_read_with_its_replies() {
        let json = r#"{"id":"1","subject":null,"from":{"application":null,"device":null,"user":{"id":"u","displayName":"Maja",
            "userIdentityType":"aadUser","tenantId":"t"}},"body":{"contentType":"html","content":"<p>a</p>"},"attachments":[],
            "eventDetail":null,"replies@odata.nextLink":"https://g/v1.0/x","replies":[{"id":"2","from":null}]}"#;
        let post: ChatMessage<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(post.from.unwrap().user.unwrap().tenant_id.as_deref(), Some("t"));
        assert_eq!(post.replies.unwrap()[0].id.as_ref() as &str, "2");
        assert!(post.replies_next_link.is_some() && post.event_detail.is_none());
    }
}
