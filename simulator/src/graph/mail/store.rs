//! Puts the mails of a mailbox into folders, and gives them ids and times.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::draft::{Draft, Shelf};
use super::id::{IdMaker, change_key};
use super::mailbox::{Attachment, Folder, Mailbox, Message};
use crate::directory::random::SplitMix64;
use crate::graph::kql::normalised;

struct Plan {
    name: &'static str,
    well_known: Option<&'static str>,
    parent: &'static str,
    is_hidden: bool,
}

const ROOT: &str = "Top of Information Store";

const fn plan(name: &'static str, well_known: Option<&'static str>, parent: &'static str) -> Plan {
    Plan { name, well_known, parent, is_hidden: false }
}

/// Parents stand before their children; the root is its own.
const PLANS: &[Plan] = &[
    plan(ROOT, Some("msgfolderroot"), ROOT),
    plan("Inbox", Some("inbox"), ROOT),
    plan("Projects", None, "Inbox"),
    plan("Aurora", None, "Projects"),
    plan("Birchwood", None, "Projects"),
    plan("Copperline", None, "Projects"),
    plan("Sent Items", Some("sentitems"), ROOT),
    plan("Drafts", Some("drafts"), ROOT),
    plan("Archive", Some("archive"), ROOT),
    plan("Deleted Items", Some("deleteditems"), ROOT),
    plan("Junk Email", Some("junkemail"), ROOT),
    plan("Outbox", Some("outbox"), ROOT),
    plan("Conversation History", Some("conversationhistory"), ROOT),
    plan("Invoices", None, ROOT),
    plan("Newsletters", None, ROOT),
    plan("Suppliers", None, ROOT),
    plan("Travel", None, ROOT),
    Plan { name: "Sync Issues", well_known: Some("syncissues"), parent: ROOT, is_hidden: true },
];

impl Shelf {
    const fn folder(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Project(name) => name,
            Self::Sent => "Sent Items",
            Self::Drafts => "Drafts",
            Self::Archive => "Archive",
            Self::Deleted => "Deleted Items",
            Self::Junk => "Junk Email",
            Self::Newsletters => "Newsletters",
            Self::Invoices => "Invoices",
            Self::Travel => "Travel",
        }
    }
}

/// Sorts by time, numbers, and counts. `newest` is the time of age zero.
pub(super) fn shelve(
    mut drafts: Vec<Draft>,
    ids: &IdMaker,
    mut random: SplitMix64,
    newest: Timestamp,
) -> Mailbox {
    drafts.sort_by_key(|draft| draft.age);
    let count = drafts.len();
    let messages: Vec<Message> = drafts
        .into_iter()
        .enumerate()
        // Numbered by age: the oldest mail came first.
        .map(|(place, draft)| message(draft, count - place, ids, &mut random, newest))
        .collect();
    Mailbox { folders: folders(ids, &messages), messages }
}

fn folders(ids: &IdMaker, messages: &[Message]) -> Vec<Folder> {
    let folder = |(place, plan): (usize, &Plan)| {
        let within = || messages.iter().filter(move |message| message.folder == place);
        let children =
            PLANS.iter().skip(1).filter(|child| child.parent == plan.name && !child.is_hidden).count();
        Folder {
            id: ids.folder(place),
            name: plan.name,
            well_known: plan.well_known,
            parent: place_of(plan.parent),
            is_hidden: plan.is_hidden,
            children: number(children),
            unread: number(within().filter(|message| !message.is_read).count()),
            total: number(within().count()),
            size: number(within().map(Message::size).sum()),
        }
    };
    PLANS.iter().enumerate().map(folder).collect()
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn place_of(name: &str) -> usize {
    PLANS.iter().position(|plan| plan.name == name).unwrap_or_default()
}

fn message(
    draft: Draft,
    number: usize,
    ids: &IdMaker,
    random: &mut SplitMix64,
    newest: Timestamp,
) -> Message {
    let folder = place_of(draft.shelf.folder());
    let received = before(newest, draft.age);
    let delay = if draft.is_unsent { 0 } else { 1 + i64::try_from(random.below(20)).unwrap_or_default() };
    let domain = draft.from.address.split('@').next_back().unwrap_or_default();
    let attachments = draft
        .attachments
        .into_iter()
        .enumerate()
        .map(|(place, (name, enclosure))| Attachment {
            id: ids.attachment(folder, number, place),
            name,
            enclosure,
        })
        .collect();
    Message {
        id: ids.message(folder, number),
        immutable_id: ids.immutable(number),
        change_key: change_key(random),
        folder,
        conversation_id: ids.conversation(draft.conversation.0),
        conversation_index: conversation_index(draft.conversation, random),
        internet_message_id: format!("<{:016x}{:08x}@{domain}>", random.next_u64(), number),
        received,
        sent: before(newest, draft.age + delay),
        modified: before(newest, draft.age - draft.age.min(60)),
        normalised: normalised(&draft.body.text),
        html: draft.body.html,
        text: draft.body.text,
        preview: draft.body.preview,
        from: draft.from,
        to: draft.to,
        cc: draft.cc,
        bcc: draft.bcc,
        subject: draft.subject,
        importance: draft.importance,
        flag: draft.flag,
        inference: draft.inference,
        categories: draft.categories,
        attachments,
        is_read: draft.is_read,
        is_draft: draft.is_unsent,
    }
}

fn before(newest: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(newest.as_second().saturating_sub(seconds)).unwrap_or(Timestamp::MIN)
}

/// A header of 22 bytes, and five for every reply before this one.
fn conversation_index((thread, place): (usize, usize), random: &mut SplitMix64) -> String {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&(thread as u64).to_be_bytes());
    bytes.extend_from_slice(&random.bytes::<13>());
    bytes.extend((0..place * 5).map(|_| 0x80));
    STANDARD.encode(bytes)
}
