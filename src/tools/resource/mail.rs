//! Folders by their uri.

use super::ResourceContent;
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::mail_folder_names::FolderArgument;
use crate::tools::mail_folders::{self, Depth, Position};
use crate::tools::mail_search::{self, Conditions, Listing, Slots, Start};
use crate::tools::mailbox::{Mailbox, OwnerArgument};
use crate::tools::tool::{ToolAnswer, ToolCall};
use crate::tools::zone::Zone;

/// Messages of a page.
const LIMIT: u32 = 25;

/// `mail:///folders/{idOrName}`: the folder's messages, newest first.
pub(in crate::tools) async fn messages_of(
    call: &ToolCall<'_>,
    name: &str,
    owner: Option<OwnerArgument<'_>>,
    zone: Zone,
    cursor: Option<&str>,
    binding: &Binding<'_>,
) -> Result<ToolAnswer, ToolError> {
    let listing = Listing {
        mailbox: Mailbox::of(call, owner).await?,
        folder: Some(FolderArgument { name: "uri", text: name }),
        conditions: Conditions::default(),
        limit: LIMIT,
        zone,
        from: Start::of(call, cursor, binding)?,
    };
    let slots = Slots::default();
    let list = mail_search::list(call, &listing, binding, &slots).await?;
    ToolAnswer::new(&ResourceContent::Folder(list), slots.size())
}

/// `mail:///folders/`: the top-level folders.
pub(in crate::tools) async fn folders(
    call: &ToolCall<'_>,
    owner: Option<OwnerArgument<'_>>,
    cursor: Option<&str>,
    binding: &Binding<'_>,
) -> Result<ToolAnswer, ToolError> {
    let mailbox = Mailbox::of(call, owner).await?;
    let position = match cursor {
        Some(cursor) => call.cursors.open(cursor, binding, call.clock.now())?,
        None => Position::default(),
    };
    let folders = mail_folders::list(call, mailbox, Depth::One, position, binding).await?;
    let expected = folders.expected_size();
    ToolAnswer::new(&ResourceContent::Folders(folders), expected)
}
