//! A mail before it has a place, an id and a time.

use super::enclosure::Enclosure;
use super::letter::{Body, Letter};
use super::recipient::Recipient;

/// Where a mail belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    Inbox,
    /// A folder below `Inbox/Projects`.
    Project(&'static str),
    Sent,
    Drafts,
    Archive,
    Deleted,
    Junk,
    Newsletters,
    Invoices,
    Travel,
}

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) shelf: Shelf,
    pub(super) from: Recipient,
    pub(super) to: Vec<Recipient>,
    pub(super) cc: Vec<Recipient>,
    pub(super) bcc: Vec<Recipient>,
    pub(super) subject: String,
    pub(super) body: Body,
    /// Seconds before the newest time of the mailbox.
    pub(super) age: i64,
    /// Number of the thread, and the place in it.
    pub(super) conversation: (usize, usize),
    pub(super) categories: Vec<&'static str>,
    pub(super) importance: &'static str,
    pub(super) flag: &'static str,
    pub(super) inference: &'static str,
    pub(super) is_read: bool,
    pub(super) is_unsent: bool,
    /// Names and what they hold.
    pub(super) attachments: Vec<(String, Enclosure)>,
}

/// Puts the marks of one mailbox on everything written in it.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) token: String,
    pub(super) canary: String,
}

impl Writer {
    pub(super) fn begin(&self) -> Letter {
        Letter::marked(&self.token)
    }

    pub(super) fn end(&self, letter: Letter) -> Body {
        letter.finish(&self.canary)
    }
}
