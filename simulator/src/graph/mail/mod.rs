//! Mail: folders, messages, attachments of one mailbox.

pub(super) mod access;
mod attached;
mod cast;
mod draft;
mod enclosure;
mod expand;
pub(super) mod export;
mod filling;
mod folder;
mod found;
mod generate;
mod hostile;
pub(super) mod id;
pub(super) mod letter;
mod list;
mod mailbox;
mod mime;
mod parcels;
mod preferences;
mod recipient;
mod render;
pub(super) mod route;
mod schema;
mod store;
mod topics;

use uuid::Uuid;

pub use export::mailbox_id;
pub(super) use found::documents;
pub(super) use generate::{Owner, mailbox};
pub(super) use mailbox::Mailbox;
pub use mailbox::MailboxKind;
pub(super) use preferences::Preferences;

use bytes::Bytes;
use serde_json::json;

use self::access::Reach;
use self::expand::Expansion;
use self::mailbox::{Folder, Message};
use self::route::MailRoute;
use super::odata::query::Query;
use super::odata::select::Selection;
use super::refusal::Refusal;
use super::respond::{Entity, Object, Page, bytes};
use super::scopes::MailAccess;

/// A reading of one mailbox: whose it is, how much may be seen, and what was asked along.
pub(super) struct Reading<'a> {
    pub(super) mailbox: &'a Mailbox,
    /// Object id of the owner, for `@odata.context`.
    pub(super) owner: Uuid,
    pub(super) access: MailAccess,
    pub(super) reach: Reach,
    pub(super) preferences: Preferences,
    pub(super) query: Query,
    pub(super) base_url: &'a str,
    /// As in the request, for next links.
    pub(super) path: &'a str,
}

/// A body and its type, where that is not Graph's JSON.
type Written = (Bytes, Option<&'static str>);

impl Reading<'_> {
    pub(super) fn answer(&self, route: &MailRoute) -> Result<Written, Refusal> {
        let body = match route {
            MailRoute::MessageValue { folder, message } => {
                return self.message_value(self.find_message(folder.as_deref(), message)?);
            }
            MailRoute::AttachmentValue { folder, message, attachment } => {
                return self.attachment_value(self.find_message(folder.as_deref(), message)?, attachment);
            }
            MailRoute::Folders => self.folders(0),
            MailRoute::Folder(key) => self.folder(self.find_folder(key)?),
            MailRoute::ChildFolders(key) => self.folders(self.find_folder(key)?),
            MailRoute::Messages { folder } => {
                let place = folder.as_deref().map(|key| self.find_folder(key)).transpose()?;
                self.messages(place)
            }
            MailRoute::Message { folder, message } => {
                self.message(self.find_message(folder.as_deref(), message)?)
            }
            MailRoute::Attachments { folder, message } => {
                self.attachments(self.find_message(folder.as_deref(), message)?)
            }
            MailRoute::Attachment { folder, message, attachment } => {
                self.attachment(self.find_message(folder.as_deref(), message)?, attachment)
            }
        };
        Ok((body?, None))
    }

    fn messages(&self, folder: Option<usize>) -> Result<Bytes, Refusal> {
        if folder.is_none() && self.reach != Reach::Whole {
            return Err(Refusal::MailAccessDenied);
        }
        let expansion = self.expansion()?;
        let selection =
            Selection::parse(self.query.select.as_deref(), render::NAMES, "microsoft.graph.message")?;
        let within = folder
            .map_or_else(String::new, |place| format!("/mailFolders('{}')", self.mailbox.folders[place].id));
        let list = match &self.query.search {
            Some(search) => list::search(self, folder, search)?,
            None => list::messages(self, folder)?,
        };
        let page = Page {
            context: self.context(&format!("{within}/messages{}", selection.context(render::NAMES))),
            count: list.count,
            value: list.entries.into_iter().map(|entry| self.shown(entry, &selection, &expansion)).collect(),
            next_link: list.next_link,
        };
        Ok(bytes(&page))
    }

    fn message(&self, message: &Message) -> Result<Bytes, Refusal> {
        let selection =
            Selection::parse(self.query.select.as_deref(), render::NAMES, "microsoft.graph.message")?;
        let entry = schema::Entry { mailbox: self.mailbox, message };
        let object = self.shown(entry, &selection, &self.expansion()?);
        let context = self.context(&format!("/messages{}/$entity", selection.context(render::NAMES)));
        Ok(bytes(&Entity { context, object }))
    }

    fn shown(&self, entry: schema::Entry<'_>, selection: &Selection, expansion: &Expansion) -> Object {
        let mut object = render::message(entry, selection, self.preferences, self.access);
        if let Expansion::Attachments(selection) = expansion {
            let message = entry.message;
            let write = |kept| render::attachment(message, kept, selection, render::Items::Closed);
            let attachments: Vec<Object> = message.attachments.iter().map(write).collect();
            object.set("attachments", json!(attachments));
        }
        object
    }

    fn expansion(&self) -> Result<Expansion, Refusal> {
        let expansion = expand::of_message(self.query.expand.as_deref())?;
        if expansion != Expansion::Nothing {
            self.require_full()?;
        }
        Ok(expansion)
    }

    fn folders(&self, parent: usize) -> Result<Bytes, Refusal> {
        if !self.sees(parent) {
            return Err(Refusal::MailAccessDenied);
        }
        let selection =
            Selection::parse(self.query.select.as_deref(), folder::NAMES, "microsoft.graph.mailFolder")?;
        let list = list::folders(self, parent)?;
        let within = if parent == 0 {
            "/mailFolders".to_owned()
        } else {
            format!("/mailFolders('{}')/childFolders", self.mailbox.folders[parent].id)
        };
        let page = Page {
            context: self.context(&format!("{within}{}", selection.context(folder::NAMES))),
            count: list.count,
            value: list.entries.into_iter().map(|entry| folder::folder(entry, &selection)).collect(),
            next_link: list.next_link,
        };
        Ok(bytes(&page))
    }

    fn folder(&self, place: usize) -> Result<Bytes, Refusal> {
        let selection =
            Selection::parse(self.query.select.as_deref(), folder::NAMES, "microsoft.graph.mailFolder")?;
        let entry = folder::Entry { mailbox: self.mailbox, folder: &self.mailbox.folders[place] };
        let context = self.context(&format!("/mailFolders{}/$entity", selection.context(folder::NAMES)));
        Ok(bytes(&Entity { context, object: folder::folder(entry, &selection) }))
    }

    fn context(&self, rest: &str) -> String {
        format!("{}/$metadata#users('{}'){rest}", self.base_url, self.owner)
    }

    /// A folder by its id or its well-known name. One that is not shared can't be found by its id.
    fn find_folder(&self, key: &str) -> Result<usize, Refusal> {
        let is_it = |folder: &Folder| {
            folder.id == key || folder.well_known.is_some_and(|name| name.eq_ignore_ascii_case(key))
        };
        let place = self.mailbox.folders.iter().position(is_it).ok_or_else(|| missing(key))?;
        if self.sees(place) {
            return Ok(place);
        }
        Err(if id::is_well_formed(key) { Refusal::ItemNotFound } else { Refusal::MailAccessDenied })
    }

    /// Whether a folder is within reach. Parents stand before their children.
    fn sees(&self, place: usize) -> bool {
        let folder = &self.mailbox.folders[place];
        match self.reach {
            Reach::Whole => true,
            Reach::Inbox => {
                folder.well_known == Some("inbox") || (folder.parent < place && self.sees(folder.parent))
            }
        }
    }

    /// A message by either of its ids, within `folder` where one was named.
    fn find_message(&self, folder: Option<&str>, id: &str) -> Result<&Message, Refusal> {
        let folder = folder.map(|key| self.find_folder(key)).transpose()?;
        let is_it = |message: &&Message| {
            (message.id == id || message.immutable_id == id)
                && folder.is_none_or(|place| place == message.folder)
                && self.sees(message.folder)
        };
        self.mailbox.messages.iter().find(is_it).ok_or_else(|| missing(id))
    }
}

/// What Exchange says of an id that leads nowhere. An id of another mailbox leads nowhere too.
fn missing(id: &str) -> Refusal {
    if id::is_well_formed(id) { Refusal::ItemNotFound } else { Refusal::MalformedId }
}
