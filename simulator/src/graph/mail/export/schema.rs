//! Items of a mailbox as OData sees them: everything but what is in them.

use crate::graph::mail::schema::Entry;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};

/// The message class of a mail.
pub(super) const NOTE: &str = "IPM.Note";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Created,
    Modified,
    Size,
    Type,
    Categories,
}

/// Names the resource type.
pub(super) struct ItemSchema;

impl Schema for ItemSchema {
    type Field = Field;

    const TYPE_NAME: &'static str = "microsoft.graph.mailboxItem";

    fn field(path: &str) -> Option<(Field, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "id" => (Field::Id, Kind::Text),
            "createddatetime" => (Field::Created, Kind::Time),
            "lastmodifieddatetime" => (Field::Modified, Kind::Time),
            "size" => (Field::Size, Kind::Number),
            "type" => (Field::Type, Kind::Text),
            "categories" => (Field::Categories, Kind::Texts),
            _ => return None,
        })
    }
}

/// A mail as an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a>(pub(super) Entry<'a>);

impl Row<Field> for Item<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let message = self.0.message;
        match field {
            Field::Id => Value::Text(&message.id),
            Field::Created => Value::Time(message.received),
            Field::Modified => Value::Time(message.modified),
            Field::Size => Value::Number(i64::try_from(message.size()).unwrap_or(i64::MAX)),
            Field::Type => Value::Text(NOTE),
            Field::Categories => Value::Null,
        }
    }

    fn elements(&self, field: Field) -> Vec<Element<'_>> {
        match field {
            Field::Categories => self.0.message.categories.iter().map(|name| Element::Text(name)).collect(),
            _ => Vec::new(),
        }
    }
}
