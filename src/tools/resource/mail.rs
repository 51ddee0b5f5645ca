//! `mail:///`: messages and folders.

use futures_util::future::LocalBoxFuture;

use super::found_content::rows;
use super::mail_attachment::{AttachmentContent, read_attachment};
use super::mail_message::{MessageContent, read_message};
use super::{Kind, Read, Reading, Scheme};
use crate::tools::error::ToolError;
use crate::tools::mail_folder_names::FolderArgument;
use crate::tools::mail_folders::{self, Depth, FolderList, Position};
use crate::tools::mail_search::{self, Conditions, Listing, MessageList};
use crate::tools::mailbox::{MAIL, Mailbox, OwnerArgument};
use crate::tools::pages::{Shelf, Start};
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::sought::Thing;
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::MailUri;

/// Messages of a page.
const LIMIT: u32 = 25;

pub(in crate::tools) static MAIL_SCHEME: Scheme = Scheme {
    name: "mail",
    forms: MailUri::FORMS,
    scopes: MAIL,
    most_requests: mail_search::MOST_REQUESTS,
    part: |uri| (named(uri) == Thing::Attachment).then_some(rows),
    names: named,
    kinds: &[
        Kind::of::<MessageContent<'_>>("message"),
        Kind::of::<AttachmentContent<'_>>("attachment"),
        Kind::of::<MessageList<'_>>("folder"),
        Kind::of::<FolderList>("folders"),
    ],
    templates: &[
        ResourceTemplate {
            uri_template: "mail:///messages/{id}",
            name: "message",
            title: "A message",
            description: "Headers and text of a message of the user's mailbox.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "mail:///messages/{id}/attachments/{aid}",
            name: "mail-attachment",
            title: "An attachment",
            description: "An attachment of a message: text, image, message or event.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "mail:///folders/{idOrName}",
            name: "mail-folder",
            title: "Messages of a folder",
            description: "The newest messages of a mail folder, by its name, path or id.",
            mime_type: "application/json",
        },
    ],
    read,
};

fn named(uri: &str) -> Thing {
    match uri.strip_prefix(MailUri::ROOT) {
        Some(path) if path.starts_with("folders/") => Thing::MailFolder,
        Some(path) if path.contains("/attachments/") => Thing::Attachment,
        _ => Thing::Message,
    }
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let uri = MailUri::parse("uri", reading.uri)?;
        let owner = uri.owner().map(OwnerArgument::in_uri).transpose()?;
        match &uri {
            MailUri::Message { id, .. } => {
                read_message(reading, id.segment(), Mailbox::of(reading.call, owner).await?).await
            }
            MailUri::Attachment { message, id, .. } => {
                let mailbox = Mailbox::of(reading.call, owner).await?;
                read_attachment(reading, message.segment(), id.segment(), mailbox).await
            }
            MailUri::Folder { name, .. } => messages_of(reading, name, owner).await,
            MailUri::Folders { .. } => folders(reading, owner).await,
        }
    })
}

/// `mail:///folders/{idOrName}`: the folder's messages, newest first.
async fn messages_of(
    reading: &Reading<'_>,
    name: &str,
    owner: Option<OwnerArgument<'_>>,
) -> Result<ToolAnswer, ToolError> {
    // The folder and the cursor first: whose the mailbox is may have to be asked.
    let folder = Some(FolderArgument::parse("uri", name)?);
    let from = Start::of(reading.call, reading.cursor, &reading.binding)?;
    let listing = Listing {
        mailbox: Mailbox::of(reading.call, owner).await?,
        folder,
        conditions: Conditions::default(),
        limit: LIMIT,
        zone: reading.zone.clone(),
        from,
    };
    let shelf = Shelf::default();
    let list = mail_search::list(reading.call, &listing, &reading.binding, &shelf).await?;
    ToolAnswer::new(&Read::list("folder", list), shelf.size())
}

/// `mail:///folders/`: the top-level folders.
async fn folders(reading: &Reading<'_>, owner: Option<OwnerArgument<'_>>) -> Result<ToolAnswer, ToolError> {
    let Reading { call, cursor, binding, .. } = reading;
    let position = match cursor {
        Some(cursor) => call.cursors.open(cursor, binding, call.clock.now())?,
        None => Position::default(),
    };
    let mailbox = Mailbox::of(call, owner).await?;
    let folders = mail_folders::list(call, mailbox, Depth::One, position, binding).await?;
    let expected = mail_folders::expected_size(&folders);
    ToolAnswer::new(&Read::list("folders", folders), expected)
}
