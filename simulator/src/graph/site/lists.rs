//! The lists of a site: its document library, seen as a list, and its register.

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::Column;
use crate::graph::drive::estate::Place;
use crate::graph::drive::list::paged;
use crate::graph::drive::refusal::FileRefusal;
use crate::graph::drive::{Outcome, Reading};
use crate::graph::odata::expand::{self, Expansion};
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;
use crate::graph::site_plan::SITES;

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
const COLUMN_TYPE: &str = "microsoft.graph.columnDefinition";
const CONTENT_TYPE_TYPE: &str = "microsoft.graph.contentType";
/// What comes along with a list.
const EXPANDABLE: &[&str] = &["columns", "contentTypes", "items"];
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
                "columns" => {
                    object.set("columns", chosen(columns(), &expansion, (COLUMN_NAMES, COLUMN_TYPE))?);
                }
                "contentTypes" => {
                    let types = kind.content_type_objects();
                    let value = chosen(types, &expansion, (CONTENT_TYPE_NAMES, CONTENT_TYPE_TYPE))?;
                    object.set("contentTypes", value);
                }
                _ => {
                    let items = self.expanded_items(site, kind, &expansion)?;
                    object.set("items", items.values);
                    if let Some(link) = items.next_link {
                        object.set("items@odata.nextLink", link);
                    }
                }
            }
        }
        Ok(self.entity(&format!("lists{}/$entity", selection.context(LIST_NAMES)), object))
    }

    pub(super) fn columns(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        self.find_list(site, key)?;
        self.selected("columns", columns(), (COLUMN_NAMES, COLUMN_TYPE))
    }

    pub(super) fn content_types(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let objects = kind.content_type_objects();
        self.selected("contentTypes", objects, (CONTENT_TYPE_NAMES, CONTENT_TYPE_TYPE))
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

    /// A list by its id, its name or its title.
    pub(super) fn find_list(&self, site: usize, key: &str) -> Result<ListKind, FileRefusal> {
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
}

/// All of `objects`, of each what an expansion selects of its type.
fn chosen(
    objects: Vec<Object>,
    expansion: &Expansion,
    (names, resource): (&[&'static str], &'static str),
) -> Result<Value, FileRefusal> {
    let selection = Selection::parse(expansion.option("select"), names, resource)?;
    Ok(objects.into_iter().map(|object| json!(object.keep(names, &selection))).collect())
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
