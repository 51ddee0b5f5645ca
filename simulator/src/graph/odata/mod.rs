//! OData as far as Graph's mail, calendars and people use it: options, `$filter`, `$orderby`, `$select`, pages.

mod condition;
pub(super) mod expand;
pub(super) mod filter;
mod lexer;
pub(super) mod orderby;
mod parser;
pub(super) mod query;
pub(super) mod select;
pub(super) mod value;

/// A resource type: which properties may stand in `$filter` and `$orderby`.
pub(super) trait Schema {
    type Field: Copy + Eq + std::fmt::Debug;

    /// As Graph names the type in its errors.
    const TYPE_NAME: &'static str;

    /// Finds a property by its path (`from/emailAddress/address`), without regard to case.
    fn field(path: &str) -> Option<(Self::Field, value::Kind)>;
}

/// One object, read by property.
pub(super) trait Row<F> {
    fn value(&self, field: F) -> value::Value<'_>;

    /// The elements of a collection property; empty for any other.
    fn elements(&self, field: F) -> Vec<value::Element<'_>>;
}
