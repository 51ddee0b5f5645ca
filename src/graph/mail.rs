//! Mail as Graph writes it. Every field that `$select` may leave out is optional.

use serde::Deserialize;

use super::attachments::Attachment;
use super::text::Text;

/// One page of a collection.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>, 'de: 'a"))]
pub struct Page<'a, T> {
    #[serde(borrow, default, rename = "@odata.nextLink")]
    pub next_link: Option<Text<'a>>,
    pub value: Vec<T>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub from: Option<Recipient<'a>>,
    #[serde(borrow, default)]
    pub to_recipients: Option<Vec<Recipient<'a>>>,
    #[serde(borrow, default)]
    pub cc_recipients: Option<Vec<Recipient<'a>>>,
    /// The sender's own copy alone has them.
    #[serde(borrow, default)]
    pub bcc_recipients: Option<Vec<Recipient<'a>>>,
    #[serde(borrow, default)]
    pub received_date_time: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub sent_date_time: Option<Text<'a>>,
    /// At most 255 characters.
    #[serde(borrow, default)]
    pub body_preview: Option<Text<'a>>,
    #[serde(default)]
    pub is_read: Option<bool>,
    #[serde(default)]
    pub has_attachments: Option<bool>,
    #[serde(borrow, default)]
    pub importance: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_link: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub body: Option<ItemBody<'a>>,
    /// Where they were asked for, without their content.
    #[serde(borrow, default)]
    pub attachments: Option<Vec<Attachment<'a>>>,
}

/// Which thread a message belongs to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadOf<'a> {
    #[serde(borrow, default)]
    pub conversation_id: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipient<'a> {
    #[serde(borrow, default)]
    pub email_address: Option<EmailAddress<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct EmailAddress<'a> {
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// SMTP as a rule; senders inside Exchange may have an X.500 name here.
    #[serde(borrow, default)]
    pub address: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemBody<'a> {
    /// `text` or `html`.
    #[serde(borrow, default)]
    pub content_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub content: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailFolder<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub parent_folder_id: Option<Text<'a>>,
    #[serde(default)]
    pub child_folder_count: Option<u32>,
    #[serde(default)]
    pub unread_item_count: Option<u32>,
    #[serde(default)]
    pub total_item_count: Option<u32>,
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    /// If this failed, searches would answer with gaps, or copy what they could borrow.
    #[test]
    fn a_page_of_messages_is_read_and_borrowed() {
        let json = r#"{"@odata.context":"x","@odata.nextLink":"https://g/v1.0/me","value":[{"@odata.etag":"W/\"C\"","id":"AAMk",
            "subject":"Budget","from":{"emailAddress":{"name":"Adele","address":"adele@contoso.example"}},
            "toRecipients":[],"receivedDateTime":"2026-11-23T10:00:00Z","isRead":false,"importance":"high"}]}"#;
        let page: Page<'_, Message<'_>> = serde_json::from_str(json).unwrap();
        assert_eq!(page.next_link.as_deref(), Some("https://g/v1.0/me"));
        let message = &page.value[0];
        assert!(matches!(message.subject, Some(Text(Cow::Borrowed("Budget")))));
        assert_eq!(message.is_read, Some(false));
        let sender = message.from.as_ref().unwrap().email_address.as_ref().unwrap();
        assert!(matches!(sender.address, Some(Text(Cow::Borrowed("adele@contoso.example")))));
    }
}
