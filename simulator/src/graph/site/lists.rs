//! The lists of a site: its document library, seen as a list, and its register.

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::{Column, ListItemSchema};
use super::register::{Entry, register};
use crate::graph::drive::estate::Place;
use crate::graph::drive::list::paged;
use crate::graph::drive::list_item::Wanted;
use crate::graph::drive::refusal::FileRefusal;
use crate::graph::drive::render::identity;
use crate::graph::drive::{Outcome, Reading, expand};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::odata::select::Selection;
use crate::graph::respond::{Object, bytes};
use crate::graph::site_plan::SITES;

/// What lets a filter look at columns without an index.
const NOT_INDEXED: &str = "HonorNonIndexedQueriesWarningMayFailRandomly";
const LIST_NAMES: &[&str] = &[
    "createdBy",
    "createdDateTime",
    "description",
    "displayName",
    "eTag",
    "id",
    "lastModifiedBy",
    "lastModifiedDateTime",
    "list",
    "name",
    "parentReference",
    "sharepointIds",
    "system",
    "webUrl",
];
const LIST_TYPE: &str = "microsoft.graph.list";
const COLUMN_NAMES: &[&str] = &[
    "boolean",
    "calculated",
    "choice",
    "columnGroup",
    "currency",
    "dateTime",
    "defaultValue",
    "description",
    "displayName",
    "enforceUniqueValues",
    "hidden",
    "id",
    "indexed",
    "lookup",
    "name",
    "number",
    "personOrGroup",
    "readOnly",
    "required",
    "text",
    "validation",
];
const CONTENT_TYPE_NAMES: &[&str] = &[
    "description",
    "group",
    "hidden",
    "id",
    "inheritedFrom",
    "isBuiltIn",
    "name",
    "order",
    "parentId",
    "readOnly",
    "sealed",
];
/// What comes along with a list. Its items have pages of their own and do not.
const EXPANDABLE: &[&str] = &["columns", "contentTypes"];
/// Turns a library's list id into that of the register beside it.
const REGISTER: u128 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Documents,
    Register,
}

impl ListKind {
    pub(super) const ALL: [Self; 2] = [Self::Documents, Self::Register];

    /// Name in addresses, title, template.
    pub(super) const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Documents => ("Shared Documents", "Documents", "documentLibrary"),
            Self::Register => ("Open points", "Open points", "genericList"),
        }
    }

    /// Id, name, description and group of what its entries can be.
    const fn content_types(self) -> &'static [(&'static str, &'static str, &'static str, &'static str)] {
        match self {
            Self::Documents => &[
                ("0x0101", "Document", "Create a new document.", "Document Content Types"),
                ("0x0120", "Folder", "Create a new folder.", "Folder Content Types"),
            ],
            Self::Register => &[("0x0100", "Item", "Create a new list item.", "List Content Types")],
        }
    }

    fn content_type_objects(self) -> Vec<Object> {
        let content_type = |(id, name, description, group): &(&str, &str, &str, &str)| {
            let mut object = Object::new();
            object.set("id", *id);
            object.set("description", *description);
            object.set("group", *group);
            object.set("hidden", false);
            object.set("isBuiltIn", true);
            object.set("name", *name);
            object.set("readOnly", false);
            object.set("sealed", false);
            object
        };
        self.content_types().iter().map(content_type).collect()
    }
}

impl Reading<'_> {
    pub(super) fn lists(&self, site: usize) -> Result<Outcome, FileRefusal> {
        let lists = ListKind::ALL.into_iter().map(|kind| self.list_object(site, kind)).collect();
        self.selected("lists", lists, (LIST_NAMES, LIST_TYPE))
    }

    pub(super) fn list(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let selection = self.selection(LIST_NAMES, LIST_TYPE)?;
        let mut object = self.list_object(site, kind).keep(LIST_NAMES, &selection);
        for expansion in expand::parse(self.query.expand.as_deref(), EXPANDABLE)? {
            match expansion.name.as_str() {
                "columns" => object.set("columns", json!(columns())),
                _ => object.set("contentTypes", json!(kind.content_type_objects())),
            }
        }
        Ok(self.entity(&format!("lists{}/$entity", selection.context(LIST_NAMES)), object))
    }

    pub(super) fn columns(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        self.find_list(site, key)?;
        self.selected("columns", columns(), (COLUMN_NAMES, "microsoft.graph.columnDefinition"))
    }

    pub(super) fn content_types(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let objects = kind.content_type_objects();
        self.selected("contentTypes", objects, (CONTENT_TYPE_NAMES, "microsoft.graph.contentType"))
    }

    /// One page of `objects`, of each the selected properties of its type.
    fn selected(
        &self,
        what: &str,
        objects: Vec<Object>,
        (names, resource): (&[&'static str], &'static str),
    ) -> Result<Outcome, FileRefusal> {
        let selection = Selection::parse(self.query.select.as_deref(), names, resource)?;
        let slice = paged(&self.query, self.request, objects)?;
        let kept = slice.entries.into_iter().map(|object| object.keep(names, &selection)).collect();
        let what = format!("{what}{}", selection.context(names));
        Ok(Outcome::Lasting(self.page(&what, kept, slice.next_link)))
    }

    pub(super) fn list_items(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        match self.find_list(site, key)? {
            ListKind::Documents => self.document_items(site),
            ListKind::Register => self.register_items(site),
        }
    }

    pub(super) fn list_entry(&self, site: usize, key: &str, item: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let number: u64 = item.parse().map_err(|_| FileRefusal::ItemNotFound)?;
        let wanted = self.wanted_item()?;
        let mut value = match kind {
            ListKind::Register => {
                let entries = register(self.register_id(site), self.files.newest());
                let entry = entries.iter().find(|entry| entry.number == number);
                let entry = entry.ok_or(FileRefusal::ItemNotFound)?;
                wanted.of(self.entry(site, entry), || entry.fields())
            }
            ListKind::Documents => {
                let library = self.library(Place::Site(site));
                let place =
                    usize::try_from(number).ok().filter(|place| (1..library.items.len()).contains(place));
                let place = place.ok_or(FileRefusal::ItemNotFound)?;
                let view = self.view(&library, Place::Site(site));
                wanted.of(view.list_item(place), || view.fields(place))
            }
        };
        value["@odata.context"] = self.context(&format!("items{}/$entity", wanted.context())).into();
        Ok(Outcome::Lasting(bytes(&value)))
    }

    /// A list by its id, its name or its title.
    fn find_list(&self, site: usize, key: &str) -> Result<ListKind, FileRefusal> {
        let is_it = |kind: &ListKind| {
            let (name, title, _) = kind.names();
            self.list_id(site, *kind).to_string().eq_ignore_ascii_case(key.trim_matches(['{', '}']))
                || name.eq_ignore_ascii_case(key)
                || title.eq_ignore_ascii_case(key)
        };
        ListKind::ALL.into_iter().find(is_it).ok_or(FileRefusal::ItemNotFound)
    }

    pub(super) fn list_id(&self, site: usize, kind: ListKind) -> Uuid {
        match kind {
            ListKind::Documents => self.estate.ids(Place::Site(site)).list,
            ListKind::Register => self.register_id(site),
        }
    }

    pub(super) fn register_id(&self, site: usize) -> Uuid {
        Uuid::from_u128(self.estate.ids(Place::Site(site)).list.as_u128() ^ REGISTER)
    }

    fn list_object(&self, site: usize, kind: ListKind) -> Object {
        let (name, title, template) = kind.names();
        let id = self.list_id(site, kind);
        let url = self.estate.site_url(self.tenant, Place::Site(site));
        let mut object = Object::new();
        object.set("@odata.etag", format!("\"{id},1\""));
        object.set("createdDateTime", self.days_ago(SITES[site].age).to_string());
        object.set("description", "");
        object.set("id", id.to_string());
        object.set("lastModifiedDateTime", self.days_ago(1).to_string());
        object.set("name", name);
        object.set("webUrl", format!("{url}/{}", name.replace(' ', "%20")));
        object.set("displayName", title);
        object.set("parentReference", json!({ "siteId": self.estate.site_id(Place::Site(site)) }));
        object.set("list", json!({ "contentTypesEnabled": false, "hidden": false, "template": template }));
        object
    }

    fn document_items(&self, site: usize) -> Result<Outcome, FileRefusal> {
        for (option, value) in [("$filter", &self.query.filter), ("$orderby", &self.query.order_by)] {
            if value.is_some() {
                return Err(FileRefusal::OptionNotSupported(option));
            }
        }
        let library = self.library(Place::Site(site));
        let view = self.view(&library, Place::Site(site));
        let wanted = self.wanted_item()?;
        let slice = paged(&self.query, self.request, (1..library.items.len()).collect())?;
        let items =
            slice.entries.into_iter().map(|place| wanted.of(view.list_item(place), || view.fields(place)));
        Ok(self.values(&items.collect::<Vec<_>>(), &wanted, slice.next_link))
    }

    /// Filters and sorts by indexed columns, and by others only for those who have been warned.
    fn register_items(&self, site: usize) -> Result<Outcome, FileRefusal> {
        let mut entries = register(self.register_id(site), self.files.newest());
        let filter = self.query.filter.as_deref().map(Filter::parse::<ListItemSchema>).transpose()?;
        if let Some(filter) = filter {
            let column = filter.fields.iter().find(|column| !column.is_indexed());
            if let Some(column) = column.filter(|_| !self.prefers(NOT_INDEXED)) {
                return Err(FileRefusal::NotIndexed(column.name().to_owned()));
            }
            entries.retain(|entry| filter.passes(entry));
        }
        if let Some(order_by) = self.query.order_by.as_deref() {
            let named =
                Column::ALL.into_iter().find(|column| order_by.contains(&format!("/{}", column.name())));
            if let Some(column) = named.filter(|column| !column.is_indexed() && !self.prefers(NOT_INDEXED)) {
                return Err(FileRefusal::NotIndexed(column.name().to_owned()));
            }
            let order = OrderBy::parse::<ListItemSchema>(order_by)?;
            entries.sort_by(|left, right| order.order(left, right));
        }
        let wanted = self.wanted_item()?;
        let slice = paged(&self.query, self.request, entries)?;
        let items = slice.entries.iter().map(|entry| wanted.of(self.entry(site, entry), || entry.fields()));
        Ok(self.values(&items.collect::<Vec<_>>(), &wanted, slice.next_link))
    }

    fn entry(&self, site: usize, entry: &Entry) -> Value {
        let tag = format!("\"{},1\"", entry.unique);
        let site_url = self.estate.site_url(self.tenant, Place::Site(site));
        let author = identity(self.tenant, entry.author.min(self.tenant.users.len() - 1));
        json!({
            "@odata.etag": tag,
            "id": entry.number.to_string(),
            "eTag": tag,
            "createdDateTime": entry.created.to_string(),
            "lastModifiedDateTime": entry.modified.to_string(),
            "webUrl": format!("{site_url}/Lists/Open%20points/{}_.000", entry.number),
            "createdBy": author,
            "lastModifiedBy": author,
            "contentType": { "id": "0x0100", "name": "Item" },
            "parentReference": { "siteId": self.estate.site_id(Place::Site(site)) },
        })
    }

    fn wanted_item(&self) -> Result<Wanted, FileRefusal> {
        Wanted::parse(self.query.select.as_deref(), self.query.expand.as_deref())
    }

    fn values(&self, values: &[Value], wanted: &Wanted, next_link: Option<String>) -> Outcome {
        let context = self.context(&format!("items{}", wanted.context()));
        let mut page = json!({ "@odata.context": context, "value": values });
        if let Some(link) = next_link {
            page["@odata.nextLink"] = link.into();
        }
        Outcome::Lasting(bytes(&page))
    }
}

/// The columns of every list.
fn columns() -> Vec<Object> {
    let column = |column: Column| {
        let mut object = Object::new();
        object.set("id", Uuid::from_u128(0xfa56_4e0f << 96 | column as u128).to_string());
        object.set("name", column.name());
        object.set("displayName", column.name());
        object.set("indexed", column.is_indexed());
        object.set(column.facet(), json!({}));
        object
    };
    Column::ALL.into_iter().map(column).collect()
}
