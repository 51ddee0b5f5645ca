//! The lists of a site: its document library, seen as a list, and its register.

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::Column;
use super::register::{Entry, register};
use crate::graph::drive::estate::Place;
use crate::graph::drive::list::{Slice, paged};
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
const COLUMN: Resource = Resource { name: "microsoft.graph.columnDefinition", names: COLUMN_NAMES };
const CONTENT_TYPE: Resource = Resource { name: "microsoft.graph.contentType", names: CONTENT_TYPE_NAMES };
/// What comes along with a list.
const EXPANDABLE: &[&str] = &["columns", "contentTypes", "items"];
/// Turns a library's list id into that of the register beside it.
const REGISTER: u128 = 1;

/// A type of what lists have.
#[derive(Debug, Clone, Copy)]
struct Resource {
    name: &'static str,
    /// Its properties.
    names: &'static [&'static str],
}

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
        let selection = self.selection(LIST_NAMES, LIST_TYPE)?;
        let expansions = expand::parse(self.query.expand.as_deref(), EXPANDABLE)?;
        let slice = paged(&self.query, self.request, ListKind::ALL.to_vec())?;
        let mut lists = Vec::with_capacity(slice.entries.len());
        for kind in slice.entries {
            let mut object = self.list_object(site, kind).keep(LIST_NAMES, &selection);
            let path = format!("{}/{}", self.request.path.trim_end_matches('/'), self.list_id(site, kind));
            self.bring_along(&mut object, site, kind, &path, &expansions)?;
            lists.push(object);
        }
        let what = format!("lists{}", selection.context(LIST_NAMES));
        Ok(Outcome::Lasting(self.page(&what, lists, slice.next_link)))
    }

    pub(super) fn list(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let selection = self.selection(LIST_NAMES, LIST_TYPE)?;
        let expansions = expand::parse(self.query.expand.as_deref(), EXPANDABLE)?;
        let mut object = self.list_object(site, kind).keep(LIST_NAMES, &selection);
        self.bring_along(&mut object, site, kind, self.request.path.trim_end_matches('/'), &expansions)?;
        Ok(self.entity(&format!("lists{}/$entity", selection.context(LIST_NAMES)), object))
    }

    /// Writes what is asked for along with the list at `path`: of each the first page. A next link leads to the rest, and to it
    /// alone.
    fn bring_along(
        &self,
        object: &mut Object,
        site: usize,
        kind: ListKind,
        path: &str,
        expansions: &[Expansion],
    ) -> Result<(), FileRefusal> {
        for expansion in expansions {
            let path = format!("{path}/{}", expansion.name);
            let (name, next_link) = match expansion.name.as_str() {
                "columns" => ("columns", "columns@odata.nextLink"),
                "contentTypes" => ("contentTypes", "contentTypes@odata.nextLink"),
                _ => ("items", "items@odata.nextLink"),
            };
            let along = self.along(&path, expansion, |reading| match name {
                "columns" => Ok(reading.part(columns(), COLUMN)?.written()),
                "contentTypes" => Ok(reading.part(kind.content_type_objects(), CONTENT_TYPE)?.written()),
                _ => reading.items_within(site, kind),
            })?;
            object.set(name, along.entries);
            if let Some(link) = along.next_link {
                object.set(next_link, link);
            }
        }
        Ok(())
    }

    pub(super) fn columns(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        self.find_list(site, key)?;
        self.of_lists("columns", columns(), COLUMN)
    }

    pub(super) fn content_types(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        self.of_lists("contentTypes", kind.content_type_objects(), CONTENT_TYPE)
    }

    fn of_lists(&self, what: &str, objects: Vec<Object>, kind: Resource) -> Result<Outcome, FileRefusal> {
        let Part { selection, slice } = self.part(objects, kind)?;
        let what = format!("{what}{}", selection.context(kind.names));
        Ok(Outcome::Lasting(self.page(&what, slice.entries, slice.next_link)))
    }

    /// One page of `objects`, of each the selected properties of its type.
    fn part(&self, objects: Vec<Object>, kind: Resource) -> Result<Part, FileRefusal> {
        let selection = self.selection(kind.names, kind.name)?;
        let Slice { entries, next_link } = paged(&self.query, self.request, objects)?;
        let entries = entries.into_iter().map(|object| object.keep(kind.names, &selection)).collect();
        Ok(Part { selection, slice: Slice { entries, next_link } })
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

    /// The entries of the site's register.
    pub(super) fn entries(&self, site: usize) -> Vec<Entry> {
        register(self.register_id(site), self.files.newest(), SITES[site].zone)
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

/// One page of what lists have, and what was selected of it.
struct Part {
    selection: Selection,
    slice: Slice<Object>,
}

impl Part {
    /// As it stands within a list.
    fn written(self) -> Slice<Value> {
        let Slice { entries, next_link } = self.slice;
        Slice { entries: entries.into_iter().map(|object| json!(object)).collect(), next_link }
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
        let (facet, settings) = column.facet();
        object.set(facet, settings);
        object
    };
    Column::ALL.into_iter().map(column).collect()
}
