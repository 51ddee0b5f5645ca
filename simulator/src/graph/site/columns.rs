//! The columns of lists: what may be filtered by, and what is indexed.

use serde_json::{Value as Json, json};

use crate::graph::drive::list_item;
use crate::graph::odata::Schema;
use crate::graph::odata::value::Kind;

/// A column of the register that every site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Column {
    Title,
    Status,
    Amount,
    DueDate,
    Notes,
    Created,
    Modified,
    ReviewDate,
}

impl Column {
    pub(super) const ALL: [Self; 8] = [
        Self::Title,
        Self::Status,
        Self::Amount,
        Self::DueDate,
        Self::ReviewDate,
        Self::Notes,
        Self::Created,
        Self::Modified,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::Status => "Status",
            Self::Amount => "Amount",
            Self::DueDate => "DueDate",
            Self::ReviewDate => "ReviewDate",
            Self::Notes => "Notes",
            Self::Created => "Created",
            Self::Modified => "Modified",
        }
    }

    pub(super) const fn is_indexed(self) -> bool {
        matches!(self, Self::Status | Self::DueDate | Self::ReviewDate)
    }

    /// The facet by which a column definition tells its type, and what it says of it.
    pub(super) fn facet(self) -> (&'static str, Json) {
        let time = |format: &str| ("dateTime", json!({ "displayAs": "default", "format": format }));
        match self {
            Self::Title | Self::Notes => ("text", json!({})),
            Self::Status => ("choice", json!({})),
            Self::Amount => ("number", json!({})),
            Self::DueDate | Self::Created | Self::Modified => time("dateTime"),
            Self::ReviewDate => time("dateOnly"),
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Title | Self::Status | Self::Notes => Kind::Text,
            Self::Amount => Kind::Number,
            Self::DueDate | Self::ReviewDate | Self::Created | Self::Modified => Kind::Time,
        }
    }
}

/// Names the resource type; columns are reached as `fields/Name`.
pub(super) struct ListItemSchema;

impl Schema for ListItemSchema {
    type Field = Column;

    const TYPE_NAME: &'static str = list_item::TYPE_NAME;

    fn field(path: &str) -> Option<(Column, Kind)> {
        let (fields, name) = path.split_once('/')?;
        let is_it = |column: &Column| column.name().eq_ignore_ascii_case(name);
        let column = Column::ALL.into_iter().find(is_it).filter(|_| fields.eq_ignore_ascii_case("fields"))?;
        Some((column, column.kind()))
    }
}
