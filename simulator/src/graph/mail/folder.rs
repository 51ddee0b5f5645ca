//! Mail folders as OData sees them, and as JSON.

use super::mailbox::{Folder, Mailbox};
use crate::graph::odata::select::Selection;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::respond::Object;

/// The properties of a folder, in the order in which Graph writes them.
pub(super) const NAMES: &[&str] = &[
    "id",
    "displayName",
    "parentFolderId",
    "childFolderCount",
    "unreadItemCount",
    "totalItemCount",
    "sizeInBytes",
    "isHidden",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    DisplayName,
    ParentFolderId,
    ChildFolderCount,
    UnreadItemCount,
    TotalItemCount,
    SizeInBytes,
    IsHidden,
}

/// Names the resource type.
pub(super) struct FolderSchema;

impl Schema for FolderSchema {
    type Field = Field;

    const TYPE_NAME: &'static str = "microsoft.graph.mailFolder";

    fn field(path: &str) -> Option<(Field, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "id" => (Field::Id, Kind::Text),
            "displayname" => (Field::DisplayName, Kind::Text),
            "parentfolderid" => (Field::ParentFolderId, Kind::Text),
            "childfoldercount" => (Field::ChildFolderCount, Kind::Number),
            "unreaditemcount" => (Field::UnreadItemCount, Kind::Number),
            "totalitemcount" => (Field::TotalItemCount, Kind::Number),
            "sizeinbytes" => (Field::SizeInBytes, Kind::Number),
            "ishidden" => (Field::IsHidden, Kind::Flag),
            _ => return None,
        })
    }
}

/// A folder together with its mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) mailbox: &'a Mailbox,
    pub(super) folder: &'a Folder,
}

impl Row<Field> for Entry<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let folder = self.folder;
        match field {
            Field::Id => Value::Text(&folder.id),
            Field::DisplayName => Value::Text(folder.name),
            Field::ParentFolderId => Value::Text(&self.mailbox.folders[folder.parent].id),
            Field::ChildFolderCount => Value::Number(folder.children),
            Field::UnreadItemCount => Value::Number(folder.unread),
            Field::TotalItemCount => Value::Number(folder.total),
            Field::SizeInBytes => Value::Number(folder.size),
            Field::IsHidden => Value::Flag(folder.is_hidden),
        }
    }

    fn elements(&self, _field: Field) -> Vec<Element<'_>> {
        Vec::new()
    }
}

/// Writes the selected properties of a folder. The id always comes along.
pub(super) fn folder(entry: Entry<'_>, selection: &Selection) -> Object {
    let mut object = Object::new();
    for (place, name) in NAMES.iter().enumerate() {
        if *name != "id" && !selection.holds(place, true) {
            continue;
        }
        let Some((field, _)) = FolderSchema::field(name) else { continue };
        match entry.value(field) {
            Value::Text(text) => object.set(name, text),
            Value::Number(number) => object.set(name, number),
            Value::Flag(flag) => object.set(name, flag),
            Value::Time(time) => object.set(name, time.to_string()),
            Value::Null => object.set(name, serde_json::Value::Null),
        }
    }
    object
}
