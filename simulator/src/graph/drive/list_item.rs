//! What of an item of a list is asked for: its own properties, and its columns.

use serde_json::Value;

use super::refusal::FileRefusal;
use crate::graph::odata::expand;
use crate::graph::odata::select::Selection;

pub(in crate::graph) const TYPE_NAME: &str = "microsoft.graph.listItem";
const NAMES: &[&str] = &[
    "contentType",
    "createdBy",
    "createdDateTime",
    "description",
    "eTag",
    "id",
    "lastModifiedBy",
    "lastModifiedDateTime",
    "name",
    "parentReference",
    "sharepointIds",
    "webUrl",
];

/// The properties of an item, and its fields where they are expanded.
#[derive(Debug)]
pub(in crate::graph) struct Wanted {
    selection: Selection,
    fields: Option<Columns>,
}

/// All columns, or those of these names.
#[derive(Debug)]
enum Columns {
    All,
    Named(Vec<String>),
}

impl Wanted {
    /// Reads `$select` and `$expand` of an item, or of what is expanded to one.
    pub(in crate::graph) fn parse(select: Option<&str>, expand: Option<&str>) -> Result<Self, FileRefusal> {
        let selection = Selection::parse(select, NAMES, TYPE_NAME)?;
        let expansions = expand::parse(expand, &["fields"])?;
        let fields = expansions.first().map(|fields| Columns::parse(fields.option("select")));
        Ok(Self { selection, fields })
    }

    /// An item with the selected properties, its id, what is no property, and those of its `fields` that are asked for.
    pub(in crate::graph) fn of(&self, mut item: Value, fields: impl FnOnce() -> Value) -> Value {
        if let Some(properties) = item.as_object_mut() {
            properties.retain(|name, _| name == "id" || self.selection.keeps(name, NAMES));
        }
        if let Some(columns) = &self.fields {
            item["fields"] = columns.of(fields());
        }
        item
    }

    /// The part of `@odata.context` that tells what was selected.
    pub(in crate::graph) fn context(&self) -> String {
        self.selection.context(NAMES)
    }
}

impl Columns {
    fn parse(select: Option<&str>) -> Self {
        match select {
            None => Self::All,
            Some(names) => Self::Named(names.split(',').map(|name| name.trim().to_owned()).collect()),
        }
    }

    /// The id always comes along.
    fn of(&self, mut fields: Value) -> Value {
        if let (Self::Named(names), Some(columns)) = (self, fields.as_object_mut()) {
            columns
                .retain(|name, _| name == "id" || names.iter().any(|asked| asked.eq_ignore_ascii_case(name)));
        }
        fields
    }
}
