//! Values of properties and literals, and how they compare.

use std::cmp::Ordering;

use jiff::Timestamp;

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Kind {
    Text,
    Flag,
    Time,
    /// A time that stands between quotes: the `dateTime` of a `dateTimeTimeZone` is a string to OData.
    QuotedTime,
    Number,
    /// One of these names.
    Member(&'static [&'static str]),
    /// A list that `any` and `all` look into.
    Texts,
    /// A list of recipients that `any` and `all` look into.
    Recipients,
    /// A list of members of a conversation that `any` and `all` look into.
    Members,
}

impl Kind {
    /// As OData names it in errors.
    pub(super) const fn edm_name(self) -> &'static str {
        match self {
            Self::Text | Self::QuotedTime => "Edm.String",
            Self::Flag => "Edm.Boolean",
            Self::Time => "Edm.DateTimeOffset",
            Self::Number => "Edm.Int32",
            Self::Member(_) => "Edm.Enum",
            Self::Texts | Self::Recipients | Self::Members => "Collection",
        }
    }
}

/// The value of a property of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Value<'a> {
    Text(&'a str),
    Flag(bool),
    Time(Timestamp),
    Number(i64),
    Null,
}

impl Value<'_> {
    /// Orders two values of one property; texts without regard to case, as Exchange does; null first.
    pub(super) fn order(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Self::Text(left), Value::Text(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
            (Self::Flag(left), Value::Flag(right)) => left.cmp(right),
            (Self::Time(left), Value::Time(right)) => left.cmp(right),
            (Self::Number(left), Value::Number(right)) => left.cmp(right),
            (Self::Null, Value::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// An element of a collection property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Element<'a> {
    Text(&'a str),
    Recipient { name: &'a str, address: &'a str },
}
