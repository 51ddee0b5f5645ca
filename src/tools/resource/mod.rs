//! What can be read by its uri.

mod mail;
mod message;
mod uri;

use schemars::JsonSchema;
use serde::Serialize;

use super::mail_folders::FolderList;
use super::mail_search::MessageList;
pub(super) use mail::{folders, messages_of};
use message::MessageContent;
pub(super) use message::read_message;
pub(super) use uri::ResourceUri;

/// What the output schema says: a kind, and then what belongs to it. The full union would weigh more in `tools/list`
/// than all other tools together.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ResourceShape {
    kind: Kind,
}

#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
enum Kind {
    Message,
    Folder,
    Folders,
}

/// The content, by its kind.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum ResourceContent<'a> {
    Message(Box<MessageContent<'a>>),
    Folder(MessageList<'a>),
    Folders(FolderList),
}
