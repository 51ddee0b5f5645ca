//! What can be attached to a mail: files, Outlook items, links.

use uuid::Uuid;

use super::recipient::Recipient;
use crate::graph::drive::document::{Block, Document};
use crate::graph::drive::format::Format;
use crate::graph::picture;

/// Pixels on each side of a picture.
const SIDE: u32 = 96;

#[derive(Debug)]
pub(super) enum Enclosure {
    /// Its content type, and what it says.
    Text(&'static str, String),
    /// Written when it is read: an office document is dear.
    Document(Format, Document),
    /// A picture that follows from `seed`, shown within the body where it has a content id.
    Picture {
        seed: Uuid,
        content_id: Option<&'static str>,
    },
    Item(Item),
    /// A link to a file that lies elsewhere.
    Reference,
}

/// An Outlook item within a mail.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) from: Recipient,
    pub(super) to: Recipient,
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Message,
    Event,
}

impl Enclosure {
    /// As OData names it.
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::Text(..) | Self::Document(..) | Self::Picture { .. } => "#microsoft.graph.fileAttachment",
            Self::Item(_) => "#microsoft.graph.itemAttachment",
            Self::Reference => "#microsoft.graph.referenceAttachment",
        }
    }

    /// Of a file alone.
    pub(super) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Text(content_type, _) => Some(content_type),
            Self::Document(format, _) => Some(Format::mime_type(format.extension())),
            Self::Picture { .. } => Some("image/png"),
            Self::Item(_) | Self::Reference => None,
        }
    }

    pub(super) const fn content_id(&self) -> Option<&'static str> {
        match self {
            Self::Picture { content_id, .. } => *content_id,
            _ => None,
        }
    }

    /// The bytes of a file; empty for what is none.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(_, text) => text.clone().into_bytes(),
            Self::Document(format, document) => format.write(document),
            Self::Picture { seed, .. } => picture::pattern(*seed, SIDE),
            Self::Item(_) | Self::Reference => Vec::new(),
        }
    }

    /// Bytes, near enough, without writing anything.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(_, text) => text.len(),
            Self::Document(_, document) => 2_048 + document.blocks.iter().map(weight).sum::<usize>(),
            Self::Picture { .. } => 512,
            Self::Item(item) => item.text.len() + 512,
            Self::Reference => 256,
        }
    }
}

fn weight(block: &Block) -> usize {
    match block {
        Block::Heading(line) | Block::Paragraph(line) => line.len(),
        Block::Points(points) => points.iter().map(String::len).sum(),
        Block::Table(rows) => rows.iter().flatten().map(String::len).sum(),
    }
}
