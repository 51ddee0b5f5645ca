//! What messages carry along, as Graph writes it, without its content.

use serde::Deserialize;

use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/attachment>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default, rename = "@odata.type")]
    pub odata_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub content_type: Option<Text<'a>>,
    /// In bytes.
    #[serde(default)]
    pub size: Option<u64>,
    /// Whether it stands within the body, as a picture does.
    #[serde(default)]
    pub is_inline: Option<bool>,
}

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    File,
    /// A message, an event or a contact.
    Item,
    /// A link to a file somewhere else. Version 1.0 does not tell where.
    Reference,
}

impl Attachment<'_> {
    /// A kind that is not known counts as a file: it has content, or Graph says that it has none.
    pub fn kind(&self) -> AttachmentKind {
        match self.odata_type.as_deref() {
            Some("#microsoft.graph.itemAttachment") => AttachmentKind::Item,
            Some("#microsoft.graph.referenceAttachment") => AttachmentKind::Reference,
            _ => AttachmentKind::File,
        }
    }
}
