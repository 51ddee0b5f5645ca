//! A generated mailbox: folders and messages, immutable.

use jiff::Timestamp;

use super::enclosure::Enclosure;
use super::id::ItemIds;
use super::recipient::Recipient;

/// Which of somebody's mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxKind {
    Primary,
    /// The in-place archive, which holds older mail.
    Archive,
}

impl MailboxKind {
    pub(super) const ALL: [Self; 2] = [Self::Primary, Self::Archive];
}

/// The mail of one owner.
#[derive(Debug)]
pub(in crate::graph) struct Mailbox {
    /// The first one is the root.
    pub(super) folders: Vec<Folder>,
    /// Newest first by received time.
    pub(super) messages: Vec<Message>,
}

impl Mailbox {
    /// The ids of everything in it.
    pub(in crate::graph) fn ids(&self) -> impl Iterator<Item = ItemIds> {
        let alone = |id: &String| ItemIds { ordinary: id.clone(), immutable: None };
        let folders = self.folders.iter().map(move |folder| alone(&folder.id));
        let messages = self.messages.iter().map(|message| ItemIds {
            ordinary: message.id.clone(),
            immutable: Some(message.immutable_id.clone()),
        });
        let attachments = self.messages.iter().flat_map(|message| &message.attachments);
        folders.chain(messages).chain(attachments.map(move |attachment| alone(&attachment.id)))
    }
}

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) well_known: Option<&'static str>,
    /// Place of the parent in [`Mailbox::folders`]; the root is its own.
    pub(super) parent: usize,
    pub(super) is_hidden: bool,
    pub(super) children: i64,
    pub(super) unread: i64,
    pub(super) total: i64,
    pub(super) size: i64,
}

#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) enclosure: Enclosure,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) immutable_id: String,
    pub(super) change_key: String,
    /// Place in [`Mailbox::folders`].
    pub(super) folder: usize,
    pub(super) conversation_id: String,
    /// Base64.
    pub(super) conversation_index: String,
    pub(super) internet_message_id: String,
    pub(super) received: Timestamp,
    pub(super) sent: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) from: Recipient,
    pub(super) to: Vec<Recipient>,
    pub(super) cc: Vec<Recipient>,
    /// Of the sender's own copy.
    pub(super) bcc: Vec<Recipient>,
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
    /// The text as the search index sees it.
    pub(super) normalised: String,
    /// The first 255 characters of the text.
    pub(super) preview: String,
    pub(super) importance: &'static str,
    pub(super) flag: &'static str,
    pub(super) inference: &'static str,
    pub(super) categories: Vec<&'static str>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) is_read: bool,
    pub(super) is_draft: bool,
}

impl Message {
    /// Whether something is attached that the body doesn't show itself: a picture within it does not count.
    pub(super) fn has_attachments(&self) -> bool {
        self.attachments.iter().any(|attachment| attachment.enclosure.content_id().is_none())
    }

    /// In bytes, near enough.
    pub(super) fn size(&self) -> usize {
        let attached: usize = self.attachments.iter().map(|attachment| attachment.enclosure.weight()).sum();
        self.html.len() + attached + 1_024
    }
}
