//! `$orderby`, and the rule that ties it to `$filter`.

use std::cmp::Ordering;

use super::filter::Filter;
use super::value::Kind;
use super::{Row, Schema};
use crate::graph::refusal::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

/// By what to sort, the first key first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct OrderBy<F> {
    keys: Vec<(F, Direction)>,
}

impl<F: Copy + Eq + std::fmt::Debug> OrderBy<F> {
    pub(in crate::graph) fn parse<S: Schema<Field = F>>(order_by: &str) -> Result<Self, Refusal> {
        let keys = order_by.split(',').map(key::<S>).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// The properties to sort by, the first key first.
    pub(in crate::graph) fn fields(&self) -> impl Iterator<Item = F> {
        self.keys.iter().map(|(field, _)| *field)
    }

    /// Exchange sorts filtered mail only by what the filter names first, in the same order, and never after
    /// `contains`.
    pub(in crate::graph) fn agrees_with(&self, filter: &Filter<F>) -> Result<(), Refusal> {
        let sorted: Vec<F> = self.keys.iter().map(|(field, _)| *field).collect();
        if filter.uses_contains || !filter.fields.starts_with(&sorted) {
            return Err(Refusal::InefficientFilter);
        }
        Ok(())
    }

    pub(in crate::graph) fn order(&self, left: &impl Row<F>, right: &impl Row<F>) -> Ordering {
        self.keys.iter().fold(Ordering::Equal, |order, (field, direction)| {
            order.then_with(|| {
                let order = left.value(*field).order(&right.value(*field));
                if *direction == Direction::Descending { order.reverse() } else { order }
            })
        })
    }
}

fn key<S: Schema>(text: &str) -> Result<(S::Field, Direction), Refusal> {
    let invalid = || Refusal::InvalidOption {
        option: "$orderby",
        value: text.to_owned(),
        expected: "a property and 'asc' or 'desc'",
    };
    let mut words = text.split_whitespace();
    let path = words.next().ok_or_else(invalid)?;
    let direction = match words.next().map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc") => Direction::Ascending,
        Some("desc") => Direction::Descending,
        Some(_) => return Err(invalid()),
    };
    if words.next().is_some() {
        return Err(invalid());
    }
    let (field, kind) = S::field(path)
        .ok_or_else(|| Refusal::UnknownProperty { property: path.to_owned(), resource: S::TYPE_NAME })?;
    if matches!(kind, Kind::Texts | Kind::Recipients | Kind::Members) {
        return Err(invalid());
    }
    Ok((field, direction))
}
