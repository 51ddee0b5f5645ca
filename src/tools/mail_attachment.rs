//! Attachments of messages, as they are listed.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::mailbox::Mailbox;
use super::review::Review;
use crate::graph::{Attachment, AttachmentKind, Text};

/// What is asked of attachments where their content is not.
pub(super) const SELECT: &str = "id,name,contentType,size,isInline";
/// The same within a message.
pub(super) const EXPAND: &str = "attachments($select=id,name,contentType,size,isInline)";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    File,
    Item,
    Link,
}

impl From<AttachmentKind> for Kind {
    fn from(kind: AttachmentKind) -> Self {
        match kind {
            AttachmentKind::File => Self::File,
            AttachmentKind::Item => Self::Item,
            AttachmentKind::Reference => Self::Link,
        }
    }
}

/// An attachment without its content. Names are what others wrote.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedAttachment<'a> {
    /// For read_resource.
    pub(super) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<Cow<'a, str>>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    /// Whether it stands within the body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_inline: bool,
}

impl<'a> ListedAttachment<'a> {
    pub(super) fn of(
        attachment: Attachment<'a>,
        message: &str,
        mailbox: Mailbox<'_>,
        review: &Review<'_>,
    ) -> Self {
        let clean = |text: Text<'a>| review.clean_line(text.into_cow());
        Self {
            uri: mailbox.attachment_uri(message, &attachment.id),
            kind: attachment.kind().into(),
            name: attachment.name.map(clean),
            media_type: attachment.content_type.map(clean),
            size: attachment.size,
            is_inline: attachment.is_inline == Some(true),
        }
    }
}
