//! The view of a mailbox by which whole mailboxes are exported: `/admin/exchange/mailboxes/{id}`.

mod extended;
mod route;
mod schema;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

pub(in crate::graph) use route::ExportRoute;

use super::mailbox::MailboxKind;
use super::schema::Entry;
use super::{Reading, folder, list};
use crate::directory::Tenant;
use crate::directory::random::SplitMix64;
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::odata::select::Selection;
use crate::graph::people::Person;
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Entity, Object, Page, bytes};
use schema::{Item, ItemSchema};

const FOLDER_NAMES: &[&str] = &[
    "id",
    "displayName",
    "parentFolderId",
    "parentMailboxUrl",
    "childFolderCount",
    "totalItemCount",
    "wellKnownName",
    "type",
];
const ITEM_NAMES: &[&str] =
    &["id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "size", "type"];

/// The id of one of somebody's mailboxes, as `/settings/exchange` tells it.
pub fn mailbox_id(tenant: Uuid, owner: Uuid, kind: MailboxKind) -> String {
    format!("MBX:{}@{tenant}", guid(tenant, owner, kind))
}

/// What tells the mailboxes of a tenant apart.
pub(in crate::graph) fn guid(tenant: Uuid, owner: Uuid, kind: MailboxKind) -> Uuid {
    let label = format!("{kind:?}-{tenant}-{owner}");
    SplitMix64::derived(0, label.as_bytes()).uuid()
}

/// Which of the caller's own mailboxes an id means. One of somebody else's is closed to delegated access.
pub(in crate::graph) fn find(tenant: &Tenant, caller: Person<'_>, id: &str) -> Result<MailboxKind, Refusal> {
    let is_of = |person: Person<'_>| {
        MailboxKind::ALL
            .into_iter()
            .find(|kind| mailbox_id(tenant.id, person.id(), *kind).eq_ignore_ascii_case(id))
    };
    if let Some(kind) = is_of(caller) {
        return Ok(kind);
    }
    if !id.to_ascii_uppercase().starts_with("MBX:") {
        return Err(Refusal::MalformedId);
    }
    let is_known = Person::all(tenant).any(|person| is_of(person).is_some());
    Err(if is_known { Refusal::MailAccessDenied } else { Refusal::UnknownMailbox(id.to_owned()) })
}

/// Whose primary mailbox an id means: the caller's, or a colleague's.
pub(in crate::graph) fn owner(tenant: &Tenant, caller: Uuid, id: &str) -> Option<Uuid> {
    let is_of = |owner: &Uuid| mailbox_id(tenant.id, *owner, MailboxKind::Primary).eq_ignore_ascii_case(id);
    let colleagues = Person::all(tenant).map(Person::id);
    std::iter::once(caller).chain(colleagues).find(is_of)
}

/// `/users/{id}/settings/exchange`. Version 1.0 names the primary mailbox alone.
pub(in crate::graph) fn settings(tenant: &Tenant, person: Person<'_>, base_url: &str) -> Bytes {
    let mut object = Object::new();
    object.set("primaryMailboxId", mailbox_id(tenant.id, person.id(), MailboxKind::Primary));
    let context = format!("{base_url}/$metadata#users('{}')/settings/exchange/$entity", person.id());
    bytes(&Entity { context, object })
}

impl Reading<'_> {
    /// Answers for the mailbox with this id, which is the one that is read.
    pub(in crate::graph) fn export(&self, id: &str, route: &ExportRoute) -> Result<Bytes, Refusal> {
        match route {
            ExportRoute::Folders => self.exported_folders(id, 0, "folders"),
            ExportRoute::ChildFolders(key) => {
                self.exported_folders(id, self.find_folder(key)?, &format!("folders('{key}')/childFolders"))
            }
            ExportRoute::Folder(key) => {
                let selection = self.exported_selection(FOLDER_NAMES, "microsoft.graph.mailboxFolder")?;
                let folder = &self.mailbox.folders[self.find_folder(key)?];
                let entry = folder::Entry { mailbox: self.mailbox, folder };
                let context = self.exported_context(id, "folders/$entity");
                Ok(bytes(&Entity { context, object: self.exported_folder(entry, id, &selection) }))
            }
            ExportRoute::Items { folder } => self.exported_items(id, self.find_folder(folder)?),
            ExportRoute::Item { folder, item } => {
                let selection = self.exported_selection(ITEM_NAMES, "microsoft.graph.mailboxItem")?;
                let extended = extended::wanted(self.query.expand.as_deref())?;
                let message = self.find_message(Some(folder), item)?;
                let entry = Entry { mailbox: self.mailbox, message };
                let context = self.exported_context(id, &format!("folders('{folder}')/items/$entity"));
                Ok(bytes(&Entity { context, object: self.exported_item(entry, &selection, &extended) }))
            }
        }
    }

    fn exported_folders(&self, id: &str, parent: usize, within: &str) -> Result<Bytes, Refusal> {
        let selection = self.exported_selection(FOLDER_NAMES, "microsoft.graph.mailboxFolder")?;
        let list = list::folders(self, parent)?;
        let page = Page {
            context: self.exported_context(id, within),
            count: list.count,
            value: list
                .entries
                .into_iter()
                .map(|entry| self.exported_folder(entry, id, &selection))
                .collect(),
            next_link: list.next_link,
        };
        Ok(bytes(&page))
    }

    fn exported_items(&self, id: &str, place: usize) -> Result<Bytes, Refusal> {
        let selection = self.exported_selection(ITEM_NAMES, "microsoft.graph.mailboxItem")?;
        let extended = extended::wanted(self.query.expand.as_deref())?;
        let filter = self.query.filter.as_deref().map(Filter::parse::<ItemSchema>).transpose()?;
        let order_by = self.query.order_by.as_deref().map(OrderBy::parse::<ItemSchema>).transpose()?;
        let mut entries: Vec<Item<'_>> = self
            .mailbox
            .messages
            .iter()
            .filter(|message| message.folder == place)
            .map(|message| Item(Entry { mailbox: self.mailbox, message }))
            .filter(|item| filter.as_ref().is_none_or(|filter| filter.passes(item)))
            .collect();
        if let Some(order_by) = order_by {
            entries.sort_by(|left, right| order_by.order(left, right));
        }
        let list = list::paged(self, entries)?;
        let folder = &self.mailbox.folders[place].id;
        let page = Page {
            context: self.exported_context(id, &format!("folders('{folder}')/items")),
            count: list.count,
            value: list
                .entries
                .into_iter()
                .map(|item| self.exported_item(item.0, &selection, &extended))
                .collect(),
            next_link: list.next_link,
        };
        Ok(bytes(&page))
    }

    fn exported_folder(&self, entry: folder::Entry<'_>, id: &str, selection: &Selection) -> Object {
        let folder = entry.folder;
        Object::selected(FOLDER_NAMES, selection, |name| match name {
            "id" => folder.id.as_str().into(),
            "displayName" => folder.name.into(),
            "parentFolderId" => self.mailbox.folders[folder.parent].id.as_str().into(),
            "parentMailboxUrl" => format!("{}/admin/exchange/mailboxes/{id}", self.base_url).into(),
            "childFolderCount" => folder.children.into(),
            "totalItemCount" => folder.total.into(),
            "wellKnownName" => folder.well_known.into(),
            "type" => "IPF.Note".into(),
            _ => Value::Null,
        })
    }

    fn exported_item(&self, entry: Entry<'_>, selection: &Selection, extended: &[String]) -> Object {
        let message = entry.message;
        let id = if self.preferences.immutable_ids { &message.immutable_id } else { &message.id };
        let mut object = Object::selected(ITEM_NAMES, selection, |name| match name {
            "id" => id.as_str().into(),
            "createdDateTime" => message.received.to_string().into(),
            "lastModifiedDateTime" => message.modified.to_string().into(),
            "changeKey" => message.change_key.as_str().into(),
            "categories" => json!(message.categories),
            "size" => message.size().into(),
            "type" => schema::NOTE.into(),
            _ => Value::Null,
        });
        if !extended.is_empty() {
            object.set("singleValueExtendedProperties", json!(extended::values(message, extended)));
        }
        object
    }

    fn exported_selection(
        &self,
        names: &[&'static str],
        resource: &'static str,
    ) -> Result<Selection, Refusal> {
        Selection::parse(self.query.select.as_deref(), names, resource)
    }

    fn exported_context(&self, id: &str, rest: &str) -> String {
        format!("{}/$metadata#admin/exchange/mailboxes('{id}')/{rest}", self.base_url)
    }
}
